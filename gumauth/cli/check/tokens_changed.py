"""A token response with one of its members changed: wherever it stands, under whatever name the file reads it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from gumauth.cli.check.answers import OTHER_NAMES
from gumauth.testing import Fault
from gumauth.testing.messages import Response

_GONE = object()
"""In place of a value that is left out."""


def without(name: str) -> Fault:
    """The right answer without a member of the standard, as `Fault.without`, which looks at the top alone."""
    return Fault(f"no {name}", lambda answer: _changed(answer, name, _GONE))


def with_other(name: str, value: object) -> Fault:
    """The right answer with another value for a member of the standard, as `Fault.fields`, at the top too."""
    return Fault(f"other {name}", lambda answer: _changed(answer, name, value))


def _changed(answer: Response, name: str, value: object) -> Response:
    if answer.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        flat = _everywhere(dict(parse_qsl(answer.body.decode())), name, value)
        return replace(answer, body=urlencode(flat, doseq=True).encode())
    try:
        members = json.loads(answer.body)
    except ValueError:
        return answer
    return replace(answer, body=json.dumps(_everywhere(members, name, value)).encode())


def _everywhere(members: Any, name: str, value: object) -> Any:
    names = (name, *OTHER_NAMES.get(name, ()))
    secrets = _texts(members, names) if name in ("access_token", "refresh_token") else set()

    def is_meant(member: str, each: Any) -> bool:
        return not isinstance(each, dict | list) and (member in names or (isinstance(each, str) and each in secrets))

    changed = _walked(members, is_meant, value)
    if isinstance(changed, dict) and value is not _GONE and name not in changed:
        changed[name] = value
    return changed


def _texts(value: Any, names: tuple[str, ...]) -> set[str]:
    """The texts of the members that are called so."""
    if isinstance(value, list):
        return {text for each in value for text in _texts(each, names)}
    if not isinstance(value, dict):
        return set()
    own = {each for name, each in value.items() if name in names and isinstance(each, str)}
    return own | {text for each in value.values() for text in _texts(each, names)}


def _walked(value: Any, is_meant: Callable[[str, Any], bool], other: object) -> Any:
    if isinstance(value, list):
        return [_walked(each, is_meant, other) for each in value]
    if not isinstance(value, dict):
        return value
    meant = {name for name, each in value.items() if is_meant(name, each)}
    return {
        name: other if name in meant else _walked(each, is_meant, other)
        for name, each in value.items()
        if name not in meant or other is not _GONE
    }
