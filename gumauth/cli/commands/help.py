"""`gumauth help`: prints the help of a command, a topic, or gumauth itself."""

from __future__ import annotations

from difflib import get_close_matches

from gumauth.cli.parsing.help import look, of_command, of_program, of_topic
from gumauth.cli.parsing.parameters import Arguments
from gumauth.cli.parsing.table import COMMANDS
from gumauth.cli.terminal.terminal import Terminal
from gumauth.cli.topics.pages import TOPICS
from gumauth.errors import UsageError
from gumauth.platform.text import one_line


def run(arguments: Arguments, terminal: Terminal) -> None:
    """Print the help of a command, a topic, or gumauth itself."""
    subject = arguments.maybe("subject")
    if subject is None:
        terminal.out(of_program(*look(terminal)))
    elif subject in COMMANDS:
        terminal.out(of_command(COMMANDS[subject], *look(terminal)))
    elif subject in TOPICS:
        terminal.out(of_topic(subject, terminal))
    else:
        raise _unknown(subject)


def _unknown(subject: str) -> UsageError:
    near = get_close_matches(subject, (*COMMANDS, *TOPICS), n=1, cutoff=0.7)
    meant = f"Did you mean `gumauth help {near[0]}`? " if near else ""
    return UsageError(
        f"There is no help on {one_line(subject, 64)!r}.", hint=f"{meant}`gumauth help` lists the commands and topics."
    )
