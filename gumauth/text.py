"""Foreign text made safe to print: one line, printable, short, and never one that only looks like another."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
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

UNSEEN = (
    (0x034F, 0x034F),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x2800, 0x2800),  # a Braille cell without dots
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFFA0, 0xFFA0),
    (0x1D159, 0x1D159),  # a note without a head
    (0xE0100, 0xE01EF),
)
"""Letters and marks that show nothing: those with the property Default_Ignorable_Code_Point, which are in no category
C*, and two more. Source: Unicode Character Database, DerivedCoreProperties.txt."""

MOST_MARKS = 4
"""Accents on one letter: no language's writing needs more, and sixty hide what is below them."""

SHORTEST = 8
"""Characters of a secret worth the name, and of a part of one: a shorter one would take words of ours apart."""


def one_line(text: Any, limit: int = 200) -> str:
    """What can be shown of a foreign value: one line of printable text, at most `limit` characters.

    Escape sequences go with their payload, line ends and other blanks become one space, and all that is invisible or
    turns the writing direction (Unicode categories C* and Zl, Zp, and what shows nothing) goes. Two spellings of one
    letter become the same (NFC), and only some accents stay on one letter.
    """
    raw = str(text)[: limit * 20]
    shown = " ".join((raw if raw.isascii() and raw.isprintable() else _seen(raw)).split())
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def _seen(raw: str) -> str:
    import re
    import unicodedata

    visible = "".join(c for c in re.sub(ESCAPES, "", raw) if c.isspace() or _is_seen(c, unicodedata.category(c)))
    return "".join(_with_few_marks(unicodedata.normalize("NFC", visible)))


def _is_seen(letter: str, category: str) -> bool:
    return category[0] != "C" and not any(first <= ord(letter) <= last for first, last in UNSEEN)


def _with_few_marks(text: str) -> Iterator[str]:
    import unicodedata

    marks = 0
    for letter in text:
        marks = marks + 1 if unicodedata.category(letter) in ("Mn", "Me") else 0
        if marks <= MOST_MARKS:
            yield letter


def without_secrets(text: str, secrets: Collection[str], *, shortest: int = SHORTEST) -> str:
    """A foreign text in which no secret stands: not whole, not in part, not encoded as URLs and JSON do it.

    Args:
        text: What somebody said who was sent the secrets.
        secrets: The secrets.
        shortest: Characters of a secret that is hidden; fewer where no word of the text is ours.
    """
    secrets = sorted((secret for secret in secrets if len(secret) >= shortest), key=len, reverse=True)
    if not secrets:
        return text
    import re

    text = _plainly(text)
    for secret in secrets:
        text = re.sub(re.escape(secret), "…", text, flags=re.IGNORECASE)
    folded = [secret.casefold() for secret in secrets]

    def hidden(run: re.Match[str]) -> str:
        return "…" if any(run[0].casefold() in secret for secret in folded) else run[0]

    return re.sub(rf"[A-Za-z0-9._~+/=-]{{{SHORTEST},}}", hidden, text)


def _plainly(text: str) -> str:
    r"""The text with %41 and \u0041 as the letters that they stand for, so that a secret is found in them."""
    import re

    text = re.sub(r"\\u00([0-7][0-9A-Fa-f])|%([2-7][0-9A-Fa-f])", lambda m: chr(int(m[1] or m[2], 16)), text)
    return text.replace("\\/", "/")
