"""Questions on the terminal."""

from __future__ import annotations

import signal

from gumauth.errors import PromptDismissed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from gumauth.cli.terminal import Terminal


def hidden(terminal: Terminal, words: str) -> str:
    """What the person types, unseen.

    Raises:
        PromptDismissed: The input ended (Ctrl-D).
    """
    import getpass

    end_by_sigterm()  # killed in the middle, it would leave a terminal that shows nothing
    try:
        return getpass.getpass(f"{words.rstrip(': ')}: ", terminal.stderr)
    except EOFError:
        raise PromptDismissed("Nothing was entered.", hint="Run the command again.") from None


def visible(terminal: Terminal, words: str) -> str:
    """What the person types.

    Raises:
        PromptDismissed: The input ended (Ctrl-D).
    """
    terminal.stderr.write(f"{words.rstrip(': ')}: ")
    terminal.stderr.flush()
    line = terminal.stdin.readline()
    if not line:
        terminal.line()
        raise PromptDismissed("Nothing was entered.", hint="Run the command again.")
    return line.strip()


def agreed(terminal: Terminal, question: str) -> bool:
    """Whether the person says yes; anything but y or yes is no."""
    return visible(terminal, f"{question} [y/N]").lower() in ("y", "yes")


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
