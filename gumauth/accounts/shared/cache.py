"""Access tokens of a shared store that this machine keeps: in encrypted files, under the machine's own key file.

Never a refresh token. What is kept is good for one grant, and until the copy of the list shows that there is a later
generation. Promise T4.
"""

from __future__ import annotations

from gumauth.accounts.record import Record, decode, encode
from gumauth.errors import PassphraseError, StoreError

BOUND = ("provider", "id", "grant", "source", "issuer", "grant_type")
"""What of an account decides where its tokens are sent."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.account import Account
    from gumauth.store.encrypted_file.store import EncryptedStore


class TokenCache:
    """The tokens.

    Args:
        store: The encrypted files.
    """

    def __init__(self, store: EncryptedStore) -> None:
        self._store = store

    def get(self, account: Account) -> Record | None:
        """The record without a refresh token; None where none of the account is kept, or it cannot be read.

        It is of the account's grant, source and issuer: what the list says of these was not edited since.
        """
        try:
            text = self._store.get(_entry(account.key))
            record = None if text is None else decode(text, account.label)
        except StoreError:
            return None
        if record is None or any(record.account.get(name) != getattr(account, name) for name in BOUND):
            return None  # another grant's; or somebody has edited the list, which the store's record shows
        return record

    def keep(self, account: Account, record: Record) -> None:
        """Keep a record, without its refresh token; where that fails, the store is asked again."""
        from gumauth.platform.frozen import replace

        part = replace(
            record,
            refresh_token=None,
            rescue=None,
            kept_apart=bool(record.refresh_token or record.kept_apart),
            account={name: getattr(account, name) for name in BOUND},
        )
        try:
            self._set(_entry(account.key), encode(part))
        except StoreError:
            pass

    def _set(self, entry: str, text: str) -> None:
        """Keep a text; where this machine has another key by now, which opens the store, nothing older is kept."""
        try:
            self._store.set(entry, text)
        except PassphraseError:
            self._store.empty()
            self._store.set(entry, text)

    def drop_older(self, key: str, generation: int) -> None:
        """Forget an account's token unless it has this generation, or a later one.

        Args:
            key: Provider and id.
            generation: In the store.

        Raises:
            StoreError: It may still be there.
        """
        try:
            text = self._store.get(_entry(key))
            if text is None or decode(text, key).generation >= generation:
                return
        except StoreError:
            pass  # what cannot be read is not kept either
        self.drop(key)

    def drop(self, key: str) -> None:
        """Forget an account's token.

        Raises:
            StoreError: It may still be there.
        """
        self._store.delete(_entry(key))


def _entry(key: str) -> str:
    return f"{key}/c"
