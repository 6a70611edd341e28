"""The device authorization endpoint, and the page on which the person types the user code."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from gumauth.testing import consent
from gumauth.testing.clients import may_use
from gumauth.testing.device.settings import GRANT_TYPE
from gumauth.testing.identity import login_of
from gumauth.testing.indicators import Indicators, named
from gumauth.testing.issued import AuthorizationRequest
from gumauth.testing.messages import OAuthError, Request, Response, error_response, json_response
from gumauth.testing.routes import Route

if TYPE_CHECKING:
    from gumauth.testing.client_requests import ClientRequests
    from gumauth.testing.device.codes import DeviceCodes
    from gumauth.testing.issued import Login
    from gumauth.testing.log import Log
    from gumauth.testing.settings import Settings

PATH, PAGE = "/device", "/activate"


class DeviceEndpoint:
    """Gives out codes, and asks the person who types one for consent.

    Args:
        url: The server's own URL.
        codes: The codes so far.
        requests: Reads the requests of clients.
        log: Receives the decisions.
        server: The server's own settings: who consents where nobody is named.
        indicators: Reads the resource that a request names.

    Source: RFC 8628 §3.1 to §3.3.
    """

    def __init__(
        self,
        url: str,
        codes: DeviceCodes,
        *,
        requests: ClientRequests,
        log: Log,
        server: Settings,
        indicators: Indicators,
    ) -> None:
        self._url, self._codes, self._requests, self._log = url, codes, requests, log
        self._settings, self._server, self._indicators = codes.settings, server, indicators

    def route(self, request: Request) -> Route | None:
        """The endpoint, or the page."""
        if not self._settings.enabled:
            return None
        if request.path == PATH:
            return Route("device", self._authorize)
        return Route(None, self._page) if request.path == PAGE else None

    def decide(self, user_code: str, login: Login | None) -> None:
        """Note who consented to a user code, or with None that the person refused.

        Raises:
            OAuthError: The code cannot be used.
        """
        try:
            waiting = self._codes.decide(user_code, login)
        except OAuthError as error:
            self._log.note("consent", "refused", reason=error.description)
            raise
        client_id = waiting.request.client_id
        if login is None:
            self._log.note("denied", "ok", client_id=client_id)
        else:
            self._log.note("consent", "ok", client_id=client_id, person=login.person, workspace=login.workspace)

    def _authorize(self, request: Request) -> Response:
        client_id, form = None, dict[str, str]()
        try:
            form = self._requests.form(request)
            client = self._requests.client(request, form)
            client_id = client.client_id
            if not may_use(client, GRANT_TYPE):
                raise OAuthError("unauthorized_client", "the client is not registered for the device grant")
            scopes = consent.scopes_of(form, client)
            resource = self._indicators.of(form)
        except OAuthError as error:
            self._log.note("device", "refused", reason=error.description, client_id=client_id, **named(form))
            return error_response(error)
        asked = AuthorizationRequest(
            client_id=client.client_id, redirect_uri="", state="", scopes=scopes, resource=resource
        )
        details: dict[str, object] = {"scopes": scopes, **named(form)}
        self._log.note("device", "ok", reason="", client_id=client_id, **details)
        return json_response(self._answer(*self._codes.start(asked)))

    def _answer(self, device_code: str, user_code: str) -> dict[str, object]:
        page = f"{self._url}{PAGE}"
        answer: dict[str, object] = {
            "device_code": device_code,
            "user_code": user_code,
            self._settings.uri_name: page,
            "expires_in": self._settings.expires_in,
        }
        if self._settings.complete:
            answer[f"{self._settings.uri_name}_complete"] = f"{page}?{urlencode({'user_code': user_code})}"
        if self._settings.interval is not None:
            answer["interval"] = self._settings.interval
        answer.update(self._settings.overrides)
        return {name: value for name, value in answer.items() if name not in self._settings.without}

    def _page(self, request: Request) -> Response:
        try:
            if request.method != "POST":
                return _form(request.query().get("user_code", ""), self._server.person)
            _, allowed, typed = consent.decision_of(request)
            self.decide(request.form().get("user_code", ""), login_of(typed, self._server) if allowed else None)
        except OAuthError as error:
            return consent.error_page(error)
        return consent.document("Done", "<h1>You can go back to your device</h1>")


def _form(user_code: str, person: str) -> Response:
    body = f"""<h1>Connect a device</h1>
<form method="post" action="{PAGE}">
<label>Code <input name="user_code" value="{html.escape(user_code)}" autocomplete="off"></label>
<label>Login name <input name="login" placeholder="{html.escape(person)}" autocomplete="off"></label>
{consent.BUTTONS}
</form>"""
    return consent.document("Connect a device", body)
