"""The Secret Service (gnome-keyring, KeePassXC, KWallet 6), asked in one conversation of a few milliseconds.

Only what is ordinary is done here. Everything unusual goes the ordinary way of all keyrings: through the `keyring`
library, in a process of its own. The library knows the default keyring only, so what it did is looked at afterwards.
"""

from __future__ import annotations

from gumauth.store.bus import BadAnswer, BusError, BusUnreachable, Conversation
from gumauth.store.items import LockedElsewhere, Unsure, delete, read, settle, write
from gumauth.store.turns import PATIENCE, Turn, TurnTimeout, lock_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, TypeVar

    from gumauth.errors import StoreError
    from gumauth.store.interface import Run
    from gumauth.store.keyring import KeyringStore

    T = TypeVar("T")

SECONDS = 5.0
ABSENT = frozenset({"ServiceUnknown", "NameHasNoOwner"})
SETTINGS = "KEYRING_PROPERTY_"
"""Variables of the `keyring` library that may change which collection and attributes are meant."""


class SecretServiceStore:
    """Keeps secrets in the Secret Service.

    Args:
        run: The run: where the bus is, and whether somebody can answer a prompt.
        remembered: Whether an account says that its record is here.
        seconds: How long the daemon has for its answers.
        service: The name under which the entries stand; None for the present one of the run's data folder.
    """

    name = "Secret Service"

    def __init__(
        self, run: Run, *, remembered: bool = False, seconds: float = SECONDS, service: str | None = None
    ) -> None:
        self._run, self._remembered, self._seconds = run, remembered, seconds
        self._service = run.home.service if service is None else service
        self._ordinary: KeyringStore | None = None

    def get(self, key: str) -> str | None:
        """The value under a key; None where there is none.

        Raises:
            StoreError: The keyring cannot be asked.
        """
        return self._do(lambda bus, service: read(bus, service, key), lambda: self._get_ordinarily(key))

    def _get_ordinarily(self, key: str) -> str | None:
        value = self.ordinary().get(key)
        return self._check(lambda bus, service: read(bus, service, key)) if value is None else value

    def set(self, key: str, value: str) -> None:
        """Put a value under a key, in place of an older one.

        Raises:
            StoreError: It is not kept.
        """
        self._do(lambda bus, service: write(bus, service, key, value), lambda: self._set_ordinarily(key, value))

    def _set_ordinarily(self, key: str, value: str) -> None:
        self.ordinary().set(key, value)
        self._check(lambda bus, service: settle(bus, service, key, value))

    def delete(self, key: str) -> None:
        """See to it that there is nothing under a key.

        Raises:
            StoreError: It may still be there.
        """
        self._do(lambda bus, service: delete(bus, service, key), lambda: self._delete_ordinarily(key))

    def _delete_ordinarily(self, key: str) -> None:
        self.ordinary().delete(key)
        self._check(lambda bus, service: delete(bus, service, key))

    def _check(self, directly: Callable[[Conversation, str], T]) -> T | None:
        """What comes of it, in a conversation; None where settings name other entries than would be found in one.

        Raises:
            StoreError: There is an entry that the default keyring does not show; or the service cannot be asked.
        """
        if self._has_settings():
            return None
        return self._do(directly, self._fail)

    def _fail(self) -> NoReturn:
        raise self._failure("left elsewhere")

    def _do(self, directly: Callable[[Conversation, str], T], otherwise: Callable[[], T]) -> T:
        """What comes of it, in a conversation, or the ordinary way where that is unsure."""
        if self._has_settings():
            return otherwise()
        try:
            return self._converse(directly)
        except (BusError, Unsure, UnicodeError):
            pass  # also what is not text: a secret that another program wrote, or a folder's name
        return otherwise()

    def _converse(self, directly: Callable[[Conversation, str], T]) -> T:
        address = self._run.environ.get("DBUS_SESSION_BUS_ADDRESS")
        try:
            with (
                Turn(lock_path(address, self._run.home)),
                Conversation(address, self._seconds) as bus,
            ):
                return directly(bus, self._service)
        except BusUnreachable as error:
            raise self._failure("no bus") from error
        except BadAnswer as error:
            raise self._failure("odd answer") from error
        except TimeoutError as error:
            raise self._failure("timeout", f"{self._seconds:g} s") from error
        except TurnTimeout as error:
            raise self._failure("busy", f"{PATIENCE:.0f} s") from error
        except LockedElsewhere as error:
            raise self._failure("locked elsewhere") from error
        except BusError as error:
            if error.name.rpartition(".")[2] in ABSENT:
                raise self._failure("no keyring") from error
            raise

    def warm(self) -> None:
        """Start in the background what writing needs where it goes the ordinary way."""
        if self._has_settings():
            self.ordinary().warm()

    def _has_settings(self) -> bool:
        return any(name.startswith(SETTINGS) for name in self._run.environ)

    def close(self) -> None:
        """End what was started in the background."""
        if self._ordinary is not None:
            self._ordinary.close()

    def ordinary(self) -> KeyringStore:
        """The way through the `keyring` library."""
        if self._ordinary is None:
            from gumauth.store.keyring import Deadlines, KeyringStore

            self._ordinary = KeyringStore(
                self.name,
                self._run,
                remembered=self._remembered,
                deadlines=Deadlines(answer=self._seconds),
                service=self._service,
            )
        return self._ordinary

    def _failure(self, kind: str, detail: str = "") -> StoreError:
        return self.ordinary().failure(kind, detail)

    def __repr__(self) -> str:
        return "SecretServiceStore()"
