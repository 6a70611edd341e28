"""Becoming another program: this process runs it from now on. Promise H1.

The program has this process's id, terminal, standard streams and signals; nothing of gumauth is left to pass anything
on. Windows cannot do that: there the program is started, and its exit status is passed on.
"""

from __future__ import annotations

import errno
import os
import sys

from gumauth.errors import CommandNotFound, CommandNotRun
from gumauth.platform.interpreter import end_helpers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

SHELL = "/bin/sh"
"""Runs a script without `#!`. Source: POSIX, execvp."""

ABSENT = (errno.ENOENT, errno.ENOTDIR)

TAKEN = (13, 25)
"""SIGPIPE and SIGXFSZ, which Python ignores: what it ignores, a program that it becomes would ignore too. The numbers
are those of Linux and macOS; `signal`, which has the names, takes 5 ms to import."""


def become(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Become a program; on Windows, run it and give its exit status.

    Args:
        command: The program, which is looked for in the PATH of `environ` where it has no slash, and its arguments.
        environ: Its environment. Secret.

    Raises:
        CommandNotFound: There is no such program.
        CommandNotRun: It cannot be run.
    """
    if sys.platform == "win32":
        return _run(command, environ)
    end_helpers()  # one of them would be the program's child
    _restore_signals()
    denied: OSError | None = None
    for path in _places(command[0], environ):
        try:
            _exec(path, command, environ)
        except OSError as error:
            if error.errno not in ABSENT:
                denied = denied or error
            elif os.path.isfile(path):  # the program of its first line is missing
                denied = denied or OSError(error.errno, "what its first line names, to run it, is not there")
    raise failure(command[0], denied)


def failure(program: str, denied: OSError | None) -> CommandNotFound | CommandNotRun:
    """The error for a program that could not be run.

    Args:
        program: As it was written.
        denied: Why a file of that name could not be run; None where there is no file.
    """
    from gumauth.platform.text import one_line

    shown = one_line(program)
    if denied is None:
        return CommandNotFound(f"{shown!r} was not found.", hint="Check its name, and PATH.")
    return CommandNotRun(f"{shown!r} cannot be run: {denied.strerror}.", hint="Check the file and its rights.")


def _places(program: str, environ: Mapping[str, str]) -> Iterator[str]:
    """Where a program may be, in their order. An empty entry of PATH is the current folder.

    Source: POSIX, Base Definitions 8.3, PATH.
    """
    if "/" in program:
        yield program
    elif program:
        for folder in environ.get("PATH", os.defpath).split(os.pathsep):
            yield os.path.join(folder or ".", program)


def _exec(path: str, command: Sequence[str], environ: Mapping[str, str]) -> None:
    try:
        os.execve(path, list(command), dict(environ))  # noqa: S606 - no shell is wanted
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
        os.execve(SHELL, [SHELL, path, *command[1:]], dict(environ))  # noqa: S606 - a shell reads the file alone


def _restore_signals() -> None:
    signals: Any = __import__("_signal")  # the module in C that `signal` wraps
    for number in TAKEN:
        if signals.getsignal(number) == signals.SIG_IGN:
            signals.signal(number, signals.SIG_DFL)


def _run(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run a program beside this one, as Windows has it, and give its exit status. Ctrl-C reaches both there."""
    import signal
    import subprocess

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return subprocess.call(list(command), env=dict(environ))
    except OSError as error:
        raise failure(command[0], None if error.errno in ABSENT else error) from None
