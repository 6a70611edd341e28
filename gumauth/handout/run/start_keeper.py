"""Files with tokens for a command that this process is about to become, and the process that keeps them fresh."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager

from gumauth.errors import GumauthError, UsageError
from gumauth.handout.run import files
from gumauth.platform import interpreter
from gumauth.platform.detached import for_interpreter
from gumauth.platform.files import write_all
from gumauth.platform.json import dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gumauth.client.context import Context
    from gumauth.platform.lock import Lock

READY = b"ready"
LOCK_HANDLE = 3
"""The run's lock in the keeper, which is inherited locked and released by the end of that process."""

START = "from gumauth.handout.run.keeper import main; main()"
FIRST = 10
"""The lowest number of a file of ours while the keeper is started: it has those below for itself."""


def fresh_files(context: Context, wanted: Mapping[str, tuple[str, str]], *, min_valid: float | None) -> dict[str, str]:
    """Make a file with a token for each variable, and leave a process behind that keeps it fresh.

    Args:
        context: Folders, clock, environment.
        wanted: For each variable's name, the account's key with which of its tokens, as `references.which` writes
            that, and the token. Secret.
        min_valid: Seconds for which the tokens must be good.

    Returns:
        The paths of the files by the variables' names.

    Raises:
        GumauthError: The files cannot be made, or nothing could keep them fresh; no file is left then.
    """
    if sys.platform == "win32" or not interpreter.is_known():
        raise UsageError("NAME@=ACCOUNT does not work here.", hint="Write NAME=ACCOUNT, for a token that ends.")
    folder, lock = files.make(files.place(context.environ, context.home.data))
    try:
        names = file_names(wanted)
        paths = {name: os.path.join(folder, names[name]) for name in wanted}
        message = {
            "environ": dict(context.environ),
            "process": os.getpid(),
            "folder": folder,
            "accounts": {names[name]: key for name, (key, _) in wanted.items()},
            "min_valid": min_valid,
        }
        with _started(context.environ, dumps(message).encode() + b"\n", lock):
            for name, (_, token) in wanted.items():
                files.put(paths[name], token)
    except BaseException:
        files.remove(folder)
        raise
    return paths


def file_names(variables: Iterable[str]) -> dict[str, str]:
    """The name of each variable's file: its own, with a number where a disk may not tell it from another's by case."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for name in variables:
        names[name] = name if name.lower() not in taken else f"{name}.{len(names)}"
        taken.add(name.lower())
    return names


@contextmanager
def _started(environ: Mapping[str, str], message: bytes, lock: Lock) -> Iterator[None]:
    """With the keeper, which waits for the end of this process already, and begins to renew files at the end of this.

    However this process ends from now on, the keeper removes what is in the folder.
    """
    if sys.platform == "win32":
        return
    import fcntl

    def high(handle: int) -> int:
        moved = fcntl.fcntl(handle, fcntl.F_DUPFD_CLOEXEC, FIRST)
        os.close(handle)
        return moved

    stdin, writer = map(high, os.pipe())
    reader, stdout = map(high, os.pipe())
    locked = fcntl.fcntl(lock.handle, fcntl.F_DUPFD_CLOEXEC, FIRST)
    moves = [(os.POSIX_SPAWN_DUP2, mine, its) for mine, its in ((stdin, 0), (stdout, 1), (locked, LOCK_HANDLE))]
    try:
        words = interpreter.command(START)
        child = os.posix_spawn(
            words[0], words, for_interpreter(environ), file_actions=moves, setsid=True, setsigmask=()
        )
    except (OSError, NotImplementedError) as error:
        raise _not_kept() from error
    finally:
        for handle in (stdin, stdout, locked):
            os.close(handle)
    with open(writer, "wb", buffering=0) as to, open(reader, "rb") as answer:
        try:
            write_all(to.fileno(), message)
        except BrokenPipeError:
            pass  # it has ended, and does not answer
        ready = answer.read(len(READY)) == READY
        os.waitpid(child, 0)
        if not ready:
            raise _not_kept()
        yield


def _not_kept() -> GumauthError:
    return GumauthError(
        "The process that keeps the file of NAME@= fresh did not start.", hint="Run it again, or write NAME=ACCOUNT."
    )
