"""What foreign code prints goes to standard error, and the interpreter's warnings about foreign code are hidden.

The author of a provider file learns of its faults by gumauth's errors. Warnings that libraries give on their own, such
as of a certificate that is not verified, are shown. GUMAUTH_DEBUG=1 shows all warnings. Promise P6.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import warnings
from collections.abc import Iterator
from contextvars import ContextVar
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
"""Kinds of warnings that are hidden."""

LONGEST = 1000
"""Characters of a warning."""

_redirected: ContextVar[bool] = ContextVar("gumauth_redirected", default=False)

_threads: dict[int, int] = {}
"""For each thread that runs foreign code, how many such blocks the thread is in."""

_lock = threading.Lock()


@contextlib.contextmanager
def on_standard_error() -> Iterator[None]:
    """Send what the code of this block prints to standard error; other threads print where they always do."""
    stream: Any = _Stream(sys.stdout)
    sys.stdout = stream
    token = _redirected.set(True)
    try:
        yield
    finally:
        _redirected.reset(token)
        stream.has_ended = True
        while isinstance(sys.stdout, _Stream) and sys.stdout.has_ended:  # another thread's stream may stand above ours
            sys.stdout = sys.stdout.behind


class _Stream:
    """Standard output, or standard error for code within `on_standard_error`."""

    def __init__(self, behind: Any) -> None:
        self.behind, self.has_ended = behind, False

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr if _redirected.get() else self.behind, name)


@contextlib.contextmanager
def without_warnings() -> Iterator[None]:
    """Hide the interpreter's warnings about the code of this block; warnings about other threads are shown."""
    thread = threading.get_ident()
    with _lock:
        _threads[thread] = _threads.get(thread, 0) + 1
        if not isinstance(warnings.showwarning, _ShowWarning):
            warnings.showwarning = _ShowWarning(warnings.showwarning)
    try:
        yield
    finally:
        with _lock:
            _threads[thread] -= 1
            if not _threads[thread]:
                del _threads[thread]
            if not _threads and isinstance(warnings.showwarning, _ShowWarning):
                warnings.showwarning = warnings.showwarning.behind


class _ShowWarning:
    """`warnings.showwarning` that looks which thread the warning is about."""

    def __init__(self, behind: Any) -> None:
        self.behind = behind

    def __call__(self, message: Any, category: type[Warning], *where: Any, **named: Any) -> None:
        is_foreign = threading.get_ident() in _threads
        if is_foreign and issubclass(category, OF_THE_INTERPRETER) and not os.environ.get("GUMAUTH_DEBUG"):
            return
        if is_foreign:  # the message may repeat a secret that the foreign code holds
            from gumauth.registry.foreign_code.hidden_secrets import hidden

            message = hidden(one_line(message, LONGEST), ())
        self.behind(message, category, *where, **named)
