"""`python -m gumauth.cli.parsing.man [FILE]`: writes the manual page, from the table of commands and the topics.

Source: groff_man(7).
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from gumauth.cli.parsing.help import HELP_ROW, STATUSES, VERSION_ROW, spelled, usage
from gumauth.cli.parsing.parameters import Command
from gumauth.cli.parsing.table import COMMANDS, SUMMARY
from gumauth.cli.topics.pages import TOPICS, blocks, cells, read, summary

FILE = Path(__file__).parents[1] / "gumauth.1"
NOTICE = (
    r".\" Made by `python -m gumauth.cli.parsing.man` from the table of commands and the topics; changes here are lost."
)
ESCAPES = str.maketrans({"\\": r"\(rs", "-": r"\-", "'": r"\(aq", "~": r"\(ti", "^": r"\(ha", "`": r"\(ga"})
CODE = re.compile(r"`([^`]+)`")


def page() -> str:
    """The page, in roff."""
    topics = [(f"gumauth help {name}", f"{summary(name)}.") for name in TOPICS]
    return "\n".join(
        (
            NOTICE,
            '.TH GUMAUTH 1 "" gumauth "User Commands"',
            ".SH NAME",
            r"gumauth \- connect OAuth accounts from a terminal, and get fresh tokens",
            ".SH SYNOPSIS",
            ".B gumauth",
            r"\fICOMMAND\fR [\fIOPTIONS\fR] [\fIARGUMENTS\fR]",
            ".SH DESCRIPTION",
            _text(SUMMARY),
            ".SH COMMANDS",
            *(_command(command) for command in COMMANDS.values()),
            ".SH OPTIONS",
            _rows([VERSION_ROW, HELP_ROW]),
            ".SH EXIT STATUS",
            _rows(STATUSES),
            ".SH ENVIRONMENT",
            _rows(_table("variables")),
            ".SH FILES",
            _rows([(folder, f"The data folder on {system}.") for system, folder in _table("storage", "system")]),
            ".SH SEE ALSO",
            _text("The pages of the manual, each shown by a command:"),
            _rows(topics),
            "",
        )
    )


def _command(command: Command) -> str:
    parts = [f".SS {_escaped(usage(command))}", _text(command.summary)]
    parts += [f".PP\n{_text(paragraph)}" for paragraph in command.details.split("\n\n")]
    arguments = [(p.metavar, p.help) for p in command.parameters if not p.is_option]
    parts += [_rows(arguments)] if arguments else []
    parts += [_rows([(spelled(p), p.help) for p in command.options.values()])] if command.options else []
    return "\n".join(parts)


def _rows(rows: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> str:
    return "\n".join(f".TP\n\\fB{_escaped(left.replace('`', ''))}\\fR\n{_text(right)}" for left, right in rows)


def _table(topic: str, column: str = "") -> list[tuple[str, str]]:
    """The rows of a topic's first table whose first heading begins with `column`, without the row of headings."""
    tables = (block for kind, block in blocks(read(topic)) if kind == "table")
    table = next(block for block in tables if block.startswith(f"| {column}"))
    return [cells(row) for row in table.splitlines()[2:]]


def _text(text: str) -> str:
    """A paragraph in roff; what stands between backticks is bold."""
    pieces = CODE.split(text)
    shown = "".join(f"\\fB{_escaped(piece)}\\fR" if at % 2 else _escaped(piece) for at, piece in enumerate(pieces))
    return f"\\&{shown}" if shown[:1] in ".'" else shown


def _escaped(text: str) -> str:
    return text.translate(ESCAPES)


def write(file: Path = FILE) -> None:
    """Write the page."""
    file.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write(*(Path(word) for word in sys.argv[1:]))
