"""The faults that are still to happen, at each endpoint."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Literal

from gumauth.testing.messages import OAuthError, Request

if TYPE_CHECKING:
    from gumauth.testing.faults import Fault

Where = Literal[
    "authorize", "token", "refresh", "revoke", "userinfo",
    "resource", "resource_metadata", "server_metadata", "register", "device", "par",
]  # fmt: skip


class Misbehaviour:
    """Queues of faults, by endpoint. Safe for threads."""

    def __init__(self) -> None:
        self._counted: dict[Where, list[Fault]] = {}
        self._always: dict[Where, Fault] = {}
        self._lock = threading.Lock()

    def add(self, where: Where, fault: Fault, times: int | None) -> None:
        """Put a fault at the end of its queue, `times` times; None repeats it for ever after the queue is empty."""
        with self._lock:
            if times is None:
                self._always[where] = fault
            else:
                self._counted.setdefault(where, []).extend([fault] * times)

    def clear(self) -> None:
        """Drop every fault."""
        with self._lock:
            self._counted.clear()
            self._always.clear()

    def next(self, where: Where) -> Fault | None:
        """Take the fault for the current request; None where none waits."""
        with self._lock:
            waiting = self._counted.get(where)
            return waiting.pop(0) if waiting else self._always.get(where)


def place_of(request: Request) -> Where | None:
    """The endpoint of an OAuth request; "authorize" is the redirect to the client, which follows the click."""
    if request.path == "/token":
        try:
            kind = request.form("json" if "json" in request.headers.get("content-type", "") else "form")
        except OAuthError:
            return "token"
        return "refresh" if kind.get("grant_type") == "refresh_token" else "token"
    places: dict[str, Where] = {"/consent": "authorize", "/revoke": "revoke", "/userinfo": "userinfo"}
    return places.get(request.path)
