"""Which deadlines are set while a file waits for an answer: seen without waiting for them."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING, Any

from gumauth.cli.check import blame
from gumauth.cli.check.outcome import Outcome
from gumauth.cli.check.verdicts import Verdict
from gumauth.testing import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from gumauth.cli.check.stage import Stage
    from gumauth.testing.messages import Response

PAUSE = 0.15
"""Seconds that the service takes; by then a client has set its deadline for the answer."""


class Connections:
    """The timeout of each connection of this process, and the thread that made it, from construction on."""

    def __init__(self) -> None:
        self._made: list[tuple[float | None, int | None]] = []
        self._record("connect")
        self._record("connect_ex")

    def clear(self) -> None:
        """Forget the connections so far."""
        self._made.clear()

    def made(self) -> list[tuple[float | None, int | None]]:
        """The connections since `clear`: a timeout of None for ever, 0 where an event loop waits."""
        return list(self._made)

    def _record(self, name: str) -> None:
        connect: Callable[[socket.socket, Any], Any] = getattr(socket.socket, name)

        def recording(connection: socket.socket, address: Any) -> Any:
            self._made.append((connection.gettimeout(), threading.get_ident()))
            return connect(connection, address)

        setattr(socket.socket, name, recording)


class Slow:
    """A service that takes a moment, and looks meanwhile which deadlines are set.

    Args:
        stage: Where the file is played.
        connections: Of this process.
    """

    def __init__(self, stage: Stage, connections: Connections) -> None:
        self._stage, self._connections = stage, connections
        self.is_limited: bool | None = None
        """Whether the wait ends by itself; None where there was none."""
        connections.clear()

    @property
    def fault(self) -> Fault:
        """For the service."""
        return Fault("slow", self._look)

    def _look(self, answer: Response) -> Response:
        time.sleep(PAUSE)  # in a thread of the service
        if self.is_limited is None:
            self.is_limited = self._limited()
        return answer

    def _limited(self) -> bool:
        has_timer = self._stage.timers() > 1  # one is gumauth's own
        made = self._connections.made()
        if not made:
            return True
        timeout, thread = made[-1]
        if timeout is not None and timeout > 0:
            return True
        is_on_loop = timeout is None and thread == self._stage.thread
        return has_timer and not is_on_loop


def judged(slow: Slow, outcome: Outcome) -> Verdict:
    """The verdict on a method that had to wait."""
    if slow.is_limited is False:
        return Verdict(
            level="breaks",
            cause="no deadline",
            file="sets no time limit for the answer",
            means="Where the service hangs, it never ends.",
            step=blame.sending(outcome),
            mend=_mend(outcome),
        )
    return Verdict(level="fine", cause="fine", file="waits, and not for ever")


def _mend(outcome: Outcome) -> str:
    if blame.agent(outcome) == "httpx":
        return "Give the client `timeout=20` in place of None."
    return "Give the request `timeout=20`."
