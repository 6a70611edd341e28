"""Our own pages of Markdown on a terminal: headings, paragraphs, lists, tables of two columns, code."""

from __future__ import annotations

import re

from gumauth.cli.terminal.formatting import fold, in_columns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Literal

    BlockKind = Literal["heading", "table", "list", "code", "paragraph"]

FENCED = re.compile(r"^```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STRONG = re.compile(r"\*\*(\w[^*]*)\*\*")
KINDS: dict[str, BlockKind] = {"#": "heading", "|": "table", "-": "list"}


def rendered(text: str, width: int, title: Callable[[str], str]) -> str:
    """A page in lines that fit a terminal; code stays as it is.

    Args:
        text: Markdown of the forms above, with a blank line between any two of them.
        width: Characters to a line.
        title: Paints a heading, and what is strong.
    """
    return "\n\n".join(_shown(kind, block, width, title) for kind, block in blocks(text))


def blocks(text: str) -> Iterator[tuple[BlockKind, str]]:
    """The parts of a page, each with its kind: heading, table, list, code (without its fences) or paragraph."""
    for number, part in enumerate(FENCED.split(text)):
        if number % 2:
            yield "code", part
        else:
            yield from ((KINDS.get(block[0], "paragraph"), block) for block in part.strip().split("\n\n") if block)


def _shown(kind: BlockKind, block: str, width: int, title: Callable[[str], str]) -> str:
    if kind == "code":
        return "\n".join(f"    {line}".rstrip() for line in block.splitlines())
    if kind == "heading":
        return title(block.lstrip("# "))
    lines = [line.strip() for line in block.splitlines()]
    if kind == "table":
        folded = in_columns([cells(line) for line in lines[2:]], width)  # without the head and the line below it
    elif kind == "list":
        folded = "\n".join(fold(f"  {item}", width, "    ") for item in _items(lines))
    else:
        folded = fold(" ".join(lines), width)
    return STRONG.sub(lambda found: title(found[1]), folded)


def _items(lines: list[str]) -> list[str]:
    return [item.replace("\n", " ") for item in re.split(r"\n(?=- )", "\n".join(lines))]


def cells(row: str) -> tuple[str, str]:
    """The two cells of a table's row."""
    left, right = row.strip("| ").split(" | ")
    return left, right
