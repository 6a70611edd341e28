"""Conversations with the Secret Service, as this run may have them: with or without somebody to answer its dialogs."""

from __future__ import annotations

import os

from gumauth.store.dbus.addresses import session_bus
from gumauth.store.dbus.conversation import BadAnswer, BusError, BusUnreachable, Conversation
from gumauth.store.dbus.secret_items import LockedElsewhere, NeedsAnswer, default_is_locked, search
from gumauth.store.keyring_lock import PATIENCE, OneThread, Turn, TurnTimeout, lock_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from gumauth.errors import StoreError
    from gumauth.store.dbus.secret_items import Need
    from gumauth.store.failures import Kind
    from gumauth.store.interface import KeyringName, Run

    T = TypeVar("T")

NAME: KeyringName = "Secret Service"
ABSENT = frozenset({"ServiceUnknown", "NameHasNoOwner"})
MOST_DIALOGS = 3
"""Dialogs for one thing that is done: for the keyring, for the items, and for one that came meanwhile."""

WAITS: dict[Need, str] = {
    "locked": "Secret Service is locked. Waiting for you to unlock it…",
    "shown": "Secret Service is locked. Waiting for you to unlock it…",
    "asks": "Secret Service asks whether gumauth may have its entries. Waiting for your answer…",
}
REFUSED: dict[Need, Kind] = {"locked": "dismissed", "shown": "dismissed", "asks": "denied"}


class Access:
    """Conversations with the service.

    Each thing that is done has one of its own. But one in which the person was asked goes on to the end of the run:
    what they allow, they allow to it.

    Args:
        run: The run: where the bus is, and whether somebody can answer a dialog.
        remembered: Whether an account says that its record is here.
        seconds: How long the service has for its answers.
        person: How long the person has for theirs.
    """

    def __init__(self, run: Run, *, remembered: bool = False, seconds: float = 5.0, person: float = 120.0) -> None:
        self.run, self.remembered, self.seconds = run, remembered, seconds
        self._person = person
        self._one_thread = OneThread()
        self._kept: Conversation | None = None
        self._keeper = 0

    def converse(self, do: Callable[[Conversation], T], service: str) -> T:
        """What comes of it, in a conversation.

        Args:
            do: Asks; it is done again when the person has answered a dialog.
            service: The name under which the entries stand.

        Raises:
            StoreError: The service cannot be asked.
            BusError: It refuses.
            Unsure: It has to be done another way.
        """
        try:
            with self._one_thread:
                return self._converse(do, service)
        except BusUnreachable as error:
            raise self.failure("no bus") from error
        except BadAnswer as error:
            raise self.failure("odd answer") from error
        except TimeoutError as error:
            raise self.failure("timeout", f"{self.seconds:g} s") from error
        except TurnTimeout as error:
            raise self.failure("busy", f"{PATIENCE:.0f} s") from error
        except LockedElsewhere as error:
            raise self.failure("locked elsewhere") from error
        except BusError as error:
            if error.name.rpartition(".")[2] in ABSENT:
                raise self.failure("no keyring") from error
            raise

    def close(self) -> None:
        """End the conversation that goes on."""
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.close()

    def failure(self, kind: Kind, detail: str = "") -> StoreError:
        """The error for a kind of failure."""
        from gumauth.store.selection import unavailable

        return unavailable(self.run, NAME, kind, detail, remembered=self.remembered)

    def _converse(self, do: Callable[[Conversation], T], service: str) -> T:
        for _ in range(MOST_DIALOGS):
            try:
                return self._once(do)
            except NeedsAnswer as needed:
                kind = needed.kind
                self._ask(needed, service)
        raise self.failure(REFUSED[kind])

    def _once(self, do: Callable[[Conversation], T]) -> T:
        with Turn(lock_path(self._address, self.run.home)):
            if self._kept is not None and self._keeper == os.getpid():
                try:
                    return self._done(self._kept, do)
                except BusUnreachable:
                    self.close()  # the bus has gone since; it may be back
            return self._done(Conversation(self._address, self.seconds), do)

    def _done(self, bus: Conversation, do: Callable[[Conversation], T]) -> T:
        """What comes of it; the conversation ends, or goes on if somebody was or is to be asked in it."""
        bus.extend(self.seconds)
        try:
            return do(bus)
        except NeedsAnswer:
            bus.is_remembered = True
            raise
        except BadAnswer:
            bus.is_remembered = False  # where the next message would begin is not known any more
            raise
        except TimeoutError as error:
            bus.is_remembered = self._shows_dialog(bus)
            if not bus.is_remembered:
                raise
            raise NeedsAnswer("shown", []) from error
        finally:
            if bus.is_remembered:
                self._kept, self._keeper = bus, os.getpid()
            else:
                bus.close()

    def _shows_dialog(self, bus: Conversation) -> bool:
        """Whether a service that did not answer is there: KeePassXC unlocks before it searches, if it is set to."""
        bus.extend(min(1.0, self.seconds))
        try:
            return default_is_locked(bus) is True
        except (TimeoutError, BusError, BusUnreachable, BadAnswer):
            return False

    def _ask(self, needed: NeedsAnswer, service: str) -> None:
        """Wait for the person; nobody is kept from the keyring meanwhile.

        Raises:
            StoreError: Nobody can be asked, or has answered; or they do not want it.
        """
        bus = self._kept
        if not self.run.attended or bus is None:
            raise self.failure("locked" if needed.kind == "shown" else needed.kind)
        from gumauth.store.secret_service.prompts import Unanswered, unlock

        self.run.notify(WAITS[needed.kind])
        bus.extend(self._person)
        try:
            if needed.kind == "shown":
                search(bus, service, "")
                if default_is_locked(bus):
                    raise Unanswered
            else:
                unlock(bus, needed.paths if needed.kind == "locked" else _locked(bus, service))
        except Unanswered as error:
            raise self.failure(REFUSED[needed.kind]) from error
        except TimeoutError as error:
            raise self.failure("timeout", f"{self._person:g} s") from error

    @property
    def _address(self) -> str | None:
        return session_bus(self.run.environ)


def _locked(bus: Conversation, service: str) -> list[str]:
    """All our items that we may not have unasked, so that the person is asked once."""
    from gumauth.store.secret_service.prompts import ours

    return ours(bus, service)[1]
