"""What becomes of tokens: the revocation endpoint, and the endpoint that tells whose a token is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gumauth.testing.identity import userinfo_of
from gumauth.testing.messages import OAuthError, Request, Response, error_response, json_response
from gumauth.testing.routes import Route

if TYPE_CHECKING:
    from gumauth.testing.client_requests import ClientRequests
    from gumauth.testing.grants import Grants
    from gumauth.testing.issued import Family
    from gumauth.testing.log import Log
    from gumauth.testing.settings import Settings


class TokenUses:
    """Answers requests about tokens, by RFC 7009 and RFC 6750.

    Args:
        requests: Reads the requests of clients.
        grants: The tokens that were issued.
        log: Receives the decisions.
        settings: Read for every request.
    """

    def __init__(self, requests: ClientRequests, grants: Grants, log: Log, settings: Settings) -> None:
        self._requests, self._grants, self._log, self._settings = requests, grants, log, settings

    def route(self, request: Request) -> Route | None:
        """One of the two."""
        if request.path == "/revoke":
            return Route("revoke", self._revoke)
        is_question = request.path == "/userinfo" and request.method in ("GET", "POST")  # OpenID Connect Core §5.3.1
        return Route("userinfo", self._userinfo) if is_question else None

    def _revoke(self, request: Request) -> Response:
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

    def _userinfo(self, request: Request) -> Response:
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
