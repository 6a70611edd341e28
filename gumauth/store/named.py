"""A keyring under every name that the entries of one data folder have: the present one, and older ones.

The name is made of the folder, so that two folders do not overwrite each other's entries. A folder that is moved has
another name afterwards, and an older gumauth named it by the links that led to it. So the folder remembers its names:

    <data>/keyring.json    {"version": 1, "folder": where it was, "inode": which it was, "services": its entries' names}

What is written goes under the present name. What is not there is looked for under the others, and deleting deletes it
everywhere. A folder with the same number is the same one, wherever it is by now. One with another number is a copy
while something is there where it was: then it has only the present name, because the entries belong to what is there.
Where nothing is, it was moved from another disk.
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
"""Names that are remembered."""


@frozen
class Remembered:
    """What a data folder remembers of itself.

    Args:
        folder: Where the folder was.
        inode: The folder's number.
        services: The names of its entries.
    """

    folder: str
    inode: int
    services: tuple[str, ...]


class NamedStore:
    """A keyring under the names of one data folder.

    Args:
        home: The folder.
        make: Makes the store whose entries stand under a name.
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
        """The value under a key; None where there is none under any name.

        Raises:
            StoreError: The keyring cannot be asked.
        """
        for service in self._services:
            value = self._store(service).get(key)
            if value is not None:
                return value
        return None

    def set(self, key: str, value: str) -> None:
        """Put a value under a key, in place of an older one.

        Raises:
            StoreError: It is not kept.
        """
        self._note()
        self._store(self._services[0]).set(key, value)
        for service in self._services[1:]:
            try:
                self._store(service).delete(key)
            except StoreError:
                pass  # it stands behind the new one, and goes with the next that is deleted

    def delete(self, key: str) -> None:
        """See to it that there is nothing under a key.

        Raises:
            StoreError: It may still be there.
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
        """Remember the names, before there is an entry that would be found by them alone."""
        try:
            self._write_note()
        except (HomeError, OSError):
            pass  # only needed once the folder is moved

    def _write_note(self) -> None:
        folder = os.path.realpath(self._home.data)
        make_folder(self._home.data)
        noted = Remembered(folder=folder, inode=os.stat(folder).st_ino, services=self._services[:MOST])
        if noted != self._noted:
            write_file(_path(self._home), dumps({"version": VERSION, **fields_of(noted)}).encode() + b"\n")
            self._noted = noted

    def __repr__(self) -> str:
        return f"NamedStore({self.name!r})"


def _is_copy(home: Home, noted: Remembered) -> bool:
    """Whether the folder for which the names were noted is another one, which is still there."""
    try:
        if os.stat(home.data).st_ino == noted.inode:
            return False
    except OSError:
        pass
    return os.path.lexists(noted.folder) and noted.folder != os.path.realpath(home.data)


def _read(home: Home) -> Remembered | None:
    """What the folder remembers; None where it is nothing that can be understood."""
    try:
        return from_json(Remembered, members(read_file(_path(home)) or b"", VERSION, "The folder's names", HomeError))
    except (HomeError, ValueError):
        return None


def _path(home: Home) -> str:
    return os.path.join(home.data, "keyring.json")
