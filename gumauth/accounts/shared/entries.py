"""Client ids and secrets in a shared store, as a store for secrets: each value sealed before it is sent."""

from __future__ import annotations

from gumauth.errors import RecordCorrupt
from gumauth.store.sealing import seal, unseal

TYPE_CHECKING = False
if TYPE_CHECKING:
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
        keys = self._session.keys
        plain = unseal(keys.get(found[1], "refresh"), found[0], _about(keys.store, key, found[1]))
        if plain is None:
            raise RecordCorrupt(f"The value of {key} in the database does not open.", hint="Restore a backup of it.")
        return plain.decode()

    def set(self, key: str, value: str) -> None:
        """Put a value under a key."""
        keys = self._session.keys
        sealed = seal(keys.get(keys.newest, "refresh"), value.encode(), _about(keys.store, key, keys.newest))
        self._session.engine.set_entry(key, sealed, keys.newest)

    def delete(self, key: str) -> None:
        """See to it that there is nothing under a key."""
        self._session.engine.set_entry(key, None, None)


def _about(store: str, key: str, data_key: str) -> bytes:
    return f"entry {store} {key} {data_key}".encode()
