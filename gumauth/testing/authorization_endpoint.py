"""The authorization endpoint: the consent page, and the redirect that follows the click on it."""

from __future__ import annotations

import secrets
import threading
from typing import TYPE_CHECKING

from gumauth.testing import consent
from gumauth.testing.clients import with_client_id
from gumauth.testing.identity import login_of
from gumauth.testing.indicators import named
from gumauth.testing.messages import OAuthError, Request, Response
from gumauth.testing.routes import Route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gumauth.testing.addresses import Addresses
    from gumauth.testing.clients import Client
    from gumauth.testing.grants import Grants
    from gumauth.testing.indicators import Indicators
    from gumauth.testing.issued import AuthorizationRequest, Login
    from gumauth.testing.log import Log
    from gumauth.testing.pushed import PushedRequests


class AuthorizationEndpoint:
    """Asks the person for consent, and sends the answer to the client.

    Args:
        clients: The registered ones by id.
        grants: Issues the codes.
        log: Receives the decisions.
        addresses: The settings, read for every request, and the issuer.
        indicators: Reads the resource that a request names.
        pushed: Has the requests that clients sent themselves.
    """

    def __init__(
        self,
        clients: Mapping[str, Client],
        *,
        grants: Grants,
        log: Log,
        addresses: Addresses,
        indicators: Indicators,
        pushed: PushedRequests,
    ) -> None:
        self._clients, self._grants, self._log = clients, grants, log
        self._addresses, self._indicators, self._pushed = addresses, indicators, pushed
        self._pending: dict[str, AuthorizationRequest] = {}
        self._lock = threading.Lock()

    def route(self, request: Request) -> Route | None:
        """The endpoint, or the form on its page; "authorize" is the redirect to the client, which follows the click."""
        if (request.path, request.method) == ("/authorize", "GET"):
            return Route(None, self._authorize)
        return Route("authorize", self._decide) if (request.path, request.method) == ("/consent", "POST") else None

    def _authorize(self, request: Request) -> Response:
        """The consent page; a redirect with an error; or, for an unknown client or redirect URI, an error page."""
        try:
            sent = with_client_id(request.query(), self._addresses.client_id_name)
            query = self._pushed.resolve(sent)
            client, redirect_uri = consent.client_of(query, self._clients)
        except OAuthError as error:
            self._log.note("authorize", "refused", reason=error.description)
            return consent.error_page(error)
        try:
            self._pushed.check(sent)
            asked = consent.authorization_request(query, client, resource=self._indicators.of(query))
        except OAuthError as error:
            self._log.note("authorize", "refused", reason=error.description, client_id=client.client_id, **named(query))
            found = {"error": error.code, "error_description": error.description, "state": query.get("state", "")}
            return self._back(redirect_uri, found)
        details: dict[str, object] = {"redirect_uri": asked.redirect_uri, "scopes": asked.scopes, **named(query)}
        self._log.note("authorize", "ok", reason="", client_id=asked.client_id, **details)
        consent_id = secrets.token_urlsafe(16)
        with self._lock:
            self._pending[consent_id] = asked
        return consent.page(asked, consent_id, self._addresses.person)

    def _decide(self, request: Request) -> Response:
        """The redirect back to the client after a click on Allow or Deny."""
        try:
            consent_id, allowed, typed = consent.decision_of(request)
            with self._lock:
                asked = self._pending.pop(consent_id, None)
            if asked is None:
                raise OAuthError("invalid_request", "this page was answered before")
        except OAuthError as error:
            self._log.note("consent", "refused", reason=error.description)
            return consent.error_page(error)
        if not allowed:
            self._log.note("denied", "ok", client_id=asked.client_id)
            words = {"error": "access_denied", "error_description": "The person said no"}
            return self._back(asked.redirect_uri, {**words, "state": asked.state})
        login = self._login(typed)
        self._log.note("consent", "ok", client_id=asked.client_id, person=login.person, workspace=login.workspace)
        code = self._grants.issue_code(asked, login)
        self._log.note("code issued", "ok", client_id=asked.client_id, redirect_uri=asked.redirect_uri)
        return self._back(asked.redirect_uri, {**self._addresses.callback_extras, "code": code, "state": asked.state})

    def _login(self, typed: str) -> Login:
        if "/" in typed:
            self._addresses.send_workspace = True
        return login_of(typed, self._addresses)

    def _back(self, redirect_uri: str, parameters: dict[str, str]) -> Response:
        # RFC 9207 §2: the issuer goes with errors too.
        issuer = {"iss": self._addresses.issuer} if self._addresses.send_issuer else {}
        return consent.back(redirect_uri, {**parameters, **issuer})
