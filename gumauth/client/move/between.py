"""Moving an account between this machine's own list and a database that machines share.

1. This machine's list has the account as moving, also where it is still to come.
2. Where the account is, it is marked as moving: nobody refreshes it.
3. It is written where it is moved to, marked as moving there too, with its record, which is read back and compared.
4. Its records are deleted where it was.
5. It is usable where it is now.
6. It leaves the list where it was.

So at most one of the two lists has it as usable, and no record is deleted before the other one is known to be good.
Killed after any step, the next move of the account goes on, in either direction: the two have one grant, and as long as
both are marked, nobody has refreshed either. This machine's list is locked first in both directions.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress

from gumauth.accounts import choice
from gumauth.accounts.references import holder
from gumauth.client.lookup import MOVING, check_usable, mending_command
from gumauth.client.move import needs
from gumauth.errors import (
    AccountConflict,
    GumauthError,
    NotConnected,
    ReconnectNeeded,
    RecordMissing,
    StoreAway,
    StoreError,
)
from gumauth.oauth2.identity import same_identity
from gumauth.platform.frozen import frozen, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gumauth.accounts.account import Account
    from gumauth.accounts.interface import LockedAccount
    from gumauth.accounts.record import Record
    from gumauth.client.context import Context

TOLERANCE = 0.01
"""Seconds by which a time may differ that was read back: it was told by another clock in between."""


@frozen
class Arrived:
    """An account that is where it was to be moved.

    Args:
        account: As it is listed there.
        is_new: Whether this call has moved it, or ended a move.
        sentences: What else the person should know.
        was_default: Whether it was its provider's default account where it was.
    """

    account: Account
    is_new: bool = True
    sentences: tuple[str, ...] = ()
    was_default: bool = False


class Crossing:
    """One account on its way, with both locks held.

    Args:
        source: A run whose accounts are those where it is.
        target: A run whose accounts are those where it is to be; one of the two is shared.
        to: "postgresql", "keyring" or "file".
    """

    def __init__(self, source: Context, target: Context, to: str) -> None:
        self._source, self._target, self._to = source, target, to

    def move(self, account: Account) -> Arrived:
        """Move the account, or go on with a move that was interrupted.

        Args:
            account: As it was found in either list.

        Raises:
            NotConnected: It is in neither list any more.
            AccountConflict: Its name is taken there, or the same person's account is there.
            ReconnectNeeded: Its grant is dead or being ended; or another machine has begun to move it.
            StoreAway: The database does not answer. The command can be run again.
            StoreError: One of the two stores cannot be used.
        """
        own, shared = (self._source, self._target) if self._target.is_shared else (self._target, self._source)
        self._target.accounts.prepare(account.provider)
        with ExitStack() as locks:
            held = []
            for context in (own, shared):
                locks.enter_context(context.accounts.naming(account.provider))
                held.append(locks.enter_context(context.accounts.locked(account)))
            here, there = held if self._target.is_shared else held[::-1]
            return self._go_on(here, there, account)

    def _go_on(self, here: LockedAccount, there: LockedAccount, account: Account) -> Arrived:
        """Do what is left to do, by what the two lists say."""
        source, target = here.listed(), there.listed()
        if source is None:
            return self._without_source(there, target, account)
        if target is not None and (target.grant != source.grant or MOVING not in (source.state, target.state)):
            raise _there_already(source, target)
        if source.state == MOVING and target is not None and target.state != MOVING:
            return self._ended(here, there, source, target)
        if source.state == MOVING and target is None and self._source.is_shared:
            raise self._other_machines(source)
        if source.state != MOVING:
            check_usable(self._source, source)
        return self._carry(here, there, source, target)

    def _without_source(self, there: LockedAccount, target: Account | None, account: Account) -> Arrived:
        if target is None:
            raise NotConnected(f"{account.label} has been disconnected.", account=account.label)
        if target.state != MOVING:
            return Arrived(account=target, is_new=False)
        if self._target.is_shared:
            raise self._other_machines(target)
        try:
            there.newest(target)
        except RecordMissing:
            there.forget(target)
            raise _gone(target) from None
        there.mark(target := _usable(target))
        return Arrived(account=target)

    def _ended(self, here: LockedAccount, there: LockedAccount, source: Account, target: Account) -> Arrived:
        """The account, which is usable where it was to be, without what is left of it where it was."""
        there.newest(target)  # what a list says is not enough: the tokens have to open
        here.erase(source)
        here.forget(source)
        return Arrived(account=target)

    def _carry(self, here: LockedAccount, there: LockedAccount, source: Account, target: Account | None) -> Arrived:
        """Do all steps that have not been done for sure."""
        record = None
        try:
            source, record = here.settle(source)
        except RecordMissing:
            if source.state != MOVING:
                raise
        usable = _usable(source)
        if record is None and target is None:
            here.forget(source)
            raise _gone(source)
        others = [each for each in self._target.accounts.all(source.provider) if each.id != source.id]
        self._check_names(source, others)
        default = self._source.accounts.default(source.provider)
        was_default = default is not None and default.id == source.id
        sentences = [] if record is None else needs.bring(self._source, self._target, source, record)
        moving = self._to, choice.machine(self._source.environ)
        marked = replace(usable, state=MOVING, moving=moving)
        try:
            if record is not None:
                target = self._arrived(here, there, marked, record)
            assert target is not None  # noqa: S101
            there.newest(target)
            here.erase(source)
            there.mark(usable := _usable(target))
            if was_default:
                sentences += self._keep_default(usable, others)
            here.forget(marked)
        except StoreAway as error:
            command = mending_command(self._source, marked)
            error.hint = f"Run `{command}` again when it does: {usable.label} cannot be used before."
            raise
        needs.leave(self._source, source)
        return Arrived(account=usable, sentences=tuple(sentences), was_default=was_default)

    def _arrived(self, here: LockedAccount, there: LockedAccount, marked: Account, record: Record) -> Account:
        """The account as it is listed where it is moved to, with its record, which has been read back."""
        name = self._target.store().name
        try:
            if self._source.is_shared:
                there.mark(replace(marked, store=name, slot="a"))
            here.mark(marked)
            account, _ = there.put(replace(_usable(marked), store=name, slot="a"), record)
            there.commit(account := replace(account, state=MOVING, moving=marked.moving))
            _compare(there.newest(account), record, account)
        except StoreAway:
            raise  # whether it has arrived is not known
        except GumauthError:
            self._undo(here, there, _usable(marked))
            raise
        return account

    def _undo(self, here: LockedAccount, there: LockedAccount, usable: Account) -> None:
        """Let the account be used where it was, if nothing of it is left where it was to be."""
        with suppress(GumauthError):  # it stays marked then, and the command is run again
            current = there.listed()
            if current is not None and current.grant == usable.grant:
                there.erase(current)
                there.forget(current)
            here.mark(usable)

    def _check_names(self, account: Account, others: Sequence[Account]) -> None:
        """Stop where the account's name is another one's there, or the same person's account is there."""
        same = next((other for other in others if same_identity(other.identity, account.identity)), None)
        if same is not None:
            raise _there_already(account, same)
        other = _called_so(account, others)
        if other is not None:
            raise AccountConflict(
                f"{account.label} cannot have that name where it is to be moved: {other.label} is called so there.",
                hint=f"Run `gumauth rename {account.argument} ALIAS` first.",
                account=account.label,
            )

    def _keep_default(self, account: Account, others: Sequence[Account]) -> list[str]:
        """Let the account be the default where it is now, unless another one is."""
        default = self._target.accounts.default(account.provider, others) if others else None
        if default is None or default.id == account.id:
            self._target.accounts.set_default(account)
            return []
        return [f"{default.label} stays the default of {account.provider} there."]

    def _other_machines(self, account: Account) -> ReconnectNeeded:
        """The error for an account that another machine has begun to move: that one's list says how far it is."""
        machine = account.moving[1] if account.moving else "another machine"
        return ReconnectNeeded(
            f"{machine} has begun to move {account.label}, and has not ended.",
            hint=f"Run `{mending_command(self._source, account)}` on {machine}.",
            account=account.label,
        )


def _called_so(account: Account, others: Sequence[Account]) -> Account | None:
    """The account that has this one's name; a nickname may be several accounts', where each has another name."""
    if account.alias or account.number is not None:
        return holder(account.name, others)
    return next((other for other in others if other.name.casefold() == account.name.casefold()), None)


def _usable(account: Account) -> Account:
    return replace(account, state="ok", moving=None)


def _there_already(account: Account, other: Account) -> AccountConflict:
    return AccountConflict(
        f"The same account is there already, as {other.label}.",
        hint=f"Disconnect one of the two: `gumauth disconnect {account.argument}` for the one that was to be moved.",
        account=account.label,
    )


def _gone(account: Account) -> NotConnected:
    return NotConnected(
        f"{account.label} had been moved, and has been disconnected or moved on since.", account=account.label
    )


def _compare(got: Record, record: Record, account: Account) -> None:
    """Stop where a record that was read back is not what was written."""
    same = replace(got, generation=record.generation, rescue=record.rescue, account=record.account)
    times = ("expires_at", "obtained_at")
    for name in times:
        one, other = getattr(same, name), getattr(record, name)
        if None not in (one, other) and abs(one - other) < TOLERANCE:
            same = replace(same, **{name: other})
    if replace(same, kept_apart=record.kept_apart) != record:
        raise StoreError(
            f"What was stored for {account.label} was not given back.", command="gumauth doctor", account=account.label
        )
