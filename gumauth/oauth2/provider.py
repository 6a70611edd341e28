"""The public class for a service that follows the standard. Source: RFC 6749, 7636, 7009, OpenID Connect Core."""

from __future__ import annotations

import os
from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Literal, NoReturn
from urllib.parse import quote

from gumauth.errors import MissingCredentials, NicknameError, ProviderCodeError, Temporary, TokenEndpointError
from gumauth.oauth2 import device, pushed_request
from gumauth.oauth2.authorization_request import challenge, new_verifier, request_url
from gumauth.oauth2.client_authentication import ClientAuthentication, authenticate
from gumauth.oauth2.device import DeviceAuthorization
from gumauth.oauth2.device_polls import check_poll
from gumauth.oauth2.error_meaning import is_code
from gumauth.oauth2.error_members import has_error, members_of
from gumauth.oauth2.error_response import error_of, is_error_response, not_revoked
from gumauth.oauth2.facts import AuthMethod, Facts
from gumauth.oauth2.http import transport
from gumauth.oauth2.id_token import has_nonce, subject_of
from gumauth.oauth2.identity import NONE, identity_of
from gumauth.oauth2.placeholders import filled
from gumauth.oauth2.response import Response, at, is_html
from gumauth.oauth2.token_response import ParsedTokens, parse
from gumauth.oauth2.traits import traits_of
from gumauth.platform.text import one_line
from gumauth.provider import AuthProvider, TokenResponse, credential_variables

TokenKind = Literal["refresh_token", "access_token"]

BY_ISSUER = ("sub",)
"""The `identity_paths` of OpenID Connect, whose value an id_token holds too."""

UNAUTHORIZED = 401
"""The status for an access token that is expired, revoked or malformed. Source: RFC 6750 §3.1."""


class OAuth2Provider(Facts, AuthProvider):
    """A service that follows the standard, described by attributes; the docstring of `Facts` lists them.

    The `scopes` of an object may be set before `get_url`.
    """

    _pending: str | None = None  # the verifier between get_url and exchange, for one use; empty without PKCE
    _nonce: str | None = None  # of the latest authorization request
    _subject: tuple[str, str] | None = None  # an access token, and the identity in the id_token that came with it
    _resource_response: tuple[str, str, Response] | None = None  # a URL, an access token, and the response to both

    def get_url(self, redirect_uri: str, state: str) -> str:
        """The URL of an authorization request, at which the person consents; makes a new verifier. Promise F1.

        Args:
            redirect_uri: Of the callback.
            state: Unguessable; comes back with the callback.

        Raises:
            MissingCredentials: There is no client id, or no client secret where the service wants one.
            ProviderCodeError: The attributes would replace a parameter of the flow, or a URL is not https.

        Source: RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 8707 §2.1.
        """
        self._authentication()  # missing credentials are said before the browser opens, not after
        transport.endpoint(self.token_url)
        parameters = {self.client_id_param: self.client_id, "redirect_uri": redirect_uri}
        parameters |= {"response_type": "code", "state": state}
        if self.response_mode:
            parameters["response_mode"] = self.response_mode
        if self.scopes:
            parameters[self.scope_param] = self.scope_separator.join(self.scopes)
        parameters |= self._for_resource
        if self.nonce:
            parameters["nonce"] = self._nonce = token_urlsafe(32)
        verifier = ""
        if self.pkce:
            verifier = new_verifier()
            parameters |= {
                "code_challenge": challenge(verifier, self.challenge_encoding),
                "code_challenge_method": "S256",
            }
        url = request_url(transport.endpoint(self.authorize_url), parameters, self.authorize_params)
        self._pending = verifier
        return url

    async def push_request(self, url: str) -> str:
        """The URL of the same authorization request by reference: the service is sent its parameters first.

        Args:
            url: Made by `get_url`.

        Returns:
            The `authorize_url` with the client's id and a reference, which is good for a minute or so; `url` itself
            where the service takes no pushed requests.

        Raises:
            Temporary: The provider could not be reached, or could not answer.
            TokenEndpointError: An error response, as at the token endpoint, or no reference.
            ProviderCodeError: A parameter stands in the URL twice, or `par_url` is not https.

        Source: RFC 9126 §2 and §4.
        """
        if self.par_url is None:
            return url
        client = self._authentication()
        request = transport.Request(
            method="POST",
            url=self.par_url,
            headers={**self.token_headers, **client.headers},
            form={**pushed_request.parameters_of(url), **client.fields},
        )
        response = await transport.send(request)
        speaker = f"{self._shown}'s endpoint for pushed requests"
        reference = pushed_request.reference_in(response, self, speaker=speaker, secrets=request.secrets)
        by_reference = {self.client_id_param: self.client_id, "request_uri": reference}
        return request_url(self.authorize_url, by_reference, {})

    async def exchange(self, code: str, redirect_uri: str) -> TokenResponse:
        """The tokens for an authorization code, which is sent once. Promise F5.

        Args:
            code: Single use, lives for a minute or so; never logged.
            redirect_uri: Byte for byte as `get_url` was given it.

        Returns:
            The tokens; `expires_in` in seconds from now, None where the provider does not say. An end that the provider
            gives as a time is `expires_at`.

        Raises:
            TokenEndpointError: An error response (also with status 200, as GitHub's), or no token response.
            Temporary: The provider could not be reached, or could not answer; the code may be used up.
            ProviderCodeError: `get_url` was not called before, or the code was sent already.

        Source: RFC 6749 §4.1.3 and §5; RFC 7636 §4.5.
        """
        verifier, self._pending = self._pending, None
        if verifier is None:
            raise ProviderCodeError(
                f"{self._shown} has no connect under way that this code could belong to.",
                command=f"gumauth connect {self.name}",
            )
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        if verifier:
            fields["code_verifier"] = verifier
        tokens = await self._tokens(self.token_url, {**self.token_params, **fields})
        if self.upgrade_url is not None:
            tokens = await self._upgraded(self.upgrade_url, tokens.access_token)
        if not has_nonce(tokens.id_token, self._nonce):
            raise TokenEndpointError(f"{self._shown} gave an id_token that is not for this connect: its nonce differs.")
        return tokens

    async def refresh(self, refresh_token: str) -> TokenResponse:
        """New tokens for a refresh token.

        Args:
            refresh_token: Secret.

        Returns:
            The tokens; with the old refresh token where the service sends no new one. Promise R5.

        Raises:
            InvalidGrant: The refresh token is dead.
            Temporary: The provider could not be reached, or could not answer; try again.
            TokenEndpointError: Another error response, or no token response.

        Source: RFC 6749 §6.
        """
        fields = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        try:
            client = self._authentication()
        except MissingCredentials:
            if not self.device_public:
                raise
            client = self._device_authentication()  # the grant came to a device without a secret
        tokens = await self._tokens(self.refresh_url or self.token_url, {**self.refresh_params, **fields}, client)
        tokens.refresh_token = tokens.refresh_token or refresh_token
        return tokens

    async def authorize_device(self) -> DeviceAuthorization:
        """The codes with which a person allows access from another device.

        Raises:
            MissingCredentials: There is no client id, or no client secret where the service wants one.
            Temporary: The provider could not be reached, or could not answer.
            TokenEndpointError: An error response, or no device authorization response.
            ProviderCodeError: The service has no device grant.

        Source: RFC 8628 §3.1 and §3.2.
        """
        if self.device_url is None:
            raise ProviderCodeError(f"{self._shown} has no `device_url`.", hint="Connect it without --device.")
        fields = self._scopes_in(self.device_scope_param or self.scope_param)
        client = self._device_authentication()
        request = transport.Request(
            method="POST",
            url=self.device_url,
            headers={**self.token_headers, **client.headers},
            form={**fields, **self._for_resource, **client.fields},
        )
        response = await transport.send(request)
        return device.parse(response, self, speaker=f"{self._shown}'s device endpoint", secrets=request.secrets)

    async def exchange_device(self, device_code: str) -> TokenResponse:
        """The tokens for a device code, once the person has allowed access; one poll.

        Args:
            device_code: Of `authorize_device`; secret.

        Raises:
            Denied: The person refused.
            CodeExpired: The code has ended.
            Temporary: Not now: `error` is "authorization_pending" where the person has not decided yet, and "slow_down"
                where polls have to be less frequent; `retry_after` is the new interval then, if the service names one.
            TokenEndpointError: Another error response, or no token response.

        Source: RFC 8628 §3.4 and §3.5.
        """
        fields = {"grant_type": device.GRANT_TYPE, "device_code": device_code}
        fields |= self._scopes_in(self.device_scope_param) if self.device_scope_param else {}
        url, client = self.device_token_url or self.token_url, self._device_authentication()
        return await self._tokens(url, fields, client, polled=True)

    async def request_token(self) -> TokenResponse:
        """Tokens for the client itself, with no person: the client credentials grant. Promise V3.

        Raises:
            MissingCredentials: There is no client id or no client secret, or the service takes no secret.
            Temporary: The provider could not be reached, or could not answer; try again.
            TokenEndpointError: An error response, or no token response.

        Source: RFC 6749 §4.4.
        """
        if self.client_auth == "none":
            raise MissingCredentials(
                f"{self._shown} knows its clients by the id alone, and gives tokens of their own only to clients with a"
                " secret.",
                hint="Set `client_auth` in the provider's file, or connect a person's account.",
            )
        if self.client_secret is None:
            self._lacking()
        fields = {"grant_type": "client_credentials"}
        if scopes := traits_of(self).client_scopes:
            fields[self.scope_param] = self.scope_separator.join(scopes)
        return await self._tokens(self.token_url, {**self.token_params, **fields})

    async def _tokens(
        self, url: str, fields: Mapping[str, str], client: ClientAuthentication | None = None, *, polled: bool = False
    ) -> ParsedTokens:
        client = client or self._authentication()
        fields = {**fields, **self._for_resource, **client.fields}
        headers = {**self.token_headers, **client.headers}
        request = self._request("POST", url, self.token_encoding, fields=fields, headers=headers)
        response = await transport.send(request)
        speaker = f"{self._shown}'s token endpoint"
        if polled:
            check_poll(response, self, shown=self._shown, speaker=speaker, secrets=request.secrets)
        tokens = parse(response, self, speaker=speaker, secrets=request.secrets)
        subject = subject_of(tokens.id_token, issuer=self.issuer, client_id=self.client_id)
        self._subject = (tokens.access_token, subject)
        return tokens

    async def _upgraded(self, url: str, access_token: str) -> ParsedTokens:
        """The tokens for which a code's access token is traded. Source: the services' documentation."""
        query = self._with_client(self.upgrade_params, access_token=access_token)
        request = transport.Request(method="GET", url=request_url(url, query, {}), headers=self.token_headers)
        response = await transport.send(request)
        return parse(response, self, speaker=f"{self._shown}'s token endpoint", secrets=[*query.values()])

    def _with_client(self, texts: Mapping[str, str], **more: str) -> dict[str, str]:
        """The texts with the client's id and secret, and further values, in place of their names in braces."""
        values = {"client_id": lambda: self.client_id, "client_secret": lambda: self.client_secret or ""}
        return filled(texts, {**values, **{name: value.__str__ for name, value in more.items()}})

    @property
    def _for_resource(self) -> dict[str, str]:
        """The parameter that says what tokens are for, in every request that can bring some. Source: RFC 8707 §2."""
        return {} if self.resource is None else {"resource": self.resource}

    def _scopes_in(self, parameter: str) -> dict[str, str]:
        return {parameter: self.scope_separator.join(self.scopes)} if self.scopes else {}

    def _request(
        self, method: str, url: str, encoding: str, *, fields: dict[str, str], headers: dict[str, str]
    ) -> transport.Request:
        body = {"json" if encoding == "json" else "form": fields} if fields else {}
        return transport.Request(method=method, url=url, headers=headers, **body)

    def _authentication(self, method: AuthMethod | None = None) -> ClientAuthentication:
        method = method or self.client_auth
        return authenticate(self, self.client_id, None if method == "none" else self.client_secret, method)

    def _device_authentication(self) -> ClientAuthentication:
        return self._authentication("none" if self.device_public else None)

    async def get_nickname(self, access_token: str) -> str:
        """The account's name for people: the first of `nickname_paths` that has a value.

        Args:
            access_token: Secret.

        Raises:
            NicknameError: There is no `nickname_url`, or its response holds no name.
            Temporary: The provider could not be reached, or could not answer.
        """
        if self.nickname_url is None:
            raise NicknameError(f"{self._shown} does not say whose account it is.")
        data = await self._resource(self.nickname_url, access_token)
        for path in self.nickname_paths:
            fields = [_named(at(data, field)) for field in ([path] if isinstance(path, str) else path)]
            if all(fields):
                return " at ".join(fields)
        paths = " or ".join(path if isinstance(path, str) else " and ".join(path) for path in self.nickname_paths)
        raise NicknameError(f"{self._shown} does not say whose account it is: no {paths} in its answer.")

    async def get_identity(self, access_token: str) -> str:
        """The account's identity: text that never changes and that no two accounts share. Promise I1.

        The identity is `sub` with its issuer, from the id_token that came with this access token or from
        `identity_url`; or the values of `identity_paths`.

        Args:
            access_token: Secret.

        Returns:
            The identity, as `gumauth.oauth2.identity.identity_of` makes it; empty where the provider has none.

        Raises:
            NicknameError: The provider sent an error response.
            Temporary: The provider could not be reached, or could not answer.

        Source: OpenID Connect Core §2 and §5.3.2.
        """
        by_issuer = tuple(self.identity_paths) == BY_ISSUER
        if by_issuer and self._subject is not None and self._subject[0] == access_token and self._subject[1] != NONE:
            return self._subject[1]
        url = self.identity_url or self.nickname_url
        if url is None or not self.identity_paths:
            return NONE
        data = await self._resource(url, access_token)
        return identity_of([at(data, path) for path in self.identity_paths], self.issuer if by_issuer else None)

    async def is_active(self, access_token: str) -> bool | None:
        """Whether the service accepts an access token now; None where the response does not tell. Promise I5.

        Args:
            access_token: Secret.

        Raises:
            NetworkError: The provider could not be reached.

        Source: RFC 6750 §3.1.
        """
        if self.nickname_url is None:
            return None
        response = await transport.send(self._resource_request(self.nickname_url, access_token))
        if response.status == UNAUTHORIZED:
            return False
        return None if is_error_response(response) else True

    async def _resource(self, url: str, access_token: str) -> object:
        """The JSON at `nickname_url` or `identity_url`; nickname and identity take one request."""
        if self._resource_response is not None and self._resource_response[:2] == (url, access_token):
            return self._resource_response[2].data()
        response = await transport.send(self._resource_request(url, access_token))
        if is_error_response(response):
            error = error_of(response, speaker=self._shown, secrets=[access_token])
            raise error if isinstance(error, Temporary) else NicknameError.because(self._shown, error)
        self._resource_response = (url, access_token, response)
        return response.data()

    def _resource_request(self, url: str, access_token: str) -> transport.Request:
        own = filled(self.nickname_headers, {"client_id": lambda: self.client_id})  # the secret is for no API
        headers = {**own, **self._presented(access_token)}
        if url != self.nickname_url:
            return transport.Request(method="GET", url=url, headers=headers)
        return transport.Request(method=self.nickname_method, url=url, headers=headers, json=self.nickname_body)

    async def revoke(self, access_token: str) -> bool:
        """End an access token, as `revoke_token` ends either kind."""
        return await self.revoke_token(access_token, "access_token")

    async def revoke_token(self, token: str, kind: TokenKind) -> bool:
        """End a token at the provider.

        Args:
            token: Secret.
            kind: "access_token" or "refresh_token".

        Returns:
            True where the token is gone, now or already; False where the service cannot end this kind of token.

        Raises:
            Temporary: The token is still alive: no network, or the provider cannot answer.
            TokenEndpointError: An error response; `error` is "unsupported_token_type" for a kind that cannot be ended.
                After another error the token is alive, or was dead already: `is_active` tells. Promise L1.

        Source: RFC 7009 §2, and the services' documentation.
        """
        if self.revoke_url is None or kind not in self.revoke_fields:
            return False
        request = self._revocation(self.revoke_url, token, kind)
        response = await transport.send(request)
        if self._is_gone(response):
            return True
        error = error_of(response, speaker=f"{self._shown}'s revocation endpoint", secrets=[*request.secrets, token])
        raise not_revoked(error)

    @property
    def client_id(self) -> str:
        """The client's id.

        Raises:
            MissingCredentials: The environment has no client id.
        """
        return os.environ.get(credential_variables(self.name)[0]) or self._lacking()

    @property
    def client_secret(self) -> str | None:
        """The client's secret; None for a public client.

        Raises:
            MissingCredentials: The environment has no client secret, and the service wants one.
        """
        secret = os.environ.get(credential_variables(self.name)[1]) or None
        if secret is None and not self.public_client and self.client_auth != "none":
            self._lacking()
        return secret

    def _revocation(self, url: str, token: str, kind: TokenKind) -> transport.Request:
        """The request that ends a token. Source: RFC 7009 §2.1."""
        member = self.revoke_fields[kind]
        fields = {member: token} if member else {}
        if member == "token":
            fields["token_type_hint"] = kind
        fields |= self._with_client(self.revoke_params)
        headers = {**self.token_headers, **self._with_client(self.revoke_headers)}
        if self.revoke_auth == "bearer":
            headers |= self._presented(token)
        elif self.revoke_auth != "none":
            client = self._authentication("basic" if self.revoke_auth == "basic" else None)
            headers, fields = headers | client.headers, fields | client.fields
        url = url.replace("{client_id}", quote(self.client_id, safe="")) if "{client_id}" in url else url
        return self._request(self.revoke_method, url, self.revoke_encoding, fields=fields, headers=headers)

    def _presented(self, token: str) -> dict[str, str]:
        """The header that carries a token. Source: RFC 6750 §2.1, or the service's documentation."""
        usual = self.token_header.lower() == "authorization"
        return {self.token_header: f"{self.token_scheme} {token}" if usual else token}

    def _is_gone(self, response: Response) -> bool:
        """Whether the response to a revocation says that the token is dead; a captive portal's page does not."""
        gone = is_code(members_of(response).code, self.revoke_gone)
        return gone or (response.ok and not has_error(response.data()) and not is_html(response))

    @property
    def _shown(self) -> str:
        return self.title or self.name

    def _lacking(self) -> NoReturn:
        variables = credential_variables(self.name)
        has_id = bool(os.environ.get(variables[0]))
        secret = traits_of(self).secret
        raise MissingCredentials.of_client(self._shown, variables, self.name, secret=secret, has_id=has_id)


def _named(value: object) -> str:
    """A value as one printable line of a nickname; empty where the value is no text and no number."""
    return one_line(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
