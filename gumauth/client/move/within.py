"""Moving an account's record from one store of this machine to another one.

1. The account is marked as moving: nobody refreshes it.
2. The record is written into the new store, read back and compared.
3. The account points at it, and says which store still has a record.
4. The record in the old store is deleted, and the account is as before.

Killed after any step, the command goes on from there, or back before step 3. Promises K1 and R9.
"""

from __future__ import annotations

from contextlib import suppress

from gumauth.client.lookup import MOVING, check_usable, still_listed
from gumauth.errors import GumauthError
from gumauth.platform.frozen import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.account import Account
    from gumauth.accounts.interface import LockedAccount
    from gumauth.client.context import Context


def is_crossing(account: Account) -> bool:
    """Whether a move of the account to or from a database has begun."""
    return account.state == MOVING and (not account.moving or bool(account.moving[1]))


def change_store(context: Context, account: Account, to: str) -> Account | None:
    """Move an account's record into the store that the run selects.

    Args:
        context: The run, whose accounts are this machine's own.
        account: As last read.
        to: What GUMAUTH_STORE says for that store.

    Returns:
        The account; None where it is there already.

    Raises:
        ReconnectNeeded: The account's grant is dead, or being ended, or the account is being moved elsewhere.
        NotConnected: It is not listed any more.
        StoreError: One of the two stores cannot be used. The command can be run again.
    """
    store = context.store().name
    with context.accounts.locked(account) as locked:
        before = still_listed(locked, account)
        if before.state != MOVING:
            check_usable(context, before)
            if before.store == store:
                return None
        elif is_crossing(before):
            check_usable(context, before)
        elif len(before.moving or ()) > 2:
            before = _finished(locked, before)
            if before.store == store:
                return before
        elif before.store == store:
            return _back(context, locked, before)
        return _finished(locked, _pointing(context, locked, before, to))


def _pointing(context: Context, locked: LockedAccount, before: Account, to: str) -> Account:
    """The account as it points at its record in the new store, and still has one in the old store."""
    before, record = locked.settle(before)
    usable = replace(before, state="ok", moving=None)
    locked.mark(replace(usable, state=MOVING, moving=(to, "")))
    try:
        account, _ = locked.put(replace(usable, store=context.store().name), record)
    except GumauthError:
        _undo(locked, usable, context.store().name)
        raise
    account = replace(account, state=MOVING, moving=(to, "", before.store))
    locked.commit(account)
    return account


def _undo(locked: LockedAccount, usable: Account, store: str) -> None:
    """Let the account be used as before, without what may be in the new store."""
    with suppress(GumauthError):
        locked.erase(replace(usable, store=store))
    with suppress(GumauthError):  # it stays marked as moving then, and the command is run again
        locked.mark(usable)


def _finished(locked: LockedAccount, account: Account) -> Account:
    """The account without its record in the old store, usable again."""
    assert account.moving is not None  # noqa: S101
    locked.erase(replace(account, store=account.moving[2]))
    locked.mark(account := replace(account, state="ok", moving=None))
    return account


def _back(context: Context, locked: LockedAccount, account: Account) -> Account:
    """The account where it is, without what was perhaps written into the store that it was to be moved to."""
    assert account.moving is not None  # noqa: S101
    other = context.at(account.moving[0]).store().name
    locked.settle(account)  # a rescued answer is stored before its file is deleted
    locked.erase(replace(account, store=other))
    locked.mark(account := replace(account, state="ok", moving=None))
    return account
