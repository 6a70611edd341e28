"""Questions on the terminal."""

from __future__ import annotations

import signal

from gumauth.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from gumauth.cli.terminal.terminal import Terminal


YES = ("y", "yes")


def hidden(terminal: Terminal, words: str) -> str:
    """What the person types, unseen.

    Raises:
        UsageError: The input ended (Ctrl-D).
    """
    import getpass

    end_by_sigterm()  # killed in the middle, it would leave a terminal that shows nothing
    try:
        return getpass.getpass(f"{words.rstrip(': ')}: ", terminal.stderr)
    except KeyboardInterrupt:
        terminal.line()
        raise
    except EOFError:
        terminal.line()
        raise nothing() from None


def visible(terminal: Terminal, words: str) -> str:
    """What the person types, without blanks around it.

    Raises:
        UsageError: The input ended (Ctrl-D).
    """
    return typed(terminal, words).strip()


def typed(terminal: Terminal, words: str) -> str:
    """What the person types, as it is, without the end of its line.

    Raises:
        UsageError: The input ended (Ctrl-D).
    """
    try:
        terminal.stderr.write(f"{words.rstrip(': ')}: ")
        terminal.stderr.flush()
        line = terminal.stdin.readline()
    except KeyboardInterrupt:
        terminal.line()
        raise
    if not line:
        terminal.line()
        raise nothing()
    return line.rstrip("\r\n")


def nothing() -> UsageError:
    """The error for a question that was not answered."""
    return UsageError("Nothing was entered.", hint="Run the command again.")


def agreed(terminal: Terminal, question: str, *, usually: bool = False) -> bool:
    """Whether the person says yes; Enter alone means what is usual, and anything else but y or yes is no."""
    answer = visible(terminal, f"{question} [{'Y/n' if usually else 'y/N'}]").lower()
    return answer in YES or (usually and not answer)


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
