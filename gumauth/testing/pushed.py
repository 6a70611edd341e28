"""Pushed authorization requests: the client sends its request itself, and the browser brings only a reference to it."""

from __future__ import annotations

import secrets
import threading
from typing import TYPE_CHECKING

from gumauth.testing import consent
from gumauth.testing.indicators import Indicators, named
from gumauth.testing.messages import OAuthError, Request, Response, error_response, json_response
from gumauth.testing.routes import Route

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gumauth.testing.client_requests import ClientRequests
    from gumauth.testing.clients import Client
    from gumauth.testing.log import Log

PATH = "/par"
URN = "urn:ietf:params:oauth:request_uri:"


class PushedSettings:
    """How requests are pushed; every attribute may be set at any time."""

    def __init__(self) -> None:
        self.enabled: bool = True
        """Whether there is an endpoint for pushed requests, and the metadata name it."""
        self.required: bool = False
        """Whether the authorization endpoint refuses requests that were not pushed."""
        self.expires_in: float = 60
        """Seconds that a `request_uri` is good for; it is good once."""


class PushedRequests:
    """Takes requests, and gives them back for their `request_uri`. Safe for threads.

    Args:
        requests: Reads the requests of clients.
        log: Receives the decisions.
        settings: Read for every request.
        clock: Seconds since 1970.
        indicators: Reads the resource that a request names.

    Source: RFC 9126 §2 and §4.
    """

    def __init__(
        self,
        requests: ClientRequests,
        *,
        log: Log,
        settings: PushedSettings,
        clock: Callable[[], float],
        indicators: Indicators,
    ) -> None:
        self._requests, self._log, self._settings = requests, log, settings
        self._clock, self._indicators = clock, indicators
        self._pushed: dict[str, tuple[float, dict[str, str]]] = {}
        self._lock = threading.Lock()

    def route(self, request: Request) -> Route | None:
        """The endpoint for pushed requests."""
        return Route("par", self._push) if self._settings.enabled and request.path == PATH else None

    def resolve(self, query: Mapping[str, str]) -> dict[str, str]:
        """The parameters of an authorization request: of the pushed one, where the query refers to one.

        Raises:
            OAuthError: The `request_uri` is unknown, spent, expired or another client's, or other parameters are there.
        """
        reference = query.get("request_uri")
        if reference is None or not self._settings.enabled:
            return dict(query)
        with self._lock:
            expires_at, pushed = self._pushed.pop(reference, (0.0, dict[str, str]()))
        if expires_at <= self._clock() or pushed["client_id"] != query.get("client_id"):
            raise OAuthError(
                "invalid_request", "the request_uri is unknown, was used before, has expired, or is another's"
            )
        if set(query) != {"client_id", "request_uri"}:
            raise OAuthError("invalid_request", "a pushed request is referred to by client_id and request_uri alone")
        return pushed

    def check(self, query: Mapping[str, str]) -> None:
        """Refuse a plain authorization request, where requests have to be pushed.

        Raises:
            OAuthError: `invalid_request`.
        """
        if self._settings.required and "request_uri" not in query:
            raise OAuthError("invalid_request", "the request has to be pushed first")

    def _push(self, request: Request) -> Response:
        client, form = None, dict[str, str]()
        try:
            form = self._requests.form(request)
            client = self._requests.client(request, form)
            asked = self._asked(form, client)
        except OAuthError as error:
            name = client.client_id if client else None
            self._log.note("par", "refused", reason=error.description, client_id=name, **named(form))
            return error_response(error)
        reference = f"{URN}{secrets.token_urlsafe(24)}"
        with self._lock:
            self._pushed[reference] = self._clock() + self._settings.expires_in, asked
        self._log.note("par", "ok", client_id=client.client_id, **named(form))
        return json_response({"request_uri": reference, "expires_in": self._settings.expires_in}, status=201)

    def _asked(self, form: Mapping[str, str], client: Client) -> dict[str, str]:
        if "request_uri" in form:
            raise OAuthError("invalid_request", "a pushed request cannot refer to another")
        asked = {name: value for name, value in form.items() if name != "client_secret"}
        asked["client_id"] = client.client_id
        consent.client_of(asked, {client.client_id: client})
        consent.authorization_request(asked, client, resource=self._indicators.of(asked))
        return asked
