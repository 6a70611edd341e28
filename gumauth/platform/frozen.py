"""Frozen dataclasses for the path of a good token, without importing `dataclasses`.

`dataclasses` imports `inspect`, which alone takes longer than all else that `gumauth token` does.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dataclasses import replace as replace
    from typing import Any, TypeVar, dataclass_transform

    T = TypeVar("T")

    @dataclass_transform(frozen_default=True, kw_only_default=True)
    def frozen(cls: type[T]) -> type[T]:
        """What type checkers see: a keyword-only frozen dataclass."""
        return cls

else:

    def frozen(cls):
        """Give a class with annotations a keyword-only constructor, equality and a repr, and freeze it.

        Names in the class attribute `_secret` are left out of the repr.
        """
        cls._fields = tuple(name for name in cls.__annotations__ if not name.startswith("_"))
        cls._names = frozenset(cls._fields)
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
