"""Reads a provider file, and only a file that nobody else can have written. Promises P3 and Y3."""

from __future__ import annotations

import errno
import hashlib
import os
import shlex
import stat

from gumauth.errors import ProviderFileError
from gumauth.platform.permissions import NO_FILE, Fault, is_vouched_for, why_not_trusted
from gumauth.platform.text import one_line

LARGEST = 1 << 20
"""Bytes of a provider file."""

CAREFULLY = sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_CLOEXEC", "O_NOCTTY", "O_BINARY"))
"""Flags to open a file: a pipe in the file's place does not stop the program, and no child inherits the handle."""


def read(path: str) -> bytes:
    """The content of a provider file.

    Raises:
        ProviderFileError: The file cannot be read, is larger than `LARGEST`, or can be written by others.
    """
    shown = one_line(path, 500)
    try:
        path.encode()  # an account remembers the path in JSON, which cannot hold a path that is not text
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
    if not stat.S_ISREG(mode):  # opening a device may already have an effect
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
    shown = one_line(path, 500)
    return ProviderFileError(f"{shown} is not used: {fault.words}.", hint=_instead(shown, fault))


def _instead(shown: str, fault: Fault) -> str:
    """What the person can do: to use a copy, where the folder belongs to somebody else and holds more files."""
    if fault.kind == "owner" and fault.place != shown:
        return f"If you trust what is in it, use a copy in a folder of your own: cp {shlex.quote(shown)} ~/"
    return f"{fault.hint()}; or use a copy of it." if fault.kind == "owner" else fault.hint()


def fingerprint_of(content: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
