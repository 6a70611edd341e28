"""A tree of what an answer holds, and the JSON of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gumauth.cli.check.shapes.names import Kind, is_empty, is_plural, kind_of, value_of

MOST = 2000
"""Nodes of one tree; a file that reads deeper and deeper finds no more."""

DEEPEST = 60

TOKENS = frozenset({"access_token", "refresh_token", "id_token"})
"""Names that never hold a value that is made up."""


class TooDeep(LookupError):
    """A file reads without end."""


class Node:
    """One value of an answer.

    Args:
        name: Under which it stands; of a list's item, the list's.
        parent: None for the answer itself.

    Attributes:
        kind: None for what the name tells.
        members: Of an object, by name.
        item: Of a list.
        length: Items of a list.
        constants: What the file compares the value with, in order.
        fixed: The value, in place of one that the name makes; a tuple of one.
        was_read: Whether the file has read it.
        absent: Whether the answer leaves it out.
    """

    def __init__(self, name: str = "", parent: Node | None = None) -> None:
        self.name, self.parent = name, parent
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.root: Node = self if parent is None else parent.root
        self.kind: Kind | None = None
        self.members: dict[str, Node] = {}
        self.item: Node | None = None
        self.length = 1
        self.constants: list[Any] = []
        self.fixed: tuple[Any] | None = None
        self.was_read = self.absent = False
        self.nodes = 1

    def member(self, name: str) -> Node:
        """The node of a member, made where there is none.

        Raises:
            TooDeep: There are too many.
        """
        if name not in self.members:
            self.members[name] = self._new(name)
        return self.members[name]

    def first(self) -> Node:
        """The node of a list's items, made where there is none; raises as `member` does."""
        if self.item is None:
            self.item = self._new(self.name)
        return self.item

    def _new(self, name: str) -> Node:
        self.root.nodes += 1
        self.fixed = None
        if self.depth >= DEEPEST or self.root.nodes > MOST:
            raise TooDeep(f"an answer has no end of {name!r}")
        return Node(name, self)

    @property
    def is_leaf(self) -> bool:
        """Whether it is no object and no list."""
        return self.shown_kind not in ("object", "list")

    @property
    def shown_kind(self) -> Kind:
        """The kind of its value."""
        if self.kind is not None:
            return self.kind
        if self.members:
            return "object"
        return "list" if self.item is not None else kind_of(self.name)

    def value(self, tokens: Mapping[str, Any]) -> Any:
        """Its JSON.

        Args:
            tokens: Values by name that stand wherever that name is, such as `access_token`. Secret.
        """
        if self.fixed is not None:
            return self.fixed[0]
        match self.shown_kind:
            case "object":
                return {name: each.value(tokens) for name, each in self.members.items() if each.stands(tokens)}
            case "list":
                return [self.item.value(tokens)] * self.length if self.item else []
            case kind:
                return self._leaf(kind, tokens)

    def stands(self, tokens: Mapping[str, Any]) -> bool:
        """Whether the answer holds it: a token that was not issued is left out."""
        return not self.absent and not (self.name in TOKENS and self.is_leaf and tokens and self.name not in tokens)

    def settle(self) -> None:
        """Decide of what kind each value is that was read as more than one."""
        for node in list(self.walk()):
            if any(each.was_read for each in node.members.values()):
                node.kind = "object"
            elif node.item is not None and node.item.was_read:
                node.kind = "list" if node.is_list else "text"

    @property
    def is_list(self) -> bool:
        """Whether it is no text, if it was iterated or indexed."""
        item = self.item
        is_deep = item is not None and bool(item.members or item.item or item.kind == "object")
        return is_deep or self.parent is None or self.kind == "list" or is_plural(self.name)

    def _leaf(self, kind: Kind, tokens: Mapping[str, Any]) -> Any:
        if self.name in tokens:
            return tokens[self.name]
        return value_of(self.name, kind, self.parent.name if self.parent else "")

    def walk(self) -> Iterator[Node]:
        """It and all nodes below it."""
        yield self
        for each in [*self.members.values(), *([self.item] if self.item else [])]:
            yield from each.walk()


def shape_of(value: Any, name: str = "", parent: Node | None = None) -> Node:
    """The tree of an answer that is known: each of its values stays."""
    node = Node(name, parent)
    if isinstance(value, dict):
        node.kind = "object"
        for each, inner in value.items():
            node.members[each] = shape_of(inner, each, node)
    elif isinstance(value, list) and value:
        node.kind, node.item, node.length = "list", shape_of(value[0], name, node), len(value)
    else:
        node.fixed = (value,)
    return node


def put(node: Node, path: str) -> Node | None:
    """The node at a dotted path, such as `emails.0.email`, made if there is none; None if a value is in the way."""
    for step in path.split("."):
        if (node.shown_kind == "list" and not step.isdecimal()) or (node.shown_kind == "object" and step.isdecimal()):
            return None
        if node.fixed is not None:
            return None
        node = node.first() if step.isdecimal() else node.member(step)
    return node


def leave_out_faults(node: Node) -> None:
    """Leave out, from now on, what stands in an answer only where something went wrong."""
    for each in node.walk():
        if is_empty(each.name) and each.is_leaf and each.fixed is None and not each.was_read:
            each.absent = True
