"""The topics of `gumauth help`: pages of Markdown that come with the package, and how a terminal shows a page."""

from __future__ import annotations

from gumauth.cli.terminal.formatting import fold, in_columns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Literal

    BlockKind = Literal["heading", "table", "list", "code", "paragraph"]

TOPICS = (
    *("accounts", "scripts", "python"),
    *("own-provider", "gumstack", "testing"),
    *("storage", "variables", "install", "trouble", "security", "proof"),
)
"""In the order in which they are listed. None has the name of a command."""

FENCED, STRONG = r"(?ms)^```\w+\n(.*?)^```$", r"\*\*(\w[^*]*)\*\*"
"""Regular expressions: a block of code, and words between two pairs of asterisks."""

KINDS: dict[str, BlockKind] = {"#": "heading", "|": "table", "-": "list"}
"""The first letter of a block, and what the block is then."""


def read(name: str) -> str:
    """The page of a topic, as it stands.

    Args:
        name: One of `TOPICS`.
    """
    from importlib.resources import files

    return files("gumauth.cli").joinpath("topics", f"{name}.md").read_text(encoding="utf-8")


def summary(name: str) -> str:
    """What a topic is about: its first heading."""
    return read(name).partition("\n")[0].removeprefix("# ")


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
        folded = in_columns([cells(line) for line in lines[2:]], width)  # without the head and the line below it
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
