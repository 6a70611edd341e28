"""Ctrl-C while a token is on its way: the token is stored first, then the program ends. Promise C10."""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from types import FrameType, TracebackType
from typing import Any

GRACE = 3.0
"""Seconds that an answer under way is still waited for: it may hold the only refresh token that is left."""


class delayed:  # noqa: N801 - used like a function
    """Delays SIGINT and SIGTERM until the end of a `with` block, which then raises `KeyboardInterrupt`.

    Outside the main thread, which alone gets signals, it does nothing.

    Args:
        notify: Told at once that a signal came.
    """

    def __init__(self, notify: Callable[[str], None]) -> None:
        self._notify = notify
        self._count = 0
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> delayed:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._heard)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self._count and kind is not KeyboardInterrupt:
            raise KeyboardInterrupt

    def _heard(self, _number: int, _frame: FrameType | None) -> None:
        self._count += 1
        if self._count == 1:
            self._notify("Interrupted: waiting a moment for the answer that is under way, so that it is not lost.")

    def wait_for(self, future: Future[Any], seconds: float = math.inf) -> None:
        """Wait for an answer, no longer than that; after a signal only for a moment more, after a second not at all.

        Raises:
            KeyboardInterrupt: The answer did not come in that time.
        """
        late, end = time.monotonic() + seconds, None
        while not future.done() and time.monotonic() < late:
            if self._count and end is None:
                end = time.monotonic() + GRACE
            if self._count > 1 or (end is not None and time.monotonic() > end):
                raise KeyboardInterrupt
            _pause(future, 0.05)


def _pause(future: Future[Any], seconds: float) -> None:
    done = threading.Event()
    future.add_done_callback(lambda _future: done.set())
    done.wait(seconds)
