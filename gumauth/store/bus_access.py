"""Access of one run to a keyring on the session bus: what the Secret Service and KWallet have in common."""

from __future__ import annotations

import os

from gumauth.store.dbus.addresses import session_bus
from gumauth.store.dbus.conversation import Conversation
from gumauth.store.keyring_lock import PATIENCE, KeyringLock, KeyringLockTimeout, OneThread, lock_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from gumauth.errors import StoreError
    from gumauth.store.failures import Kind
    from gumauth.store.interface import KeyringName, Run

    T = TypeVar("T")


class BusAccess:
    """Access of one run to one keyring.

    What a person allows in a dialog may hold only for the conversation or the open wallet in which they were asked. So
    that conversation or wallet is kept to the end of the run, by the process that asked.

    Args:
        run: The run: where the bus is, and whether somebody can answer a dialog.
        remembered: Whether an account says that its record is in this keyring.
        seconds: How long the keyring has for its answers.
        person: How long the person has for an answer, in seconds.
    """

    name: KeyringName

    def __init__(self, run: Run, *, remembered: bool = False, seconds: float = 5.0, person: float = 120.0) -> None:
        self.run, self.remembered, self.seconds, self.person = run, remembered, seconds, person
        self._one_thread = OneThread()
        self._kept: Any = None
        self._keeper = 0

    def failure(self, kind: Kind, detail: str = "") -> StoreError:
        """The error for a kind of failure of this keyring."""
        from gumauth.store.selection import unavailable

        return unavailable(self.run, self.name, kind, detail, remembered=self.remembered)

    def close(self) -> None:
        """Close what is kept."""
        kept, self._kept = self._still_kept(), None
        if kept is not None:
            kept.close()

    def _alone(self, do: Callable[[], T]) -> T:
        """The result of `do`, which one thread at a time runs.

        Raises:
            StoreError: Other processes keep the keyring busy, or it does not answer in time.
        """
        try:
            with self._one_thread:
                return do()
        except KeyringLockTimeout as error:
            raise self.failure("busy", f"{PATIENCE:.0f} s") from error
        except TimeoutError as error:
            raise self.failure("timeout", f"{self.seconds:g} s") from error

    def _lock(self) -> KeyringLock:
        return KeyringLock(lock_path(session_bus(self.run.environ), self.run.home))

    def _conversation(self) -> Conversation:
        return Conversation(session_bus(self.run.environ), self.seconds)

    def _keep(self, kept: Any) -> None:
        self._kept, self._keeper = kept, os.getpid()

    def _still_kept(self) -> Any:
        """What this process keeps; None where it keeps nothing, as after a fork."""
        return self._kept if self._keeper == os.getpid() else None
