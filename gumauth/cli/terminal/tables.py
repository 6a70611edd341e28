"""Tables that fit the window, with nothing foreign in them read as markup."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gumauth.cli.terminal.terminal import Terminal
from gumauth.platform.frozen import frozen

Row = tuple[Text, ...]

ANY_WIDTH = 10_000
"""For a pipe: one row, one line."""

GAP = 3


@frozen
class Column:
    """A column, and what becomes of it where the window is narrow.

    Args:
        title: Its heading.
        goes: In which order columns are left out, the largest first; 0 stays.
        least: Characters to which its cells may be cut before it is left out; 0 where they are never cut.
    """

    title: str
    goes: int = 0
    least: int = 0


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
    """Print a table: one row, one line, with fewer columns where the window is narrow.

    Where not even those fit that are never left out, each row becomes a paragraph.
    """
    screen = console(terminal)
    with screen.capture() as drawn:
        shown = fitting(columns, rows, screen.width)
        if shown is None:
            _paragraphs(screen, columns, rows)
        else:
            screen.print(_table(columns, rows, shown))
    # Rich fills every line up; a pipe and a selected line are better off without.
    terminal.out("\n".join(line.rstrip() for line in drawn.get().splitlines()))


def fitting(columns: Sequence[Column], rows: Sequence[Row], width: int) -> dict[int, int] | None:
    """Which columns are shown, by their places, and how wide each is; None where too few of them fit.

    One without anything in it is not shown.
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
    """The widths after what is left of the window has been given to those that were cut, in order of importance."""
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
    """Each row as its first cell on a line, and the others under it with their titles."""
    for number, row in enumerate(rows):
        if number:
            screen.print()
        screen.print(row[0], overflow="fold")
        for column, cell in zip(columns[1:], row[1:], strict=True):
            if cell.plain:
                screen.print(Padding(Text(f"{column.title}: ", "dim").append_text(cell), (0, 0, 0, 2)))
