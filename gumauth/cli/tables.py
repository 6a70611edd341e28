"""Tables that fit the window, with nothing foreign in them read as markup."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gumauth.cli.terminal import Terminal
from gumauth.values import frozen

Row = tuple[Text, ...]

ANY_WIDTH = 10_000
"""For a pipe: one row, one line."""

FOLDED = 28
"""The width to which a folding column is pressed before the table is given up."""

GAP = 3
NOTHING = "-"


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
    with screen.capture() as drawn:
        if _needed(columns, rows) > screen.width:
            _paragraphs(screen, columns, rows)
        else:
            screen.print(_table(columns, rows))
    # Rich fills every line up; a pipe and a selected line are better off without.
    terminal.out("\n".join(line.rstrip() for line in drawn.get().splitlines()))


def _table(columns: Sequence[Column], rows: Sequence[Row]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim", border_style="dim", show_edge=False)
    for column in columns:
        table.add_column(column.title, no_wrap=not column.folds, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _needed(columns: Sequence[Column], rows: Sequence[Row]) -> int:
    return sum(_least(column, [row[index] for row in rows]) + GAP for index, column in enumerate(columns)) - GAP


def _least(column: Column, cells: Sequence[Text]) -> int:
    """The width below which a column cannot be read."""
    widest = max(len(column.title), *(cell.cell_len for cell in cells))
    return min(widest, FOLDED) if column.folds else widest


def _paragraphs(screen: Console, columns: Sequence[Column], rows: Sequence[Row]) -> None:
    """Each row as its first two cells on a line, and the others under them with their titles."""
    for number, row in enumerate(rows):
        if number:
            screen.print()
        screen.print(Text(" ").join(cell for cell in row[:2] if cell.plain != NOTHING))
        for column, cell in zip(columns[2:], row[2:], strict=True):
            if cell.plain != NOTHING:
                screen.print(Padding(Text(f"{column.title}: ", "dim").append_text(cell), (0, 0, 0, 2)))
