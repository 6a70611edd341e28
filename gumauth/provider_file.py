"""Running a provider file or plugin: read once, looked at, and every way to fail one clear error."""

from __future__ import annotations

import errno
import hashlib
import itertools
import os
import stat
import sys
import traceback
from collections.abc import Callable
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import TypeVar

from gumauth import beside, gumstack, provider_class
from gumauth.errors import ProviderFileError
from gumauth.file_trust import NO_FILE, Fault, is_private_folder, is_vouched_for, why_not_trusted
from gumauth.found import Found
from gumauth.prints import on_standard_error
from gumauth.text import one_line

T = TypeVar("T")

LARGEST = 1 << 20
"""Bytes of a provider file."""

CAREFULLY = sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_CLOEXEC", "O_NOCTTY", "O_BINARY"))
"""A pipe that comes in the file's place does not stop the program, and no child inherits the file."""

_ran: dict[tuple[str, str], ModuleType] = {}
"""What was run, by path and fingerprint. Once is enough, and classes stay the same for all threads that use them."""

_runs = itertools.count(1)


def load(path: str, class_name: str | None) -> Found:
    """The provider in a file, which is run.

    Args:
        path: Absolute.
        class_name: Which of its classes; None where there is only one provider.

    Raises:
        ProviderFileError: There is no such file, others can write it, it is broken, or holds no provider.
    """
    path = path if "\0" in path else os.path.realpath(path)  # `read` refuses it in words
    content = read(path)
    module = _run(path, content)
    chosen = provider_class.choose(module, class_name)
    return Found(
        provider_class=chosen,
        source=f"{path}:{chosen.__name__}",
        name=chosen.name,
        origin=path,
        fingerprint=fingerprint_of(content),
    )


def read(path: str) -> bytes:
    """What a provider file holds, if nobody else can write it.

    Raises:
        ProviderFileError: It cannot be read, or others can write it.
    """
    shown = one_line(path, 500)
    try:
        path.encode()  # an account remembers it in JSON, which has no word for a name that is not text
        content = _read(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise ProviderFileError(f"{shown} cannot be read: {reason}.", hint="Check the path.") from error
    if len(content) > LARGEST:
        raise ProviderFileError(f"{shown} is larger than 1 MiB.", hint="Check the path.")
    return content


def _read(path: str) -> bytes:
    if stat.S_ISDIR(mode := os.stat(path).st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(mode):  # to open a device may do something already
        raise _not_used(path, NO_FILE)
    handle = os.open(path, os.O_RDONLY | CAREFULLY)
    try:
        if (fault := why_not_trusted(handle, path)) and not is_vouched_for(path, os.environ):
            raise _not_used(path, fault)
        with open(handle, "rb", closefd=False) as file:
            return file.read(LARGEST + 1) or b""
    finally:
        os.close(handle)


def _not_used(path: str, fault: Fault) -> ProviderFileError:
    return ProviderFileError(f"{one_line(path, 500)} is not used: {fault.words}.", hint=fault.hint)


def fingerprint_of(content: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _run(path: str, content: bytes) -> ModuleType:
    key = (path, fingerprint_of(content))
    if key not in _ran:
        _ran.setdefault(key, _run_anew(path, content))
    return _ran[key]


def _run_anew(path: str, content: bytes) -> ModuleType:
    gumstack.install()
    module = ModuleType(f"gumauth_provider_{next(_runs)}")
    module.__file__ = path
    sys.modules[module.__name__] = module  # dataclasses look there
    folder = os.path.dirname(path)
    if is_private_folder(folder) or is_vouched_for(folder, os.environ):
        beside.let_import(module, folder, read)
    try:
        _guarded(path, lambda: exec(compile(content, path, "exec", dont_inherit=True), module.__dict__))  # noqa: S102
    except BaseException:
        beside.forget(module)
        raise
    return module


def load_plugin(entry: EntryPoint, *, source: str) -> Found:
    """The provider that an installed package brings.

    Raises:
        ProviderFileError: It is broken, or not the provider that it is announced as.
    """
    gumstack.install()
    label = f"the plugin {entry.name} of {source}"
    chosen = _guarded(label, entry.load)
    missing = provider_class.lacks(chosen) if isinstance(chosen, type) else ["class"]
    if missing:
        raise ProviderFileError(f"{label} is not a provider: it has no {', '.join(missing)}.")
    if chosen.name != entry.name:
        raise ProviderFileError(f"{label} names itself {one_line(chosen.name)!r}.", hint="Its two names have to agree.")
    origin = getattr(sys.modules.get(chosen.__module__), "__file__", None) or source
    return Found(provider_class=chosen, source=source, name=entry.name, origin=origin)


def _guarded(label: str, run: Callable[[], T]) -> T:
    """What foreign code gives, with its prints on standard error and its failures as one kind of error."""
    try:
        with on_standard_error():
            return run()
    except ProviderFileError:
        raise  # of a file beside it
    except ModuleNotFoundError as error:
        raise _without_module(label, error) from error
    except SyntaxError as error:
        raise ProviderFileError(
            f"{_place(label, error)}: {one_line(error.msg)}.", hint="Mend the file and try again."
        ) from error
    except (Exception, SystemExit) as error:
        what = one_line(error) or "no reason given"
        raise ProviderFileError(
            f"{_place(label, error)}: {type(error).__name__}: {what}.", hint="Mend the file and try again."
        ) from error


def _without_module(label: str, error: ModuleNotFoundError) -> ProviderFileError:
    """The error for an import that found nothing, or nothing that may be used."""
    start, folder = f"{_place(label, error)}: it needs {one_line(error.name)!r}", os.path.dirname(label)
    beside_it = os.path.join(folder, _top(error))
    if os.path.lexists(beside_it) or os.path.lexists(f"{beside_it}.py"):
        # Never to be installed by that name: what is offered under it elsewhere is somebody else's.
        return ProviderFileError(
            f"{start}, which lies beside it and is not used: others can write the folder, or it is no source file.",
            hint=f"Take that right away: chmod go-w {one_line(folder, 500)}",
        )
    return ProviderFileError(
        f"{start}, which is not installed.",
        hint=f"Install it where gumauth runs: {sys.executable} -m pip install {_top(error)}",
    )


def _top(error: ModuleNotFoundError) -> str:
    return one_line((error.name or "").partition(".")[0])


def _place(label: str, error: BaseException) -> str:
    """The file and line at which foreign code failed: the last that is in the file itself."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{one_line(error.filename, 500)}, line {error.lineno or 1}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    ours = [frame for frame in frames if frame.filename == label] or frames[-1:]
    if not ours:
        return one_line(label, 500)
    return f"{one_line(ours[-1].filename, 500)}, line {ours[-1].lineno}"
