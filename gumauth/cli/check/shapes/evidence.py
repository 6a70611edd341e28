"""What an exception says of the answer that is wanted: a missing member, a list in place of an object, a number."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from enum import EnumMeta
from typing import Any

from gumauth.cli.check.shapes.names import Kind
from gumauth.cli.check.shapes.shape import Node

DEEPEST = 6
QUOTED = re.compile(r"'([^']{1,80})'")
MISSING_ARGUMENTS = re.compile(r"missing \d+ required (?:positional|keyword-only) arguments?: (.*)")
UNEXPECTED = re.compile(r"unexpected keyword argument '([^']+)'")
MSGSPEC = re.compile(r"missing required field `([^`]+)`(?: - at `\$\.?([^`]*)`)?")
ATTRIBUTE = re.compile(r"'(?:SimpleNamespace|types\.SimpleNamespace|Box|\w+)' object has no attribute '(\w+)'")

WANTS_OBJECT = (
    "string indices must be integers", "not a mapping", "object is not subscriptable", "not iterable",
    "list indices must be",
)  # fmt: skip

WANTS_TEXT = ("can only concatenate str", "expected str", "must be str", "expected string or bytes")

PYDANTIC: tuple[tuple[str, Kind], ...] = (
    ("int", "number"), ("float", "number"), ("decimal", "number"), ("string", "text"), ("bool", "flag"),
    ("list", "list"), ("tuple", "list"), ("dict", "object"), ("model", "object"), ("dataclass", "object"),
    ("datetime", "time"), ("date", "time"),
)  # fmt: skip
"""Beginnings of an error's type, and the kind of value that is wanted. Source: pydantic's list of validation errors."""

WRONG_TEXTS: tuple[tuple[str, Kind], ...] = (
    ("invalid literal for int", "number"), ("could not convert string to float", "number"),
    ("isoformat", "time"), ("does not match format", "time"),
)  # fmt: skip


class Evidence:
    """What may be wrong with the answers that were read last.

    Args:
        touched: The nodes that were read, in order.
        copied: The object whose members were taken all at once, latest; None where there is none.
        roots: The trees of the answers, latest last.
        before: The node that the evidence of the round before was about.
    """

    def __init__(self, touched: list[Node], copied: Node | None, roots: list[Node], before: Node | None = None) -> None:
        self._touched, self._roots = touched, roots
        self._copied = copied
        self.latest = touched[-1] if touched else before or (roots[-1] if roots else None)

    def heed(self, error: BaseException | None) -> None:
        """Change the trees by what an exception says."""
        for each in _chain(error):
            if self.latest is not None:
                self._heed(each)

    def _heed(self, error: BaseException) -> None:
        if callable(getattr(error, "errors", None)):
            self._pydantic(error)
        elif isinstance(error, KeyError) and error.args and isinstance(error.args[0], str):
            self._missing(error.args[0])
        elif isinstance(error, TypeError):
            self._type_error(str(error))
        elif isinstance(error, AttributeError):
            self._attribute_error(str(error))
        elif isinstance(error, ValueError):
            self._value_error(error)

    @property
    def _base(self) -> Node:
        """The object that a missing member belongs to, as far as can be told."""
        if self._copied is not None:
            return self._copied
        node = self.latest or self._roots[-1]
        while node.is_leaf and node.parent is not None and (node.fixed is not None or node.kind is not None):
            node = node.parent
        return node

    def _missing(self, name: str) -> None:
        base = self._base
        if name not in base.members or base.members[name].absent:
            self._add(base, name)

    def _add(self, base: Node, name: str) -> Node:
        base.kind, base.fixed = None, None
        node = base.member(name)
        node.absent, node.was_read = False, True
        self.latest = node
        self._touched.append(node)
        return node

    def _type_error(self, text: str) -> None:
        if found := MISSING_ARGUMENTS.search(text):
            for name in QUOTED.findall(found[1]):
                self._add(self._base if self._copied is not None else self._roots[-1], name)
        elif (found := UNEXPECTED.search(text)) and (node := self._base.members.get(found[1])):
            node.absent = True
        elif any(words in text for words in WANTS_OBJECT):
            self._retype("object")
        elif "not supported between" in text or "unsupported operand" in text:
            self._retype("number" if self._leaf_kind() == "text" else "text")
        elif any(words in text for words in WANTS_TEXT):
            self._retype("text")

    def _leaf_kind(self) -> Kind:
        return self.latest.shown_kind if self.latest is not None else "text"

    def _attribute_error(self, text: str) -> None:
        if re.match(r"'(str|int|bool|NoneType|list)' object has no attribute '(get|items|keys|values)'", text):
            self._retype("object")
        elif re.match(r"'(int|bool|NoneType|dict|list)' object has no attribute", text):
            self._retype("text")
        elif found := ATTRIBUTE.search(text):
            self._missing(found[1])

    def _value_error(self, error: ValueError) -> None:
        text = str(error)
        if " is not a valid " in text and self.latest is not None and (values := _members(error)):
            self.latest.fixed = (values[0],)
        elif found := MSGSPEC.search(text):
            node = self._roots[-1]
            for step in filter(None, (found[2] or "").split(".")):
                node = self._add(node, step)
            self._add(node, found[1])
        elif kind := next((kind for words, kind in WRONG_TEXTS if words in text), None):
            self._retype(kind)

    def _retype(self, kind: Kind) -> None:
        if self.latest is not None and self.latest.parent is not None:
            self.latest.kind, self.latest.fixed = kind, None

    def _pydantic(self, error: Any) -> None:
        try:
            found = [(each["type"], each["loc"], each.get("ctx") or {}) for each in error.errors()]
        except (TypeError, KeyError, AttributeError):
            return
        base = self._copied or self._roots[-1]
        for kind, place, context in found[:50]:
            self._pydantic_error(base, str(kind), place, context)

    def _pydantic_error(self, base: Node, kind: str, place: Any, context: Any) -> None:
        node = base
        for step in place:
            if isinstance(step, int):
                node.kind, node.fixed = "list", None
                node = node.first()
            elif isinstance(step, str):
                node = self._add(node, step)
        if kind == "missing" or node is base:
            return
        if kind == "extra_forbidden":
            node.absent = True
        elif kind in ("literal_error", "enum") and (said := QUOTED.findall(str(context.get("expected", "")))):
            node.fixed = (said[0],)
        elif kind.startswith("url"):
            node.fixed = ("https://made-up.example/1815",)
        else:
            node.kind = next((wanted for begin, wanted in PYDANTIC if kind.startswith(begin)), node.kind)


def _members(error: ValueError) -> list[Any]:
    """The values of the enum that has refused one."""
    frames = [frame.f_locals.get("cls") for frame, _ in traceback.walk_tb(error.__traceback__)]
    kind = next((each for each in reversed(frames) if isinstance(each, EnumMeta)), None)
    return [each.value for each in kind] if kind is not None else []  # type: ignore[var-annotated]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception, and those that it came of, the first of all first."""
    found: list[BaseException] = []
    while error is not None and error not in found and len(found) < DEEPEST:
        found.append(error)
        error = error.__cause__ or error.__context__
    return reversed(found)
