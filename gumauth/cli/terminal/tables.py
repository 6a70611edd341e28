"""Tables that fit the window; no text of a cell is read as markup. Promise S4."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gumauth.accounts.references import joined
from gumauth.cli.terminal.terminal import Terminal
from gumauth.platform.frozen import frozen

Row = tuple[Text, ...]

ANY_WIDTH = 10_000
"""Characters to a line in a pipe, so that each row is one line."""

GAP = 3


@frozen
class Column:
    """A column, and how it is shortened or left out in a narrow window.

    Args:
        title: The heading.
        goes: The column with the largest number is left out first; a column with 0 is never left out.
        least: Characters to which cells may be cut; 0 if cells are never cut.
    """

    title: str
    goes: int = 0
    least: int = 0


def console(terminal: Terminal) -> Console:
    """Rich's console on standard output, without markup, emoji codes and highlighting."""
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
    """Print a table with one line for each row, and fewer columns in a narrow window.

    In a window too narrow for the columns that are never left out, each row is printed as a paragraph. What is left out
    is told on standard error.
    """
    screen = console(terminal)
    with screen.capture() as drawn:
        shown = fitting(columns, rows, screen.width)
        if shown is None:
            _paragraphs(screen, columns, rows)
        else:
            screen.print(_table(columns, rows, shown))
    # Rich fills every line up with blanks, which a program that reads the lines does not want.
    terminal.out("\n".join(line.rstrip() for line in drawn.get().splitlines()))
    left_out = [] if shown is None else _left_out(columns, rows, shown)
    if left_out:
        terminal.say(f"This window is too narrow for {joined(left_out, 'and')}.")


def _left_out(columns: Sequence[Column], rows: Sequence[Row], shown: dict[int, int]) -> list[str]:
    """The titles of the columns that are not shown though there is something in them."""
    return [
        column.title
        for n, column in enumerate(columns)
        if n not in shown and any(row[n].plain.strip("- ") for row in rows)
    ]


def fitting(columns: Sequence[Column], rows: Sequence[Row], width: int) -> dict[int, int] | None:
    """The widths of the columns that are shown, by their indexes; None where a column that has to stay does not fit.

    An empty column is not shown.
    """
    cells = [[row[n].cell_len for row in rows] for n in range(len(columns))]
    widest = [max([len(column.title), *cells[n]]) for n, column in enumerate(columns)]
    order = sorted((n for n in range(len(columns)) if any(cells[n])), key=lambda n: columns[n].goes)
    while order:
        least = {n: min(widest[n], columns[n].least or widest[n]) for n in order}
        room = width - sum(least.values()) - GAP * (len(order) - 1)
        if room >= 0:
            return _widened(least, widest, room)
        if columns[order.pop()].goes == 0:
            return None
    return None


def _widened(least: dict[int, int], widest: Sequence[int], room: int) -> dict[int, int]:
    """The widths, after the rest of the window was given to cut columns: the most important column first."""
    widths = dict(least)
    for n in widths:
        more = min(room, widest[n] - widths[n])
        widths[n] += more
        room -= more
    return dict(sorted(widths.items()))


def _table(columns: Sequence[Column], rows: Sequence[Row], shown: dict[int, int]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim", border_style="dim", show_edge=False)
    for n, width in shown.items():
        table.add_column(columns[n].title, no_wrap=True, overflow="ellipsis", width=width)
    for row in rows:
        table.add_row(*(row[n] for n in shown))
    return table


def _paragraphs(screen: Console, columns: Sequence[Column], rows: Sequence[Row]) -> None:
    """Print each row as its first cell on a line, with the other cells and their titles below."""
    for number, row in enumerate(rows):
        if number:
            screen.print()
        screen.print(row[0], overflow="fold")
        for column, cell in zip(columns[1:], row[1:], strict=True):
            if cell.plain:
                screen.print(Padding(Text(f"{column.title}: ", "dim").append_text(cell), (0, 0, 0, 2)))
