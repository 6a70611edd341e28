"""A keyring with the entries of one data folder, under its present service name and its older ones. Promise Y5.

A service name is made of the folder's path: two folders do not overwrite each other's entries. A folder that is moved
gets another name, and an older gumauth made names of links that led to the folder. So the folder remembers its names:

    <data>/keyring.json    {"version": 1, "folder": its path, "inode": its number, "services": its names}

An entry is written under the present name, looked for under the present name and then under the others, and deleted
under all names. A folder with the remembered number is the remembered folder, at whatever path. A folder with another
number is a copy while there is a folder at the remembered path, to which the entries belong: the copy has its present
name alone. Where no folder is at that path, the folder was moved from another disk.
"""

from __future__ import annotations

import os

from gumauth.errors import HomeError, StoreError
from gumauth.platform.files import make_folder, read_file, write_file
from gumauth.platform.frozen import fields_of, from_json, frozen, members
from gumauth.platform.json import dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gumauth.platform.folders import Home
    from gumauth.store.interface import Store

VERSION = 1
MOST = 20
"""Names that a folder remembers."""


@frozen
class Remembered:
    """What a data folder remembers: its path, its number, and the service names of its entries."""

    folder: str
    inode: int
    services: tuple[str, ...]


class NamedStore:
    """The store with the entries of one data folder.

    Args:
        home: The data folder.
        make: Makes the store for the entries of one service name.
    """

    def __init__(self, home: Home, make: Callable[[str], Store]) -> None:
        self._home, self._make = home, make
        self._noted = _read(home)
        own = [home.service, *home.older_services]
        known = self._noted.services if self._noted and not _is_copy(home, self._noted) else []
        self._services = tuple(dict.fromkeys([*own, *known]))
        self._stores: dict[str, Store] = {}
        self.name = self._store(self._services[0]).name

    def get(self, key: str) -> str | None:
        """The value of a key; None where no name has an entry for the key.

        Raises:
            StoreError: The keyring cannot be asked.
        """
        for service in self._services:
            value = self._store(service).get(key)
            if value is not None:
                return value
        return None

    def set(self, key: str, value: str) -> None:
        """Write the value of a key, in place of an older value.

        Raises:
            StoreError: The keyring does not keep the value.
        """
        self._note()
        self._store(self._services[0]).set(key, value)
        for service in self._services[1:]:
            try:
                self._store(service).delete(key)
            except StoreError:
                pass  # `get` finds the new entry first, and `delete` tries again

    def delete(self, key: str) -> None:
        """Delete the entries of a key under all names.

        Raises:
            StoreError: An entry may still be there.
        """
        for service in self._services:
            self._store(service).delete(key)

    def warm(self) -> None:
        """Begin in the background what makes the keyring slow to write to."""
        if (warm := getattr(self._store(self._services[0]), "warm", None)) is not None:
            warm()

    def close(self) -> None:
        """End what was started in the background."""
        for store in self._stores.values():
            if (close := getattr(store, "close", None)) is not None:
                close()

    def _store(self, service: str) -> Store:
        if service not in self._stores:
            self._stores[service] = self._make(service)
        return self._stores[service]

    def _note(self) -> None:
        """Remember the names, before an entry is written that a moved folder finds by them alone."""
        try:
            folder = os.path.realpath(self._home.data)
            make_folder(self._home.data)
            noted = Remembered(folder=folder, inode=os.stat(folder).st_ino, services=self._services[:MOST])
            if noted != self._noted:
                write_file(_path(self._home), dumps({"version": VERSION, **fields_of(noted)}).encode() + b"\n")
                self._noted = noted
        except (HomeError, OSError):
            pass  # a folder that is not moved needs no remembered names

    def __repr__(self) -> str:
        return f"NamedStore({self.name!r})"


def _is_copy(home: Home, noted: Remembered) -> bool:
    """Whether another folder, at the remembered path, has remembered these names."""
    try:
        if os.stat(home.data).st_ino == noted.inode:
            return False
    except OSError:
        pass
    return os.path.lexists(noted.folder) and noted.folder != os.path.realpath(home.data)


def _read(home: Home) -> Remembered | None:
    """What the folder remembers; None where keyring.json is missing or cannot be read."""
    try:
        return from_json(Remembered, members(read_file(_path(home)) or b"", VERSION, "The folder's names", HomeError))
    except (HomeError, ValueError):
        return None


def _path(home: Home) -> str:
    return os.path.join(home.data, "keyring.json")
