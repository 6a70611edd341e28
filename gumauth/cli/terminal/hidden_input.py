"""Reads a secret that a person types, without showing it. Promise S3."""

from __future__ import annotations

import signal

from gumauth.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import TextIO


def read_hidden(stream: TextIO, question: str) -> str:
    """The line that the person types; the terminal does not show it.

    Args:
        stream: The stream on which the question is printed.
        question: The question; a colon is added.

    Raises:
        UsageError: The input ended (Ctrl-D).
    """
    import getpass

    end_by_sigterm()  # otherwise SIGTERM would leave a terminal that shows nothing of what is typed
    try:
        return getpass.getpass(f"{question.rstrip(': ')}: ", stream)
    except KeyboardInterrupt:
        stream.write("\n")
        raise
    except EOFError:
        stream.write("\n")
        raise nothing() from None


def nothing() -> UsageError:
    """The error for a question that was not answered."""
    return UsageError("Nothing was entered.", hint="Run the command again.")


def end_by_sigterm() -> None:
    """Let SIGTERM raise KeyboardInterrupt as Ctrl-C does, so that terminals, ports and locks are released.

    Only the main thread can set a signal's handler; on another thread nothing is set.
    """
    import threading

    if threading.current_thread() is not threading.main_thread():
        return

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        signal.raise_signal(signal.SIGINT)

    signal.signal(signal.SIGTERM, interrupt)
