"""Which line of a file ran when: a tracer of the file's own code and of the modules beside it, and of nothing else."""

from __future__ import annotations

import linecache
import sys
import threading
import time
import traceback
from collections import deque
from dataclasses import dataclass
from types import FrameType
from typing import Any

MOST = 50_000
"""Lines that are kept, the latest."""


@dataclass(frozen=True)
class Step:
    """A line that ran.

    Args:
        place: Such as "auth.py:31".
        text: What stands there.
    """

    place: str
    text: str


class Lines:
    """Follows the code of a file, on every thread that starts after `start`.

    Args:
        folder: Of the file, with a slash at its end.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._ran: deque[tuple[float, str, int]] = deque(maxlen=MOST)
        self._is_over = False

    def start(self) -> None:
        """Follow the threads that start from now on, and this one."""
        threading.settrace(self._called)
        sys.settrace(self._called)

    def stop(self) -> None:
        """Follow no further thread, and this one no more; code of the file that still runs, such as a loop, ends."""
        self._is_over = True
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
        ran = ((path, line) for at, path, line in reversed(list(self._ran)) if before is None or at <= before)
        path, line = next(ran, ("", 0))
        return f"{path.removeprefix(self._folder)}:{line}" if line else None

    def steps(self) -> tuple[Step, ...]:
        """The lines that ran, in order; one that ran twice in a row once."""
        ran = [(path, line) for _, path, line in list(self._ran)]
        return tuple(self._step(*each) for each, before in zip(ran, [None, *ran], strict=False) if each != before)

    def raised(self, error: BaseException | None) -> Step | None:
        """The innermost line of the file in the traceback of an error; None where there is none."""
        frames = traceback.extract_tb(error.__traceback__) if error is not None else ()
        own = [frame for frame in frames if frame.filename.startswith(self._folder) and frame.lineno]
        return self._step(own[-1].filename, own[-1].lineno or 0) if own else None

    def _step(self, path: str, line: int) -> Step:
        return Step(f"{path.removeprefix(self._folder)}:{line}", linecache.getline(path, line).strip())

    def _called(self, frame: FrameType, _event: str, _argument: Any) -> Any:
        return self._line if frame.f_code.co_filename.startswith(self._folder) else None

    def _line(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if self._is_over:
            raise SystemExit  # out of every `except` too, because the line in it ends like this
        if event == "line":  # a coroutine that waits returns, as far as a tracer is told
            self._ran.append((time.monotonic(), frame.f_code.co_filename, frame.f_lineno))
        return self._line
