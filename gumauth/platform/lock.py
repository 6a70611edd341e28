"""A lock between processes, which the kernel releases however its holder ends. Promise R3."""

from __future__ import annotations

import _thread  # `threading` would take a millisecond
import errno
import os
import time

from gumauth.errors import Busy, HomeError, NoLocks
from gumauth.platform.files import CAREFULLY, make_folder, unusable
from gumauth.platform.folders import locate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

if os.name == "nt":  # pragma: no cover - exercised on Windows only
    import msvcrt

    def _try(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]

    def _let_go(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined,unused-ignore]

    def _take(handle: int, is_wanted: Callable[[], bool]) -> None:
        while is_wanted():
            try:
                _try(handle)
                break
            except OSError:
                time.sleep(PAUSE)

else:
    import fcntl

    def _try(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _let_go(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)

    def _take(handle: int, is_wanted: Callable[[], bool]) -> None:  # noqa: ARG001 - Windows needs it
        fcntl.flock(handle, fcntl.LOCK_EX)


MOST_FILES = 1000
"""Times that a lock file is opened anew because it was deleted meanwhile; only an attack deletes more of them."""

PAUSE = 0.02
"""Seconds between two tries on Windows, which has no queue for a lock."""

IS_HELD = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
"""What the kernel says of a lock that another process holds."""


class Lock:
    """Holds a lock file for the length of a `with` block.

    The lock file is not deleted on release: two processes could hold the lock then, each on a file of its own. Where
    another program deletes the lock file, a waiting process takes the new file at the path, and the holder learns by
    `is_current` that the file is gone. A process that is forked meanwhile does not hold the lock; its release has no
    effect.

    Args:
        path: The lock file; made where it is missing, with its folder.
        timeout: Seconds to wait for the lock.
        what: What the lock guards, for the error.

    Attributes:
        has_waited: Whether another process held the lock when `acquire` asked for it.

    Raises:
        Busy: On entering: another process still holds the lock after `timeout`.
        NoLocks: On entering: the disk knows no locks.
        HomeError: On entering: the lock file cannot be made.
    """

    def __init__(self, path: str, *, timeout: float, what: str) -> None:
        self._path, self._timeout, self._what = path, timeout, what
        self._handle = -1
        self.has_waited = False
        self._queueing: Queueing | None = None

    def acquire(self) -> None:
        """Take the lock, until `release`.

        Raises:
            Busy: Another process still holds the lock after `timeout`.
            NoLocks: The disk knows no locks.
            HomeError: The lock file cannot be made.
        """
        end = time.monotonic() + self._timeout
        for _ in range(MOST_FILES):
            with GUARD:
                self._handle = open_lock_file(self._path)
                OPEN.add(self)
            try:
                self._wait(max(end - time.monotonic(), 0.0))
                if self.is_current():
                    return
            except BaseException:
                self.release()
                raise
            self.release()
        raise self._busy()

    def is_current(self) -> bool:
        """Whether the file that is locked is still the file at the path, which every other process locks."""
        if os.name == "nt":
            return True  # Windows deletes no open file
        try:
            return os.path.samestat(os.fstat(self._handle), os.lstat(self._path))
        except OSError:
            return False

    @property
    def handle(self) -> int:
        """The open lock file, while the lock is held. The holder may read and write the file."""
        return self._handle

    def __enter__(self) -> Lock:
        self.acquire()
        return self

    def __exit__(self, *_error: object) -> None:
        self.release()

    def release(self) -> None:
        """Release the lock; nothing happens where the lock is not held."""
        with GUARD:
            if self not in OPEN:
                return
            queueing, self._queueing = self._queueing, None
            if queueing is not None and queueing.give_up():
                self._handle = -1  # the thread that waits closes the file
                OPEN.discard(self)
                return
            _unlock(self._handle)
            self.abandon()

    def abandon(self) -> None:
        """Close the lock file without unlocking it: a process that a fork shares the file with keeps the lock."""
        handle, self._handle = self._handle, -1
        OPEN.discard(self)
        os.close(handle)

    def _wait(self, seconds: float) -> None:
        try:
            _try(self._handle)
            return
        except OSError as error:
            if error.errno not in IS_HELD:
                raise _fault(self._path, error) from error
        self.has_waited = True
        self._queueing = Queueing(self._handle) if seconds > 0 else None
        if self._queueing is None or not self._queueing.ends_within(seconds):
            raise self._busy()
        fault, self._queueing = self._queueing.error, None
        if fault is not None:
            raise _fault(self._path, fault) from fault

    def _busy(self) -> Busy:
        return Busy(
            f"Another process has been busy with {self._what} for {self._timeout:.0f} s.",
            hint="Try again; `gumauth doctor` names what hangs.",
        )


def _fault(path: str, error: OSError) -> HomeError:
    """The error for a file that cannot be locked."""
    from gumauth.platform.disk_errors import NO_LOCKS, local_folder
    from gumauth.platform.text import one_line

    if error.errno not in NO_LOCKS:
        return unusable(path, error)
    try:
        data = locate(os.environ).data
    except HomeError:
        data = os.path.dirname(path)
    return NoLocks(
        f"{one_line(path)} cannot be locked: the disk that it is on knows no locks ({error.strerror}).",
        hint=local_folder(data if path.startswith(data + os.sep) else os.path.dirname(path)),
    )


def _unlock(handle: int) -> None:
    try:
        _let_go(handle)  # closing is not enough: a child process without our fork hook may have the file open too
    except OSError:
        pass  # the file was not locked


class Queueing:
    """Waits for a lock in the kernel's queue, on a thread, because the kernel's call takes no deadline.

    Without the queue, two hundred processes that try every few milliseconds would slow the holder down.

    Args:
        handle: The open lock file. After `give_up`, the thread closes it.

    Attributes:
        error: The kernel's error, once the waiting has ended; None where the lock was taken.
    """

    def __init__(self, handle: int) -> None:
        self.error: OSError | None = None
        self._handle = handle
        self._is_wanted = True
        self._deciding, self._running = _thread.allocate_lock(), _thread.allocate_lock()
        self._running.acquire()
        _thread.start_new_thread(self._run, ())

    def _run(self) -> None:
        try:
            _take(self._handle, lambda: self._is_wanted)
        except OSError as error:
            self.error = error
        with self._deciding:
            self._running.release()
            if not self._is_wanted:
                _unlock(self._handle)
                os.close(self._handle)

    def ends_within(self, seconds: float) -> bool:
        """Whether the kernel gives the lock, or an error, within so many seconds."""
        if not self._running.acquire(timeout=seconds):
            return False
        self._running.release()
        return True

    def give_up(self) -> bool:
        """Stop waiting; False where the waiting has ended. The thread releases the lock once the kernel gives it."""
        with self._deciding:
            if not self._running.locked():
                return False
            self._is_wanted = False
            return True


OPEN: set[Lock] = set()
"""The locks of this process that have their files open."""

GUARD = _thread.RLock()
"""Held while a lock file is opened or closed, and during a fork: `OPEN` names every open lock file in the fork."""


def _abandon_all() -> None:
    """Close the lock files of the parent process, in a fork of it.

    If the parent were killed with these files open in the fork, the kernel would release the locks only at the end of
    the fork. Unlocking the files here would take the locks from the parent.
    """
    try:
        for lock in list(OPEN):
            try:
                lock.abandon()
            except OSError:
                pass  # the program has closed all files of the fork
    finally:
        GUARD.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=GUARD.acquire, after_in_parent=GUARD.release, after_in_child=_abandon_all)


def open_lock_file(path: str) -> int:
    """Open a lock file, and make it where it is missing.

    An existing file may be read-only: flock needs no right to write.

    Raises:
        HomeError: The lock file cannot be opened, or is missing and cannot be made.
    """
    flags = os.O_RDWR | os.O_CREAT | CAREFULLY
    try:
        return os.open(path, flags, 0o600)
    except FileNotFoundError:
        make_folder(os.path.dirname(path))
    except OSError as error:
        if error.errno not in (errno.EROFS, errno.EACCES):
            raise unusable(path, error) from error
        flags = os.O_RDONLY | CAREFULLY
    try:
        return os.open(path, flags, 0o600)
    except OSError as error:
        raise unusable(path, error) from error
