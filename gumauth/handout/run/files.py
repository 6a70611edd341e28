"""The folder with the files of `NAME@=`: where it is, how it is made, and how what a killed run has left is removed.

Every run has a folder of its own, and in it a lock file, which is locked while the run's keeper lives. The kernel
releases the lock however the keeper ends: a folder whose lock is free is a leftover. Promise H10.
"""

from __future__ import annotations

import os
import stat

from gumauth.errors import Busy, GumauthError
from gumauth.platform.files import make_folder, unusable, write_file
from gumauth.platform.folders import runtime_folders
from gumauth.platform.lock import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

LOCK = ".lock"


def place(environ: Mapping[str, str], data: str) -> str:
    """The folder for the folders of all runs: in the runtime folder, which is gone after a logout; else in `data`.

    Args:
        environ: Names the runtime folder; a desktop program may have left that out.
        data: The data folder.
    """
    for runtime in runtime_folders(environ):
        if _is_private(runtime):
            return os.path.join(runtime, "gumauth")
    return os.path.join(data, "run")


def _is_private(folder: str) -> bool:
    """Whether a folder is there, is this user's, and nobody else can read or replace it."""
    from gumauth.platform.permissions import why_not_private

    try:
        status = os.stat(folder)
        is_ours = status.st_uid == os.geteuid() and not status.st_mode & 0o077
        return os.path.isabs(folder) and stat.S_ISDIR(status.st_mode) and is_ours and why_not_private(folder) is None
    except OSError:
        return False


def make(above: str) -> tuple[str, Lock]:
    """A new folder for a run, and its lock, which is held; leftovers are removed first.

    Args:
        above: As `place` gives it.

    Raises:
        GumauthError: The folder cannot be made.
    """
    make_folder(above)
    with Lock(os.path.join(above, LOCK), timeout=10, what="the files of gumauth run"):
        sweep(above)
        folder = os.path.join(above, f"{os.getpid()}-{os.urandom(4).hex()}")
        make_folder(folder)
        lock = Lock(os.path.join(folder, LOCK), timeout=0, what="the files of gumauth run")
        lock.acquire()
    return folder, lock


def sweep(above: str) -> None:
    """Remove the folders of runs whose keepers were killed. The caller holds the lock under which folders are made."""
    for entry in os.scandir(above):
        if not entry.is_dir(follow_symlinks=False):
            continue
        try:
            with Lock(os.path.join(entry.path, LOCK), timeout=0, what="a run"):
                remove(entry.path)
        except Busy:
            continue  # its keeper lives
        except GumauthError:
            continue  # it is removed another time


def put(path: str, token: str) -> None:
    """Write a token into its file, whole: a reader sees the old token or the new one. No line end: some send it along.

    Raises:
        HomeError: It cannot be written; the old file is there.
    """
    write_file(path, token.encode())


def remove(folder: str) -> None:
    """Remove a run's folder with its files.

    What the command has put beside them, or removed meanwhile, keeps no token there.

    Raises:
        HomeError: It cannot be removed; the tokens are, where the disk allows that.
    """
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise unusable(folder, error) from error
    for name in sorted(names, key=lambda name: name == LOCK):
        try:
            os.unlink(os.path.join(folder, name))
        except OSError:
            pass  # where it is still there, the folder cannot be removed, which is said
    try:
        os.rmdir(folder)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise unusable(folder, error) from error
