"""Finds secrets that nobody has named: by the names of what holds them, by the words before them, by their letters.

Promises S1, and Y8: the limits below bound the work.
"""

from __future__ import annotations

import contextlib
import inspect
import itertools
import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from gumauth.oauth2.secret_fields import PUBLIC, is_secret
from gumauth.platform.text import without_secrets

SAID = re.compile(
    r"""(?ix) (?<![\w-]) ([\w-]*(?:token|secret|passw|assertion|verifier)\w*+) (["']?\s*[:=]\s*["']?)
    ([^\s"',;&)}\]]+)"""
)
"""A secret behind its name: `access_token=…`, `"refresh_token": "…"`."""

AUTHORIZED = re.compile(r"(?i)\b(bearer|basic) ([A-Za-z0-9._~+/=-]+)")
"""A secret behind its scheme. Source: RFC 6750 §2.1, RFC 7617 §2."""

LONGEST_WORD = 20
"""Characters of a word that may stand where a secret does, and is no secret."""

RANDOM = re.compile(r"[A-Za-z0-9_+=~-]{16,}")
CHANGES = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
FEW, FEW_IN_NAMES, LONG = 3, 7, 32
"""A random word has more than `FEW` changes between small letters, capitals and digits. A CamelCaseName of fewer than
`LONG` letters without a digit may have `FEW_IN_NAMES`."""

DEPTH, MOST, LOOKS = 4, 5000, 50_000
"""Secrets are looked for this many levels below a variable, in this many objects, and under this many names."""


def hidden(text: str, secrets: Collection[str]) -> str:
    """A text without the secrets, without what follows the name of a secret, and without random words."""
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
    """The secrets in variables or members, and in the objects that these hold, found by their names.

    Args:
        members: Values by name; an object that several of them hold is looked into once.
    """
    seen: set[int] = set()
    level = list(members)
    left = itertools.count(LOOKS, -1)
    for _ in range(DEPTH + 1):
        below: list[Mapping[Any, Any]] = []
        for name, value in itertools.chain.from_iterable(map(_items, level)):
            if isinstance(value, str | bytes):
                if is_secret(name):
                    yield value if isinstance(value, str) else value.decode("utf-8", "replace")
            elif id(value) not in seen and len(seen) < MOST and (held := _members(value)):
                seen.add(id(value))
                below.append(_named(name, held) if is_secret(name) and isinstance(value, list | tuple) else held)
            if not next(left):
                return
        level = below


def _items(members: Mapping[Any, Any]) -> list[tuple[str, Any]]:
    """The items of a mapping; none where the mapping raises."""
    with contextlib.suppress(Exception):
        return [(str(name), value) for name, value in itertools.islice(members.items(), MOST)]
    return []


def _named(name: object, items: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """The items of a list, each under the list's name."""
    return {f"{at} {name}": item for at, item in items.items()}


def _members(value: Any) -> Mapping[Any, Any]:
    """The members of a mapping, of an HTTP response that was read, of a list, or of an object."""
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
