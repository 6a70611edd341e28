"""The answer to a refresh, safe on disk before the store is asked to take it.

A keyring's daemon may die between the answer and the write, and the refresh token that the store still has is spent
by then. So every record carries a random key, and the next answer is first written to a file under that key:

    <data>/rescue/<provider>.<id>    one entry as in `sealing`, for the moments of a refresh

The file is of no use to who cannot read the store. It is deleted once the store has the record.
"""

from __future__ import annotations

import os

from gumauth.errors import HomeError
from gumauth.home import read_file, remove_file, write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gumauth.home import Home


def new_key() -> str:
    """A key for the successor of a record: 32 random bytes in hexadecimal. Secret."""
    return os.urandom(32).hex()


def is_key(value: object) -> bool:
    """Whether it is a key as `new_key` makes one."""
    return isinstance(value, str) and len(value) == 64 and set(value) <= set("0123456789abcdef")


class Rescue:
    """The folder of rescued answers.

    Args:
        home: Under whose data folder.
    """

    def __init__(self, home: Home) -> None:
        self._folder = os.path.join(home.data, "rescue")

    def keep(self, account_key: str, text: str, key: str) -> bool:
        """Write an answer down, encrypted; whether that worked. It is a second net, so failing is no error.

        Args:
            account_key: Provider and id.
            text: The record, encoded.
            key: The one in the record that it follows.
        """
        from gumauth.store.sealing import seal

        try:
            write_file(self._path(account_key), seal(bytes.fromhex(key), text.encode(), _about(account_key)))
        except HomeError:
            return False
        return True

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
        try:
            remove_file(self._path(account_key))
        except HomeError:
            pass  # without the key, which is gone with its record, it is noise

    def _path(self, account_key: str) -> str:
        return os.path.join(self._folder, account_key.replace("/", "."))


def _about(account_key: str) -> bytes:
    return b"rescue " + account_key.encode()
