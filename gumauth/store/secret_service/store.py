"""The Secret Service (gnome-keyring, KeePassXC, KWallet 6) as a store, in conversations of a few milliseconds.

A conversation in which the person has to answer a dialog waits for the answer, and stays open for the rest of the run.
What a conversation cannot do is done through the `keyring` library, in a process of its own. The library knows the
default keyring only, so a conversation looks at the result afterwards. Promise K13.
"""

from __future__ import annotations

from gumauth.store.bus_access import BusAccess
from gumauth.store.dbus.conversation import BadAnswer, BusError, BusUnreachable
from gumauth.store.dbus.secret_items import (
    LockedElsewhere,
    NeedsAnswer,
    NeedsKeyringLibrary,
    default_is_locked,
    read,
    search,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from gumauth.store.dbus.conversation import Conversation
    from gumauth.store.dbus.secret_items import Need
    from gumauth.store.failures import Kind
    from gumauth.store.interface import Run
    from gumauth.store.keyring.store import KeyringStore

    T = TypeVar("T")

ABSENT = frozenset({"ServiceUnknown", "NameHasNoOwner"})
SETTINGS = "KEYRING_PROPERTY_"
"""Variables of the `keyring` library that may name another collection or other attributes."""

MOST_DIALOGS = 3
"""Dialogs for one thing that is done: for the keyring, for its items, and for an item that came meanwhile."""

WAITS: dict[Need, str] = {
    "locked": "Secret Service is locked. Waiting for you to unlock it…",
    "shown": "Secret Service is locked. Waiting for you to unlock it…",
    "asks": "Secret Service asks whether gumauth may have its entries. Waiting for your answer…",
}
REFUSED: dict[Need, Kind] = {"locked": "dismissed", "shown": "dismissed", "asks": "denied"}


class ServiceAccess(BusAccess):
    """Conversations with the service: a new one for each thing that is done, until the person is asked in one."""

    name = "Secret Service"
    _kept: Conversation | None

    def converse(self, do: Callable[[Conversation], T], service: str) -> T:
        """The result of `do` in a conversation.

        Args:
            do: Calls the service; it is run again when the person has answered a dialog.
            service: The name under which the entries stand.

        Raises:
            StoreError: The service cannot be called.
            BusError: The service refuses.
            NeedsKeyringLibrary: `do` cannot do it.
        """
        try:
            return self._alone(lambda: self._converse(do, service))
        except BusUnreachable as error:
            raise self.failure("no bus") from error
        except BadAnswer as error:
            raise self.failure("odd answer") from error
        except LockedElsewhere as error:
            raise self.failure("locked elsewhere") from error
        except BusError as error:
            if error.name.rpartition(".")[2] in ABSENT:
                raise self.failure("no keyring") from error
            raise

    def _converse(self, do: Callable[[Conversation], T], service: str) -> T:
        for _ in range(MOST_DIALOGS):
            try:
                return self._once(do)
            except NeedsAnswer as needed:
                kind = needed.kind
                self._ask(needed, service)
        raise self.failure(REFUSED[kind])

    def _once(self, do: Callable[[Conversation], T]) -> T:
        with self._lock():
            if (kept := self._still_kept()) is not None:
                try:
                    return self._done(kept, do)
                except BusUnreachable:
                    self.close()  # the bus of that conversation has ended; another may run by now
            return self._done(self._conversation(), do)

    def _done(self, bus: Conversation, do: Callable[[Conversation], T]) -> T:
        """The result of `do`; the conversation is kept if the person was or is to be asked in it, else closed."""
        bus.extend(self.seconds)
        try:
            return do(bus)
        except NeedsAnswer:
            bus.is_remembered = True
            raise
        except BadAnswer:
            bus.is_remembered = False  # nobody knows where in the received bytes the next message begins
            raise
        except TimeoutError as error:
            bus.is_remembered = self._shows_dialog(bus)
            if not bus.is_remembered:
                raise
            raise NeedsAnswer("shown", []) from error
        finally:
            if bus.is_remembered:
                self._keep(bus)
            else:
                bus.close()

    def _shows_dialog(self, bus: Conversation) -> bool:
        """Whether a service that did not answer is there and locked: KeePassXC can be set to unlock before a search."""
        bus.extend(min(1.0, self.seconds))
        try:
            return default_is_locked(bus) is True
        except (TimeoutError, BusError, BusUnreachable, BadAnswer):
            return False

    def _ask(self, needed: NeedsAnswer, service: str) -> None:
        """Wait for the person's answer; the keyring's lock is free meanwhile.

        Raises:
            StoreError: No person can be asked or has answered, or the person refused.
        """
        bus = self._kept
        if not self.run.attended or bus is None:
            raise self.failure("locked" if needed.kind == "shown" else needed.kind)
        from gumauth.store.secret_service.prompts import Unanswered, ours, unlock

        self.run.notify(WAITS[needed.kind])
        bus.extend(self.person)
        try:
            if needed.kind == "asks":
                unlock(bus, ours(bus, service)[1])  # all locked items of gumauth, so that the person is asked once
            elif needed.kind == "locked":
                unlock(bus, needed.paths)
            else:
                search(bus, service, "")
                if default_is_locked(bus):
                    raise Unanswered
        except Unanswered as error:
            raise self.failure(REFUSED[needed.kind]) from error
        except TimeoutError as error:
            raise self.failure("timeout", f"{self.person:g} s") from error


class SecretServiceStore:
    """Keeps secrets in the Secret Service.

    Args:
        run: The run: where the bus is, and whether somebody can answer a prompt.
        service: The name under which the entries stand; None for the present one of the run's data folder.
        access: Conversations that other stores share; None for conversations of this store.
    """

    name: str = ServiceAccess.name

    def __init__(self, run: Run, *, service: str | None = None, access: ServiceAccess | None = None) -> None:
        self._run = run
        self._access = access or ServiceAccess(run)
        self._service = run.home.service if service is None else service
        self._library: KeyringStore | None = None

    def get(self, key: str) -> str | None:
        """The value under a key; None where there is none.

        Raises:
            StoreError: The keyring cannot be asked.
        """
        return self._do(lambda bus: read(bus, self._service, key), lambda library: library.get(key))

    def set(self, key: str, value: str) -> None:
        """Put a value under a key, in place of an older one.

        Raises:
            StoreError: The value is not kept.
        """
        from gumauth.store.secret_service.item_changes import settle, write

        self._do(
            lambda bus: write(bus, self._service, key, value),
            lambda library: library.set(key, value),
            lambda bus: settle(bus, self._service, key, value),
        )

    def delete(self, key: str) -> None:
        """See to it that there is nothing under a key.

        Raises:
            StoreError: The value may still be there.
        """
        from gumauth.store.secret_service.item_changes import delete

        self._do(lambda bus: delete(bus, self._service, key), lambda library: library.delete(key))

    def _do(
        self,
        directly: Callable[[Conversation], T | None],
        through_library: Callable[[KeyringStore], T | None],
        afterwards: Callable[[Conversation], T | None] | None = None,
    ) -> T | None:
        """The result of `directly` in a conversation; of `through_library` where a conversation cannot do it.

        Where the library gives nothing, a conversation looks at the result: at entries in other keyrings than the
        default one. It does not look where variables of the library may name other entries.

        Args:
            directly: Calls the service.
            through_library: Does the same through the `keyring` library.
            afterwards: Looks at what the library did; None for `directly`.

        Raises:
            StoreError: The service cannot be called, or another keyring than the default one has an entry.
        """
        if not self._has_settings():
            try:
                return self._access.converse(directly, self._service)
            except (BusError, NeedsKeyringLibrary, UnicodeError):
                pass  # UnicodeError: a secret of another program, or a folder's name, is not text
        value = through_library(self.through_library())
        if value is not None or self._has_settings():
            return value
        try:
            return self._access.converse(afterwards or directly, self._service)
        except (BusError, NeedsKeyringLibrary, UnicodeError):
            raise self._access.failure("left elsewhere") from None

    def warm(self) -> None:
        """Start the library's process in the background, where writing needs it."""
        if self._has_settings():
            self.through_library().warm()

    def _has_settings(self) -> bool:
        return any(name.startswith(SETTINGS) for name in self._run.environ)

    def close(self) -> None:
        """End the library's process and the kept conversation."""
        if self._library is not None:
            self._library.close()
        self._access.close()

    def through_library(self) -> KeyringStore:
        """The same entries through the `keyring` library."""
        if self._library is None:
            from gumauth.store.keyring.store import Deadlines, KeyringStore

            self._library = KeyringStore(
                self.name,
                self._run,
                remembered=self._access.remembered,
                deadlines=Deadlines(answer=self._access.seconds),
                service=self._service,
            )
        return self._library

    def __repr__(self) -> str:
        return "SecretServiceStore()"
