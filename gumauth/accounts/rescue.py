"""The answer to a refresh, safe on disk before the store is asked to take it.

A keyring's daemon may die between the answer and the write, and the refresh token that the store still has is spent
by then. So every record carries a random key, and the next answer is first written to a file under that key:

    <data>/rescue/<provider>.<id>    one entry as in `sealing`, for the moments of a refresh

The file is there in its full size before the refresh token is sent, and is overwritten in place: a disk that has become
full takes the answer all the same. It is of no use to who cannot read the store, and is deleted once the store has the
record. While it is there its lock is held, so that a second process waits for the first one's answer even where the
account's own lock file has been deleted in between.
"""

from __future__ import annotations

import errno
import os

from gumauth.accounts.interface import RefreshUnderWay
from gumauth.errors import Busy, HomeError
from gumauth.platform.files import read_file, remove_file, sync_folder, unusable, write_all
from gumauth.platform.lock import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gumauth.platform.folders import Home

LEAST_ROOM = 1 << 14
"""Bytes that are held for an answer; twice those of the present record where that is more."""

READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)

CANNOT_ALLOCATE = (errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS)
"""What file systems say that can only write; macOS and Windows do not have the call at all."""

PATIENCE = 45.0
"""Seconds to wait for another process's refresh, as for the account's lock."""


class RoomTaken(RefreshUnderWay):
    """Another process has its answer on the way, under an account lock that somebody has deleted since."""

    def __init__(self, path: str, what: str) -> None:
        super().__init__(what)
        self._path, self._what = path, what

    def wait(self) -> None:
        """Wait until the other one has done with it; to be called without the account's lock, which it may need.

        Raises:
            Busy: It takes too long.
        """
        with Lock(self._path, timeout=PATIENCE, what=self._what):
            if not _size(self._path):
                _drop(self._path)  # the other one's is gone; this one was made by waiting for it


class Room:
    """Holds the room for one answer on disk, for the length of a `with` block.

    Args:
        path: The file.
        size: Bytes of the present record.
        what: Whose answer it is, for the error.

    Attributes:
        is_used: Whether the file is to stay at the end: there is an answer in it that the store does not have, or
            perhaps one that a process has left which was killed.

    Raises:
        RoomTaken: On entering: another process has it.
        HomeError: On entering: the file cannot be made.
    """

    def __init__(self, path: str, size: int, what: str) -> None:
        self._path, self._size, self._what = path, max(2 * size, LEAST_ROOM), what
        self._lock = Lock(path, timeout=0, what=what)
        self._is_held = self.is_used = False

    def __enter__(self) -> Room:
        try:
            self._lock.acquire()
        except Busy:
            raise RoomTaken(self._path, self._what) from None
        except HomeError as error:
            if not _is_read_only(error):
                raise
            return self  # the store alone keeps the answer then
        self._is_held, self.is_used = True, bool(_size(self._path))
        return self

    def __exit__(self, *_error: object) -> None:
        is_over = self._is_held and not self.is_used
        if is_over and os.name != "nt":
            _drop(self._path)
        self._lock.release()
        if is_over and os.name == "nt":
            _drop(self._path)  # what is open cannot be deleted there

    def fill(self) -> None:
        """Have the room on the disk; what was in it is of no use to anybody.

        Raises:
            HomeError: The disk does not have it.
        """
        self.is_used = False
        if self._is_held:
            try:
                _fill(self._lock.handle, self._size)
                sync_folder(os.path.dirname(self._path))
            except OSError as error:
                raise unusable(self._path, error) from error

    def keep(self, account_key: str, text: str, key: str) -> bool:
        """Write an answer down, encrypted, in the room that is held; whether that worked.

        It is a second net, so failing is no error. The open file is written, wherever it has been moved meanwhile.

        Args:
            account_key: Provider and id.
            text: The record, encoded.
            key: The one in the record that it follows.
        """
        from gumauth.store.sealing import OVERHEAD, seal

        if not self._is_held:
            return False
        handle = self._lock.handle
        try:
            # Blanks behind JSON mean nothing, and so the whole file is written over.
            padded = text.encode().ljust(os.fstat(handle).st_size - OVERHEAD)
            os.lseek(handle, 0, os.SEEK_SET)
            write_all(handle, seal(bytes.fromhex(key), padded, _about(account_key)))
            os.fsync(handle)
        except OSError:
            return False
        self.is_used = True
        return True


def _size(path: str) -> int:
    try:
        return os.stat(path, follow_symlinks=False).st_size
    except OSError:
        return 0


def _is_read_only(error: HomeError) -> bool:
    return isinstance(error.__cause__, OSError) and error.__cause__.errno in READ_ONLY


def _fill(handle: int, size: int) -> None:
    """Give an open file this size, on the disk and not only in its description."""
    try:
        os.posix_fallocate(handle, 0, size)
    except (AttributeError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in CANNOT_ALLOCATE:
            raise
        os.lseek(handle, 0, os.SEEK_SET)
        write_all(handle, bytes(size))
    os.fsync(handle)


class Rescue:
    """The folder of rescued answers.

    Args:
        home: Under whose data folder.
    """

    def __init__(self, home: Home) -> None:
        self._folder = os.path.join(home.data, "rescue")

    def room(self, account_key: str, size: int) -> Room:
        """The room for the answer to a refresh of this account, whose present record has so many bytes."""
        return Room(self._path(account_key), size, account_key.split("/")[0])

    def find(self, account_key: str, keys: Iterable[str]) -> str | None:
        """The answer that one of these keys opens; None where there is none."""
        try:
            content = read_file(self._path(account_key))
        except HomeError:
            return None
        if content is None:
            return None
        from gumauth.store.sealing import unseal

        for key in keys:
            plain = unseal(bytes.fromhex(key), content, _about(account_key))
            if plain is not None:
                return plain.decode()
        return None

    def drop(self, account_key: str) -> None:
        """The store has it, or it is not wanted any more."""
        _drop(self._path(account_key))

    def _path(self, account_key: str) -> str:
        return os.path.join(self._folder, account_key.replace("/", "."))


def _drop(path: str) -> None:
    try:
        remove_file(path)
    except HomeError:
        pass  # without the key, which is gone with its record, it is noise


def _about(account_key: str) -> bytes:
    return b"rescue " + account_key.encode()
