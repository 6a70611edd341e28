"""A lock between processes that the kernel holds and lets go of, however its holder ends."""

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
    from types import TracebackType

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
"""Lock files that are deleted, one after the other, while they are taken: nobody does that but to keep others away."""

PAUSE = 0.02
"""Seconds between tries, where the kernel has no queue to wait in."""

IS_HELD = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
"""What the kernel says of a lock that another process holds."""


class Lock:
    """Holds a lock file for the length of a `with` block.

    The file is not deleted on release: that would let two processes hold "the" lock, each on a file of its own. Where
    somebody else has deleted it, whoever waited for it takes the one that is at the path by then, and who holds it can
    ask with `is_current`. A process that is forked meanwhile does not hold it, and may release it without effect.

    Args:
        path: The lock file; made where it is missing, with its folder.
        timeout: Seconds to wait for it.
        what: What is waited for, for the error.

    Attributes:
        has_waited: Whether another process held it when it was asked for.

    Raises:
        Busy: On entering: still held by another process when the time is up.
        NoLocks: On entering: the disk knows no locks.
        HomeError: On entering: the file cannot be made.
    """

    def __init__(self, path: str, *, timeout: float, what: str) -> None:
        self._path, self._timeout, self._what = path, timeout, what
        self._handle = -1
        self.has_waited = False
        self._queueing: Queueing | None = None

    def acquire(self) -> None:
        """Take it; `release` lets it go.

        Raises:
            Busy: Still held by another process when the time is up.
            HomeError: The file cannot be made.
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
        """Whether the lock file that is held is the one at its path, where everybody else looks for it."""
        if os.name == "nt":
            return True  # a file that is open cannot be deleted there
        try:
            return os.path.samestat(os.fstat(self._handle), os.lstat(self._path))
        except OSError:
            return False

    @property
    def handle(self) -> int:
        """The open lock file, while it is held. What is in the file is the holder's affair."""
        return self._handle

    def __enter__(self) -> Lock:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def release(self) -> None:
        """Let it go; nothing happens where it is not held."""
        with GUARD:
            if self not in OPEN:
                return
            queueing, self._queueing = self._queueing, None
            if queueing is not None and queueing.give_up():
                self._handle = -1  # it is the thread's now
                OPEN.discard(self)
                return
            _unlock(self._handle)
            self.abandon()

    def abandon(self) -> None:
        """Close the file. Another process that has it open through a fork keeps what it has."""
        handle, self._handle = self._handle, -1
        OPEN.discard(self)
        os.close(handle)

    def _wait(self, seconds: float) -> None:
        try:
            _try(self._handle)
        except OSError as error:
            if error.errno not in IS_HELD:
                raise _fault(self._path, error) from error
            self._queue(seconds)

    def _queue(self, seconds: float) -> None:
        self.has_waited = True
        self._queueing = Queueing(self._handle) if seconds > 0 else None
        if self._queueing is None or not self._queueing.ends_within(seconds):
            raise self._busy()
        error, self._queueing = self._queueing.error, None
        if error is not None:
            raise _fault(self._path, error) from error

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
        _let_go(handle)  # a process that came about without our hook has the file open too, so closing may not do
    except OSError:
        pass  # it was not held


class Queueing:
    """Waits for a lock in the kernel's queue, on a thread of its own, because that can have no deadline there.

    Two hundred processes that looked for themselves every few milliseconds would keep the holder from its work.

    Args:
        handle: The lock file's. It is the thread's to close, once it is given up.
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
        """Whether the lock is there, or an error, before the time is up."""
        if not self._running.acquire(timeout=seconds):
            return False
        self._running.release()
        return True

    def give_up(self) -> bool:
        """Leave the queue; False where it has ended already. The thread may go on, and lets the lock go at once."""
        with self._deciding:
            if not self._running.locked():
                return False
            self._is_wanted = False
            return True


OPEN: set[Lock] = set()
"""The locks of this process that have their files open."""

GUARD = _thread.RLock()
"""Held while a file is opened or closed, and over a fork, so that a fork finds all that are open in `OPEN`."""


def _abandon_all() -> None:
    """In a new fork: close the files of the other process's locks.

    Otherwise the kernel would let go of a lock only when the fork ends too, should the other process be killed. They
    are not unlocked, which would take the lock from the other process.
    """
    try:
        for lock in list(OPEN):
            try:
                lock.abandon()
            except OSError:
                pass  # somebody has closed all files
    finally:
        GUARD.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=GUARD.acquire, after_in_parent=GUARD.release, after_in_child=_abandon_all)


def open_lock_file(path: str) -> int:
    """A handle of the lock file, not inherited by children; one that exists need not be writable.

    Raises:
        HomeError: It is not there and cannot be made.
    """
    extra = CAREFULLY
    try:
        return _made(path, extra)
    except FileNotFoundError:
        make_folder(os.path.dirname(path))
    except OSError as error:
        if error.errno not in (errno.EROFS, errno.EACCES):
            raise unusable(path, error) from error
    try:
        return _made(path, extra)
    except OSError:
        pass  # a read-only home: flock asks for no right to write
    try:
        return os.open(path, os.O_RDONLY | extra)
    except OSError as error:
        raise unusable(path, error) from error


def _made(path: str, extra: int) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | extra, 0o600)
