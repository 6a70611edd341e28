"""The interpreter's warnings about foreign code, kept off standard error: its author is told by an error, or not.

GUMAUTH_DEBUG=1 lets them through.
"""

from __future__ import annotations

import contextlib
import os
import threading
import warnings
from collections.abc import Iterator
from typing import Any

_threads: dict[int, int] = {}
"""How often each thread is within such code."""

_lock = threading.Lock()


def begin(thread: int) -> None:
    """Keep to itself what the code on a thread is warned of; what other threads are warned of is shown."""
    with _lock:
        _threads[thread] = _threads.get(thread, 0) + 1
        if not isinstance(warnings.showwarning, _Show):
            warnings.showwarning = _Show(warnings.showwarning)


def end(thread: int) -> None:
    """The code has ended."""
    with _lock:
        _threads[thread] = _threads.get(thread, 1) - 1
        if not _threads[thread]:
            del _threads[thread]
        if not _threads and isinstance(warnings.showwarning, _Show):
            warnings.showwarning = warnings.showwarning.behind


@contextlib.contextmanager
def unsaid() -> Iterator[None]:
    """For the code of this block."""
    thread = threading.get_ident()
    begin(thread)
    try:
        yield
    finally:
        end(thread)


class _Show:
    """`warnings.showwarning` that asks who is warned."""

    def __init__(self, behind: Any) -> None:
        self.behind = behind

    def __call__(self, *arguments: Any, **named: Any) -> None:
        if threading.get_ident() not in _threads or os.environ.get("GUMAUTH_DEBUG"):
            self.behind(*arguments, **named)
