"""Frozen values without `dataclasses`, and the one reader of those that are stored as JSON.

`dataclasses` imports `inspect`, which alone takes longer than everything else that `gumauth token` does.

A stored value is a JSON object: the value's fields, and "version". `members` reads the version, `from_json` the fields.
"""

from __future__ import annotations

from gumauth.errors import NewerRecord
from gumauth.platform.json import loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import replace as replace
    from typing import Any, TypeVar, dataclass_transform

    from gumauth.errors import GumauthError

    T = TypeVar("T")

    @dataclass_transform(frozen_default=True, kw_only_default=True)
    def frozen(cls: type[T]) -> type[T]:
        """What type checkers see: a keyword-only frozen dataclass."""
        return cls

else:

    def frozen(cls):
        """Give a class with annotations a keyword-only constructor, equality, a hash and a repr, and freeze its values.

        The repr leaves out the names in the class attribute `_secret`. Promise S2.
        """
        cls._fields = tuple(name for name in cls.__annotations__ if not name.startswith("_"))
        cls._names = frozenset(cls._fields)
        cls._readers = None
        cls._defaults = {name: getattr(cls, name) for name in cls._fields if hasattr(cls, name)}
        cls.__init__ = _init
        cls.__setattr__ = cls.__delattr__ = _refuse
        cls.__eq__ = _equal
        cls.__hash__ = _hash
        cls.__repr__ = _repr
        return cls

    def _init(self, **values):
        fields = {**self._defaults, **values}
        if fields.keys() != self._names:
            odd = sorted(self._names ^ fields.keys())
            msg = f"{type(self).__name__}: missing or unknown: {', '.join(odd)}"
            raise TypeError(msg)
        self.__dict__.update(fields)

    def _refuse(self, name, *_value):
        msg = f"{type(self).__name__}.{name} cannot be changed"
        raise AttributeError(msg)

    def _equal(self, other):
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def _hash(self):
        return hash(tuple(self.__dict__[name] for name in self._fields))

    def _repr(self):
        secret = getattr(self, "_secret", ())
        shown = ", ".join(f"{n}={getattr(self, n)!r}" for n in self._fields if n not in secret)
        return f"{type(self).__name__}({shown})"

    def replace(value, **changes):
        """A copy of a frozen value with some fields changed; type checkers check each field's name and type."""
        return type(value)(**{**fields_of(value), **changes})


def fields_of(value: Any) -> dict[str, Any]:
    """A copy of a frozen value's fields by name."""
    return {name: value.__dict__[name] for name in value._fields}


def members(
    text: str | bytes, newest: int, what: str, newer: type[GumauthError] = NewerRecord, *, account: str | None = None
) -> dict[str, Any]:
    """The members of a stored JSON object, without its version.

    Args:
        text: The object's JSON.
        newest: The highest version that this gumauth reads. The lowest is 1.
        what: What was stored, as the first words of an error.
        newer: The class of the error for a higher version.
        account: The label of the account, for the same error.

    Raises:
        ValueError: The text is not a JSON object with a version.
        GumauthError: A newer gumauth wrote it: an object of the class `newer`. Promise K12.
    """
    try:
        data = loads(text)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    version = data.pop("version", None) if isinstance(data, dict) else None
    if type(version) is not int or version < 1:
        raise ValueError("it has no version")
    if version > newest:
        raise newer(
            f"{what} was written by a newer gumauth.", hint="Update gumauth; nothing was changed.", account=account
        )
    return data  # type: ignore[no-any-return]


def from_json(cls: type[T], data: dict[str, Any]) -> T:
    """A frozen value from the members of a JSON object, which the annotations of its class describe.

    A number for `float` is a time, less than `LATEST` away from 1970. A text for `bytes` is hexadecimal. An annotation
    that is not in `READERS` names a `Literal` of texts; any text is taken for it.

    Raises:
        ValueError: A member is missing, unknown, or no value of its annotation.
    """
    readers = cls._readers or _compile(cls)  # type: ignore[attr-defined]
    fields = cls._defaults.copy()  # type: ignore[attr-defined]
    try:
        for name, value in data.items():
            read = readers[name][type(value)]
            fields[name] = read(value) if read else value
    except KeyError:
        raise ValueError("a member is unknown, or of another type") from None
    if len(fields) < len(readers):
        raise ValueError("a member is missing")
    value = cls.__new__(cls)
    value.__dict__.update(fields)
    return value


def _compile(cls: Any) -> dict[str, dict[type, Callable[[Any], Any] | None]]:
    """For each field, the types that JSON may have for it, each with the function that reads it."""
    readers = {}
    for name in cls._fields:
        parts = cls.__annotations__[name].split(" | ")
        readers[name] = {kind: read for part in parts for kind, read in READERS.get(part, TEXT).items()}
    cls._readers = readers
    return readers


def _whole_number(value: int) -> int:
    if abs(value) >= 1 << 128:  # ReFS numbers folders with 128 bits
        raise ValueError("a number of more than 128 bits")
    return value


def _time(value: float) -> float:
    if not abs(value) < LATEST:  # false for NaN, which JSON does not have and Python reads
        raise ValueError("a time that no clock shows")
    return value


def _texts(value: list[Any]) -> tuple[str, ...]:
    if not all(type(item) is str for item in value):
        raise ValueError("a list that holds more than texts")
    return tuple(value)


def _texts_by_name(value: dict[str, Any]) -> dict[str, str]:
    _texts(list(value.values()))
    return value


LATEST = 1e11
"""Seconds since 1970, some three thousand years: no calendar reaches much further."""

TEXT: dict[type, Callable[[Any], Any] | None] = {str: None}

READERS: dict[str, dict[type, Callable[[Any], Any] | None]] = {
    "None": {type(None): None},
    "bool": {bool: None},
    "str": TEXT,
    "bytes": {str: bytes.fromhex},
    "int": {int: _whole_number},
    "float": {float: _time, int: _time},
    "tuple[str, ...]": {list: _texts},
    "dict[str, str]": {dict: _texts_by_name},
    "dict[str, Any]": {dict: None},
}
"""Annotation → the types that JSON has for it → the function that reads such a value; None where it stays as it is."""
