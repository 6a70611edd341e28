"""JSON read and written as `json` does it, by that module's own half in C alone.

Its other half imports `re` and `enum`, which takes three quarters of the time in which an interpreter starts. The half
in C is not documented: where a Python has it in another form, `json` itself is used. The tests hold the two together.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

BLANK = " \t\n\r"


class _Reading:
    """How `json` reads by default: strict, and with NaN and the infinities."""

    strict = True
    object_hook = object_pairs_hook = array_hook = None
    parse_float = parse_constant = float
    parse_int = int


def loads(text: str | bytes) -> Any:
    """The value that a JSON text stands for; bytes are UTF-8.

    Raises:
        ValueError: It is not JSON.
        RecursionError: It is nested deeper than Python's stack is.
    """
    text = (str(text, "utf-8") if isinstance(text, bytes) else text).strip(BLANK)
    try:
        value, end = _scan(text, 0)
    except StopIteration:
        raise ValueError("no JSON value") from None
    if end != len(text):
        raise ValueError("something stands behind the JSON value")
    return value


def dumps(value: object) -> str:
    """A value as one line of JSON in ASCII.

    Raises:
        TypeError: There is something in it that JSON has not.
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
