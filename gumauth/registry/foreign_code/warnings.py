"""The interpreter's warnings about foreign code, kept off standard error: its author is told by an error, or not.

What libraries warn of on their own, such as a certificate that is not looked at, is shown. GUMAUTH_DEBUG=1 shows all.
"""

from __future__ import annotations

import contextlib
import os
import threading
import warnings
from collections.abc import Iterator
from typing import Any

from gumauth.platform.text import one_line

OF_THE_INTERPRETER = (
    BytesWarning,
    DeprecationWarning,
    EncodingWarning,
    ImportWarning,
    PendingDeprecationWarning,
    ResourceWarning,
    RuntimeWarning,
    SyntaxWarning,
)
"""Kinds of warnings that are kept to themselves."""

LONGEST = 1000
"""Characters of a warning."""

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

    def __call__(self, message: Any, category: type[Warning], *where: Any, **named: Any) -> None:
        is_foreign = threading.get_ident() in _threads
        if is_foreign and issubclass(category, OF_THE_INTERPRETER) and not os.environ.get("GUMAUTH_DEBUG"):
            return
        self.behind(_without_secrets(message) if is_foreign else message, category, *where, **named)


def _without_secrets(message: Any) -> str:
    """What is said, without what looks like a secret: the code that is warned has some in its hands."""
    from gumauth.registry.foreign_code.hidden_secrets import hidden

    return hidden(one_line(message, LONGEST), ())
