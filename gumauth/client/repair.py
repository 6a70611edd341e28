"""Bringing an account's file and its record together again, after damage or an interruption."""

from __future__ import annotations

from gumauth.accounts import Account
from gumauth.client.locks import account_lock
from gumauth.context import Context
from gumauth.errors import NotConnected, RecordMissing
from gumauth.text import one_line
from gumauth.values import replace


def repair(context: Context) -> None:
    """Set every unreadable account file aside, say so, and write it again from the record in the store.

    Raises:
        StoreError: The store cannot be asked; the file is left as it was.
    """
    seen, context.accounts.unreadable[:] = list(dict.fromkeys(context.accounts.unreadable)), []
    for provider, identity in seen:
        with account_lock(context, f"{provider}/{identity}"):
            _repair(context, provider, identity)
    context.accounts.unreadable.clear()


def _repair(context: Context, provider: str, identity: str) -> None:
    if context.accounts.get(provider, identity):
        return  # another process was first
    account = context.records().recover(provider, identity)
    aside = context.accounts.set_aside(provider, identity)
    if account is None:
        context.notify(
            f"An account file could not be read and its record is not in the store; it was moved to {one_line(aside)}."
        )
        return
    context.accounts.save(account)
    context.notify(
        f"The file of {one_line(account.label)} could not be read; it was moved to {one_line(aside)}"
        " and written again from the record in the store."
    )


def resume(context: Context, account: Account) -> Account | None:
    """The account of a connect that was cut short: good where its record had been written, else to be connected again.

    None where it has been taken out of the list, because nothing of it is there.

    Raises:
        NotConnected: The connect has failed meanwhile, and has taken the account back.
        StoreError: The store cannot be asked; the account is left as it was.
    """
    with account_lock(context, account.key):
        current = context.accounts.get(account.provider, account.id)
        if current is None:
            raise NotConnected(f"{account.label} is not connected.", hint=f"Run `gumauth connect {account.provider}`.")
        account = current
        if account.state != "connecting":
            return account  # the connect was under way, and has ended
        records = context.records(account.store)
        if twin := _twin(context, account):
            records.erase(account)
            context.accounts.forget(account)
            return twin
        try:
            account = replace(records.settle(account)[0], state="ok", reason=None)
        except RecordMissing:
            if account.nickname is None and account.alias is None:
                # Nothing of it is anywhere, and unnamed it would only stand in the way of the account that is meant.
                context.accounts.forget(account)
                return None
            account = replace(account, state="reconnect", reason="The connect was interrupted.")
        context.accounts.save(account)
        return account


def _twin(context: Context, account: Account) -> Account | None:
    """The account under whose person's name the same grant was stored: two must not refresh it."""
    others = context.accounts.all(account.provider)
    return next((other for other in others if other.grant == account.grant and other.id != account.id), None)
