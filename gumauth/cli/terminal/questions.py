"""Questions on the terminal, answered with a line that the terminal shows."""

from __future__ import annotations

from gumauth.cli.terminal.hidden_input import nothing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.cli.terminal.terminal import Terminal
    from gumauth.client.context import Context


YES = ("y", "yes")


def visible(terminal: Terminal, question: str) -> str:
    """The line that the person types, without blanks around it.

    Raises:
        UsageError: The input ended (Ctrl-D).
    """
    return typed(terminal, question).strip()


def typed(terminal: Terminal, question: str) -> str:
    """The line that the person types, without the line end.

    Raises:
        UsageError: The input ended (Ctrl-D).
    """
    try:
        terminal.stderr.write(f"{question.rstrip(': ')}: ")
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
    """Whether the person answers y or yes; Enter alone means `usually`."""
    answer = visible(terminal, f"{question} [{'Y/n' if usually else 'y/N'}]").lower()
    return answer in YES or (usually and not answer)


def unlock(context: Context) -> None:
    """Ask for the store's passphrase now: on another thread, Ctrl-C would leave a terminal that shows nothing."""
    ask = getattr(context.store(), "unlock", None)
    if ask is not None:
        ask()
