"""Foreign text made safe to print: one short printable line, with visible letters only, and without secrets.

Promises S1 and S4.
"""

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
"""The sequences that a terminal obeys, with their payload. Source: ECMA-48 §5.3, §5.4 and §8.3.89."""

UNSEEN = (
    (0x034F, 0x034F),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x2800, 0x2800),  # a Braille cell without dots
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFFA0, 0xFFA0),
    (0xFFFC, 0xFFFC),  # stands for an object that is not there
    (0x13441, 0x13442),  # blanks among hieroglyphs
    (0x16FE4, 0x16FE4),  # a filler
    (0x1D159, 0x1D159),  # a note without a head
    (0xE0100, 0xE01EF),
)
"""Letters and marks that show nothing and are in no category C*: those with the property Default_Ignorable_Code_Point,
and some more. Source: Unicode Character Database, DerivedCoreProperties.txt."""

MOST_MARKS = 4
"""Accents that stay on one letter. No language's writing needs more, and sixty accents hide the lines below."""

SHORTEST = 8
"""Characters of a part of a secret that is hidden. A shorter part may belong to an ordinary word, and seven characters
of a secret of 24 do not tell the rest."""

SHORTEST_WORD = 5
"""Characters of a secret that is hidden where it stands as a word of its own."""

LONGEST_SHOWN = 20
"""Characters of a value that is shown: a longer one may be a token."""


def one_line(text: Any, limit: int = 200) -> str:
    """A foreign value as one line of printable text, of at most `limit` characters. Promise S4.

    Escape sequences are left out with their payload. Line ends and other blanks become one space. Characters that are
    invisible or turn the writing direction are left out (Unicode categories C*, Zl and Zp, and `UNSEEN`). Two spellings
    of one letter become the same (NFC), and at most `MOST_MARKS` accents stay on a letter.
    """
    raw = _text(text)[: limit * 20]
    shown = " ".join((raw if raw.isascii() and raw.isprintable() else _seen(raw)).split())
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def shell_word(text: str, limit: int = 300) -> str:
    """A foreign text as one word of a shell, for a command that a person may copy: it runs nothing of its own."""
    import shlex

    return shlex.quote(one_line(text, limit))


def short(value: Any, secrets: Collection[str]) -> str:
    """A value in quotes, or "of something long" where the value may be a token in the wrong place.

    Args:
        value: A value that a provider sent where no secret belongs.
        secrets: The texts that are left out.
    """
    text = one_line(value)
    return repr(without_secrets(text, secrets)) if len(text) <= LONGEST_SHOWN else "of something long"


def _text(value: Any) -> str:
    """A foreign value as text, or the name of its class: Python writes no integer of 4301 digits out."""
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - foreign
        return type(value).__name__


def _seen(raw: str) -> str:
    import re
    import unicodedata

    visible = "".join(c for c in re.sub(ESCAPES, "", raw) if c.isspace() or _is_seen(c, unicodedata.category(c)))
    few = "".join(_with_few_marks(visible))  # also before: the time of `normalize` grows with their square
    return "".join(_with_few_marks(unicodedata.normalize("NFC", few)))


def _is_seen(letter: str, category: str) -> bool:
    return category[0] != "C" and not any(first <= ord(letter) <= last for first, last in UNSEEN)


def _with_few_marks(text: str) -> Iterator[str]:
    """The letters, each with its first `MOST_MARKS` accents; an accent without a letter before it is left out."""
    import unicodedata

    marks = MOST_MARKS
    for letter in text:
        is_mark = unicodedata.category(letter) in ("Mn", "Me")
        marks = marks + 1 if is_mark else MOST_MARKS if letter.isspace() else 0
        if not is_mark or marks <= MOST_MARKS:
            yield letter


def without_secrets(text: str, secrets: Collection[str]) -> str:
    """A foreign text with "…" in place of every secret, of its parts, and of both as URLs and JSON encode them.

    Args:
        text: A text from a server or a program that was given the secrets.
        secrets: The secrets. A secret of less than `SHORTEST` characters is hidden only as a word, and a secret of
            less than `SHORTEST_WORD` characters is not hidden: it may be a part of an ordinary word.
    """
    for secret in sorted(secrets, key=len, reverse=True):
        if SHORTEST_WORD <= len(secret) < SHORTEST:
            text = _without_word(text, secret)
    quoted = {_alike(form) for secret in secrets for form in (secret, _plainly(secret), _as_bytes(secret))}
    letters = _letters(text)
    plain = _alike("".join(letter for _, letter in letters))
    parts = set(_parts(plain))
    told = {part for form in quoted for part in _parts(form) if part in parts}
    if not told:
        return text
    hidden = bytearray(len(plain))
    for at, part in enumerate(_parts(plain)):
        if part in told:
            hidden[at : at + SHORTEST] = b"\1" * SHORTEST
    begins = (not hidden[at] or at == 0 or not hidden[at - 1] for at in range(len(hidden)))
    return "".join("…" if hidden[at] else letters[at][0] for at, is_shown in enumerate(begins) if is_shown)


def _without_word(text: str, word: str) -> str:
    import re

    return re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "…", text)


def _parts(text: str) -> Iterator[str]:
    """Every part of a text of `SHORTEST` characters."""
    return (text[at : at + SHORTEST] for at in range(len(text) - SHORTEST + 1))


def _letters(text: str) -> list[tuple[str, str]]:
    r"""Each letter as it is written, and the letter that is meant: %41, %2541 and \u0041 mean A, and \/ means /."""
    import re

    found = re.finditer(r"%(?:25)*([0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})|\\(.)|.", text, re.DOTALL)
    return [(m[0], chr(int(m[1] or m[2], 16)) if m[1] or m[2] else m[3] or m[0]) for m in found]


def _plainly(text: str) -> str:
    return "".join(letter for _, letter in _letters(text))


def _as_bytes(text: str) -> str:
    """One letter for each byte, as `_letters` reads %C3%A9."""
    return text.encode("utf-8", "replace").decode("latin-1")


def _alike(text: str) -> str:
    """The text in lower case and with a space for each plus sign, of the same length."""
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
    return lower.replace("+", " ")
