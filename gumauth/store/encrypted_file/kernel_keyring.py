"""A few bytes in the Linux kernel's memory: the user's keyring, as `keyctl show @u` lists it.

This user's processes and root can read the keyring; they can read a process's environment and memory as well. The
kernel never swaps the keyring to a disk. An entry ends with its time, or when the machine restarts.

Every function gives None or False where this cannot be done: on another system or processor, in a container that
forbids these system calls, in a kernel without them, or in a full keyring. No function raises.

Source: keyrings(7), add_key(2), keyctl(2), user-keyring(7).
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CALLS = {"x86_64": (248, 250), "aarch64": (217, 219), "riscv64": (217, 219), "loongarch64": (217, 219)}
"""The numbers of add_key and keyctl, by what `uname -m` says to a program of 64 bits.

Source: Linux, arch/x86/entry/syscalls/syscall_64.tbl, and include/uapi/asm-generic/unistd.h for the others.
"""

OWN_PROCESS, OWN_USER = -2, -4
"""KEY_SPEC_PROCESS_KEYRING and KEY_SPEC_USER_KEYRING."""

GET_ID, SET_PERMISSIONS, LINK, UNLINK, SEARCH, READ, SET_TIMEOUT = 0, 5, 8, 9, 10, 11, 15
"""Operations of keyctl(2)."""

TO_FIND_AND_READ = 0x0B0B0000
"""This user may view, read and search, also with the keyring outside the session; nobody may do anything else."""

KIND = b"user"
LARGEST = 256
"""Bytes of a value."""


def find(name: str) -> bytes | None:
    """The value under a name; None where there is none."""
    key = _search(name)
    if key is None:
        return None
    import ctypes

    room = ctypes.create_string_buffer(LARGEST)
    length = _keyctl(READ, key, room, LARGEST)
    return room.raw[:length] if length is not None and length <= LARGEST else None


def keep(name: str, value: bytes, *, seconds: int) -> bool:
    """Keep a value under a name, in place of an older one, and tell whether that worked.

    The entry is made in this process's keyring, and linked into the user's keyring when it is complete: a process in a
    session of its own (a service) may not change entries of the user's keyring.

    Args:
        name: This user's programs and root see it in /proc/keys.
        value: Secret.
        seconds: How long the value is kept.
    """
    key = _call(0, KIND, name.encode(), value, len(value), OWN_PROCESS)
    if key is None:
        return False
    try:
        if _keyctl(SET_TIMEOUT, key, seconds) is None or _keyctl(LINK, key, OWN_USER) is None:
            return False
        if _keyctl(SET_PERMISSIONS, key, TO_FIND_AND_READ) is None:
            _keyctl(UNLINK, key, OWN_USER)
            return False
        return True
    finally:
        _keyctl(UNLINK, key, OWN_PROCESS)


def forget(name: str) -> None:
    """See to it that there is no value under a name."""
    key = _search(name)
    if key is not None:
        _keyctl(UNLINK, key, OWN_USER)


def is_there() -> bool:
    """Whether this user has a keyring here."""
    return _keyctl(GET_ID, OWN_USER, 1) is not None


def _search(name: str) -> int | None:
    return _keyctl(SEARCH, OWN_USER, KIND, name.encode(), 0)


def _keyctl(*words: Any) -> int | None:
    return _call(1, *words)


def _call(which: int, *words: Any) -> int | None:
    """The result of a system call; None where the call fails or cannot be made.

    Args:
        which: 0 for add_key, 1 for keyctl.
        words: The call's arguments.
    """
    numbers = CALLS.get(os.uname().machine) if sys.platform == "linux" and sys.maxsize > 1 << 32 else None
    if numbers is None:
        return None
    try:
        import ctypes

        syscall = ctypes.CDLL(None).syscall
        syscall.restype = ctypes.c_long
        given = [ctypes.c_long(word) if isinstance(word, int) else word for word in words]
        answer = int(syscall(ctypes.c_long(numbers[which]), *given))
    except (ImportError, OSError, AttributeError, MemoryError):  # Python has no ctypes, or may not use it
        return None
    return answer if answer >= 0 else None
