"""What foreign code has raised, in words for its author: the class, the message and the way, without a secret.

A message may hold what the code was given, what it got for that and what it worked out on its way: all that its frames
hold under the name of a secret is taken out, and what only looks like one.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import itertools
import os
import traceback
from collections.abc import Collection, Iterator
from types import FrameType

from gumauth.errors import GumauthError
from gumauth.platform.text import one_line, without_secrets
from gumauth.registry.foreign_code.hidden_secrets import hidden, secrets_in

LONGEST, LOOKED_THROUGH = 300, 4000
"""Characters of a message, and of what is looked through for secrets before it is cut."""

OURS = os.path.join(__file__.rpartition(os.path.join("registry", ""))[0], "")
FRAMES = 200
"""Frames whose variables are looked into."""

MACHINERY = (
    OURS,
    os.path.dirname(asyncio.__file__) + os.sep,
    os.path.dirname(importlib.__file__) + os.sep,
    "<frozen importlib",
)
"""Begin the names of the files by way of which foreign code is run."""

CALLER = os.path.join(OURS, "client", "")
"""Begins those whose variables are none of the foreign code's."""


def message(error: BaseException, secrets: Collection[str]) -> str:
    """What it says, in one printable line; empty where it says nothing.

    Args:
        error: Any.
        secrets: What the code was given.
    """
    return _message(error, [*secrets, *_held(error)])


def _message(error: BaseException, secrets: Collection[str]) -> str:
    return one_line(hidden(one_line(_text(error), LOOKED_THROUGH), secrets), LONGEST).rstrip(".")


def mended(text: str, error: BaseException, secrets: Collection[str]) -> str:
    """A text of an error of ours, without what the foreign code held that met or raised it."""
    told = [*secrets, *_held(error, but=OURS)]
    frames = traceback.extract_tb(error.__traceback__)
    is_theirs = isinstance(error, GumauthError) and frames and not frames[-1].filename.startswith(OURS)
    text = text[:LOOKED_THROUGH]
    return hidden(text, told) if is_theirs else without_secrets(text, told)


def named(name: object, error: BaseException, secrets: Collection[str]) -> str:
    """What the code asked for in vain, in one printable line: the key or attribute may be a secret itself."""
    return one_line(hidden(one_line(name, LONGEST), [*secrets, *_held(error)]), 80)


def way(error: BaseException, secrets: Collection[str]) -> tuple[str, ...]:
    """The lines of a traceback of the code's own: places and errors, no values."""
    lines: list[str] = []
    told = [*secrets, *_held(error)]
    for each in reversed(list(_chain(error))):
        frames = traceback.extract_tb(each.__traceback__)
        lines += [
            f"  {one_line(frame.filename, 500)}:{frame.lineno} in {one_line(frame.name)}"
            for frame in frames
            if not frame.filename.startswith(MACHINERY)
        ]
        lines.append(f"  {type(each).__name__}: {_message(each, told)}")
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


def _held(error: BaseException, but: str = CALLER) -> set[str]:
    """The secrets that the code's variables hold, by their names; not those of files whose names begin so."""
    frames = (frame for frame in _frames(error) if not frame.f_code.co_filename.startswith(but))
    return set(secrets_in(*(frame.f_locals for frame in itertools.islice(frames, FRAMES))))
