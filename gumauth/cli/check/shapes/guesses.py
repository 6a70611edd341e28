"""Other answers to try, one at a time, where neither watching nor an exception says what is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from gumauth.cli.check.shapes.names import Kind, is_object, is_plural, spelled
from gumauth.cli.check.shapes.shape import Node

Guess = Callable[[], None]


class Formats(Protocol):
    """How answers are written."""

    form_encoded: bool


def guesses(touched: list[Node], asked: list[tuple[Node, str]], formats: Formats) -> Iterator[Guess]:
    """Changes of the trees, likeliest first; each is made when it is called, and the last one is taken back.

    Args:
        touched: The nodes that were read, in order.
        asked: Members that a good answer lacks and that the file has asked for, with their objects.
        formats: Of the answers.
    """
    latest = list(dict.fromkeys(reversed(touched)))
    for node in latest:
        for constant in list(node.constants):
            yield _fix(node, constant)
        node.fixed = None if node.constants else node.fixed
    for node, name in reversed(asked):
        yield _present(node, name)
    yield from _retyped(latest)
    yield lambda: setattr(formats, "form_encoded", True)


def _retyped(latest: list[Node]) -> Iterator[Guess]:
    for node in latest:
        for kind in _others(node):
            before: Any = (node.kind, node.fixed)
            yield _kind(node, kind)
            node.kind, node.fixed = before


def _others(node: Node) -> Iterator[Kind]:
    is_item = node.parent is not None and node.parent.item is node
    if node.shown_kind != "list" and not is_item and (node.parent is None or is_plural(node.name)):
        yield "list"
    if node.shown_kind != "object" and (node.parent is None or is_item or is_object(node.name)):
        yield "object"
    if node.shown_kind == "text" and spelled(node.name).endswith("id"):
        yield "number"
    if node.shown_kind == "null":
        yield "text"


def _fix(node: Node, value: Any) -> Guess:
    def guess() -> None:
        node.fixed = (value,)

    return guess


def _kind(node: Node, kind: Kind) -> Guess:
    def guess() -> None:
        node.kind, node.fixed = kind, None
        for name in node.members if kind == "list" else ():
            node.first().member(name)

    return guess


def _present(node: Node, name: str) -> Guess:
    def guess() -> None:
        child = node.member(name)
        child.kind = "text" if child.shown_kind == "null" else None
        child.was_read, child.absent = True, False

    return guess
