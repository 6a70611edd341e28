"""The token endpoint: codes, refresh tokens, device codes and clients' own credentials for tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gumauth.testing.clients import Client, may_use
from gumauth.testing.consent import own_request
from gumauth.testing.device.settings import GRANT_TYPE as DEVICE
from gumauth.testing.indicators import Indicators, named, same
from gumauth.testing.messages import OAuthError, Request, Response, error_response, json_response
from gumauth.testing.misbehaviour import place_of
from gumauth.testing.routes import Route

if TYPE_CHECKING:
    from gumauth.testing.client_requests import ClientRequests
    from gumauth.testing.device.codes import DeviceCodes
    from gumauth.testing.grants import Grants
    from gumauth.testing.issued import Tokens
    from gumauth.testing.log import Kind, Log
    from gumauth.testing.token_responses import TokenResponses


class TokenEndpoint:
    """Answers token requests.

    Args:
        requests: Reads the requests.
        devices: The codes of the device authorization grant.
        grants: The codes and tokens that were issued.
        log: Receives the decisions.
        indicators: Reads the resource that a request names.
        responses: Writes the responses.
    """

    def __init__(
        self,
        requests: ClientRequests,
        *,
        devices: DeviceCodes,
        grants: Grants,
        log: Log,
        indicators: Indicators,
        responses: TokenResponses,
    ) -> None:
        self._requests, self._devices, self._grants, self._log = requests, devices, grants, log
        self._indicators, self._responses = indicators, responses

    def route(self, request: Request) -> Route | None:
        """The endpoint, whose requests are of two kinds for `server.misbehave`."""
        return Route(place_of(request), self._token) if request.path == "/token" else None

    def _token(self, request: Request) -> Response:
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
        return json_response(self._responses.fields(tokens, client))

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
        if grant_type == DEVICE and self._devices.settings.enabled:
            request, login = self._devices.poll(form.get("device_code", ""), client.client_id)
            same(request.resource, resource)
            return self._grants.issue(request, login)
        if grant_type == "client_credentials":
            return self._grants.issue_to(own_request(form, client, resource))
        raise OAuthError("unsupported_grant_type", f"the grant type {grant_type!r} is not supported")
