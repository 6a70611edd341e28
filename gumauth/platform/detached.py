"""A process that is left behind: nobody waits for it, and it has nothing of the process that started it. Promise H8.

It is in a session of its own, so that neither Ctrl-C nor the end of the terminal reaches it. It has none of the files
that are open here: whoever reads a pipe to its end, as a shell does for `$(…)`, does not wait for it. It is no child of
this process, which may be a program that waits for its children, or become one: a shell starts it and ends at once.
"""

from __future__ import annotations

import errno
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NAMES = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "SYSTEMROOT")
"""The variables that the process gets: what an interpreter needs to start, and whose process it is."""

SHELL = "/bin/sh"
SCRIPT = 'exec 3<&0; "$@" <&3 3<&- &'
"""Without the detour, what a shell starts in the background has an empty standard input. Source: POSIX, XCU 2.9.3.1."""

MOST_FILES = 256
"""Files that are closed where the system does not tell which are open."""


def for_interpreter(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of `NAMES`, for a process that reads all others where no other user sees them."""
    return {name: environ[name] for name in NAMES if name in environ}


def leave_behind(command: Sequence[str], message: bytes, environ: Mapping[str, str]) -> None:
    """Start a process and forget it. Its output goes nowhere.

    Args:
        command: Absolute path of the program, and its arguments. Not secret.
        message: What the process reads on standard input, where no other user and no list of processes shows it. It
            has to fit into a pipe, which holds 64 KiB on Linux: nobody waits until it is read.
        environ: Has the variables of `NAMES`; the process gets no others.

    Raises:
        OSError: It cannot be started.
    """
    kept = for_interpreter(environ)
    if sys.platform == "win32":
        _on_windows(command, message, kept)
        return
    if os.getpid() == 1:
        raise OSError(errno.ECHILD, "nobody takes note of the end of a process that this one leaves behind")
    reader, writer = os.pipe()
    try:
        os.set_blocking(writer, False)
        if os.write(writer, message) < len(message):
            raise OSError(errno.EMSGSIZE, "the message does not fit into a pipe")
        os.set_inheritable(reader, reader == 0)  # where standard input is closed here, it is in its place already
        _end_of(_shell(command, kept, reader))
    finally:
        os.close(reader)
        os.close(writer)


def _shell(command: Sequence[str], environ: Mapping[str, str], stdin: int) -> int:
    """Start the shell that starts the process; gives the shell's id."""
    actions = [
        *((os.POSIX_SPAWN_CLOSE, handle) for handle in _inherited()),
        (os.POSIX_SPAWN_DUP2, stdin, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    words = [SHELL, "-c", SCRIPT, SHELL, *command]
    try:
        return os.posix_spawn(SHELL, words, environ, file_actions=actions, setsid=True, setsigmask=())
    except NotImplementedError as error:
        raise OSError(errno.ENOSYS, str(error)) from error


def _end_of(shell: int) -> None:
    try:
        os.waitpid(shell, 0)
    except ChildProcessError:
        pass  # the program ignores its children, or waits for all of them on another thread


def _inherited() -> list[int]:
    """The files beyond the standard streams that a new program would have, as those that a shell opened for us."""
    return [handle for handle in _handles() if handle > 2 and _is_inherited(handle)]


def _handles() -> list[int]:
    for folder in ("/dev/fd", "/proc/self/fd"):
        try:
            return [int(name) for name in os.listdir(folder)]
        except (OSError, ValueError):
            pass
    return list(range(MOST_FILES))


def _is_inherited(handle: int) -> bool:
    try:
        return os.get_inheritable(handle)
    except OSError:
        return False  # it is not open


def _on_windows(command: Sequence[str], message: bytes, environ: Mapping[str, str]) -> None:
    if sys.platform == "win32":  # pragma: no cover - exercised on Windows only
        import subprocess

        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
        nowhere = subprocess.DEVNULL
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=nowhere, stderr=nowhere, env=environ, creationflags=flags
        )
        if process.stdin is not None:
            process.stdin.write(message)
            process.stdin.close()
        process.returncode = 0  # Windows keeps nothing of a process that nobody waits for
