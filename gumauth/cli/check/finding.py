"""What `gumauth check` finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["breaks", "surprises", "fine"]
"""`breaks`: the file does not work as a real service behaves, or leaves its user with something wrong. `surprises`: it
ends without loss, but misleads, or costs its user what could be spared. `fine`: the rest."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of the report. Every text is one line without secrets.

    Args:
        level: How bad it is.
        case: What was played, such as "exchange" or "error-in-200".
        method: The contract's method, or "file".
        service: What the service did; empty where it did nothing.
        file: What the file did.
        means: What that means for the file's user; empty where it means nothing.
        line: The line of the file to look at, as "auth.py:31"; None where no line is.
        mend: The smallest change that mends it; None where nothing has to be mended.
        also: Further cases with the same cause.
        cause: The same for cases that one change mends; empty where the case alone says it.
    """

    level: Level
    case: str
    method: str
    service: str = ""
    file: str
    means: str = ""
    line: str | None = None
    mend: str | None = None
    also: tuple[str, ...] = ()
    cause: str = ""
