"""Help texts for a terminal's width, laid out from the table of commands."""

from __future__ import annotations

from gumauth.cli.parsing.table import COMMANDS, SUMMARY
from gumauth.cli.terminal.formatting import fold, in_columns
from gumauth.cli.topics.pages import TOPICS, read, rendered, summary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gumauth.cli.parsing.parameters import Command, Parameter
    from gumauth.cli.terminal.terminal import Terminal


WIDEST = 96
"""Characters of a line at most, however wide the window is."""

VERSION_ROW = ("--version", "Show the version and exit.")
HELP_ROW = ("-h, --help", "Show this help and exit.")
STATUSES = (
    ("0", "Done."),
    ("1", "Failed; the error says why."),
    ("2", "The command line is wrong."),
    ("3", "Not connected, or the grant is dead: connect again."),
    ("4", "Denied, by you or by the provider."),
    ("5", "Temporary: try again."),
    ("6", "The keyring, database or folder cannot be used."),
    ("130", "Interrupted."),
)


def look(terminal: Terminal) -> tuple[int, Callable[[str], str]]:
    """How help looks on the terminal's standard output: characters to a line, and what paints a heading."""
    width = terminal.width(terminal.stdout) or 80
    return width, lambda text: terminal.paint("bold", text, terminal.stdout)


def of_command(command: Command, width: int, title: Callable[[str], str]) -> str:
    """The help of one command.

    Args:
        command: The command.
        width: Characters to a line.
        title: Paints a heading.
    """
    width = min(width, WIDEST)
    parts = [_usage(usage(command), width, title), fold(command.summary, width)]
    parts += [fold(paragraph, width) for paragraph in command.details.split("\n\n")]
    arguments = [(p.metavar, p.help) for p in command.parameters if not p.is_option]
    options = [(spelled(p), p.help) for p in command.options.values()]
    for name, rows in (("Arguments", arguments), ("Options", [*options, HELP_ROW])):
        if rows:
            parts.append(f"{title(f'{name}:')}\n{in_columns(rows, width)}")
    return "\n\n".join(parts)


def of_topic(name: str, terminal: Terminal) -> str:
    """The page of a topic: rendered for a terminal; in a pipe, the Markdown."""
    if not terminal.stdout.isatty():
        return read(name).rstrip()
    width, title = look(terminal)
    return rendered(read(name), min(width, WIDEST), title)


def of_program(width: int, title: Callable[[str], str]) -> str:
    """The help of `gumauth` itself."""
    width = min(width, WIDEST)
    parts = [_usage("gumauth COMMAND [OPTIONS] [ARGUMENTS]", width, title), fold(SUMMARY, width)]
    for group in dict.fromkeys(command.group for command in COMMANDS.values()):
        rows = [(name, command.summary) for name, command in COMMANDS.items() if command.group == group]
        parts.append(f"{title(f'{group}:')}\n{in_columns(rows, width)}")
    topics = [(name, f"{summary(name)}.") for name in TOPICS]
    parts.append(f"{title('Topics, by gumauth help TOPIC:')}\n{in_columns(topics, width)}")
    parts.append(f"{title('Options:')}\n{in_columns((VERSION_ROW, HELP_ROW), width)}")
    parts.append(f"{title('Exit status:')}\n{in_columns(STATUSES, width)}")
    parts.append(fold("Every command explains itself: try `gumauth help connect`, or watch `gumauth demo`.", width))
    return "\n\n".join(parts)


def _usage(line: str, width: int, title: Callable[[str], str]) -> str:
    return fold(f"Usage: {line}", width, " " * 7).replace("Usage:", title("Usage:"), 1)


def usage(command: Command) -> str:
    """A command with its arguments, as it is written: "gumauth default [OPTIONS] ACCOUNT"."""
    words = ["gumauth", command.name, "[OPTIONS]"]
    for argument in command.arguments:
        shown = argument.metavar + ("…" if argument.many else "")
        words.append(shown if argument.required else f"[{shown}]")
    if command.rest:
        words += ["--", f"{command.rest.metavar}…"]
    return " ".join(words)


def spelled(option: Parameter) -> str:
    """An option with its metavar, as it is written: "--port PORT"."""
    return f"{option.name} {option.metavar}".rstrip()
