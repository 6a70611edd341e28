"""What foreign code has raised, in words for its author: the class, the message and the way, without a secret.

A message may hold what the code was given, what it got for that and what it worked out on its way: all that its frames
hold under the name of a secret is taken out, and what only looks like one.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import os
import re
import traceback
from collections.abc import Collection, Iterator, Mapping
from types import FrameType
from typing import Any

from gumauth.text import one_line, without_secrets

LONGEST = 300
"""Characters of a message."""

SECRET = re.compile(r"(?i)(token|secret|passw|assertion|verifier|credential|api_?key|auth\w*_code$)")
PUBLIC = re.compile(r"(?i)(type|hint|method|url|uri|endpoint|error|status|expires\w*|expiry|path|name)$")
"""Names of variables and members that hold secrets, but for those that end so."""

SAID = re.compile(
    r"""(?ix) ([\w-]*(?:token|secret|passw|assertion|verifier)\w*) (["']?\s*[:=]\s*["']?) ([^\s"',;&)}\]]+)"""
)
"""A secret behind its name: `access_token=…`, `"refresh_token": "…"`."""

RANDOM = re.compile(r"[A-Za-z0-9_+=~-]{16,}")
CHANGES = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
FEW, FEW_WITHOUT_DIGITS = 4, 7
"""Changes between small letters, large ones and digits that a name may have, which nobody has drawn by lot."""

DEPTH = 4
"""How deep secrets are looked for in what a variable holds."""

MACHINERY = (
    os.path.dirname(__file__) + os.sep,
    os.path.dirname(asyncio.__file__) + os.sep,
    os.path.dirname(importlib.__file__) + os.sep,
    "<frozen importlib",
)
"""Begin the names of the files by way of which foreign code is run."""

CALLER = os.path.join(os.path.dirname(__file__), "client") + os.sep
"""Begins those whose variables are none of the foreign code's."""


def message(error: BaseException, secrets: Collection[str]) -> str:
    """What it says, in one printable line; empty where it says nothing.

    Args:
        error: Any.
        secrets: What the code was given.
    """
    return one_line(hidden(_text(error), [*secrets, *_held(error)]), LONGEST).rstrip(".")


def way(error: BaseException, secrets: Collection[str]) -> tuple[str, ...]:
    """The lines of a traceback of the code's own: places and errors, no values."""
    lines: list[str] = []
    for each in reversed(list(_chain(error))):
        frames = traceback.extract_tb(each.__traceback__)
        lines += [
            f"  {one_line(frame.filename, 500)}:{frame.lineno} in {one_line(frame.name)}"
            for frame in frames
            if not frame.filename.startswith(MACHINERY)
        ]
        lines.append(f"  {type(each).__name__}: {message(each, secrets)}")
    return tuple(lines)


def advice(error: BaseException) -> str | None:
    """What to do about a mistake that is often made where the code ran well elsewhere; None about any other."""
    text = _text(error)
    if isinstance(error, RuntimeError) and ("event loop" in text and "running" in text):
        return "gumauth runs the method in an event loop: `await` the coroutine, in place of asyncio.run()."
    if "'coroutine'" in text or "coroutine object" in text:
        return "`await` the coroutine: it was used in place of what it gives."
    return None


def close_coroutines(error: BaseException) -> None:
    """End what was never awaited on the way to an error: the interpreter would say so on standard error."""
    values = [value for each in _chain(error) for value in (getattr(each, "obj", None), *each.args)]
    for value in [*values, *(value for frame in _frames(error) for value in list(frame.f_locals.values()))]:
        if inspect.iscoroutine(value) and inspect.getcoroutinestate(value) == inspect.CORO_CREATED:
            value.close()


def hidden(text: str, secrets: Collection[str]) -> str:
    """A text without secrets, without what stands behind a secret's name, and without what was drawn by lot."""
    text = without_secrets(text, secrets)
    text = SAID.sub(lambda m: m[0] if PUBLIC.search(m[1]) or not _is_worth_hiding(m[3]) else f"{m[1]}{m[2]}…", text)
    return RANDOM.sub(lambda m: "…" if _is_random(m[0]) else m[0], text)


def _is_worth_hiding(word: str) -> bool:
    return len(word) >= 8 and not (word.isalpha() and word.islower())


def _is_random(word: str) -> bool:
    has_digits = any(letter.isdigit() for letter in word)
    return len(CHANGES.findall(word)) > (FEW if has_digits else FEW_WITHOUT_DIGITS)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - foreign
        return ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and what led to it, as a traceback shows them."""
    each: BaseException | None = error
    for _ in range(10):
        if each is None:
            return
        yield each
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)


def _frames(error: BaseException) -> Iterator[FrameType]:
    for each in _chain(error):
        for frame, _ in traceback.walk_tb(each.__traceback__):
            yield frame


def _held(error: BaseException) -> set[str]:
    """The secrets that the code's variables hold, by their names."""
    found: set[str] = set()
    for frame in _frames(error):
        if not frame.f_code.co_filename.startswith(CALLER):
            found.update(_secrets(frame.f_locals, DEPTH))
    return found


def _secrets(members: Mapping[Any, Any], depth: int) -> Iterator[str]:
    for name, value in list(members.items()):
        if isinstance(value, str):
            if SECRET.search(str(name)) and not PUBLIC.search(str(name)):
                yield value
        elif depth and (below := _members(value)):
            yield from _secrets(below, depth - 1)


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
