"""The members of a body, JSON or form, by their paths, and the lines for them. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from gumauth.client.trace.cut import LOOKED_THROUGH, Cut, names_secret

ELEMENT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)[^<>]*>\s*([^<>]{5,}?)\s*<")
"""An element of XML that holds a text."""

MOST, DEPTH = 40, 6
"""Members of a body that are shown, and how deep they may lie."""

Member = tuple[str, Any]

Members = list[Member] | None
"""None where the body is neither JSON nor a form."""


class Number(str):
    """A number of JSON as it was sent: Python would round it, or write it otherwise."""

    __slots__ = ()


def members_of(body: bytes | None, content_type: str) -> Members:
    """The members of a JSON or form body, by their paths; None where it is neither."""
    text = (body or b"").decode("utf-8-sig", "replace").strip()
    try:
        data = json.loads(text, parse_int=Number, parse_float=Number, parse_constant=Number)
    except (ValueError, RecursionError):
        return _form(text, content_type)
    return list(_leaves("", data, DEPTH)) if isinstance(data, dict | list) else None


def _form(text: str, content_type: str) -> Members:
    is_form = "x-www-form-urlencoded" in content_type
    if not is_form and (content_type.startswith(("multipart/", "text/html")) or not re.match(r"[\w.%\[\]-]+=", text)):
        return None
    try:
        return list(parse_qsl(text, keep_blank_values=True, strict_parsing=not is_form, max_num_fields=100))
    except ValueError:
        return None


def _leaves(path: str, data: Any, depth: int) -> Iterator[Member]:
    """The values in JSON by dotted paths; a list of values, or what is empty, counts as one."""
    if isinstance(data, dict) and data and depth:
        for name, value in data.items():
            yield from _leaves(f"{path}.{name}" if path else name, value, depth - 1)
    elif isinstance(data, list) and data and depth and not all(map(_is_plain, data)):
        for at, value in enumerate(data):
            yield from _leaves(f"{path}.{at}" if path else str(at), value, depth - 1)
    else:
        yield path, data


def _is_plain(value: Any) -> bool:
    return not isinstance(value, dict | list)


def texts_in(members: Members, *, is_sent: bool) -> list[tuple[str, str]]:
    """The members that are texts or numbers, each under the first of its names that says it is a secret."""
    values = ((path, each) for path, value in members or () for each in (value if isinstance(value, list) else [value]))
    return [(_name(path, is_sent=is_sent), str(value)) for path, value in values if isinstance(value, str)]


def _name(path: str, *, is_sent: bool) -> str:
    """The name that says what a path leads to: `access_token` of `tokens.0.access_token`, `secrets` of `secrets.0`."""
    names = [name for name in path.split(".") if not name.isdecimal()] or [path]
    secret = next((name for name in names if names_secret(name, is_sent=is_sent)), None)
    return secret or names[-1]


def body_lines(body: bytes | None, members: Members, cut: Cut, *, is_sent: bool) -> list[str]:
    """The lines for a body: its members, or the beginning of a text that has none.

    Args:
        body: Decoded; None for a stream.
        members: Of the body.
        cut: Knows the secrets among the members.
        is_sent: Whether it belongs to a request.
    """
    if body is None:
        return ["(a body that is sent as a stream)"]
    if members is None:
        return [f"{len(body)} bytes{_text(body, cut)}"] if body else []
    is_json = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
    named = [(f"{cut.text(path, 120)} = " if path else "", path, value) for path, value in members[:MOST]]
    shown = [f"{name}{_shown(path, value, cut, is_json, is_sent)}" for name, path, value in named]
    return [*shown, f"(and {len(members) - MOST} more members)"] if len(members) > MOST else shown


def _text(body: bytes, cut: Cut) -> str:
    """The beginning of a body without members: of XML without the elements that have the name of a secret."""
    if b"content-disposition" in body[:LOOKED_THROUGH].lower():
        return " in parts, which are not shown"
    text = body[:LOOKED_THROUGH].decode("utf-8-sig", "replace")
    cut.learn(found[2] for found in ELEMENT.finditer(text) if names_secret(found[1], is_sent=False))
    return f": {cut.text(text)}"


def _shown(path: str, value: Any, cut: Cut, is_json: bool, is_sent: bool) -> str:
    """A member's value as it may be shown: the words for a secret, or as JSON or the form spells it."""
    name = _name(path, is_sent=is_sent)
    if isinstance(value, Number):
        is_cut = names_secret(name, is_sent=is_sent) or cut.knows(value)
        return cut.secret(value, what="secret, a number", unit="digit") if is_cut else value[:80]
    if isinstance(value, list) and all(map(_is_plain, value)):
        items = [_shown(path, each, cut, is_json, is_sent) for each in value[:MOST]]
        return f"[{', '.join([*items, '…'] if len(value) > MOST else items)}]"
    if not isinstance(value, str):
        return "(nested deeper)" if value and isinstance(value, dict | list) else json.dumps(value)
    shown = cut.value(name, value, is_sent=is_sent)
    return f'"{shown}"' if is_json and not shown.startswith("(") else shown
