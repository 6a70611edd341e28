"""An exception of foreign code in words for the code's author: class, message and traceback, without secrets.

A message may repeat what the code was given, what a provider answered, and what the code computed. So each value that
a frame of the code holds under the name of a secret is removed, and each word that looks like a secret. Promise P6.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import itertools
import os
import sysconfig
import traceback
from collections.abc import Collection, Iterator
from types import FrameType

from gumauth.errors import GumauthError
from gumauth.platform.text import one_line, without_secrets
from gumauth.registry.foreign_code.hidden_secrets import hidden, secrets_in

LONGEST, LOOKED_THROUGH = 300, 4000
"""Characters of a message as it is shown, and of a text in which secrets are looked for before it is cut."""

OURS = os.path.join(__file__.rpartition(os.path.join("registry", ""))[0], "")
FRAMES = 200
"""Frames whose variables are looked into."""

MACHINERY = (
    OURS,
    os.path.dirname(asyncio.__file__) + os.sep,
    os.path.dirname(importlib.__file__) + os.sep,
    "<frozen importlib",
)
"""The paths of the code that runs foreign code begin so; a traceback leaves these frames out."""

INSTALLED = tuple(os.path.join(sysconfig.get_path(name), "") for name in ("purelib", "platlib", "stdlib", "platstdlib"))
"""The paths of installed packages and of Python's own modules begin so."""

CALLER = os.path.join(OURS, "client", "")
"""The paths of gumauth's code whose variables do not belong to foreign code begin so."""


def message(error: BaseException, secrets: Collection[str]) -> str:
    """The message of an error, as one printable line; empty where the error has none.

    Args:
        error: Any.
        secrets: The secrets that the code was given.
    """
    return _message(error, [*secrets, *_held(error)])


def _message(error: BaseException, secrets: Collection[str]) -> str:
    return one_line(hidden(one_line(_text(error), LOOKED_THROUGH), secrets), LONGEST).rstrip(".")


def cleaned(text: str, error: BaseException, secrets: Collection[str]) -> str:
    """A text of one of gumauth's errors, without the secrets of the foreign code that met or raised the error."""
    told = [*secrets, *_held(error, but=OURS)]
    frames = traceback.extract_tb(error.__traceback__)
    is_theirs = isinstance(error, GumauthError) and frames and not frames[-1].filename.startswith(OURS)
    text = text[:LOOKED_THROUGH]
    return hidden(text, told) if is_theirs else without_secrets(text, told)


def cleaned_name(name: object, error: BaseException, secrets: Collection[str]) -> str:
    """The name of a missing key or attribute, as one printable line; the name itself may be a secret."""
    return one_line(hidden(one_line(name, LONGEST), [*secrets, *_held(error)]), 80)


def way(error: BaseException, secrets: Collection[str]) -> tuple[str, ...]:
    """The lines of a traceback through the foreign code: places and errors, without values.

    What lies in installed packages and in Python is told by their names: its author is another.
    """
    lines: list[str] = []
    told = [*secrets, *_held(error)]
    for each in reversed(list(_chain(error))):
        frames = [f for f in traceback.extract_tb(each.__traceback__) if not f.filename.startswith(MACHINERY)]
        for library, group in itertools.groupby(frames, lambda frame: bool(_library(frame.filename))):
            passed = list(group)
            lines += [_passed(passed)] if library else map(_place, passed)
        text = _message(each, told)
        lines.append(f"  {type(each).__name__}: {text}" if text else f"  {type(each).__name__}")
    return tuple(lines)


def _place(frame: traceback.FrameSummary) -> str:
    return f"  {one_line(frame.filename, 500)}:{frame.lineno} in {one_line(frame.name)}"


def _passed(frames: list[traceback.FrameSummary]) -> str:
    """The line for frames of libraries: "  … in httpx, httpcore"."""
    return f"  … in {', '.join(dict.fromkeys(one_line(_library(frame.filename), 80) for frame in frames))}"


def _library(filename: str) -> str:
    """The installed package or module of Python that a file belongs to; "" for any other file."""
    for folder in INSTALLED:
        if filename.startswith(folder):
            return filename[len(folder) :].split(os.sep)[0].removesuffix(".py")
    return ""


def advice(error: BaseException) -> str | None:
    """What to do about a mistake in code that ran elsewhere before: a coroutine; None about any other mistake."""
    text = _text(error)
    if isinstance(error, RuntimeError) and ("event loop" in text and "running" in text):
        return "gumauth runs the method in an event loop: `await` the coroutine, in place of asyncio.run()."
    if "'coroutine'" in text or "coroutine object" in text:
        return "`await` the coroutine: it was used in place of what it gives."
    return None


def close_coroutines(error: BaseException) -> None:
    """Close the coroutines that nothing awaited before the error: the interpreter would warn of each."""
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
    """An error and its causes, as a traceback shows them."""
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
    """The secrets in the variables of the code's frames, except frames of files whose paths begin with `but`."""
    frames = (frame for frame in _frames(error) if not frame.f_code.co_filename.startswith(but))
    return set(secrets_in(*(frame.f_locals for frame in itertools.islice(frames, FRAMES))))
