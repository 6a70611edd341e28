"""Small wrong changes to a module's source, one at a time: a comparison turned, a check taken out, a write left away.

What is only for people is left alone: docstrings, annotations, sentences, hints.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

Node = TypeVar("Node", bound=ast.AST)
Item = TypeVar("Item")

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
}
TWINS = {"min": "max", "max": "min", "any": "all", "all": "any"}
FOR_PEOPLE = {"annotation", "returns", "decorator_list"}


@dataclass(frozen=True)
class Mutant:
    """One wrong change.

    Args:
        name: Where, what stood there and what stands there now; the same from run to run, and without line numbers.
        place: The function or class that it is in; empty for the module.
        line: Where in the file it is.
        source: The whole module with the change in it.
    """

    name: str
    place: str
    line: int
    source: str


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its lines."""
    tree, seen = ast.parse(source), dict[str, int]()
    for owner, field, index, place in _sites(tree, ""):
        held = getattr(owner, field)
        node = held if index is None else held[index]
        before = ast.unparse(node)
        for change in _changes(owner, field, node):
            if ast.unparse(change) == before:
                continue
            _put(owner, field, index, ast.copy_location(change, node))
            name = f"{place or 'module'}: {_short(before)} -> {_short(ast.unparse(change))}"
            seen[name] = seen.get(name, 0) + 1
            more = f" ({seen[name]})" if seen[name] > 1 else ""
            yield Mutant(name + more, place, node.lineno, ast.unparse(ast.fix_missing_locations(tree)))
            _put(owner, field, index, node)


def _put(owner: ast.AST, field: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(owner, field, node)
    else:
        getattr(owner, field)[index] = node


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 100 else f"{line[:60]} … {line[-37:]}"


Site = tuple[ast.AST, str, int | None, str]


def _sites(owner: ast.AST, place: str) -> Iterator[Site]:
    for field, value in ast.iter_fields(owner):
        if field in FOR_PEOPLE:
            continue
        for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(node, ast.expr | ast.stmt | ast.ExceptHandler) and not _is_for_people(node):
                yield owner, field, index, place
            if isinstance(node, ast.AST) and not _is_for_people(node):
                yield from _sites(node, _inside(place, node))


def _inside(place: str, node: ast.AST) -> str:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return f"{place}.{node.name}".lstrip(".")
    return place


def _is_for_people(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.If):
        return ast.unparse(node.test) == "TYPE_CHECKING"
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and (" " in node.value or not node.value)
    return isinstance(node, ast.Import | ast.ImportFrom | ast.JoinedStr) or (
        isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "TYPE_CHECKING"
    )


def _changes(owner: ast.AST, field: str, node: ast.AST) -> Iterator[ast.AST]:
    if field in {"test", "ifs"}:
        yield from (ast.Constant(value) for value in (True, False))
    if isinstance(node, ast.stmt):
        yield from _of_statement(node)
    elif isinstance(node, ast.ExceptHandler) and ast.unparse(node.body[0]) != "raise":
        yield _with(node, body=[ast.Raise()])
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        yield from _of_collection(owner, node)
    elif isinstance(node, ast.Call):
        yield from _of_call(node)
    elif isinstance(node, ast.expr):
        yield from _of_expression(node)


def _of_statement(node: ast.stmt) -> Iterator[ast.stmt]:
    on_object = isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute | ast.Subscript)
    if isinstance(node, ast.Expr | ast.Raise | ast.AugAssign | ast.Delete) or on_object:
        yield ast.Pass()
    if isinstance(node, ast.Return) and ast.unparse(node) not in {"return", "return None", "return False"}:
        yield ast.Return(value=ast.Constant(None))
    if isinstance(node, ast.Continue):
        yield ast.Break()
    if isinstance(node, ast.With) and not any(item.optional_vars for item in node.items):
        yield ast.If(test=ast.Constant(True), body=node.body, orelse=[])
    if isinstance(node, ast.Try) and node.finalbody:
        yield _with(node, finalbody=[ast.Pass()])


def _of_collection(owner: ast.AST, node: ast.Tuple | ast.List | ast.Set) -> Iterator[ast.expr]:
    counts = isinstance(owner, ast.Assign | ast.Compare | ast.ExceptHandler | ast.For | ast.comprehension)
    if counts and len(node.elts) > 1 and not isinstance(getattr(node, "ctx", None), ast.Store):
        yield from (_with(node, elts=_without(node.elts, at)) for at in range(len(node.elts)))


def _of_call(node: ast.Call) -> Iterator[ast.expr]:
    called = node.func
    for at, keyword in enumerate(node.keywords):
        if keyword.arg != "hint":
            yield _with(node, keywords=_without(node.keywords, at))
    for at in range(len(node.args) - 1 if ast.unparse(called) not in {"min", "max"} else 0):
        yield _with(node, args=[*node.args[:at], node.args[at + 1], node.args[at], *node.args[at + 2 :]])
    if isinstance(called, ast.Name):
        if called.id in TWINS:
            yield _with(node, func=ast.Name(TWINS[called.id]))
        elif len(node.args) == 1 and not node.keywords and called.id != "bool" and not called.id[0].isupper():
            yield node.args[0]
    elif isinstance(called, ast.Attribute) and called.attr in {"strip", "lstrip", "rstrip", "lower", "upper"}:
        yield called.value


def _of_expression(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.Compare):
        yield from _of_comparison(node)
    elif isinstance(node, ast.BoolOp):
        yield from _of_choice(node)
    elif isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        yield _with(node, op=ARITHMETIC[type(node.op)]())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield node.operand
    elif isinstance(node, ast.Constant):
        yield from _of_constant(node.value)


def _of_comparison(node: ast.Compare) -> Iterator[ast.expr]:
    for at, operator in enumerate(node.ops):
        for other in COMPARISONS[type(operator)]:
            yield _with(node, ops=[*node.ops[:at], other(), *node.ops[at + 1 :]])


def _of_choice(node: ast.BoolOp) -> Iterator[ast.expr]:
    yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    for at in range(len(node.values)):
        rest = _without(node.values, at)
        yield _with(node, values=rest) if len(rest) > 1 else rest[0]


def _of_constant(value: object) -> Iterator[ast.expr]:
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield from (ast.Constant(value + step) for step in (1, -1))
    elif isinstance(value, str):
        yield ast.Constant(f"{value}X")
    elif isinstance(value, bytes):
        yield ast.Constant(value + b"X")


def _with(node: Node, **fields: object) -> Node:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _without(items: list[Item], at: int) -> list[Item]:
    return [*items[:at], *items[at + 1 :]]
