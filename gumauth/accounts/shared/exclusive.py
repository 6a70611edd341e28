"""A block that only one process is in, of all machines: a lock here, and a claim in the store."""

from __future__ import annotations

from gumauth.accounts.shared.engine import Claim, Held, Moved
from gumauth.accounts.shared.held_claim import LEASE, HeldClaim, waited_for
from gumauth.accounts.shared.marked_claims import MarkedClaims

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.shared.replica import Replica
    from gumauth.platform.lock import Lock


class SharedExclusive:
    """`interface.Exclusive` of a shared store. The copy of the notes is up to date within the block.

    Args:
        accounts: The keeper.
        name: Of the claim.
        lock: Of this machine.
        patience: Seconds to wait for another machine.
        what: What is claimed, in a sentence.
    """

    def __init__(self, accounts: Replica, name: str, lock: Lock, *, patience: float, what: str) -> None:
        self._accounts, self._name, self._lock = accounts, name, lock
        self._patience, self._what = patience, what
        self._held: HeldClaim | None = None
        self.has_waited = False

    def __enter__(self) -> SharedExclusive:
        self._lock.acquire()
        try:
            self._claim()
            self._accounts.update_now()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _claim(self) -> None:
        engine = MarkedClaims(self._accounts.engine, self._lock.handle)
        claim: Claim | Held | Moved = engine.claim(self._name, LEASE, take_over=True)
        self.has_waited = self._lock.has_waited or isinstance(claim, Held)
        if isinstance(claim, Held):
            claim = waited_for(engine, self._name, patience=self._patience, what=self._what)
        assert isinstance(claim, Claim)  # noqa: S101
        self._held = HeldClaim(engine, claim, is_renewed=True)

    def __exit__(self, *_error: object) -> None:
        held, self._held = self._held, None
        if held is not None:
            held.release()
        self._lock.release()
