"""Bringing an account's file and its record together again, after damage or an interruption."""

from __future__ import annotations

from gumauth.accounts.account import Account
from gumauth.accounts.references import holder
from gumauth.client.account_lock import account_lock
from gumauth.client.context import Context
from gumauth.errors import RecordMissing
from gumauth.platform.frozen import replace
from gumauth.platform.text import one_line


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
    others = [other for other in context.accounts.all(provider) if other.id != identity]
    if account.alias and (holder(account.alias, others) or context.accounts.has_been_renamed(account)):
        account = context.accounts.named(replace(account, alias=None), others)  # it has lost that alias since
    context.accounts.save(account)
    context.notify(
        f"The file of {one_line(account.label)} could not be read; it was moved to {one_line(aside)}"
        " and written again from the record in the store."
    )


def resume(context: Context, account: Account) -> Account | None:
    """The account of a connect that was cut short: good where its record had been written, else to be connected again.

    None where it is not in the list any more: the connect has ended, or nothing of it is there.

    Raises:
        StoreError: The store cannot be asked; the account is left as it was.
    """
    held = account if _is_unnamed(account) else _twin(context, account) or account
    with account_lock(context, held.key):  # that of the connect itself, and the first to be taken of the two
        named = _twin(context, held)
        if named is None:
            return _resume_alone(context, held)
        with account_lock(context, named.key):
            return _join(context, held, named)


def _resume_alone(context: Context, account: Account) -> Account | None:
    current = context.accounts.get(account.provider, account.id)
    if current is None or current.state != "connecting":
        return current
    try:
        account = replace(context.records(current.store).settle(current)[0], state="ok", reason=None)
        if _is_unnamed(account):
            account = _numbered(context, account)
    except RecordMissing:
        if _is_unnamed(current):
            # Nothing of it is anywhere, and unnamed it would only stand in the way of the account that is meant.
            context.accounts.forget(current)
            return None
        account = _interrupted(current)
    context.accounts.save(account)
    return account


def _join(context: Context, held: Account, named: Account) -> Account | None:
    """Make one account of the two that a connect has: what was held, and what it was to become.

    Two must not refresh one grant, and only one of them may have it.
    """
    current = context.accounts.get(named.provider, named.id)
    if current is None:
        return None
    if current.state == "connecting":
        try:
            current = _settled(context, held, current)
        except RecordMissing:
            current = _interrupted(current)
        context.accounts.save(current)
    context.records(held.store).erase(held)
    context.accounts.forget(held, heir=current)
    return current


def _settled(context: Context, held: Account, named: Account) -> Account:
    """The named account with its record, which is that of the held one where its own was not written any more."""
    records = context.records(named.store)
    try:
        account, _ = records.settle(named)
    except RecordMissing:
        _, record = context.records(held.store).settle(held)
        account, _ = records.put(named, record)
    return replace(account, state="ok", reason=None)


def _numbered(context: Context, account: Account) -> Account:
    """An account of a connect that was cut short before anybody was asked whose it is: a number is its name."""
    with account_lock(context, f"{account.provider}/connect"):
        return context.accounts.named(account)


def _interrupted(account: Account) -> Account:
    return replace(account, state="reconnect", reason="The connect was interrupted.")


def _is_unnamed(account: Account) -> bool:
    return account.nickname is None and account.alias is None and account.number is None


def _twin(context: Context, account: Account) -> Account | None:
    """The other account of the same connect: one is held without a name, the other is the person's."""
    others = context.accounts.all(account.provider)
    return next((other for other in others if other.grant == account.grant and other.id != account.id), None)
