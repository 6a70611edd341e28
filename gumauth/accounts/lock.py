"""The lock under which one account is changed. Promises R3, R9 and Y1."""

from __future__ import annotations

import os

from gumauth.errors import HomeError
from gumauth.platform.lock import Lock
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.platform.folders import Home

PATIENCE = 45.0
"""Seconds to wait for another process: one refresh at its deadline (30 s) and a slow keyring after it."""


class AccountLock:
    """One lock file in the data folder, beside the accounts that it guards: whoever has the data has the lock.

    Refresh, connect, revoke and disconnect take the lock. Reading does not: a record is replaced in one step, so a
    reader sees the old record or the new one.

    An older gumauth, which may be running in a program that was started before an update, has its locks in the state
    folder. Where that folder is there, its lock is taken too.

    Args:
        home: The folders.
        key: Provider and id of an account, or `<provider>/connect` for giving names to the provider's accounts.
        timeout: Seconds to wait for each lock file; None for `PATIENCE`.

    Raises:
        Busy: On entering: still held by another process when the time is up.
        HomeError: On entering: the file cannot be made.
    """

    def __init__(self, home: Home, key: str, timeout: float | None = None) -> None:
        name, what = f"{key.replace('/', '.')}.lock", key.split("/")[0]
        seconds = PATIENCE if timeout is None else timeout
        self._data, self._older_locks = home.data, home.older_locks
        self._lock = Lock(os.path.join(self._data, "locks", name), timeout=seconds, what=what)
        self._older = Lock(os.path.join(self._older_locks, name), timeout=seconds, what=what)

    def acquire(self) -> None:
        """Take the lock; raises as on entering."""
        self._lock.acquire()
        try:
            if os.path.isdir(self._older_locks):
                self._older.acquire()
        except HomeError:
            pass  # nobody else can use it either
        except BaseException:
            self._lock.release()
            raise

    def release(self) -> None:
        """Let the lock go; nothing happens where it is not held."""
        self._older.release()
        self._lock.release()

    @property
    def handle(self) -> int:
        """The open lock file, while it is locked. The holder may read and write it."""
        return self._lock.handle

    def take_again(self) -> bool:
        """See to it that the lock is held where others look for it: somebody may have deleted the file meanwhile.

        Returns:
            Whether it was not, so that others may have had it in between.

        Raises:
            Busy: Another process has held the new one all the time.
            HomeError: A new one cannot be made; the data folder is not there any more, for one.
        """
        if self._lock.is_current():
            return False
        if not os.path.isdir(self._data):
            # It may come back, with what is in it: another one must not be in its place then.
            raise HomeError(f"{one_line(self._data, 500)} is not there any more.", hint="Put it back where it was.")
        self.release()
        self.acquire()
        return True

    def __enter__(self) -> AccountLock:
        self.acquire()
        return self

    def __exit__(self, *_error: object) -> None:
        self.release()
