"""What foreign code prints, on standard error, while other threads of the program print where they always do."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

_aside: ContextVar[bool] = ContextVar("gumauth_aside", default=False)


@contextlib.contextmanager
def on_standard_error() -> Iterator[None]:
    """Send what the code of this block prints to standard error."""
    stream: Any = _Stream(sys.stdout)
    sys.stdout = stream
    token = _aside.set(True)
    try:
        yield
    finally:
        _aside.reset(token)
        stream.has_ended = True
        while isinstance(sys.stdout, _Stream) and sys.stdout.has_ended:  # another thread's may stand above ours
            sys.stdout = sys.stdout.behind


class _Stream:
    """Standard output that asks who prints."""

    def __init__(self, behind: Any) -> None:
        self.behind, self.has_ended = behind, False

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr if _aside.get() else self.behind, name)
