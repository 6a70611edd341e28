"""One account of a shared store that no other process changes, here or on another machine: a lock, and a claim.

The lock comes first: of the processes of one machine, one talks to the store. Who has the lock and finds the claim of
this machine's own, knows that its holder is dead, and takes it at once. Promises T1 and T2.
"""

from __future__ import annotations

import time

from gumauth.accounts.account import stored_fields
from gumauth.accounts.interface import NotReserved
from gumauth.accounts.lock import AccountLock
from gumauth.accounts.record import encode, new_key
from gumauth.accounts.records import described
from gumauth.accounts.rescue import RescueFile
from gumauth.accounts.shared.engine import Moved
from gumauth.accounts.shared.held_claim import ENOUGH_LIFE, PATIENCE, HeldClaim, waited_for
from gumauth.accounts.shared.marked_claims import MarkedClaims
from gumauth.accounts.shared.sealed import content, sealed, shifted_account, shifted_record
from gumauth.errors import (
    ClaimLost,
    GumauthError,
    HomeError,
    KeyReplaced,
    MayNotRefresh,
    NotConnected,
    RecordMissing,
    RefreshElsewhere,
    StoreAway,
    StoreError,
)
from gumauth.platform.frozen import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gumauth.accounts.account import Account, State
    from gumauth.accounts.record import Record
    from gumauth.accounts.shared.engine import Claim
    from gumauth.accounts.shared.replica import Replica

LOCK_PATIENCE = PATIENCE + 30.0
"""Seconds to wait for another process of this machine, which may be waiting for another machine."""

STORE_SECONDS = 60.0
"""Seconds for which storing an answer is tried again: no other machine has it."""

PAUSE = 0.25

ACTIONS: dict[State, str] = {
    "connecting": "connect begins",
    "revoking": "revoke begins",
    "leaving": "disconnect begins",
    "moving": "move begins",
    "revoked": "revoke",
    "reconnect": "dead",
}
"""The state that an account gets → what the log says."""


class SharedLocked:
    """`interface.LockedAccount` of a shared store.

    Args:
        accounts: The keeper.
        key: Provider and id of the account.
        to_refresh: Whether the account is claimed only by `reserve`: most of those that want a new token find one.
        patience: Seconds to wait for other processes and machines; None for as long as a refresh takes.
        before: Called before the lock is taken.
        after: Called once the account is claimed.
    """

    def __init__(
        self,
        accounts: Replica,
        key: str,
        *,
        to_refresh: bool = False,
        patience: float | None = None,
        before: Callable[[], object] = lambda: None,
        after: Callable[[], object] = lambda: None,
    ) -> None:
        self.accounts, self.key, self._before, self._after = accounts, key, before, after
        self._to_refresh, self._patience = to_refresh, PATIENCE if patience is None else patience
        self._lock = AccountLock(accounts.home, key, LOCK_PATIENCE if patience is None else patience)
        self.held: HeldClaim | None = None
        self.generation = 0
        self._change: int | None = None
        """The number of the account's latest change when it was read last."""
        self._staged: Record | None = None

    def __enter__(self) -> SharedLocked:
        self.acquire()
        return self

    def __exit__(self, *_error: object) -> None:
        self.release()

    def acquire(self) -> None:
        """Lock the account here, and claim it unless it is to be refreshed."""
        self._before()
        self._lock.acquire()
        try:
            self._check_role()
            if not self._to_refresh:
                self._claim()
                self._after()
        except BaseException:
            self.release()
            raise

    def _check_role(self) -> None:
        """Stop where this machine may only read; its copy of the token is the newest then."""
        session = self.accounts.session
        if session.welcome.connects and session.keys.can_refresh:
            return
        account = self.listed()
        if account is not None:
            self.accounts.take(account)
        raise MayNotRefresh(
            f"{session.welcome.role} at {self.accounts.where} may read tokens, and not change accounts.",
            hint="Wait for a machine that may refresh; one of them can run `gumauth refresh` by a timer.",
        )

    @property
    def claims(self) -> MarkedClaims:
        """The claims of who has this machine's lock of the account."""
        return MarkedClaims(self.accounts.engine, self._lock.handle)

    def release(self) -> None:
        """Release claim and lock."""
        held, self.held, self._staged, self._change = self.held, None, None, None
        try:
            if held is not None:
                held.release()
        finally:
            self._lock.release()

    def _claim(self) -> Claim:
        """The claim, taken where it is not held."""
        held = self.held
        if held is None:
            claim = waited_for(self.claims, self.key, patience=self._patience)
            assert not isinstance(claim, Moved)  # noqa: S101
            held = self.hold(claim, is_renewed=True)
        return held.claim

    def hold(self, claim: Claim, *, is_renewed: bool) -> HeldClaim:
        """Have a claim that was taken.

        Raises:
            ClaimLost: The account was changed after it was read and before it was claimed: it has to be read again.
        """
        held = HeldClaim(self.claims, claim, is_renewed=is_renewed)
        if self._change not in (None, claim.change):
            held.release()
            raise ClaimLost("Another machine has changed the account meanwhile.")
        self.held, self.generation = held, claim.generation
        return held

    def listed(self) -> Account | None:
        """The account as it is listed now."""
        self.accounts.update_now()
        return self.accounts.known(self.key)

    def settle(self, account: Account) -> tuple[Account, Record]:
        """The account with its latest record, after an answer that this machine could not store has been stored."""
        account, record = self._latest(account)
        rescued = self._rescued(account, record)
        if rescued is None:
            return account, record
        if self.held is None:
            claim = waited_for(
                self.claims,
                self.key,
                generation=record.generation,
                patience=self._patience,
                what=account.label,
            )
            if isinstance(claim, Moved):
                return self._latest(account)
            self.hold(claim, is_renewed=False)
        account = described(rescued, account)
        if account.state == "reconnect":
            account, rescued = self._doubtful(account, rescued)
        return self.store(account, rescued)

    def _doubtful(self, account: Account, record: Record) -> tuple[Account, Record]:
        """An account that another machine has found dead, because it had only the token that this record replaced.

        It is good again; but a provider may have ended the grant for the spent token, so that the access token is not
        handed out before a refresh has shown that the grant lives.
        """
        life = 0.0 if record.expires_at is None else max(record.expires_at - self.accounts.clock(), 0.0)
        return replace(account, state="ok", reason=None), shifted_record(record, -life)

    def _latest(self, account: Account) -> tuple[Account, Record]:
        account, record, self._change = self.accounts.take_whole(account)
        return account, record

    def _rescued(self, account: Account, record: Record) -> Record | None:
        """The answer that this machine got to a refresh with this very record, and that is not stored (any more)."""
        if record.rescue is None:
            return None
        from gumauth.accounts.record import decode

        text = self.rescue_file(account).find([record.rescue])
        try:
            found = None if text is None else decode(text, account.label)
        except StoreError:
            return None
        if found is None or found.grant != account.grant:
            return None
        # Stored under the key that opened it, it would be taken for the answer to itself.
        return replace(found, rescue=new_key()) if found.rescue == record.rescue else found

    def rescue_file(self, account: Account) -> RescueFile:
        """The file for the answer to the account's next refresh."""
        return RescueFile(self.accounts.home, account.key)

    def newest(self, account: Account) -> Record:
        """The latest record; of this block's own, one that was `put` and not written yet."""
        return self._latest(account)[1] if self._staged is None else self._staged

    def warm(self, account: Account) -> None:
        """Nothing makes the store slow to write to."""

    def reserve(self, account: Account, record: Record) -> SharedReservation:
        """The place for the record that a refresh brings."""
        return SharedReservation(self, account, record)

    def put(self, account: Account, record: Record, *, firmly: bool = False) -> tuple[Account, Record]:  # noqa: ARG002
        """Have a record ready, which `mark` or `commit` writes with the account, in one step. Gives both."""
        return self._put(account, record, new_key())

    def _put(self, account: Account, record: Record, rescue: str) -> tuple[Account, Record]:
        """`put`, with the key for the answer to the record's own refresh. Secret."""
        self._claim()
        account = replace(account, grant=record.grant, expires_at=record.expires_at, store=self.accounts.engine.name)
        record = replace(record, generation=self.generation + 1, rescue=rescue, kept_apart=None)
        self._staged = record
        return account, record

    def mark(self, account: Account) -> None:
        """Write the account into the list; with the record that was `put`, if one was."""
        claim, staged = self._claim(), self._staged
        before = self.accounts.known(self.key)
        action = _action(before, account)
        if staged is not None and staged.grant == account.grant:
            self._write(claim, account, staged, action)
            self.accounts.keep(account, staged, before)
            self._staged = None
        else:
            text = content(shifted_account(account, self.accounts.offset))
            self.accounts.engine.mark(claim, text, account.number, action=action)
            self.accounts.note(account, before)
        self.accounts.outdate()  # the store may have another default account now

    def _write(self, claim: Claim, account: Account, record: Record, action: str) -> None:
        """Write account and record, tried again while the store is away: nobody else has the record."""
        end = time.monotonic() + STORE_SECONDS
        keys = self.accounts.session.keys
        row = sealed(keys, account, record, self.accounts.offset)
        while True:
            try:
                generation = self.accounts.engine.put(claim, row, account.number, action=action)
                break
            except KeyReplaced:
                keys.renew()
                row = sealed(keys, account, record, self.accounts.offset)
            except StoreAway:
                if time.monotonic() > end:
                    raise
                time.sleep(PAUSE)
        if generation != record.generation:
            raise ClaimLost(f"{account.label} has been written by another machine meanwhile.")
        self.generation = generation

    def store(self, account: Account, record: Record) -> tuple[Account, Record]:
        """Write an account with the record that a refresh brought; gives both as they are stored.

        The record keeps its rescue key, which was drawn with it: stored again after the store was set back, the answer
        to its refresh opens under it on every machine, also where the store comes to have the first one again.

        Raises:
            ClaimLost: Another machine has the account by now, and this record is not there.
            StoreAway: The store was away all the time.
        """
        account, record = self._put(account, record, record.rescue or new_key())
        claim, before = self._claim(), self.accounts.known(self.key)
        try:
            self._write(claim, account, record, "refresh")
        except ClaimLost:
            account, found = self._latest(account)
            if found.rescue != record.rescue:
                raise
            record = found  # it was stored, and the answer was lost
        self.accounts.keep(account, record, before)
        self._staged = None
        return account, record

    def commit(self, account: Account) -> None:
        """Write the account with the record that was `put`."""
        self.mark(account)

    def drop(self, account: Account) -> None:
        """Nothing is left of a record that another has replaced."""

    def take_back(self, account: Account) -> None:
        """Delete the records of the account's grant."""
        self._staged = None
        try:
            found, _ = self._latest(account)
        except (RecordMissing, NotConnected):
            return
        if found.grant == account.grant:
            self._erase(account, whole=False, heir=None, action="take back")

    def erase(self, account: Account) -> None:
        """Delete all records of the account."""
        self.rescue_file(account).drop()
        self._erase(account, whole=False, heir=None, action="clear" if account.state == "connecting" else "erase")

    def forget(self, account: Account, *, heir: Account | None = None) -> None:
        """Take the account out of the list."""
        action = {"connecting": "clear", "moving": "move"}.get(account.state, "disconnect")
        self._erase(account, whole=True, heir=None if heir is None else heir.id, action=action)
        self.accounts.uncopy(account)
        self.accounts.outdate()

    def _erase(self, account: Account, *, whole: bool, heir: str | None, action: str) -> None:
        self._staged = None
        self.generation = self.accounts.engine.erase(self._claim(), whole=whole, heir=heir, action=action)
        self.accounts.cache.drop(account.key)

    def forget_name(self, account: Account) -> None:
        """Let other accounts have the name of this earlier value of the account."""
        self.accounts.forget_name(account)


class SharedReservation:
    """`interface.Reservation` of a shared store: the claim, and a file that has room for the answer.

    The answer is written to that file first, encrypted, and stays there until the next one: an engine that goes back
    to an earlier state, as after a failover, is given it again by this machine.

    Args:
        locked: The account, locked.
        account: As it is listed.
        record: Its present record.

    Raises:
        RefreshElsewhere: Another machine is refreshing, and the present token has life.
        Busy: Another machine has been at it for too long.
        NotReserved: There is no room on disk.
        StoreAway: The store does not answer.
    """

    def __init__(self, locked: SharedLocked, account: Account, record: Record) -> None:
        self._locked, self._account, self._record = locked, account, record
        self._file = locked.rescue_file(account)
        try:
            # Before the claim: a process of this machine whose lock somebody has deleted has this file still.
            self._file.__enter__()
        except HomeError as error:
            raise NotReserved(error) from error
        try:
            self.left = self._claimed()
            if self.left is None:
                self._fill()
        except BaseException:
            self._file.__exit__()
            raise

    def _fill(self) -> None:
        try:
            self._file.fill(len(encode(self._record)))
        except HomeError as error:
            raise NotReserved(error) from error

    def _claimed(self) -> tuple[Account, Record] | None:
        """Claim the account as long as it has the present record; gives the newer one that it has instead."""
        locked = self._locked
        if locked.held is not None:
            if locked.generation != self._record.generation:
                return locked.settle(self._account)
            locked.held.renew()
            return None
        self._check_newest()
        now = locked.accounts.clock()
        claim = waited_for(
            locked.claims,
            locked.key,
            generation=self._record.generation,
            life=(self._record.expires_at or now) - now,
            what=self._account.label,
        )
        if isinstance(claim, Moved):
            return locked.settle(self._account)
        locked.hold(claim, is_renewed=False)
        return None

    def _check_newest(self) -> None:
        """Send no token whose successor works on this machine: the one that refreshed it stores it again."""
        kept, now = self._locked.accounts.cache.get(self._account), self._locked.accounts.clock()
        if kept is None or kept.generation <= self._record.generation:
            return
        if kept.expires_at is not None and kept.expires_at - now > ENOUGH_LIFE:
            raise RefreshElsewhere(
                f"The database was set back: it has older tokens of {self._account.label} than this machine.",
                hint="Run `gumauth refresh` on the machine that refreshed it last: it has the newest.",
            )

    def __enter__(self) -> SharedReservation:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.__exit__()

    def check(self) -> None:
        """Stop before the provider is asked, where its answer could come too late."""
        if self._locked.held is not None:
            self._locked.held.check_young()

    def commit(self, account: Account, record: Record) -> tuple[Account, Record]:
        """Write the record that a refresh brought to disk, then into the store, however long that is away."""
        locked = self._locked
        record, is_rescued = replace(record, rescue=new_key()), False
        if self._record.rescue is not None:
            kept = replace(record, account=stored_fields(account))
            is_rescued = self._file.keep(encode(kept), self._record.rescue)
        try:
            return locked.store(account, record)
        except GumauthError as error:
            if is_rescued and not isinstance(error, ClaimLost):
                locked.accounts.notify(
                    "The new tokens are kept on this machine, encrypted, until the database takes them: run the command"
                    " again here."
                )
            raise


def _action(before: Account | None, after: Account) -> str:
    """What the log says of a change of an account, but for its refreshes."""
    if before is None or before.grant != after.grant:
        return ACTIONS.get(after.state, "connect")
    if before.state != after.state:
        return ACTIONS.get(after.state, {"connecting": "connect", "moving": "move"}.get(before.state, "mend"))
    if after.state == "connecting":
        return "tokens come"
    return "rename" if before.name != after.name else "note"
