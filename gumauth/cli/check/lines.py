"""Which line of a file ran when: a tracer of the file's own code and of the modules beside it, and of nothing else."""

from __future__ import annotations

import sys
import threading
import time
from types import FrameType
from typing import Any


class Lines:
    """Follows the code of a file, on every thread that starts after `start`.

    Args:
        folder: Of the file, with a slash at its end.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._ran: list[tuple[float, str, int]] = []

    def start(self) -> None:
        """Follow the threads that start from now on, and this one."""
        threading.settrace(self._called)
        sys.settrace(self._called)

    def stop(self) -> None:
        """Follow no further thread, and this one no more."""
        threading.settrace(None)
        sys.settrace(None)

    def clear(self) -> None:
        """Forget what ran."""
        self._ran.clear()

    def last(self, before: float | None = None) -> str | None:
        """The line that ran last, such as "auth.py:31"; None where none ran.

        Args:
            before: Up to this moment of the monotonic clock; None for now.
        """
        ran = ((path, line) for at, path, line in reversed(self._ran) if before is None or at <= before)
        path, line = next(ran, ("", 0))
        return f"{path.removeprefix(self._folder)}:{line}" if line else None

    def _called(self, frame: FrameType, _event: str, _argument: Any) -> Any:
        return self._line if frame.f_code.co_filename.startswith(self._folder) else None

    def _line(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if event in ("line", "return", "exception"):
            self._ran.append((time.monotonic(), frame.f_code.co_filename, frame.f_lineno))
        return self._line
