"""A keyring under every name that the entries of one data folder have: the present one, and older ones.

The name is made of the folder, so that two folders do not overwrite each other's entries. A folder that is moved has
another name afterwards, and an older gumauth named it by the links that led to it. So the folder remembers its names:

    <data>/keyring.json    {"version": 1, "folder": where it was, "services": the names of its entries}

What is written goes under the present name. What is not there is looked for under the others, and deleting deletes it
everywhere. A copy of a folder has only the present name: the entries belong to the folder that it was copied from.
"""

from __future__ import annotations

import os

from gumauth.errors import HomeError, StoreError
from gumauth.home import read_file, write_file
from gumauth.quick_json import dumps, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gumauth.home import Home
    from gumauth.store.interface import Store

VERSION = 1
MOST = 20
"""Names that are remembered."""


class NamedStore:
    """A keyring under the names of one data folder.

    Args:
        home: The folder.
        make: Makes the store whose entries stand under a name.
    """

    def __init__(self, home: Home, make: Callable[[str], Store]) -> None:
        self._home, self._make = home, make
        self._noted = _read(home)
        self._services = services(home, self._noted)
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
        services = list(self._services[:MOST])
        noted = {"version": VERSION, "folder": os.path.realpath(self._home.data), "services": services}
        if noted == self._noted:
            return
        try:
            write_file(_path(self._home), dumps(noted).encode() + b"\n")
            self._noted = noted
        except HomeError:
            pass  # only needed once the folder is moved

    def __repr__(self) -> str:
        return f"NamedStore({self.name!r})"


def services(home: Home, noted: dict[str, Any] | None) -> tuple[str, ...]:
    """The names of a folder's entries, the present one first."""
    known = noted["services"] if noted and not _is_copy(home, noted["folder"]) else []
    return tuple(dict.fromkeys([home.service, *home.older_services, *known]))


def _is_copy(home: Home, folder: str) -> bool:
    """Whether the folder for which the names were noted is still there, and is another one."""
    try:
        return not os.path.samefile(folder, home.data)
    except OSError:
        return False  # it was moved from there


def _read(home: Home) -> dict[str, Any] | None:
    """What the folder remembers; None where it is nothing that can be understood."""
    try:
        noted = loads(read_file(_path(home)) or b"")
        names = noted["services"]
        is_sound = isinstance(names, list) and all(isinstance(text, str) for text in [noted["folder"], *names])
    except (HomeError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return noted if is_sound else None


def _path(home: Home) -> str:
    return os.path.join(home.data, "keyring.json")
