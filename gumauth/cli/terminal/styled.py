"""Lines of text in pieces with a style each: measured in columns of the terminal, cut, folded and painted.

A letter takes two columns if it is wide, and none if it joins the letter before it: Rich has the table of them, which
is loaded where a text has other letters than ASCII's.
"""

from __future__ import annotations

from gumauth.cli.terminal.terminal import painted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Line = tuple[tuple[str, str], ...]
    """Pieces of text, each with its style: words of STYLES with a blank between, or "" for none."""

PLAIN = frozenset(map(chr, range(128))) | {"…"}
"""Letters of one column, for which the table of all letters is not loaded."""


def styled(text: str, style: str = "") -> Line:
    """A line of one piece."""
    return ((text, style),)


def plain(line: Line) -> str:
    """The text of a line."""
    return "".join(text for text, _ in line)


def stripped(line: Line) -> Line:
    """A line without the blanks at its end."""
    return _part(line, 0, len(plain(line).rstrip()))


def drawn(line: Line, *, colours: bool) -> str:
    """A line as it is written to a stream."""
    return "".join(painted(style, text) if colours and style and text.strip() else text for text, style in line)


def width_of(text: str) -> int:
    """The number of columns that a text takes."""
    return len(text) if text.isascii() else sum(map(_width_of_letter, text))


def _width_of_letter(letter: str) -> int:
    if letter in PLAIN:
        return 1
    from rich.cells import get_character_cell_size

    return get_character_cell_size(letter)


def cut(line: Line, width: int) -> Line:
    """A line in at most `width` columns, with "…" in place of what is cut off."""
    text = plain(line)
    if width_of(text) <= width:
        return line
    end = _fitting(text, width - 1)
    free = width - 1 - width_of(text[:end])  # half of a wide letter
    style = _part(line, end, end + 1)[0][1]
    return (*_part(line, 0, end), (f"{' ' * free}…", style))


def folded(line: Line, width: int) -> Iterator[Line]:
    """A line in lines of at most `width` columns, broken at blanks, and in words that are longer than a line."""
    text, width = plain(line), max(width, 2)
    starts = [*_starts(text, width)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        yield stripped(_part(line, start, end))


def _starts(text: str, width: int) -> Iterator[int]:
    """The index of the first letter of each line. Words have one blank between them."""
    yield 0
    at = taken = 0
    for word in text.split(" "):
        if taken and taken + width_of(word) > width:
            yield at
            taken = 0
        while width_of(word) > width:
            fits = _fitting(word, width)
            at, word = at + fits, word[fits:]
            yield at
        at += len(word) + 1
        taken += width_of(word) + 1


def _fitting(text: str, width: int) -> int:
    """The number of letters that fit into so many columns."""
    for number, letter in enumerate(text):
        width -= _width_of_letter(letter)
        if width < 0:
            return number
    return len(text)


def _part(line: Line, start: int, end: int) -> Line:
    """The pieces of a line from one letter to another."""
    kept = []
    for text, style in line:
        if piece := text[max(start, 0) : max(end, 0)]:
            kept.append((piece, style))
        start, end = start - len(text), end - len(text)
    return tuple(kept)
