"""Which fault is next, at which place."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Literal

from gumauth.testing.messages import Refusal, Request

if TYPE_CHECKING:
    from gumauth.testing.faults import Fault

Where = Literal["authorize", "token", "refresh", "revoke", "userinfo"]


class Misbehaviour:
    """The faults that wait to be used, by place."""

    def __init__(self) -> None:
        self._counted: dict[Where, list[Fault]] = {}
        self._always: dict[Where, Fault] = {}
        self._lock = threading.Lock()

    def add(self, where: Where, fault: Fault, times: int | None) -> None:
        """Put a fault behind those that wait already; None is without end."""
        with self._lock:
            if times is None:
                self._always[where] = fault
            else:
                self._counted.setdefault(where, []).extend([fault] * times)

    def clear(self) -> None:
        """Drop them all."""
        with self._lock:
            self._counted.clear()
            self._always.clear()

    def next(self, where: Where) -> Fault | None:
        """The fault for the request that came there now."""
        with self._lock:
            waiting = self._counted.get(where)
            return waiting.pop(0) if waiting else self._always.get(where)


def place_of(request: Request) -> Where | None:
    """The place that a request asks; "authorize" is the redirect back, which follows the click."""
    if request.path == "/token":
        try:
            kind = request.form("json" if "json" in request.headers.get("content-type", "") else "form")
        except Refusal:
            return "token"
        return "refresh" if kind.get("grant_type") == "refresh_token" else "token"
    places: dict[str, Where] = {"/consent": "authorize", "/revoke": "revoke", "/userinfo": "userinfo"}
    return places.get(request.path)
