"""The topics of `gumauth help`: pages of Markdown that come with the package, and how a terminal shows a page."""

from __future__ import annotations

import os

from gumauth.cli.terminal.formatting import fold, in_columns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Literal

    BlockKind = Literal["heading", "table", "list", "code", "paragraph"]

TOPICS = (
    *("accounts", "address", "programs", "scripts", "python"),
    *("own-provider", "gumstack", "testing"),
    *("storage", "machines", "variables", "install", "trouble", "security", "proof"),
)
"""The topics in the order of the help. No topic has the name of a command."""

FENCED, STRONG = r"(?ms)^```\w+\n(.*?)^```$", r"\*\*(\w[^*]*)\*\*"
"""Regular expressions: a block of code, and words between two pairs of asterisks."""

KINDS: dict[str, BlockKind] = {"#": "heading", "|": "table", "-": "list"}
"""The first letter of a block, and what the block is then."""


def read(name: str) -> str:
    """The page of a topic, in Markdown."""
    # What `importlib.resources` comes to, without the time of its import: the loader reads from an archive too.
    data: bytes = __spec__.loader.get_data(os.path.join(os.path.dirname(__file__), f"{name}.md"))  # type: ignore[union-attr]
    return data.decode()


def summary(name: str) -> str:
    """The first heading of a topic's page."""
    return read(name).partition("\n")[0].removeprefix("# ")


def rendered(text: str, width: int, title: Callable[[str], str]) -> str:
    """A page in lines that fit a terminal; code is not folded.

    Args:
        text: Markdown: headings, paragraphs, lists, tables of two columns and code, a blank line between two.
        width: Characters to a line.
        title: Paints a heading, and words between asterisks.
    """
    return "\n\n".join(_shown(kind, block, width, title) for kind, block in blocks(text))


def blocks(text: str) -> Iterator[tuple[BlockKind, str]]:
    """The blocks of a page, each with its kind; code comes without its fences."""
    import re

    for number, part in enumerate(re.split(FENCED, text)):
        if number % 2:
            yield "code", part
        else:
            yield from ((KINDS.get(block[0], "paragraph"), block) for block in part.strip().split("\n\n") if block)


def _shown(kind: BlockKind, block: str, width: int, title: Callable[[str], str]) -> str:
    import re

    if kind == "code":
        return "\n".join(f"    {line}".rstrip() for line in block.splitlines())
    if kind == "heading":
        return title(block.lstrip("# "))
    lines = [line.strip() for line in block.splitlines()]
    if kind == "table":
        folded = in_columns([cells(line) for line in lines[2:]], width)  # without the two lines of the head
    elif kind == "list":
        items = re.split(r"\n(?=- )", "\n".join(lines))
        folded = "\n".join(fold("  " + item.replace("\n", " "), width, "    ") for item in items)
    else:
        folded = fold(" ".join(lines), width)
    return re.sub(STRONG, lambda found: title(found[1]), folded)


def cells(row: str) -> tuple[str, str]:
    """The two cells of a table's row."""
    left, right = row.strip("| ").split(" | ")
    return left, right
