"""Questions on the terminal."""

from __future__ import annotations

from gumauth.cli.terminal.hidden_input import nothing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.cli.terminal.terminal import Terminal
    from gumauth.client.context import Context


YES = ("y", "yes")


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


def agreed(terminal: Terminal, question: str, *, usually: bool = False) -> bool:
    """Whether the person says yes; Enter alone means what is usual, and anything else but y or yes is no."""
    answer = visible(terminal, f"{question} [{'Y/n' if usually else 'y/N'}]").lower()
    return answer in YES or (usually and not answer)


def unlock(context: Context) -> None:
    """Ask for the passphrase now where one is needed: on a thread, Ctrl-C would leave a terminal that shows nothing."""
    ask = getattr(context.store(), "unlock", None)
    if ask is not None:
        ask()
