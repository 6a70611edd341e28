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
    (0xFFFC, 0xFFFC),  # stands for an object that is not there
    (0x13441, 0x13442),  # blanks among hieroglyphs
    (0x16FE4, 0x16FE4),  # a filler
    (0x1D159, 0x1D159),  # a note without a head
    (0xE0100, 0xE01EF),
)
"""Letters and marks that show nothing: those with the property Default_Ignorable_Code_Point, which are in no category
C*, and some more. Source: Unicode Character Database, DerivedCoreProperties.txt."""

MOST_MARKS = 4
"""Accents on one letter: no language's writing needs more, and sixty hide what is below them."""

SHORTEST = 8
"""Characters of a secret worth the name, and of a part of one: a shorter one would take words of ours apart.

Of a secret of 24 characters, the rest could not be guessed from seven.
"""

SHORTEST_WORD = 5
"""Characters of a secret that is hidden where it stands as a word."""

LONGEST_SHOWN = 20
"""Characters of a value that is no token."""


def one_line(text: Any, limit: int = 200) -> str:
    """What can be shown of a foreign value: one line of printable text, at most `limit` characters.

    Escape sequences go with their payload, line ends and other blanks become one space, and all that is invisible or
    turns the writing direction (Unicode categories C* and Zl, Zp, and what shows nothing) goes. Two spellings of one
    letter become the same (NFC), and only some accents stay on one letter.
    """
    raw = _text(text)[: limit * 20]
    shown = " ".join((raw if raw.isascii() and raw.isprintable() else _seen(raw)).split())
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def short(value: Any, secrets: Collection[str]) -> str:
    """A value in quotes, where it is short; a long one may be a token that stands in the wrong place.

    Args:
        value: What a provider said where it has no secret to say.
        secrets: What must not be repeated.
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
    few = "".join(_with_few_marks(visible))  # before too: ordering many takes time that grows with their square
    return "".join(_with_few_marks(unicodedata.normalize("NFC", few)))


def _is_seen(letter: str, category: str) -> bool:
    return category[0] != "C" and not any(first <= ord(letter) <= last for first, last in UNSEEN)


def _with_few_marks(text: str) -> Iterator[str]:
    """The letters with some accents on each; none where there is nothing to stand on, as on what is put before it."""
    import unicodedata

    marks = MOST_MARKS
    for letter in text:
        is_mark = unicodedata.category(letter) in ("Mn", "Me")
        marks = marks + 1 if is_mark else MOST_MARKS if letter.isspace() else 0
        if not is_mark or marks <= MOST_MARKS:
            yield letter


def without_secrets(text: str, secrets: Collection[str]) -> str:
    """A foreign text in which no secret stands: not whole, not in part, not encoded as URLs and JSON do it.

    Args:
        text: What somebody said who was sent the secrets.
        secrets: The secrets. One of less than `SHORTEST` characters is hidden as a word of its own only, and one of
            less than `SHORTEST_WORD` not at all: it would take words apart that are none of its own.
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
    shown = ("…" if hidden[at] else as_it_is for at, (as_it_is, _) in enumerate(letters) if not _follows(hidden, at))
    return "".join(shown)


def _without_word(text: str, word: str) -> str:
    import re

    return re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "…", text)


def _follows(hidden: bytearray, at: int) -> bool:
    """Whether a letter is hidden behind one that is."""
    return at > 0 and hidden[at] == hidden[at - 1] == 1


def _parts(text: str) -> Iterator[str]:
    """Every part of a text that is as long as it takes to tell."""
    return (text[at : at + SHORTEST] for at in range(len(text) - SHORTEST + 1))


def _letters(text: str) -> list[tuple[str, str]]:
    r"""Each letter as it stands in a text, and the one that is meant: %41, %2541 and \u0041 mean A, and \/ means /."""
    import re

    found = re.finditer(r"%(?:25)*([0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})|\\(.)|.", text, re.DOTALL)
    return [(m[0], chr(int(m[1] or m[2], 16)) if m[1] or m[2] else m[3] or m[0]) for m in found]


def _plainly(text: str) -> str:
    return "".join(letter for _, letter in _letters(text))


def _as_bytes(text: str) -> str:
    """A letter for each byte, as those of %C3%A9 are read."""
    return text.encode("utf-8", "replace").decode("latin-1")


def _alike(text: str) -> str:
    """A text of the same length in which case does not tell, nor whether a space is written as a plus sign."""
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
    return lower.replace("+", " ")
