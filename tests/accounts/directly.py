"""What tests do to the accounts of this machine past their keeper, as another process or a kill does."""

from __future__ import annotations

from gumauth.accounts import repair
from gumauth.accounts.account import Account
from gumauth.accounts.list import AccountList
from gumauth.accounts.locked import LockedAccount
from gumauth.accounts.records import Records
from gumauth.client.context import Context


def files_of(context: Context) -> AccountList:
    """The account files."""
    return AccountList(context.home, context.store, context.notify)


def save(context: Context, account: Account) -> None:
    """Write an account's file."""
    files_of(context).save(account)


def forget(context: Context, account: Account) -> None:
    """Take an account out of the list."""
    files_of(context).forget(account)


def records_of(context: Context) -> Records:
    """The records of all accounts."""
    return Records(files_of(context))


def locked(context: Context, account: Account) -> LockedAccount:
    """An account with its lock, as only the keeper of this machine has it."""
    return LockedAccount(files_of(context), account.key)


def resume(context: Context, account: Account) -> Account | None:
    """Make an account of an interrupted connect."""
    return repair.resume(context.accounts, account)
