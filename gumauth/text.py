"""Foreign text made safe to print: one line, printable, short."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ESCAPES = (
    r"\x1b\][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|$)"  # OSC, with its payload (a title, a link)
    r"|\x9d[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|$)"
    r"|\x1b[PX^_][^\x1b\x9c]*(?:\x1b\\|\x9c|$)"  # DCS, SOS, PM, APC
    r"|[\x90\x98\x9e\x9f][^\x1b\x9c]*(?:\x1b\\|\x9c|$)"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor
    r"|\x1b[ -/]*[0-~]?"
)
"""ECMA-48 §5.3, §5.4 and §8.3.89: sequences that a terminal obeys, with what they carry."""


def one_line(text: Any, limit: int = 200) -> str:
    """What can be shown of a foreign value: one line of printable text, at most `limit` characters.

    Escape sequences go with their payload, line ends and other blanks become one space, and all that is
    invisible or turns the writing direction (Unicode categories C* and Zl, Zp) goes.
    """
    import re
    import unicodedata

    plain = re.sub(ESCAPES, "", str(text)[: limit * 20])
    visible = "".join(c for c in plain if c.isspace() or unicodedata.category(c)[0] != "C")
    shown = " ".join(visible.split())
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"
