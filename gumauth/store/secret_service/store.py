"""The Secret Service (gnome-keyring, KeePassXC, KWallet 6), asked in one conversation of a few milliseconds.

Where the person has to answer a dialog, it is waited for in the same conversation, which then goes on for the rest of
the run. Everything unusual goes the ordinary way of all keyrings: through the `keyring` library, in a process of its
own. The library knows the default keyring only, so what it did is looked at afterwards.
"""

from __future__ import annotations

from gumauth.store.dbus.conversation import BusError
from gumauth.store.dbus.secret_items import Unsure, read
from gumauth.store.secret_service.access import NAME, Access

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, TypeVar

    from gumauth.store.dbus.conversation import Conversation
    from gumauth.store.interface import Run
    from gumauth.store.keyring.store import KeyringStore

    T = TypeVar("T")

SECONDS = 5.0
SETTINGS = "KEYRING_PROPERTY_"
"""Variables of the `keyring` library that may change which collection and attributes are meant."""


class SecretServiceStore:
    """Keeps secrets in the Secret Service.

    Args:
        run: The run: where the bus is, and whether somebody can answer a prompt.
        remembered: Whether an account says that its record is here.
        seconds: How long the daemon has for its answers.
        service: The name under which the entries stand; None for the present one of the run's data folder.
        access: That of another store, whose conversations it shares.
    """

    name: str = NAME

    def __init__(
        self,
        run: Run,
        *,
        remembered: bool = False,
        seconds: float = SECONDS,
        service: str | None = None,
        access: Access | None = None,
    ) -> None:
        self._run = run
        self._access = access or Access(run, remembered=remembered, seconds=seconds)
        self._service = run.home.service if service is None else service
        self._ordinary: KeyringStore | None = None

    def get(self, key: str) -> str | None:
        """The value under a key; None where there is none.

        Raises:
            StoreError: The keyring cannot be asked.
        """
        return self._do(lambda bus: read(bus, self._service, key), lambda: self._get_ordinarily(key))

    def _get_ordinarily(self, key: str) -> str | None:
        value = self.ordinary().get(key)
        return self._check(lambda bus: read(bus, self._service, key)) if value is None else value

    def set(self, key: str, value: str) -> None:
        """Put a value under a key, in place of an older one.

        Raises:
            StoreError: It is not kept.
        """
        from gumauth.store.secret_service.item_changes import write

        self._do(lambda bus: write(bus, self._service, key, value), lambda: self._set_ordinarily(key, value))

    def _set_ordinarily(self, key: str, value: str) -> None:
        from gumauth.store.secret_service.item_changes import settle

        self.ordinary().set(key, value)
        self._check(lambda bus: settle(bus, self._service, key, value))

    def delete(self, key: str) -> None:
        """See to it that there is nothing under a key.

        Raises:
            StoreError: It may still be there.
        """
        from gumauth.store.secret_service.item_changes import delete

        self._do(lambda bus: delete(bus, self._service, key), lambda: self._delete_ordinarily(key))

    def _delete_ordinarily(self, key: str) -> None:
        from gumauth.store.secret_service.item_changes import delete

        self.ordinary().delete(key)
        self._check(lambda bus: delete(bus, self._service, key))

    def _check(self, directly: Callable[[Conversation], T]) -> T | None:
        """What comes of it, in a conversation; None where settings name other entries than would be found in one.

        Raises:
            StoreError: There is an entry that the default keyring does not show; or the service cannot be asked.
        """
        if self._has_settings():
            return None
        return self._do(directly, self._fail)

    def _fail(self) -> NoReturn:
        raise self._access.failure("left elsewhere")

    def _do(self, directly: Callable[[Conversation], T], otherwise: Callable[[], T]) -> T:
        """What comes of it, in a conversation, or the ordinary way where that is unsure."""
        if self._has_settings():
            return otherwise()
        try:
            return self._access.converse(directly, self._service)
        except (BusError, Unsure, UnicodeError):
            pass  # also what is not text: a secret that another program wrote, or a folder's name
        return otherwise()

    def warm(self) -> None:
        """Start in the background what writing needs where it goes the ordinary way."""
        if self._has_settings():
            self.ordinary().warm()

    def _has_settings(self) -> bool:
        return any(name.startswith(SETTINGS) for name in self._run.environ)

    def close(self) -> None:
        """End what was started in the background, and the conversation that goes on."""
        if self._ordinary is not None:
            self._ordinary.close()
        self._access.close()

    def ordinary(self) -> KeyringStore:
        """The way through the `keyring` library."""
        if self._ordinary is None:
            from gumauth.store.keyring.store import Deadlines, KeyringStore

            self._ordinary = KeyringStore(
                self.name,
                self._run,
                remembered=self._access.remembered,
                deadlines=Deadlines(answer=self._access.seconds),
                service=self._service,
            )
        return self._ordinary

    def __repr__(self) -> str:
        return "SecretServiceStore()"
