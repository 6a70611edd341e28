"""One at a time at the keyring: the lock that all processes of a person share.

gnome-keyring 42 aborts, and comes back locked, when several connections come and go quickly. The lock guards the
daemon and not the data, so where its file cannot be made, things go on without it.
"""

from __future__ import annotations

import _thread  # `threading` would take a millisecond
import os

from gumauth.errors import Busy, HomeError
from gumauth.platform.lock import Lock
from gumauth.store.dbus.addresses import likely

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

    from gumauth.platform.folders import Home

PATIENCE = 30.0
"""Seconds: two hundred processes that start at once have each had their turn before that."""


def lock_path(address: str | None, home: Home) -> str:
    """The lock file: beside the socket of the daemon's bus, whatever else a process is told of folders.

    Where others may write there, or the socket is in no folder, it is in the data folder.

    Args:
        address: As in DBUS_SESSION_BUS_ADDRESS; None where that is not set.
        home: The folders.
    """
    path = likely(address or "") or "\0"
    folder = _own_folder(path) if path[0] != "\0" else None
    return os.path.join(folder, "gumauth-keyring.lock") if folder else os.path.join(home.data, "locks", "keyring.lock")


def _own_folder(path: str) -> str | None:
    """The folder in which the socket is, behind links or not; None where it is not this user's alone to write in."""
    try:
        folder = os.path.dirname(os.path.realpath(path))
        found = os.stat(folder)
        return folder if found.st_uid == os.geteuid() and not found.st_mode & 0o022 else None
    except (OSError, ValueError, AttributeError):
        return None


class Turn:
    """Holds the lock for the length of a `with` block, or nothing where there can be no lock.

    Raises:
        TurnTimeout: On entering: other processes have held it all the time.
    """

    def __init__(self, path: str) -> None:
        self._lock = Lock(path, timeout=PATIENCE, what="the keyring")
        self._held = False

    def __enter__(self) -> Turn:
        try:
            self._lock.__enter__()
            self._held = True
        except HomeError:
            pass
        except Busy as error:
            raise TurnTimeout from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._held:
            self._held = False
            self._lock.__exit__(kind, error, trace)


class OneThread:
    """Holds a conversation for one thread of this process, for the length of a `with` block.

    A process that is forked meanwhile begins anew: the thread that holds it is not there.
    """

    def __init__(self) -> None:
        self._lock, self._process = _thread.allocate_lock(), os.getpid()

    def __enter__(self) -> None:
        if self._process != os.getpid():
            self._lock, self._process = _thread.allocate_lock(), os.getpid()
        self._lock.acquire()

    def __exit__(self, *_error: object) -> None:
        self._lock.release()


class TurnTimeout(Exception):
    """Other processes have been busy with the keyring for `PATIENCE` seconds."""
