"""Secrets that nobody has named: told by the names of what holds them, by what stands before them, by their looks."""

from __future__ import annotations

import contextlib
import inspect
import itertools
import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from gumauth.platform.text import without_secrets

SECRET = re.compile(r"(?i)(token|secret|passw|assertion|verifier|credential|api_?key|auth\w*_code$|^authorization$)")
PUBLIC = re.compile(r"(?i)(type|hint|method|url|uri|endpoint|error|status|expires\w*|expiry|path|file|name|variable)$")
"""Names of variables and members that hold secrets, but for those that end so."""

SAID = re.compile(
    r"""(?ix) (?<![\w-]) ([\w-]*(?:token|secret|passw|assertion|verifier)\w*+) (["']?\s*[:=]\s*["']?)
    ([^\s"',;&)}\]]+)"""
)
"""A secret behind its name: `access_token=…`, `"refresh_token": "…"`."""

AUTHORIZED = re.compile(r"(?i)\b(bearer|basic) ([A-Za-z0-9._~+/=-]+)")
"""A secret behind its scheme. Source: RFC 6750 §2.1, RFC 7617 §2."""

LONGEST_WORD = 20
"""Letters of one that stands where a secret does and is none."""

RANDOM = re.compile(r"[A-Za-z0-9_+=~-]{16,}")
CHANGES = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
FEW, FEW_IN_NAMES, LONG = 3, 7, 32
"""Changes between small letters, large ones and digits in a word that nobody has drawn by lot; a CamelCaseName has some
more, and no more letters than that."""

DEPTH, MOST, LOOKS = 4, 5000, 50_000
"""How deep secrets are looked for in what a variable holds, in how many things, and among how many names."""


def hidden(text: str, secrets: Collection[str]) -> str:
    """A text without secrets, without what stands behind a secret's name, and without what was drawn by lot."""
    text = without_secrets(text, secrets)
    text = AUTHORIZED.sub(lambda m: f"{m[1]} …" if _is_worth_hiding(m[2]) else m[0], text)
    text = SAID.sub(lambda m: m[0] if PUBLIC.search(m[1]) or not _is_worth_hiding(m[3]) else f"{m[1]}{m[2]}…", text)
    return RANDOM.sub(lambda m: "…" if _is_random(m[0]) else m[0], text)


def _is_worth_hiding(word: str) -> bool:
    return len(word) >= LONGEST_WORD or (len(word) >= 8 and not (word.isalpha() and word.islower()))


def _is_random(word: str) -> bool:
    is_a_name = len(word) < LONG and not any(letter.isdigit() for letter in word)
    return len(CHANGES.findall(word)) > (FEW_IN_NAMES if is_a_name else FEW)


def secrets_in(*members: Mapping[Any, Any]) -> Iterator[str]:
    """The secrets that variables or members hold, by their names, also some way down in what they hold.

    Args:
        members: By their names; what several of them hold is looked into once.
    """
    seen: set[int] = set()
    level = list(members)
    left = itertools.count(LOOKS, -1)
    for _ in range(DEPTH + 1):
        below: list[Mapping[Any, Any]] = []
        for name, value in itertools.chain.from_iterable(map(_items, level)):
            is_secret = SECRET.search(name) and not PUBLIC.search(name)
            if isinstance(value, str | bytes):
                if is_secret:
                    yield value if isinstance(value, str) else value.decode("utf-8", "replace")
            elif id(value) not in seen and len(seen) < MOST and (held := _members(value)):
                seen.add(id(value))
                below.append(_named(name, held) if is_secret and isinstance(value, list | tuple) else held)
            if not next(left):
                return
        level = below


def _items(members: Mapping[Any, Any]) -> list[tuple[str, Any]]:
    """The items of a mapping; none of one that raises when it is looked into."""
    with contextlib.suppress(Exception):
        return [(str(name), value) for name, value in itertools.islice(members.items(), MOST)]
    return []


def _named(name: object, items: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """The items of a list, by the list's name."""
    return {f"{at} {name}": item for at, item in items.items()}


def _members(value: Any) -> Mapping[Any, Any]:
    """What can be looked into: a mapping, an HTTP answer that was read, an object's own attributes."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, list | tuple):
        return dict(enumerate(value[:20]))
    attributes = getattr(value, "__dict__", None)
    if not isinstance(attributes, dict) or isinstance(value, type) or inspect.ismodule(value):
        return {}
    body = attributes.get("_content")  # of httpx and of requests
    try:
        data = json.loads(body) if isinstance(body, bytes) else None
    except (ValueError, RecursionError):
        data = None
    return {**attributes, "body": data} if data is not None else attributes
