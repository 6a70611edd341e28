"""JSON, read and written as the module `json` does it, by the half of that module that is written in C.

The other half of `json` imports `re` and `enum`, which takes three quarters of the time in which an interpreter starts.
The half in C is not documented: where a Python has it in another form, `json` is used. A test compares the two.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

BLANK = " \t\n\r"


class _Reading:
    """The settings with which `json` reads by default: strict, NaN and the infinities are read."""

    strict = True
    object_hook = object_pairs_hook = array_hook = None
    parse_float = parse_constant = float
    parse_int = int


def loads(text: str | bytes) -> Any:
    """The value that a JSON text stands for; bytes are UTF-8.

    Raises:
        ValueError: The text is not JSON.
        RecursionError: The value is nested deeper than Python's stack.
    """
    text = (str(text, "utf-8") if isinstance(text, bytes) else text).strip(BLANK)
    try:
        value, end = _scan(text, 0)
    except (
        StopIteration,
        SystemError,
    ):  # SystemError: without `json.decoder`, Python 3.11 finds no class for its error
        raise ValueError("no JSON value") from None
    if end != len(text):
        raise ValueError("something stands behind the JSON value")
    return value


def dumps(value: object) -> str:
    """A value as one line of JSON in ASCII.

    Raises:
        TypeError: JSON cannot hold a value of some class in it.
    """
    return "".join(_write(value, 0))


def _refuse(value: object) -> object:
    msg = f"JSON has no {type(value).__name__}"
    raise TypeError(msg)


_scan: Callable[[str, int], tuple[Any, int]]
_write: Callable[[object, int], Iterable[str]]

try:
    from _json import encode_basestring_ascii, make_encoder, make_scanner

    _scan = make_scanner(_Reading)  # type: ignore[arg-type]
    _write = make_encoder(None, _refuse, encode_basestring_ascii, None, ": ", ", ", False, False, True)
except (ImportError, AttributeError, TypeError):  # pragma: no cover - no such Python is known
    import json

    _scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]
    _write = json.JSONEncoder().iterencode  # type: ignore[assignment]
