"""The lock that all processes of a person share at the keyring: one at a time speaks with it. Promises K14 and Y1.

gnome-keyring 42 aborts, and comes back locked, when several connections come and go quickly. The lock guards that
daemon and not the data, so where there can be no lock file, gumauth goes on without the lock.
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
"""Seconds within which two hundred processes that start at once have each had the lock."""


def lock_path(address: str | None, home: Home) -> str:
    """The path of the lock file: beside the socket of the bus, so that all processes at that bus share the file.

    The file is in the data folder where the socket is in no folder, or others may write in the socket's folder.

    Args:
        address: As in DBUS_SESSION_BUS_ADDRESS; None where that is not set.
        home: The folders.
    """
    path = likely(address or "") or "\0"
    folder = _own_folder(path) if path[0] != "\0" else None
    return os.path.join(folder, "gumauth-keyring.lock") if folder else os.path.join(home.data, "locks", "keyring.lock")


def _own_folder(path: str) -> str | None:
    """The folder of a socket, with links followed; None where another user owns the folder or may write in it."""
    try:
        folder = os.path.dirname(os.path.realpath(path))
        found = os.stat(folder)
        return folder if found.st_uid == os.geteuid() and not found.st_mode & 0o022 else None
    except (OSError, ValueError, AttributeError):
        return None


class KeyringLock:
    """Holds the lock for the length of a `with` block; does nothing where there can be no lock file.

    Raises:
        KeyringLockTimeout: On entering: other processes have held the lock for `PATIENCE` seconds.
    """

    def __init__(self, path: str) -> None:
        self._lock = Lock(path, timeout=PATIENCE, what="the keyring")
        self._is_locked = False

    def __enter__(self) -> None:
        try:
            self._lock.__enter__()
            self._is_locked = True
        except HomeError:
            pass
        except Busy as error:
            raise KeyringLockTimeout from error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_locked:
            self._is_locked = False
            self._lock.__exit__(kind, error, trace)


class KeyringLockTimeout(Exception):
    """Other processes have held the keyring's lock for `PATIENCE` seconds."""


class OneThread:
    """Lets one thread of this process at a time into a `with` block.

    In a forked process the lock is a new one: the thread that held the old one does not exist there.
    """

    def __init__(self) -> None:
        self._lock, self._process = _thread.allocate_lock(), os.getpid()

    def __enter__(self) -> None:
        if self._process != os.getpid():
            self._lock, self._process = _thread.allocate_lock(), os.getpid()
        self._lock.acquire()

    def __exit__(self, *_error: object) -> None:
        self._lock.release()
