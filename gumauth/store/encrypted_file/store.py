"""Secrets in encrypted files; the person chooses this store with GUMAUTH_STORE=file. Promises K10 and K11.

    <data>/secrets/header           one line of JSON: how the key is made, and a check that tells a wrong key
    <data>/secrets/<hash>.secret    one entry: "GUM1", 12 bytes nonce, AES-256-GCM of the value

GCM authenticates an entry's name together with its value, so that entries cannot be exchanged for one another.

A process that is killed while it writes an entry leaves a temporary file, which opens with the same key. The next write
or deletion of that entry removes the temporary file. One lock for all writing keeps the files of living processes safe.
"""

from __future__ import annotations

import os

from gumauth.errors import Busy, HomeError, PassphraseError, RecordCorrupt, StoreError
from gumauth.platform.files import read_file, remove_file, remove_leftovers, write_file
from gumauth.platform.settings import source
from gumauth.store.encrypted_file.header import Header, decode, encode, made, opens
from gumauth.store.encrypted_file.passphrase import key_from_file, passphrase, stretch
from gumauth.store.sealing import seal, unseal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Literal

    from gumauth.platform.folders import Home
    from gumauth.platform.lock import Lock
    from gumauth.store.encrypted_file.kept_key import KeptKey

PATIENCE = 30.0
SAID_BY = {"key": ("GUMAUTH_KEY_FILE",), "passphrase": ("GUMAUTH_PASSPHRASE", "GUMAUTH_PASSPHRASE_FILE")}
"""What opens the file → the variables that say it, in the order in which they are read."""

WORK = 17
"""Base-2 logarithm of scrypt's N: 128 MiB of memory, and about half a second."""


class EncryptedStore:
    """Keeps each value in an encrypted file of its own.

    Args:
        home: The folders; the files are in the data folder.
        environ: May hold GUMAUTH_KEY_FILE, GUMAUTH_PASSPHRASE and GUMAUTH_PASSPHRASE_FILE.
        ask: Asks the person for a secret; None where nobody can be asked.
        work: Base-2 logarithm of scrypt's N for a new header.
    """

    name = "encrypted file"

    def __init__(
        self, home: Home, environ: Mapping[str, str], ask: Callable[[str], str] | None, *, work: int = WORK
    ) -> None:
        self._folder = os.path.join(home.data, "secrets")
        self._header_path = os.path.join(self._folder, "header")
        self._lock_path = os.path.join(home.data, "locks", "encrypted file.lock")
        self._unlock_path = os.path.join(home.data, "locks", "passphrase.lock")
        self._environ, self._ask, self._work = environ, ask, work
        self._key: bytes | None = None

    def unlock(self) -> None:
        """Get the key, for which the person may be asked; afterwards no method asks the person.

        Raises:
            PassphraseError: The passphrase or key is missing or wrong.
            StoreError: The header is damaged, or cannot be made.
        """
        try:
            self._any_key()
        except (HomeError, Busy) as error:
            raise _as_store_error(error) from error

    @property
    def has_passphrase(self) -> bool:
        """Whether the key is made of a passphrase, and not read from a key file.

        Raises:
            StoreError: The header is damaged, or cannot be read.
        """
        return self.opened_by == "passphrase"

    @property
    def opened_by(self) -> Literal["passphrase", "key"] | None:
        """Whether a passphrase or the key of a key file opens the file; None where there is no file yet.

        Raises:
            StoreError: The header is damaged, or cannot be read.
        """
        header = self._read_header()
        return None if header is None else "key" if header.work is None else "passphrase"

    def get(self, key: str) -> str | None:
        """The value under a key; None where there is none, which needs no passphrase.

        Raises:
            PassphraseError: The passphrase or key is missing or wrong.
            RecordCorrupt: The entry or the header was damaged.
            StoreError: The file cannot be read.
        """
        content = _read(self._path(key))
        if content is None:
            return None
        plain = unseal(self._known_key(), content, b"entry " + key.encode())
        if plain is None:
            raise RecordCorrupt(
                f"{self._path(key)} was damaged: it does not decrypt.",
                hint="Restore it from a backup, or connect the account again.",
            )
        return plain.decode()

    def set(self, key: str, value: str) -> None:
        """Encrypt a value and put it under a key, whole or not at all.

        Raises:
            PassphraseError: The passphrase or key is missing or wrong.
            RecordCorrupt: The header was damaged.
            StoreError: The disk is full or read-only; the older value is unchanged.
        """
        try:
            sealed = seal(self._any_key(), value.encode(), b"entry " + key.encode())
            with self._alone():
                remove_leftovers(self._path(key))
                write_file(self._path(key), sealed)
        except (HomeError, Busy) as error:
            raise _as_store_error(error) from error

    def delete(self, key: str) -> None:
        """Remove the files of a key; needs no passphrase, so that a person who forgot it can delete secrets.

        Raises:
            StoreError: A file cannot be removed.
        """
        try:
            with self._alone():
                remove_file(self._path(key))
                remove_leftovers(self._path(key))
        except (HomeError, Busy) as error:
            raise _as_store_error(error) from error

    def empty(self) -> None:
        """Remove all entries and the header: what is set next is encrypted under the key that the environment has.

        Raises:
            StoreError: A file cannot be removed.
        """
        try:
            with self._alone():
                for name in sorted(_names(self._folder), key="header".__eq__):  # the header, which opens them, last
                    remove_file(os.path.join(self._folder, name))
        except (HomeError, Busy) as error:
            raise _as_store_error(error) from error
        self._key = None

    def _alone(self) -> Lock:
        return _lock(self._lock_path, "the encrypted file")

    def _path(self, key: str) -> str:
        from gumauth.platform.digest import sha256

        return os.path.join(self._folder, f"{sha256(key.encode()).hexdigest()[:32]}.secret")

    def _known_key(self) -> bytes:
        """The key of the present header."""
        if self._key is None:
            header = self._read_header()
            if header is None:
                raise self._without_header()
            self._key = self._unlock(header)
        return self._key

    def _any_key(self) -> bytes:
        """The key of the header; where there is no header, one process makes it, with a lock held."""
        if self._key is None and self._read_header() is None:
            with self._alone():
                if self._read_header() is None:
                    self._key = self._make_header()
        return self._known_key()

    def _read_header(self) -> Header | None:
        content = _read(self._header_path)
        return None if content is None else decode(content, self._header_path)

    def _make_header(self) -> bytes:
        if any(name.endswith(".secret") for name in _names(self._folder)):
            raise self._without_header()
        salt = os.urandom(16)
        key, work = key_from_file(self._environ), None
        if key is None:
            work = self._work
            key = stretch(passphrase(self._environ, self._ask, new=True), salt, work=work)
        header = made(key, salt=salt, work=work)
        write_file(self._header_path, encode(header))
        return key if work is None else self._kept(header).keep(key)

    def _unlock(self, header: Header) -> bytes:
        """The header's key: from the key file, from the kernel's keyring, or from the passphrase.

        The person is asked before the lock is taken: an answer may take long.
        """
        work = header.work
        if work is None:
            return self._checked(header, self._key_from_file())
        kept = self._kept(header)
        if (key := kept.find()) is not None:
            return key
        phrase = passphrase(self._environ, self._ask, new=False)
        lock = _lock(self._unlock_path, "the passphrase")
        return kept.made_once(lambda: self._checked(header, stretch(phrase, header.salt, work=work)), lock)

    def _kept(self, header: Header) -> KeptKey:
        from gumauth.store.encrypted_file.kept_key import KeptKey

        return KeptKey(header, self._environ)

    def _key_from_file(self) -> bytes:
        key = key_from_file(self._environ)
        if key is None:
            raise PassphraseError(
                "The encrypted file was made with a key file, and GUMAUTH_KEY_FILE is not set.",
                hint="Set GUMAUTH_KEY_FILE to that file.",
            )
        return key

    def _checked(self, header: Header, key: bytes) -> bytes:
        if opens(header, key):
            return key
        what = "key" if header.work is None else "passphrase"
        where = next((name for name in SAID_BY[what] if self._environ.get(name)), SAID_BY[what][0])
        said = source(self._environ, where)
        raise PassphraseError(
            f"The {what} is not the one that {self._folder} was encrypted with.",
            hint=f"Give the right {what}: see {said}; or move that folder away and connect the accounts again.",
        )

    def _without_header(self) -> RecordCorrupt:
        return RecordCorrupt(
            f"{self._header_path} is missing, without which no entry can be decrypted.",
            hint=f"Restore it from a backup; or remove {self._folder} and connect the accounts again.",
        )

    def __repr__(self) -> str:
        return f"EncryptedStore({self._folder!r})"


def _lock(path: str, what: str) -> Lock:
    from gumauth.platform.lock import Lock  # for writing, or making a key of a passphrase

    return Lock(path, timeout=PATIENCE, what=what)


def _read(path: str) -> bytes | None:
    try:
        return read_file(path)
    except HomeError as error:
        raise _as_store_error(error) from error


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _as_store_error(error: HomeError | Busy) -> StoreError:
    return StoreError(error.message, hint=error.hint)
