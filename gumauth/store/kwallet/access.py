"""Access to the person's wallet: opened in a conversation of a few milliseconds, with or without somebody to ask."""

from __future__ import annotations

import os
import time

from gumauth.platform.frozen import frozen
from gumauth.store.dbus.addresses import session_bus
from gumauth.store.dbus.conversation import BadAnswer, BusError, BusUnreachable, Conversation
from gumauth.store.dbus.kwallet import Opening, Refused, Wallet
from gumauth.store.keyring_lock import PATIENCE, OneThread, Turn, TurnTimeout, lock_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from gumauth.errors import StoreError
    from gumauth.store.dbus.kwallet import Closed
    from gumauth.store.failures import Kind
    from gumauth.store.interface import KeyringName, Run

    T = TypeVar("T")

NAME: KeyringName = "KWallet"

UNASKED = 0.1
"""Seconds within which nobody has answered a dialog."""

AT_ONCE = 0.5
"""Seconds for which others wait with us for a wallet that is open; longer is waited without keeping them."""

WAITS: dict[Closed, str] = {
    "locked": "KWallet is locked. Waiting for you to unlock it…",
    "no collection": "KWallet has no wallet yet. Waiting for you to make one…",
    "": "Waiting for KWallet. It may be asking for your permission…",
}
"""What somebody is told who can answer a dialog, by how the wallet was found."""


@frozen
class Patience:
    """Seconds.

    Args:
        answer: For what needs nobody.
        person: For what somebody has to answer.
    """

    answer: float = 5.0
    person: float = 120.0


class Access:
    """The person's wallet, as this run may have it.

    It is opened for each thing that is done, and given back. But where somebody has answered a dialog for it, it is
    kept: they may have allowed us to have it once, or it may be closed with the last who has it.

    Args:
        run: The run: where the bus is, and whether somebody can answer a dialog.
        remembered: Whether an account says that its record is here.
        patience: How long is waited.
    """

    def __init__(self, run: Run, *, remembered: bool = False, patience: Patience | None = None) -> None:
        self._run, self._remembered = run, remembered
        self._patience = patience or Patience()
        self._one_thread = OneThread()
        self._kept: Wallet | None = None
        self._keeper = 0

    def use(self, do: Callable[[Wallet], T]) -> T:
        """What comes of it, done with the open wallet.

        Raises:
            StoreError: The wallet cannot be had, or asked.
        """
        try:
            with self._one_thread:
                return self._use(do)
        except Refused as error:
            raise self._failure(error.kind, error.detail) from error
        except TurnTimeout as error:
            raise self._failure("busy", f"{PATIENCE:.0f} s") from error
        except TimeoutError as error:
            raise self._failure("timeout", f"{self._patience.answer:g} s") from error
        except (BusError, BusUnreachable, BadAnswer, UnicodeError) as error:
            from gumauth.store.failures import kind_of

            raise self._failure(*kind_of(error)) from error

    def close(self) -> None:
        """Give back the wallet that was kept."""
        kept, self._kept = self._kept, None
        if kept is not None and self._keeper == os.getpid():
            kept.close()

    def _use(self, do: Callable[[Wallet], T]) -> T:
        wallet = self._still_kept() or self._opened()
        try:
            with self._turn():
                wallet.bus.extend(self._patience.answer)
                return do(wallet)
        finally:
            if wallet is not self._kept:
                wallet.close()

    def _still_kept(self) -> Wallet | None:
        """The wallet that was kept, if it is still open and ours."""
        kept = self._kept
        if kept is None or self._keeper != os.getpid():
            return None
        try:
            with self._turn():
                kept.bus.extend(self._patience.answer)
                if kept.is_ours():
                    return kept
        except (BusError, BusUnreachable, BadAnswer):
            pass  # the daemon or the bus has gone; it may be back
        self.close()
        return None

    def _opened(self) -> Wallet:
        """The wallet, open; kept where somebody was asked for it, who is not to be asked again."""
        bus = Conversation(self._address, self._patience.answer)
        try:
            with self._turn():
                opening = Opening(bus)
                begun = time.monotonic()
                wallet = None if opening.closed else self._at_once(bus, opening)
            if wallet is None:
                wallet = self._after_asking(bus, opening)
        except BaseException:
            bus.close()
            raise
        if time.monotonic() - begun > UNASKED:
            self._kept, self._keeper = wallet, os.getpid()
        return wallet

    def _at_once(self, bus: Conversation, opening: Opening) -> Wallet | None:
        """The wallet; None where it takes long: the daemon may ask the person first whether we may have it."""
        opening.begin()
        bus.extend(min(AT_ONCE, self._patience.answer))
        try:
            return opening.end()
        except TimeoutError:
            return None

    def _after_asking(self, bus: Conversation, opening: Opening) -> Wallet:
        """The wallet, when somebody has answered the daemon's dialog; nobody is kept from the keyring meanwhile."""
        if not self._run.attended:
            return self._unattended(bus, opening)
        self._run.notify(WAITS[opening.closed])
        bus.extend(self._patience.person)
        try:
            opening.begin()
            return opening.end()
        except TimeoutError as error:
            raise self._failure("timeout", f"{self._patience.person:g} s") from error

    def _unattended(self, bus: Conversation, opening: Opening) -> Wallet:
        """The wallet, where nobody is there: its daemon was slow, and asks nobody after all."""
        if opening.closed:
            raise Refused(opening.closed)
        bus.extend(self._patience.answer)
        try:
            return opening.end()
        except TimeoutError:
            raise Refused("asks") from None

    def _turn(self) -> Turn:
        return Turn(lock_path(self._address, self._run.home))

    @property
    def _address(self) -> str | None:
        return session_bus(self._run.environ)

    def _failure(self, kind: Kind, detail: str = "") -> StoreError:
        from gumauth.store.selection import unavailable

        return unavailable(self._run, NAME, kind, detail, remembered=self._remembered)
