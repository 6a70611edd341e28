"""The server's decisions, in their order."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Kind = Literal[
    "authorize", "consent", "denied", "code issued", "token", "refresh", "reuse", "revoke", "userinfo",
    "resource", "resource_metadata", "server_metadata", "register", "client", "device", "poll", "par",
]  # fmt: skip
Outcome = Literal["ok", "refused", "fault"]


@dataclass(frozen=True, kw_only=True)
class Event:
    """One decision; holds no secret.

    Args:
        kind: The endpoint's matter; "reuse" is a code or refresh token that was used before, "client" the reading or
            deleting of a registration, "poll" a poll with a device code that gives no tokens (with a detail `error`).
        outcome: "ok", "refused", or "fault" where the server was told to misbehave.
        reason: In words; empty for "ok".
        client_id: The client of the request; None where the request names no known client.
        at: Seconds since 1970, by the server's clock.
        details: More facts: the number of the token family, scopes, the redirect URI, the resource, the path.
    """

    kind: Kind
    outcome: Outcome
    reason: str = ""
    client_id: str | None = None
    at: float
    details: Mapping[str, object] = field(default_factory=dict)


class Log:
    """The events so far. Safe for threads.

    Args:
        clock: Gives the time of an event.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._events: list[Event] = []
        self._lock = threading.Lock()

    def note(
        self,
        kind: Kind,
        outcome: Outcome,
        *,
        reason: str = "",
        client_id: str | None = None,
        **details: object,
    ) -> None:
        """Add an event."""
        event = Event(kind=kind, outcome=outcome, reason=reason, client_id=client_id, at=self._clock(), details=details)
        with self._lock:
            self._events.append(event)

    def events(self) -> list[Event]:
        """A copy of the events so far, oldest first."""
        with self._lock:
            return list(self._events)
