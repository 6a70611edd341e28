"""The standard flow, told by class attributes. Source: RFC 6749, 7636, 7009."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal, NoReturn
from urllib.parse import quote

from gumauth import authorize_url, pkce, wire
from gumauth.client_auth import Proof, prove
from gumauth.errors import GumauthError, MissingCredentials, NicknameError, ProviderCodeError, Temporary
from gumauth.facts import Facts
from gumauth.provider import AuthProvider, TokenResponse, credential_variables
from gumauth.refusal import is_refused, own_words, refusal
from gumauth.reply import Reply, at, is_html
from gumauth.text import one_line
from gumauth.token_response import Reading, parse

Kind = Literal["refresh_token", "access_token"]

ALREADY_GONE = frozenset({"invalid_token", "token_expired", "token_revoked"})
"""What services that do not follow RFC 7009 §2.2 say of a token that is dead already."""


class OAuth2Provider(Facts, AuthProvider):
    """A service that follows the standard: facts, and no code.

    The facts are the attributes that the docstring of `gumauth.facts.Facts` lists.

    An account remembers `token_url` and `client_id`; `scopes` of an object may be set before `get_url`.
    """

    _pending: str | None = None  # the verifier between get_url and exchange, for one use; empty without PKCE

    def get_url(self, redirect_uri: str, state: str) -> str:
        """The URL at which the person consents; makes a new verifier.

        Raises:
            MissingCredentials: There is no client id.
            ProviderCodeError: The attributes are at odds with the standard.

        Source: RFC 6749 §4.1.1, RFC 7636 §4.3.
        """
        self._proof()  # what is missing is better said before the browser opens than after
        wire.endpoint(self.token_url)
        ours = {"client_id": self.client_id, "redirect_uri": redirect_uri, "response_type": "code", "state": state}
        if self.scopes:
            ours[self.scope_param] = self.scope_separator.join(self.scopes)
        verifier = ""
        if self.pkce:
            verifier = pkce.new_verifier()
            ours |= {"code_challenge": pkce.challenge(verifier), "code_challenge_method": "S256"}
        url = authorize_url.build(wire.endpoint(self.authorize_url), ours, self.authorize_params)
        self._pending = verifier
        return url

    async def exchange(self, code: str, redirect_uri: str) -> TokenResponse:
        """Trade an authorization code for tokens, once.

        Args:
            code: Single use, lives for a minute or so; never logged.
            redirect_uri: Byte for byte the one that `get_url` was given.

        Returns:
            The tokens; `expires_in` in seconds from now, None where the provider does not say.

        Raises:
            TokenEndpointError: Refused (also with status 200, as GitHub does), or not a token response.
            Temporary: The provider could not be reached, or could not answer; the code may be used up.
            ProviderCodeError: `get_url` was not called before, or the code was sent already.

        Source: RFC 6749 §4.1.3 and §5; RFC 7636 §4.5.
        """
        verifier, self._pending = self._pending, None
        if verifier is None:
            raise ProviderCodeError(
                f"{self._shown} has no connect under way that this code could belong to.",
                hint=f"Run `gumauth connect {self.name}`.",
            )
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        if verifier:
            fields["code_verifier"] = verifier
        return await self._tokens(self.token_url, {**self.token_params, **fields})

    async def refresh(self, refresh_token: str) -> TokenResponse:
        """Trade a refresh token for a new access token.

        Returns:
            The tokens; with the old refresh token, where the service does not replace it.

        Raises:
            InvalidGrant: The refresh token is dead.
            Temporary: Nothing is lost; try again.
            TokenEndpointError: Refused for another reason, or not a token response.

        Source: RFC 6749 §6.
        """
        fields = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        tokens = await self._tokens(self.refresh_url or self.token_url, {**self.refresh_params, **fields})
        tokens.refresh_token = tokens.refresh_token or refresh_token
        return tokens

    async def _tokens(self, url: str, fields: Mapping[str, str]) -> TokenResponse:
        proof = self._proof()
        headers = {**self.token_headers, **proof.headers}
        request = self._request("POST", url, self.token_encoding, fields={**fields, **proof.fields}, headers=headers)
        reading = Reading(
            path=self.tokens_path,
            token_types=self.token_types,
            speaker=f"{self._shown}'s token endpoint",
            secrets=request.secrets,
        )
        return parse(await wire.send(request), reading)

    def _request(
        self, method: str, url: str, encoding: str, *, fields: dict[str, str], headers: dict[str, str]
    ) -> wire.Request:
        if not fields:
            return wire.Request(method=method, url=url, headers=headers)
        if encoding == "json":
            return wire.Request(method=method, url=url, headers=headers, json=fields)
        return wire.Request(method=method, url=url, headers=headers, form=fields)

    def _proof(self) -> Proof:
        return prove(self.client_id, self.client_secret, way=self.client_auth, raw=self.basic_raw)

    async def get_nickname(self, access_token: str) -> str:
        """Whose account it is, as the first of `nickname_paths` that has a value says.

        Raises:
            NicknameError: The provider did not say.
            Temporary: It could not be reached.
        """
        if self.nickname_url is None:
            raise NicknameError(f"{self._shown} does not say whose account it is.", hint=AS_ALIAS)
        headers = {**self.nickname_headers, "Authorization": f"Bearer {access_token}"}
        request = wire.Request(
            method=self.nickname_method, url=self.nickname_url, headers=headers, json=self.nickname_body
        )
        reply = await wire.send(request)
        if is_refused(reply):
            raise self._no_nickname(refusal(reply, speaker=self._shown, secrets=[access_token]))
        found = (at(reply.data(), path) for path in self.nickname_paths)
        named = (one_line(name) for name in found if isinstance(name, str | int) and not isinstance(name, bool))
        for nickname in named:
            if nickname:
                return nickname
        fields = " or ".join(self.nickname_paths)
        raise NicknameError(
            f"{self._shown} does not say whose account it is: no {fields} in its answer.", hint=AS_ALIAS
        )

    async def revoke(self, access_token: str) -> bool:
        """End an access token; `revoke_token` does the same for a refresh token."""
        return await self.revoke_token(access_token, "access_token")

    async def revoke_token(self, token: str, kind: Kind) -> bool:
        """End a token at the provider.

        Args:
            token: Secret.
            kind: Which of the two it is.

        Returns:
            True where it is gone, now or already; False where the service has no way to end such a token.

        Raises:
            Temporary: It is still alive: no network, or the provider cannot answer.
            TokenEndpointError: It is still alive: the provider refused.

        Source: RFC 7009 §2, and the services' own ways.
        """
        if self.revoke_url is None or kind not in self.revoke_fields:
            return False
        request = self._revocation(self.revoke_url, token, kind)
        reply = await wire.send(request)
        if reply.status in self.revoke_gone or _is_gone(reply):
            return True
        raise refusal(reply, speaker=f"{self._shown}'s revocation endpoint", secrets=[*request.secrets, token])

    @property
    def client_id(self) -> str:
        """The client's id.

        Raises:
            MissingCredentials: It is not in the environment.
        """
        return os.environ.get(credential_variables(self.name)[0]) or self._lacking()

    @property
    def client_secret(self) -> str | None:
        """The client's secret; None for a public client.

        Raises:
            MissingCredentials: It is not in the environment, and the service wants one.
        """
        secret = os.environ.get(credential_variables(self.name)[1]) or None
        if secret is None and not self.public_client and self.client_auth != "none":
            self._lacking()
        return secret

    def _revocation(self, url: str, token: str, kind: Kind) -> wire.Request:
        """The request that ends a token. Source: RFC 7009 §2.1."""
        member = self.revoke_fields[kind]
        fields = {member: token} if member else {}
        if member == "token":
            fields["token_type_hint"] = kind
        headers = {**self.token_headers}
        if self.revoke_auth == "bearer":
            headers["Authorization"] = f"Bearer {token}"
        elif self.revoke_auth != "none":
            way = "basic" if self.revoke_auth == "basic" else self.client_auth
            proof = prove(self.client_id, self.client_secret, way=way, raw=self.basic_raw)
            headers, fields = headers | proof.headers, fields | proof.fields
        url = url.replace("{client_id}", quote(self.client_id, safe="")) if "{client_id}" in url else url
        return self._request(self.revoke_method, url, self.revoke_encoding, fields=fields, headers=headers)

    @property
    def _shown(self) -> str:
        return self.title or self.name

    def _no_nickname(self, error: GumauthError) -> GumauthError:
        if isinstance(error, Temporary):
            return error
        return NicknameError(f"{self._shown} did not say whose account this is: {error.message}", hint=AS_ALIAS)

    def _lacking(self) -> NoReturn:
        id_variable, secret_variable = credential_variables(self.name)
        if os.environ.get(id_variable):
            raise MissingCredentials(
                f"{self._shown} needs a client secret too, and {secret_variable} is not set.",
                hint=f"Set it, or unset {id_variable}, so that what `gumauth setup {self.name}` stored is used.",
            )
        raise MissingCredentials(
            f"The client credentials of {self._shown} are missing: {id_variable} and {secret_variable}.",
            hint=f"Run `gumauth setup {self.name}`, or set {id_variable} and {secret_variable}.",
        )


AS_ALIAS = "Give the account a name of your own with --as."


def _is_gone(reply: Reply) -> bool:
    """Whether an answer to a revocation says that the token is dead; a captive portal's page says nothing."""
    error, _ = own_words(reply.data())
    return error in ALREADY_GONE or (reply.ok and not error and not is_html(reply))
