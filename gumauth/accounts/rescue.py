"""The answer to a refresh, safe on disk before the store is asked to take it.

A keyring's daemon may die between the answer and the write, and the refresh token that the store still has is spent
by then. So every record carries a random key, and the next answer is first written to a file under that key:

    <data>/rescue/<provider>.<id>    one entry as in `sealing`, for the moments of a refresh

The file is there in its full size before the refresh token is sent, and is overwritten in place: a disk that has become
full takes the answer all the same. Who cannot read the store cannot read the file, which is deleted once the store has
the record. While the file is there its lock is held, so that a second process waits for the first one's answer even
where the account's own lock file has been deleted in between. Promises K13 and Y2.
"""

from __future__ import annotations

import errno
import os

from gumauth.accounts.interface import RefreshUnderWay
from gumauth.accounts.lock import PATIENCE
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


class RescueFile:
    """The file for the answer to one refresh of an account, held for the length of a `with` block.

    Args:
        home: Under whose data folder.
        account_key: Provider and id.

    Attributes:
        is_used: Whether the file is to stay at the end, because it has an answer that the store does not have, or
            content that a killed process has left.

    Raises:
        RefreshUnderWay: On entering: another process has it.
        HomeError: On entering: the file cannot be made.
    """

    def __init__(self, home: Home, account_key: str) -> None:
        self._path = os.path.join(home.data, "rescue", account_key.replace("/", "."))
        self._what, self._about = account_key.split("/")[0], b"rescue " + account_key.encode()
        self._lock = Lock(self._path, timeout=0, what=self._what)
        self._is_held = self.is_used = False

    def __enter__(self) -> RescueFile:
        try:
            self._lock.acquire()
        except Busy:
            raise RefreshUnderWay(self._wait) from None
        except HomeError as error:
            if not _is_read_only(error):
                raise
            return self  # the store alone keeps the answer then
        self._is_held, self.is_used = True, bool(_size(self._path))
        return self

    def __exit__(self, *_error: object) -> None:
        is_over = self._is_held and not self.is_used
        if is_over and os.name != "nt":
            self.drop()
        self._lock.release()
        if is_over and os.name == "nt":
            self.drop()  # what is open cannot be deleted there

    def fill(self, size: int) -> None:
        """Give the file the size that an answer needs; its present content is written over.

        Args:
            size: Bytes of the present record.

        Raises:
            HomeError: The disk does not have that much room.
        """
        self.is_used = False
        if self._is_held:
            try:
                _fill(self._lock.handle, max(2 * size, LEAST_ROOM))
                sync_folder(os.path.dirname(self._path))
            except OSError as error:
                raise unusable(self._path, error) from error

    def keep(self, text: str, key: str) -> bool:
        """Write an answer into the file, encrypted; whether that worked.

        A failure is no error, because the store is given the answer next. The open file is written, wherever somebody
        has moved it meanwhile.

        Args:
            text: The record, encoded.
            key: The key in the record that this record follows. Secret.
        """
        from gumauth.store.sealing import OVERHEAD, seal

        if not self._is_held:
            return False
        handle = self._lock.handle
        try:
            # Blanks behind JSON mean nothing, and so the whole file is written over.
            padded = text.encode().ljust(os.fstat(handle).st_size - OVERHEAD)
            os.lseek(handle, 0, os.SEEK_SET)
            write_all(handle, seal(bytes.fromhex(key), padded, self._about))
            os.fsync(handle)
        except OSError:
            return False
        self.is_used = True
        return True

    def find(self, keys: Iterable[str]) -> str | None:
        """The answer that one of these keys opens; None where there is none."""
        try:
            content = read_file(self._path)
        except HomeError:
            return None
        if content is None:
            return None
        from gumauth.store.sealing import unseal

        opened = (unseal(bytes.fromhex(key), content, self._about) for key in keys)
        return next((plain.decode() for plain in opened if plain is not None), None)

    def drop(self) -> None:
        """Delete the file: the store has the answer, or it is not wanted any more."""
        try:
            remove_file(self._path)
        except HomeError:
            pass  # without the key, which is gone with its record, it is noise

    def _wait(self) -> None:
        with Lock(self._path, timeout=PATIENCE, what=self._what):
            if not _size(self._path):
                self.drop()  # the other one's is gone; this one was made by waiting for it


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
