"""Client ids and secrets in a shared store, as a store for secrets: each value sealed before it is sent."""

from __future__ import annotations

from gumauth.errors import KeyReplaced, RecordCorrupt
from gumauth.store.sealing import seal, unseal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.shared.keys import DataKeys
    from gumauth.accounts.shared.session import Session


class SharedStore:
    """`store.interface.Store` in a shared store, for values that connecting and refreshing need.

    Args:
        session: The store's engine and keys.
    """

    def __init__(self, session: Session) -> None:
        self._session, self.name = session, session.engine.name

    def get(self, key: str) -> str | None:
        """The value under a key; None where there is none."""
        found = self._session.engine.entry(key)
        if found is None:
            return None
        plain = opened_entry(self._session.keys, key, *found)
        if plain is None:
            raise RecordCorrupt(f"The value of {key} in the database does not open.", hint="Restore a backup of it.")
        return plain.decode()

    def set(self, key: str, value: str) -> None:
        """Put a value under a key."""
        try:
            self._set(key, value)
        except KeyReplaced:
            self._session.keys.renew()
            self._set(key, value)

    def _set(self, key: str, value: str) -> None:
        keys = self._session.keys
        self._session.engine.set_entry(key, sealed_entry(keys, key, value.encode(), keys.newest), keys.newest)

    def delete(self, key: str) -> None:
        """See to it that there is nothing under a key."""
        self._session.engine.set_entry(key, None, None)


def sealed_entry(keys: DataKeys, key: str, value: bytes, data_key: str) -> bytes:
    """The value under a key, sealed."""
    return seal(keys.get(data_key, "refresh"), value, _about(keys.store, key, data_key))


def opened_entry(keys: DataKeys, key: str, sealed: bytes, data_key: str) -> bytes | None:
    """The value under a key, which is secret; None where it was edited."""
    return unseal(keys.get(data_key, "refresh"), sealed, _about(keys.store, key, data_key))


def _about(store: str, key: str, data_key: str) -> bytes:
    return f"entry {store} {key} {data_key}".encode()
