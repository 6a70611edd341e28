"""Values as Python's literals, laid out as `ruff format` does it, in lines of 88 characters. Pure.

A text may come from a service's metadata. Whatever is in it, its literal is one token of ASCII and of Latin letters: no
quote ends it, and nothing in it turns the writing direction or looks like another letter.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

WIDTH = 88

LOOKALIKES = frozenset("\u0131\u0138\u0149\u017f")
"""Latin letters that look like others, or like an apostrophe with one."""

INDENT = " " * 4


def literal(value: Any) -> str:
    """A value on one line.

    Args:
        value: A text, a number, a bool, None, or a tuple, list or mapping of such.
    """
    if isinstance(value, str):
        return text_literal(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(key)}: {literal(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        items = ", ".join(map(literal, value))
        return f"[{items}]" if isinstance(value, list) else f"({items},)" if len(value) == 1 else f"({items})"
    return repr(value)


def text_literal(text: str) -> str:
    """A text in double quotes, or in single ones where it has more double quotes in it."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(_escaped(letter, quote) for letter in text) + quote


def _escaped(letter: str, quote: str) -> str:
    if letter in (quote, "\\"):
        return f"\\{letter}"
    if (letter.isascii() and letter.isprintable()) or _is_latin(letter):
        return letter
    code = ord(letter)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _is_latin(letter: str) -> bool:
    return 0xC0 <= ord(letter) <= 0x17F and unicodedata.category(letter)[0] == "L" and letter not in LOOKALIKES


def assignment(target: str, value: Any, *, indent: str = "", annotation: str = "") -> list[str]:
    """The lines of `target = value`.

    Args:
        target: The name.
        value: As in `literal`.
        indent: Stands before each line.
        annotation: Of the name; "" for none.
    """
    start = f"{indent}{target}{f': {annotation}' if annotation else ''} = "
    one = start + literal(value)
    if len(one) <= WIDTH or not value or isinstance(value, bool | int):
        return [one]
    if isinstance(value, str):
        return _long_text(start, value, indent)
    return [start + _bracket(value)[0], *_items(value, indent + INDENT), indent + _bracket(value)[1]]


def _long_text(start: str, text: str, indent: str) -> list[str]:
    inner = indent + INDENT
    if len(inner + text_literal(text)) <= WIDTH:
        return [f"{start}(", inner + text_literal(text), f"{indent})"]
    pieces = split_text(text, WIDTH - len(inner))
    if len(pieces) == 1:
        return [start + text_literal(text)]
    return [f"{start}(", *(inner + text_literal(piece) for piece in pieces), f"{indent})"]


def split_text(text: str, width: int) -> list[str]:
    """A text in pieces whose literals have at most so many characters, where its words allow; blanks begin a piece."""
    pieces, piece = [], ""
    for at, word in enumerate(text.split(" ")):
        more = f" {word}" if at else word
        if piece and len(text_literal(piece + more)) > width:
            pieces.append(piece)
            piece = more
        else:
            piece += more
    return [*pieces, piece]


def _items(value: Any, indent: str) -> list[str]:
    lines: list[str] = []
    pairs = value.items() if isinstance(value, Mapping) else ((None, each) for each in value)
    for key, each in pairs:
        start = indent + ("" if key is None else f"{literal(key)}: ")
        if (
            len(start + literal(each)) + 1 <= WIDTH
            or isinstance(each, str)
            or not isinstance(each, Mapping | tuple | list)
        ):
            lines.append(f"{start}{literal(each)},")
        else:
            lines += [start + _bracket(each)[0], *_items(each, indent + INDENT), f"{indent}{_bracket(each)[1]},"]
    return lines


def _bracket(value: Any) -> str:
    return "{}" if isinstance(value, Mapping) else "[]" if isinstance(value, list) else "()"


def docstring(first: str, more: list[str], indent: str = "") -> list[str]:
    """A docstring's lines, of texts that `draft.plain` and `draft.is_plain_url` have let through.

    Args:
        first: The sentence of its first line.
        more: Lines of its last paragraph; empty for a docstring of one line.
        indent: Stands before each line.
    """
    if not more:
        return [f'{indent}"""{first}"""']
    return [f'{indent}"""{first}', "", *(f"{indent}{line}" for line in more), f'{indent}"""']
