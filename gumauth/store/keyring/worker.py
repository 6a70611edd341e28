"""The process in which a keyring backend runs, so that a backend that hangs can be killed. Promises K6 and K14.

The worker reads one JSON object a line from standard input, and writes the same to standard output:

    {"backend": "module.Class", "service", "lock", "bus", "seconds"}   → {"ready": true}
    {"do": "get" | "set" | "delete", "key", "value"}      → {"begun": true} once it has the lock, then {"value"}
    {"do": "unlock"}                                      → the same; may ask the person

A failure is {"kind", "detail"}, in place of any of these answers.
"""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Callable
from contextlib import closing
from typing import IO, Any, Protocol

from gumauth.store.failures import kind_of
from gumauth.store.keyring_lock import PATIENCE, KeyringLock, KeyringLockTimeout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from gumauth.store.failures import Kind

    Do = Literal["get", "set", "delete", "unlock"]

SECRET_SERVICE = "keyring.backends.SecretService"
WINDOWS = "keyring.backends.Windows"
MOST_ITEMS = 8

Say = Callable[[dict[str, Any]], None]


class Backend(Protocol):
    """The methods of `keyring.backend.KeyringBackend` that the worker calls."""

    def get_password(self, service: str, username: str) -> str | None:
        """The secret of an entry; None where there is none."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep the secret of an entry."""

    def delete_password(self, service: str, username: str) -> None:
        """Delete an entry; raises where there is none."""


class Unusual(Exception):
    """A failure that the worker itself finds."""

    def __init__(self, kind: Kind, detail: str = "") -> None:
        super().__init__(kind)
        self.kind, self.detail = kind, detail


class Worker:
    """A keyring backend that does what requests say.

    Args:
        opening: The first line.
        say: Sends an answer.
    """

    def __init__(self, opening: dict[str, Any], say: Say) -> None:
        self._service, self._lock = opening["service"], opening["lock"]
        self._bus, self._seconds = opening["bus"], opening["seconds"]
        self._say = say
        self._backend = load(opening["backend"])
        module = type(self._backend).__module__
        self._is_secret_service = module == SECRET_SERVICE
        self._is_windows = module == WINDOWS

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The last answer to a request; never raises."""
        try:
            do: Do = request["do"]
            if do == "unlock":
                self._say({"begun": True})
                self._unlock()
                return {"value": None}
            if not self._is_secret_service:  # another keyring asks the person by itself, nobody knows when
                self._say({"begun": True})
                return {"value": self._do(request)}
            with KeyringLock(self._lock):
                self._say({"begun": True})
                refuse_locked(self._bus, self._seconds)
                value = self._do(request)
                if do != "get":
                    self._clear_elsewhere(request["key"])
                return {"value": value}
        except TimeoutError:
            return _failed(Unusual("timeout", f"{self._seconds:g} s"))
        except KeyringLockTimeout:
            return _failed(Unusual("busy", f"{PATIENCE:.0f} s"))
        except Exception as error:  # noqa: BLE001 - foreign code: backends raise anything
            return _failed(error)

    def _unlock(self) -> None:
        """Open the default collection, or make it: the service asks the person."""
        self._backend.get_preferred_collection().connection.close()  # type: ignore[attr-defined]

    def _clear_elsewhere(self, key: str) -> None:
        """Delete the items of a key in other collections than the default one, which the backend does not see.

        The service may ask the person. Locked items stay; the process that sent the request looks for them.
        """
        import secretstorage

        backend: Any = self._backend
        query = {"service": self._service, "username": key}
        collection = backend.get_preferred_collection()
        with closing(collection.connection):
            here = {item.item_path for item in collection.search_items(query)}
            for item in list(secretstorage.search_items(collection.connection, query)):
                if item.item_path not in here and not item.is_locked():
                    item.delete()

    def _do(self, request: dict[str, Any]) -> str | None:
        key = request["key"]
        do: Do = request["do"]
        service = f"{self._service} {key}" if self._is_windows else self._service
        if do == "get":
            return self._backend.get_password(service, key)
        if do == "set":
            self._backend.set_password(service, key, request["value"])
        else:
            self._delete(service, key)
        return None

    def _delete(self, service: str, key: str) -> None:
        from keyring.errors import PasswordDeleteError

        for _ in range(MOST_ITEMS):  # the Secret Service may hold several items for one key; each call deletes one
            if self._backend.get_password(service, key) is None:
                return
            try:
                self._backend.delete_password(service, key)
            except PasswordDeleteError:
                # The backend raises the same error for an absent entry and for a refusal.
                if self._backend.get_password(service, key) is not None:
                    raise
        raise Unusual("failed", "an entry stays after deleting")


def _failed(error: Exception) -> dict[str, Any]:
    kind, detail = (error.kind, error.detail) if isinstance(error, Unusual) else kind_of(error)
    return {"kind": kind, "detail": detail}


def refuse_locked(address: str | None, seconds: float) -> None:
    """Make sure that the default collection is open: else the backend would ask the person with the lock held.

    The call also makes sure that the daemon answers, before anything is written to the daemon.

    Raises:
        Unusual: The default collection is locked, or there is none.
        TimeoutError: The daemon does not answer.
    """
    from gumauth.store.dbus.conversation import Conversation
    from gumauth.store.dbus.secret_items import is_locked

    with Conversation(address, seconds) as bus:
        locked = is_locked(bus)
    if locked is None:
        raise Unusual("no collection")
    if locked:
        raise Unusual("locked")


def load(dotted: str) -> Backend:
    """The backend with this class name.

    Raises:
        Unusual: The class, or one that it inherits from, loses secrets.
    """
    module, _, name = dotted.rpartition(".")
    backend: Backend = getattr(importlib.import_module(module), name)()
    from gumauth.store.selection import is_unsafe

    if any(is_unsafe(f"{cls.__module__}.{cls.__name__}") for cls in type(backend).__mro__):
        raise Unusual("unsafe")
    return backend


def main() -> int:
    """Serve until standard input ends."""
    # A backend that prints must not write between the answers, and one that reads must not read the requests.
    with os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n") as answers, os.fdopen(os.dup(0)) as requests:
        os.dup2(2, 1)
        os.dup2(2, 0)

        def say(answer: dict[str, Any]) -> None:
            answers.write(json.dumps(answer) + "\n")
            answers.flush()

        return serve(requests, say)


def serve(requests: IO[str], say: Say) -> int:
    """Answer one request after the other until there are none, and give the exit status."""
    try:
        worker = Worker(json.loads(requests.readline()), say)
    except Exception as error:  # noqa: BLE001 - foreign code: a backend's import may raise anything
        say(_failed(error))
        return 1
    say({"ready": True})
    for line in requests:
        say(worker.answer(json.loads(line)))
    return 0
