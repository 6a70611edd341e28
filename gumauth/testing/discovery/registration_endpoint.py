"""The registration endpoint, and the URLs at which registered clients are read and deleted."""

from __future__ import annotations

import hmac
import secrets
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gumauth.testing.clients import Client
from gumauth.testing.discovery.registration import METHODS, ClientMetadata, RegistrationSettings, client_metadata
from gumauth.testing.messages import OAuthError, Request, Response, error_response, json_response
from gumauth.testing.routes import Route

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, MutableMapping

    from gumauth.testing.log import Log

PATH = "/register"


@dataclass(frozen=True)
class Registered:
    """A client that registered itself, what it was told, and the token that it manages its registration with."""

    client: Client
    name: str
    answer: dict[str, object] = field(repr=False)
    token: str = field(repr=False)


class Registration:
    """Registers clients, and lets them read and delete their registrations. Safe for threads.

    Args:
        url: The server's own URL.
        clients: Receives the registered clients.
        log: Receives the decisions.
        settings: Read for every request.
        clock: Seconds since 1970.
        grant_types: Gives the grant types of the server.

    Source: RFC 7591 §3, RFC 7592 §2.
    """

    def __init__(
        self,
        url: str,
        clients: MutableMapping[str, Client],
        *,
        log: Log,
        settings: RegistrationSettings,
        clock: Callable[[], float],
        grant_types: Callable[[], Collection[str]],
    ) -> None:
        self._url, self._clients, self._log = url, clients, log
        self._settings, self._clock, self._grant_types = settings, clock, grant_types
        self._registered: dict[str, Registered] = {}
        self._lock = threading.Lock()

    def route(self, request: Request) -> Route | None:
        """The registration endpoint, or a client's registration."""
        if not self._settings.enabled:
            return None
        if request.path == PATH:
            return Route("register", self._register)
        return Route("register", self._manage) if request.path.startswith(f"{PATH}/") else None

    def forget(self, client_ids: Collection[str]) -> None:
        """Forget these clients that registered themselves; all of them if none is named."""
        with self._lock:
            for client_id in [*(client_ids or self._registered)]:
                self._registered.pop(client_id, None)
                self._clients.pop(client_id, None)

    def _register(self, request: Request) -> Response:
        try:
            asked = self._asked(request)
        except OAuthError as error:
            self._log.note("register", "refused", reason=error.description)
            return error_response(error)
        allowed = self._settings.allowed_names
        if allowed is not None and asked.name not in allowed:
            self._log.note("register", "refused", reason="the client is not on the list", client_name=asked.name)
            return Response(status=403, headers={"Content-Type": "text/plain"}, body=b"Forbidden")
        with self._lock:
            registered = self._again(asked.name) or self._new(asked)
        details: dict[str, object] = {"client_name": asked.name, "redirect_uris": asked.redirect_uris}
        self._log.note("register", "ok", reason="", client_id=registered.client.client_id, **details)
        return json_response(self._told(registered), status=self._settings.status)

    def _asked(self, request: Request) -> ClientMetadata:
        if request.method != "POST":
            raise OAuthError("invalid_request", "only POST is answered here", status=405)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise OAuthError("invalid_client_metadata", "the body must be application/json")
        return client_metadata(request.body, self._settings, self._grant_types())

    def _again(self, name: str) -> Registered | None:
        same = [each for each in self._registered.values() if each.name == name]
        return same[-1] if same and self._settings.one_per_name else None

    def _new(self, asked: ClientMetadata) -> Registered:
        secret, expires_at = self._secret(asked.method)
        client = Client(
            secrets.token_urlsafe(12),
            None if asked.method == "none" else secret or secrets.token_urlsafe(32),
            redirect_uris=asked.redirect_uris,
            auth=(METHODS[asked.method],),
            any_port=self._settings.any_port,
            scopes=self._scopes(asked),
            id_in_body=self._settings.id_in_body,
            grant_types=asked.grant_types,
            secret_expires_at=expires_at or None,
        )
        answer: dict[str, object] = {
            "client_id": client.client_id,
            "client_id_issued_at": int(self._clock()),
            **asked.members(),
        }
        if secret is not None:
            answer["client_secret"] = secret
        if secret is not None and expires_at is not None:
            answer["client_secret_expires_at"] = int(expires_at)
        registered = Registered(client, asked.name, answer, secrets.token_urlsafe(32))
        self._registered[client.client_id], self._clients[client.client_id] = registered, client
        return registered

    def _scopes(self, asked: ClientMetadata) -> tuple[str, ...] | None:
        if asked.scope is not None and self._settings.keeps_to_scope and self._settings.scopes is None:
            return tuple(asked.scope.split())
        return self._settings.scopes

    def _secret(self, method: str) -> tuple[str | None, float | None]:
        """A new client's secret, and when it expires: 0 for never, None for not said."""
        habit, lives = self._settings.secret, self._settings.secret_lifetime
        given = habit == "always" or (habit == "by method" and method != "none")
        if not given:
            return None, None
        return secrets.token_urlsafe(32), lives and self._clock() + lives

    def _told(self, registered: Registered) -> dict[str, object]:
        answer = dict(registered.answer)
        if self._settings.management:
            answer["registration_access_token"] = registered.token
            answer["registration_client_uri"] = f"{self._url}{PATH}/{registered.client.client_id}"
        answer.update(self._settings.overrides)
        return {name: value for name, value in answer.items() if name not in self._settings.without}

    def _manage(self, request: Request) -> Response:
        registered = self._registered.get(request.path.removeprefix(f"{PATH}/"))
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        good = registered is not None and hmac.compare_digest(registered.token.encode(), token.encode())
        if registered is None or not good or scheme.lower() != "bearer":
            self._log.note("client", "refused", reason="no such registration, or not its token")
            return json_response({"error": "invalid_token"}, status=401)
        client_id = registered.client.client_id
        if request.method not in ("GET", "DELETE"):
            self._log.note("client", "refused", reason="only GET and DELETE are answered here", client_id=client_id)
            return json_response({"error": "invalid_request"}, status=405)
        self._log.note("client", "ok", client_id=client_id, method=request.method)
        if request.method == "GET":
            return json_response(self._told(registered))
        self.forget([client_id])
        return Response(status=204, headers={"Cache-Control": "no-store"})
