"""The endpoints that clients call with no person: each makes a response, and writes its decision into the log."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gumauth.testing.clients import Client, may_use
from gumauth.testing.consent import own_request
from gumauth.testing.device.settings import GRANT_TYPE as DEVICE
from gumauth.testing.identity import claims_of, userinfo_of
from gumauth.testing.indicators import Indicators, named, same
from gumauth.testing.messages import OAuthError, Request, Response, error_response, json_response

if TYPE_CHECKING:
    from gumauth.testing.client_requests import ClientRequests
    from gumauth.testing.device.codes import DeviceCodes
    from gumauth.testing.grants import Grants
    from gumauth.testing.id_token import IdTokens
    from gumauth.testing.issued import Family, Tokens
    from gumauth.testing.log import Kind, Log
    from gumauth.testing.settings import Settings


class Endpoints:
    """Answers requests by the rules of RFC 6749, 7636 and 7009.

    Args:
        requests: Reads the requests.
        devices: The codes of the device authorization grant.
        grants: The codes and tokens that were issued.
        log: Receives the decisions.
        settings: Read for every request.
        id_tokens: Signs the ID tokens of token responses.
        indicators: Reads the resource that a request names.
    """

    def __init__(
        self,
        requests: ClientRequests,
        *,
        devices: DeviceCodes,
        grants: Grants,
        log: Log,
        settings: Settings,
        id_tokens: IdTokens,
        indicators: Indicators,
    ) -> None:
        self._requests, self._devices, self._grants, self._log = requests, devices, grants, log
        self._settings, self._id_tokens, self._indicators = settings, id_tokens, indicators

    def token(self, request: Request) -> Response:
        """A token response (RFC 6749 §5.1) or an error (§5.2)."""
        client, form = None, dict[str, str]()
        try:
            form = self._requests.form(request)
            client = self._requests.client(request, form)
            tokens = self._trade(form, client)
        except OAuthError as error:
            return self._refuse(error, form, client)
        kind: Kind = "refresh" if form["grant_type"] == "refresh_token" else "token"
        self._log.note(kind, "ok", client_id=client.client_id, family=tokens.family.number, **named(form))
        return json_response(self._token_fields(tokens, client))

    def _refuse(self, error: OAuthError, form: dict[str, str], client: Client | None) -> Response:
        kinds: dict[str, Kind] = {"refresh_token": "refresh", DEVICE: "poll"}
        kind: Kind = "reuse" if error.reuse else kinds.get(form.get("grant_type", ""), "token")
        more = {**named(form), **({"error": error.code} if kind == "poll" else {})}
        client_id = client.client_id if client else None
        self._log.note(kind, "refused", reason=error.description, client_id=client_id, **more)
        return error_response(error)

    def _trade(self, form: dict[str, str], client: Client) -> Tokens:
        grant_type, resource = form.get("grant_type", ""), self._indicators.of(form)
        if not may_use(client, grant_type):
            raise OAuthError("unauthorized_client", f"the client is not registered for {grant_type!r}")
        if grant_type == "authorization_code":
            uri, verifier = form.get("redirect_uri", ""), form.get("code_verifier")
            return self._grants.redeem(form.get("code", ""), client.client_id, uri, verifier, resource=resource)
        if grant_type == "refresh_token":
            scopes = tuple(form.get("scope", "").split())
            return self._grants.refresh(form.get("refresh_token", ""), client.client_id, scopes, resource=resource)
        if grant_type == DEVICE and self._devices.enabled:
            request, login = self._devices.poll(form.get("device_code", ""), client.client_id)
            same(request.resource, resource)
            return self._grants.issue(request, login)
        if grant_type == "client_credentials" and self._settings.client_credentials:
            return self._grants.issue_to(own_request(form, client, resource))
        raise OAuthError("unsupported_grant_type", f"the grant type {grant_type!r} is not supported")

    def _token_fields(self, tokens: Tokens, client: Client) -> dict[str, object]:
        fields: dict[str, object] = {
            "access_token": tokens.access,
            **self._settings.token_extras,
            "token_type": self._settings.token_type,
            **self._expiry(),
            "scope": " ".join(tokens.family.scopes),
        }
        if tokens.refresh is not None and self._settings.refresh_tokens and may_use(client, "refresh_token"):
            fields["refresh_token"] = tokens.refresh
        if self._settings.send_id_token and tokens.family.person:
            claims = claims_of(tokens.family, self._settings)
            fields["id_token"] = self._id_tokens.make(tokens.family.client_id, claims)
        return fields

    def _expiry(self) -> dict[str, object]:
        lives, ends = self._grants.access_lifetime, self._grants.ends_at()
        written = f"{datetime.fromtimestamp(ends, UTC):%Y-%m-%dT%H:%M:%SZ}"
        said: dict[str, object] = {"expires_in": lives, "expires_at": int(ends), "expires": written}
        return {name: said[name] for name in self._settings.send_expiry}

    def revoke(self, request: Request) -> Response:
        """Status 200 whether or not there was such a token (RFC 7009 §2.2), 400 for a kind that stays (§2.2.1)."""
        try:
            form = self._requests.form(request)
            client = self._requests.client(request, form)
            if not form.get("token"):
                raise OAuthError("invalid_request", "there is no token")
        except OAuthError as error:
            self._log.note("revoke", "refused", reason=error.description)
            return error_response(error)
        return self._take_back(form["token"], client.client_id)

    def _take_back(self, token: str, client_id: str) -> Response:
        kind = self._grants.kind_of(token)
        family = self._grants.owner_of(token, client_id)
        number = family.number if family else None
        try:
            self._grants.revoke(token, client_id)
        except OAuthError as error:
            reason = error.description
            self._log.note("revoke", "refused", reason=reason, client_id=client_id, family=number, token=kind)
            return error_response(error)
        self._log.note("revoke", "ok", client_id=client_id, family=number, token=kind)
        return Response(headers={"Cache-Control": "no-store"})

    def userinfo(self, request: Request) -> Response:
        """The person who consented, for an active access token in the Authorization header (RFC 6750 §2.1 and §3)."""
        family = self._bearer(request)
        if family is None or not family.person:
            self._log.note("userinfo", "refused", reason="no good access token of a person")
            answer = json_response({"error": "invalid_token"}, status=401)
            headers = {**answer.headers, "WWW-Authenticate": 'Bearer error="invalid_token"'}
            return Response(status=401, headers=headers, body=answer.body)
        self._log.note("userinfo", "ok", client_id=family.client_id, family=family.number)
        return json_response(userinfo_of(family, self._settings))

    def _bearer(self, request: Request) -> Family | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return self._grants.family_of(token) if scheme.lower() == self._settings.token_scheme.lower() else None
