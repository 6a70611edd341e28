"""Tables that fit the window; no text of a cell is read as markup. Promise S4."""

from __future__ import annotations

from gumauth.accounts.references import joined
from gumauth.cli.terminal.styled import cut, drawn, folded, plain, stripped, styled, width_of
from gumauth.platform.frozen import frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from gumauth.cli.terminal.styled import Line
    from gumauth.cli.terminal.terminal import Terminal

    Row = tuple[Line, ...]

ANY_WIDTH = 10_000
"""Characters to a line in a pipe, so that each row is one line."""

GAP = 3
"""Characters between two columns."""

LINES, ASCII = ("───", "   "), ("-+-", " | ")
"""What stands between two columns: in the line below the titles, and in all other lines."""


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


def print_rows(terminal: Terminal, columns: Sequence[Column], rows: Sequence[Row]) -> None:
    """Print a table with one line for each row, and fewer columns in a narrow window.

    In a window too narrow for the columns that are never left out, each row is printed as a paragraph. What is left out
    is told on standard error.
    """
    window, colours = terminal.width(terminal.stdout) or ANY_WIDTH, terminal.colours(terminal.stdout)
    shown = fitting(columns, rows, window)
    if shown is None:
        lines = _paragraphs(columns, rows, window)
    else:
        lines = _table(columns, rows, shown, ASCII if _is_ascii(terminal.stdout) else LINES)
    terminal.out("\n".join(drawn(line, colours=colours) for line in lines))
    left_out = [] if shown is None else _left_out(columns, rows, shown)
    if left_out:
        terminal.say(f"This window is too narrow for {joined(left_out, 'and')}.")


def _is_ascii(stream: TextIO) -> bool:
    """Whether the stream's encoding may lack the lines of tables."""
    return not (stream.encoding or "utf-8").lower().startswith("utf")


def _left_out(columns: Sequence[Column], rows: Sequence[Row], shown: dict[int, int]) -> list[str]:
    """The titles of the columns that are not shown though there is something in them."""
    return [
        column.title
        for n, column in enumerate(columns)
        if n not in shown and any(plain(row[n]).strip("- ") for row in rows)
    ]


def fitting(columns: Sequence[Column], rows: Sequence[Row], width: int) -> dict[int, int] | None:
    """The widths of the columns that are shown, by their indexes; None where a column that has to stay does not fit.

    An empty column is not shown.
    """
    cells = [[width_of(plain(row[n])) for row in rows] for n in range(len(columns))]
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


def _table(
    columns: Sequence[Column], rows: Sequence[Row], shown: dict[int, int], between: tuple[str, str]
) -> Iterator[Line]:
    crossing, gap = between
    yield _joined([styled(columns[n].title, "dim") for n in shown], shown, gap)
    yield styled(crossing.join(crossing[0] * width for width in shown.values()), "dim")
    for row in rows:
        yield _joined([cut(row[n], width) for n, width in shown.items()], shown, gap)


def _joined(cells: Sequence[Line], shown: dict[int, int], gap: str) -> Line:
    """The cells on a line, without blanks at its end, which a program that reads the lines does not want."""
    line: list[tuple[str, str]] = []
    for cell, width in zip(cells, shown.values(), strict=True):
        line += [*cell, (" " * (width - width_of(plain(cell))), ""), (gap, "dim")]
    return stripped(tuple(line[:-1]))


def _paragraphs(columns: Sequence[Column], rows: Sequence[Row], width: int) -> Iterator[Line]:
    """Each row as its first cell on a line, with the other cells and their titles below."""
    for number, row in enumerate(rows):
        if number:
            yield ()
        yield from folded(row[0], width)
        for column, cell in zip(columns[1:], row[1:], strict=True):
            if plain(cell):
                dimmed = ((text, style if style == "dim" else f"dim {style}") for text, style in cell)
                below = folded(((f"{column.title}: ", "dim"), *dimmed), width - 2)
                yield from (((" " * 2, ""), *line) for line in below)
