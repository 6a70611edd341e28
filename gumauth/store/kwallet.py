"""KWallet as a store: the person's wallet, opened in a conversation of a few milliseconds. Promise K13."""

from __future__ import annotations

import time

from gumauth.store.bus_access import BusAccess
from gumauth.store.dbus.conversation import BadAnswer, BusError, BusUnreachable
from gumauth.store.dbus.kwallet import Opening, Refused, Wallet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from gumauth.store.dbus.conversation import Conversation
    from gumauth.store.dbus.kwallet import Closed

    T = TypeVar("T")

UNASKED = 0.1
"""Seconds within which no person can have answered a dialog."""

AT_ONCE = 0.5
"""Seconds for which gumauth waits for an open wallet with the keyring's lock held; it waits longer without the lock."""

WAITS: dict[Closed, str] = {
    "locked": "KWallet is locked. Waiting for you to unlock it…",
    "no collection": "KWallet has no wallet yet. Waiting for you to make one…",
    "": "Waiting for KWallet. It may be asking for your permission…",
}
"""How the wallet was found → the sentence for a person who can answer the daemon's dialog."""


class WalletAccess(BusAccess):
    """Access to the person's wallet.

    The wallet is opened for each thing that is done, and given back. A wallet for which the person has answered a
    dialog is kept: the person may have allowed it once, and KWallet may close a wallet with its last user.
    """

    name = "KWallet"
    _kept: Wallet | None

    def use(self, do: Callable[[Wallet], T]) -> T:
        """The result of `do` with the open wallet.

        Raises:
            StoreError: The wallet cannot be opened or used.
        """
        try:
            return self._alone(lambda: self._use(do))
        except Refused as error:
            raise self.failure(error.kind, error.detail) from error
        except (BusError, BusUnreachable, BadAnswer, UnicodeError) as error:
            from gumauth.store.failures import kind_of

            raise self.failure(*kind_of(error)) from error

    def _use(self, do: Callable[[Wallet], T]) -> T:
        wallet = self._open_one() or self._opened()
        try:
            with self._lock():
                wallet.bus.extend(self.seconds)
                return do(wallet)
        finally:
            if wallet is not self._kept:
                wallet.close()

    def _open_one(self) -> Wallet | None:
        """The kept wallet, if it is still open for gumauth."""
        kept: Wallet | None = self._still_kept()
        if kept is None:
            return None
        try:
            with self._lock():
                kept.bus.extend(self.seconds)
                if kept.is_usable():
                    return kept
        except (BusError, BusUnreachable, BadAnswer):
            pass  # the daemon or the bus has ended; another may run by now
        self.close()
        return None

    def _opened(self) -> Wallet:
        """The wallet, open; kept where the person was asked for it, so that they are asked once."""
        bus = self._conversation()
        try:
            with self._lock():
                opening = Opening(bus)
                begun = time.monotonic()
                wallet = None if opening.closed else self._opened_at_once(bus, opening)
            if wallet is None:
                wallet = self._opened_by_person(bus, opening) if self.run.attended else self._opened_late(bus, opening)
        except BaseException:
            bus.close()
            raise
        if time.monotonic() - begun > UNASKED:
            self._keep(wallet)
        return wallet

    def _opened_at_once(self, bus: Conversation, opening: Opening) -> Wallet | None:
        """The wallet; None where opening takes long, as where the daemon asks the person for permission first."""
        opening.begin()
        bus.extend(min(AT_ONCE, self.seconds))
        try:
            return opening.end()
        except TimeoutError:
            return None

    def _opened_by_person(self, bus: Conversation, opening: Opening) -> Wallet:
        """The wallet, when the person has answered the daemon's dialog; the keyring's lock is free meanwhile."""
        self.run.notify(WAITS[opening.closed])
        bus.extend(self.person)
        try:
            opening.begin()
            return opening.end()
        except TimeoutError as error:
            raise self.failure("timeout", f"{self.person:g} s") from error

    def _opened_late(self, bus: Conversation, opening: Opening) -> Wallet:
        """The wallet, where no person can answer: the daemon was only slow."""
        if opening.closed:
            raise Refused(opening.closed)
        bus.extend(self.seconds)
        try:
            return opening.end()
        except TimeoutError:
            raise Refused("asks") from None


class WalletStore:
    """Keeps secrets in one folder of the person's wallet.

    Args:
        access: To the wallet.
        folder: The folder's name.
    """

    name: str = WalletAccess.name

    def __init__(self, access: WalletAccess, folder: str) -> None:
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
            StoreError: The value is not kept.
        """
        self._access.use(lambda wallet: wallet.write(self._folder, key, value))

    def delete(self, key: str) -> None:
        """See to it that there is nothing under a key.

        Raises:
            StoreError: The value may still be there.
        """
        self._access.use(lambda wallet: wallet.delete(self._folder, key))

    def close(self) -> None:
        """Give back a kept wallet."""
        self._access.close()

    def __repr__(self) -> str:
        return "WalletStore()"
