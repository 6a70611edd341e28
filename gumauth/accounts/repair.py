"""Bringing an account's file and its record together again, after damage or an interruption."""

from __future__ import annotations

from gumauth.accounts.account import Account
from gumauth.accounts.list import AccountList
from gumauth.accounts.locked import LockedAccount
from gumauth.accounts.references import holder
from gumauth.errors import GumauthError, RecordMissing
from gumauth.platform.frozen import replace
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.interface import Accounts
    from gumauth.accounts.interface import LockedAccount as AnyLockedAccount


def write_again(accounts: AccountList) -> None:
    """Set every unreadable account file aside, say so, and write the account again from its record. Promise K3.

    Raises:
        StoreError: The store cannot be asked; the file is left as it was.
    """
    seen, accounts.unreadable[:] = list(dict.fromkeys(accounts.unreadable)), []
    for provider, identity in seen:
        with LockedAccount(accounts, f"{provider}/{identity}") as locked:
            _write_again(accounts, locked, provider, identity)
    accounts.unreadable.clear()


def _write_again(accounts: AccountList, locked: LockedAccount, provider: str, identity: str) -> None:
    if locked.listed():
        return  # another process was first
    account = locked.recover(provider, identity)
    aside = one_line(accounts.set_aside(provider, identity))
    if account is None:
        accounts.notify(
            f"An account file could not be read and its record is not in the store; it was moved to {aside}."
        )
        return
    others = [other for other in accounts.all(provider) if other.id != identity]
    if account.alias and (holder(account.alias, others) or accounts.has_been_renamed(account)):
        account = accounts.named(replace(account, alias=None), others)  # it has lost that alias since
    locked.mark(account)
    accounts.notify(
        f"The file of {one_line(account.label)} could not be read; it was moved to {aside}"
        " and written again from the record in the store."
    )


def resume_all(accounts: Accounts, provider: str) -> None:
    """Resume the connects of a provider that were interrupted; those under way are left alone, as are failures."""
    for account in list(accounts.all(provider)):
        if account.state != "connecting":
            continue
        try:
            with accounts.locked(account, patience=0.0):
                pass  # no process is at it
            resume(accounts, account)
        except GumauthError:
            continue


def resume(accounts: Accounts, account: Account) -> Account | None:
    """The account of a connect that was interrupted. Promise K1.

    The account is good where its record had been written; else it is to be connected again.

    Returns:
        None where it is not in the list any more: the connect has ended, or nothing of it is there.

    Raises:
        StoreError: The store cannot be asked; the account is left as it was.
    """
    pending = account if _is_unnamed(account) else _twin(accounts, account) or account
    # The lock of the pending account is that of the connect itself, and the first to be taken of the two.
    with accounts.locked(pending) as locked:
        named = _twin(accounts, pending)
        if named is None:
            return _resume_alone(accounts, locked)
        with accounts.locked(named) as locked_named:
            return _join(locked, pending, locked_named)


def _resume_alone(accounts: Accounts, locked: AnyLockedAccount) -> Account | None:
    current = locked.listed()
    if current is None or current.state != "connecting":
        return current
    try:
        account = replace(locked.settle(current)[0], state="ok", reason=None)
        if _is_unnamed(account):
            # Interrupted before anybody was asked whose it is: a number is its name.
            with accounts.naming(account.provider):
                account = accounts.named(account)
    except RecordMissing:
        if _is_unnamed(current):
            # Nothing of it is anywhere, and unnamed it would only stand in the way of the account that is meant.
            locked.forget(current)
            return None
        account = _interrupted(current)
    locked.mark(account)
    return account


def _join(locked: AnyLockedAccount, pending: Account, locked_named: AnyLockedAccount) -> Account | None:
    """Make one account of the two that a connect has: the pending account, and the account of its person.

    Two must not refresh one grant, and only one of them may have it.
    """
    current = locked_named.listed()
    if current is None:
        return None
    if current.state == "connecting":
        try:
            current = _settled(locked, pending, locked_named, current)
        except RecordMissing:
            current = _interrupted(current)
        locked_named.mark(current)
    locked.erase(pending)
    locked.forget(pending, heir=current)
    return current


def _settled(locked: AnyLockedAccount, pending: Account, locked_named: AnyLockedAccount, named: Account) -> Account:
    """The named account with its record, or with that of the pending account where its own was not written any more."""
    try:
        account, _ = locked_named.settle(named)
    except RecordMissing:
        account, _ = locked_named.put(named, locked.settle(pending)[1])
    return replace(account, state="ok", reason=None)


def _interrupted(account: Account) -> Account:
    return replace(account, state="reconnect", reason="The connect was interrupted.")


def _is_unnamed(account: Account) -> bool:
    return account.nickname is None and account.alias is None and account.number is None


def _twin(accounts: Accounts, account: Account) -> Account | None:
    """The other account of the same connect: the pending account has no name, the other is the person's."""
    others = accounts.all(account.provider)
    return next((other for other in others if other.grant == account.grant and other.id != account.id), None)
