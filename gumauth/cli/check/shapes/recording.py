"""Decoded JSON that notes in the tree of an answer which of its parts are read, and how.

A value whose kind is not known yet is a text that can also be read as an object or a list: what the file does with it
tells what it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from gumauth.cli.check.shapes.names import is_empty
from gumauth.cli.check.shapes.shape import Node

Recorded: TypeAlias = Any
MOST_CONSTANTS = 8
LONG = 8
"""Members that an object seems to have at least."""

NOTHING = object()


class Watch:
    """What is seen of one call.

    Args:
        tokens: As in `Node.value`.
    """

    def __init__(self, tokens: dict[str, Any]) -> None:
        self.tokens = tokens
        self.touched: list[Node] = []
        """The nodes that were read, in order."""
        self.asked: list[tuple[Node, str]] = []
        """Members that a good answer lacks and that were asked for, with their objects."""
        self.copied: Node | None = None
        """The object whose members were taken all at once, latest."""

    def value(self, node: Node) -> Recorded:
        """The recording object of a node."""
        plain = node.value(self.tokens)
        if isinstance(plain, dict):
            return RecordedObject(node, self)
        if isinstance(plain, list):
            return RecordedList(node, self)
        return RecordedText(plain, node, self) if isinstance(plain, str) else plain

    def touch(self, node: Node) -> Node:
        """Note that a node is read."""
        node.was_read, node.absent = True, False
        if not self.touched or self.touched[-1] is not node:
            self.touched.append(node)
        return node


class _Reading:
    """What objects, lists and texts have in common: each can be read as any of them.

    It is put before the class of the decoded value, which has the state of the node as its own attributes.
    """

    __slots__ = ()

    _node: Node
    _watch: Watch

    def _kept(self, _key: Any) -> Any:
        """The recording object of a child that is there already."""
        return NOTHING

    def _keep(self, _key: Any, _value: Any) -> None:
        """Remember the recording object of a child."""

    def _member(self, name: str) -> Recorded:
        node, watch = self._node, self._watch
        child = watch.touch(node.member(name))
        if (kept := self._kept(name)) is not NOTHING:
            return kept
        value = watch.value(child)
        self._keep(name, value)
        return value

    def _item(self) -> Recorded:
        node, watch = self._node, self._watch
        return watch.value(watch.touch(node.first()))

    def _hinted(self, name: str, default: Any) -> Recorded:
        """A member of which the file says by its default of what kind it is."""
        node = self._node.member(name)
        if node.kind is None and not node.was_read and node.fixed is None:
            kinds = {dict: "object", list: "list", bool: "flag", int: "number"}
            node.kind = kinds.get(type(default))  # type: ignore[assignment]
        return self._member(name)

    def get(self, name: Any, default: Any = None) -> Recorded:
        """As of an object."""
        if not isinstance(name, str):
            return default
        is_there = name in self._node.members and not self._node.members[name].absent
        if not is_there and is_empty(name):
            self._watch.asked.append((self._node, name))
            return default
        return self._hinted(name, default)

    def pop(self, name: Any = -1, *default: Any) -> Recorded:
        """As of an object, or of a list; nothing is taken out."""
        return self.get(name, *default) if isinstance(name, str) else self._item()

    def setdefault(self, name: Any, default: Any = None) -> Recorded:
        """As of an object."""
        return self.get(name, default)

    def __bool__(self) -> bool:
        return True


class RecordedObject(_Reading, dict):  # type: ignore[type-arg]
    """An object."""

    def __init__(self, node: Node, watch: Watch) -> None:
        super().__init__()
        self._node, self._watch = node, watch
        for name in node.value(watch.tokens):
            self._keep(name, watch.value(node.member(name)))

    def _kept(self, key: Any) -> Any:
        return dict.get(self, key, NOTHING)

    def _keep(self, key: Any, value: Any) -> None:
        dict.__setitem__(self, key, value)

    def __getitem__(self, key: Any) -> Recorded:
        if isinstance(key, str):
            return self._member(key)
        if isinstance(key, slice):
            return [self._item()]
        return self._item()

    def __len__(self) -> int:
        return max(dict.__len__(self), LONG)  # `match` compares the length with that of its pattern

    def __contains__(self, key: object) -> bool:
        if dict.__contains__(self, key):
            return True
        if not isinstance(key, str) or is_empty(key):
            return False
        self._member(key)
        return True

    def __iter__(self) -> Iterator[Any]:
        if not dict.__len__(self) or not any(each.was_read for each in self._node.members.values()):
            return iter([self._item()])
        return dict.__iter__(self)

    def keys(self) -> Any:
        """The names; whoever takes all of them at once may take a copy of the whole."""
        self._watch.copied = self._node
        return dict(dict.items(self)).keys()

    def items(self) -> Any:
        """Names and values."""
        self._watch.copied = self._node
        return dict(dict.items(self)).items()

    def copy(self) -> RecordedObject:
        """Itself."""
        return self

    def __reduce__(self) -> Any:
        return dict, (dict(dict.items(self)),)

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)


class RecordedList(_Reading, list):  # type: ignore[type-arg]
    """A list; it is never too short."""

    def __init__(self, node: Node, watch: Watch) -> None:
        self._node, self._watch = node, watch
        item = node.first()
        super().__init__(watch.value(item) for _ in range(node.length))

    def __getitem__(self, key: Any) -> Recorded:
        node = self._node
        if isinstance(key, str):
            node.kind = "object"
            return self._member(key)
        self._watch.touch(node.first())
        if isinstance(key, int) and key >= node.length:
            node.length = min(key + 1, 10)
            return self._item()
        return list.__getitem__(self, key)

    def __iter__(self) -> Iterator[Any]:
        self._watch.touch(self._node.first())
        return list.__iter__(self)

    def get(self, name: Any, default: Any = None) -> Recorded:
        """As of an object, which it is then."""
        self._node.kind = "object"
        return super().get(name, default)

    def keys(self) -> list[str]:
        """None; it is an object then."""
        self._node.kind = "object"
        self._watch.copied = self._node
        return []

    def __reduce__(self) -> Any:
        return list, (list(list.__iter__(self)),)

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)


class RecordedText(_Reading, str):
    """A text, or whatever it turns out to be."""

    __slots__ = ("_children", "_node", "_watch")

    def __new__(cls, text: str, _node: Node, _watch: Watch) -> RecordedText:
        """The text of a node."""
        return str.__new__(cls, text)

    def __init__(self, _text: str, node: Node, watch: Watch) -> None:
        self._node, self._watch = node, watch
        self._children: dict[str, Any] = {}

    def _kept(self, key: Any) -> Any:
        return self._children.get(key, NOTHING)

    def _keep(self, key: Any, value: Any) -> None:
        self._children[key] = value

    def __getitem__(self, key: Any) -> Recorded:
        if isinstance(key, str):
            return self._member(key)
        return self._item() if isinstance(key, int) else str.__getitem__(self, key)

    def __iter__(self) -> Iterator[Any]:
        return iter([self._item()])

    def keys(self) -> list[str]:
        """The names that were read; it is an object then."""
        self._node.kind = "object"
        self._watch.copied = self._node
        return list(self._children)

    def items(self) -> list[tuple[str, Any]]:
        """The members that were read; it is an object then."""
        return [(name, self._children[name]) for name in self.keys()]

    def values(self) -> list[Any]:
        """The values that were read; it is an object then."""
        return [self._children[name] for name in self.keys()]

    def __contains__(self, part: object) -> bool:
        if not isinstance(part, str) or str.__contains__(self, part):
            return isinstance(part, str)
        if len(part) < 3 or not part.isidentifier() or is_empty(part):
            return False
        self._member(part)
        return True

    def __eq__(self, other: object) -> bool:
        self._compared(other)
        return str.__eq__(self, other) is True

    def __ne__(self, other: object) -> bool:
        self._compared(other)
        return str.__eq__(self, other) is not True

    def __gt__(self, other: Any) -> bool:
        return self._ordered(other, str.__gt__)

    def __ge__(self, other: Any) -> bool:
        return self._ordered(other, str.__ge__)

    def __lt__(self, other: Any) -> bool:
        return self._ordered(other, str.__lt__)

    def __le__(self, other: Any) -> bool:
        return self._ordered(other, str.__le__)

    def _ordered(self, other: Any, compare: Any) -> bool:
        if isinstance(other, str):
            return bool(compare(self, other))
        self._node.kind = "number"
        return True

    def _compared(self, other: object) -> None:
        known = self._node.constants
        is_constant = isinstance(other, str | int) and type(other) is not RecordedText
        if is_constant and len(known) < MOST_CONSTANTS and other not in known:
            known.append(other)

    def __hash__(self) -> int:
        return str.__hash__(self)

    def __bool__(self) -> bool:
        return True

    def __reduce__(self) -> Any:
        return str, (str.__str__(self),)
