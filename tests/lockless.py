"""Run the program where the kernel knows no locks: `python -m tests.lockless ERRNO WORDS…`.

A filter in the process makes `flock` fail as it does on NFS that is mounted with `nolock`. Source: seccomp(2).
"""

from __future__ import annotations

import ctypes
import platform
import sys

FLOCK = {"x86_64": 73, "aarch64": 32}
NO_NEW_PRIVILEGES, SET_SECCOMP, FILTER = 38, 22, 2
LOAD_NUMBER, EQUALS, RETURN = 0x20, 0x15, 0x06
FAIL, ALLOW = 0x00050000, 0x7FFF0000


class Step(ctypes.Structure):
    _fields_ = (("code", ctypes.c_ushort), ("yes", ctypes.c_ubyte), ("no", ctypes.c_ubyte), ("value", ctypes.c_uint))


class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.POINTER(Step)))


def without_locks(code: int) -> None:
    """Let `flock` fail with this number from now on, in this process."""
    steps = (Step * 4)(
        Step(LOAD_NUMBER, 0, 0, 0),
        Step(EQUALS, 0, 1, FLOCK[platform.machine()]),
        Step(RETURN, 0, 0, FAIL | code),
        Step(RETURN, 0, 0, ALLOW),
    )
    libc = ctypes.CDLL(None, use_errno=True)
    program = Program(4, steps)
    if libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.prctl(SET_SECCOMP, FILTER, ctypes.byref(program), 0, 0):
        raise OSError(ctypes.get_errno(), "no filter can be set")


if __name__ == "__main__":
    without_locks(int(sys.argv.pop(1)))
    from gumauth.__main__ import main

    sys.exit(main())
