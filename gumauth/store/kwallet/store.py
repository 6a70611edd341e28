"""KWallet as a store."""

from __future__ import annotations

from gumauth.store.kwallet.access import NAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.store.kwallet.access import Access


class WalletStore:
    """Keeps secrets in a folder of the person's wallet.

    Args:
        access: To the wallet.
        folder: Its name.
    """

    name: str = NAME

    def __init__(self, access: Access, folder: str) -> None:
        self._access, self._folder = access, folder

    def get(self, key: str) -> str | None:
        """The value under a key; None where there is none.

        Raises:
            StoreError: The wallet cannot be asked.
        """
        return self._access.use(lambda wallet: wallet.read(self._folder, key))

    def set(self, key: str, value: str) -> None:
        """Put a value under a key, in place of an older one.

        Raises:
            StoreError: It is not kept.
        """
        self._access.use(lambda wallet: wallet.write(self._folder, key, value))

    def delete(self, key: str) -> None:
        """See to it that there is nothing under a key.

        Raises:
            StoreError: It may still be there.
        """
        self._access.use(lambda wallet: wallet.delete(self._folder, key))

    def close(self) -> None:
        """Let go of the wallet."""
        self._access.close()

    def __repr__(self) -> str:
        return "WalletStore()"
