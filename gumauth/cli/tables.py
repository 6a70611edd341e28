"""Tables that fit the window, with nothing foreign in them read as markup."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gumauth.cli.terminal import Terminal
from gumauth.values import frozen

Row = tuple[Text, ...]

ANY_WIDTH = 10_000
"""For a pipe: one row, one line."""


@frozen
class Column:
    """A column; one that folds gives way where the window is narrow."""

    title: str
    folds: bool = False


def console(terminal: Terminal) -> Console:
    """Rich's console on standard output: no markup, no emoji codes, no guessing of numbers and paths."""
    return Console(
        file=terminal.stdout,
        width=terminal.width(terminal.stdout) or ANY_WIDTH,
        force_terminal=terminal.colours(terminal.stdout),
        no_color=not terminal.colours(terminal.stdout),
        markup=False,
        emoji=False,
        highlight=False,
        soft_wrap=False,
        _environ=dict(terminal.environ),
    )


def print_rows(terminal: Terminal, columns: Sequence[Column], rows: Sequence[Row]) -> None:
    """Print a table; where it is wider than the window, each row becomes a paragraph."""
    screen = console(terminal)
    needed = sum(_least(column, index, rows) + 2 for index, column in enumerate(columns))
    if needed > screen.width:
        _paragraphs(screen, columns, rows)
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim", show_edge=False)
    for column in columns:
        table.add_column(column.title, no_wrap=not column.folds, overflow="fold")
    for row in rows:
        table.add_row(*row)
    screen.print(table)


def _least(column: Column, index: int, rows: Sequence[Row]) -> int:
    """The width below which a column's words would break."""
    cells = [row[index].cell_len if not column.folds else _longest_word(row[index]) for row in rows]
    return max(len(column.title), *cells)


def _longest_word(text: Text) -> int:
    return max((len(word) for word in text.plain.split()), default=0)


def _paragraphs(screen: Console, columns: Sequence[Column], rows: Sequence[Row]) -> None:
    for number, row in enumerate(rows):
        if number:
            screen.print()
        for column, cell in zip(columns, row, strict=True):
            if cell.plain != "-":
                screen.print(Text(f"{column.title}: ", "dim").append_text(cell))
