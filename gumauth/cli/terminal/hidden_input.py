"""A secret that a person types: read without being shown."""

from __future__ import annotations

import signal

from gumauth.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import TextIO


def read_hidden(stream: TextIO, words: str) -> str:
    """What the person types, unseen.

    Args:
        stream: Takes the question.
        words: The question, without its colon.

    Raises:
        UsageError: The input ended (Ctrl-D).
    """
    import getpass

    end_by_sigterm()  # killed in the middle, it would leave a terminal that shows nothing
    try:
        return getpass.getpass(f"{words.rstrip(': ')}: ", stream)
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
    """Let SIGTERM do what Ctrl-C does, so that terminals, ports and locks are left in order.

    Only the main thread can set it; a question from another one does without.
    """
    import threading

    if threading.current_thread() is not threading.main_thread():
        return

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        signal.raise_signal(signal.SIGINT)

    signal.signal(signal.SIGTERM, interrupt)
