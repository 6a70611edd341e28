"""Ending an account: revoke ends the grant and keeps the account listed; disconnect also forgets it."""

from __future__ import annotations

from dataclasses import dataclass

from gumauth.accounts import Account
from gumauth.client.calls import Calls
from gumauth.client.grant import end_grant
from gumauth.client.locks import account_lock
from gumauth.client.repair import resume
from gumauth.client.token import find
from gumauth.context import Context
from gumauth.errors import (
    CannotRevoke,
    GumauthError,
    NewerRecord,
    NotConnected,
    RecordCorrupt,
    RecordMissing,
    StoreError,
)
from gumauth.registry import load
from gumauth.store.records import Record
from gumauth.text import one_line
from gumauth.values import replace


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What became of an account.

    Args:
        account: As it was last listed.
        revoked: The provider says that the grant is gone.
        forgotten: Nothing of it is left on this machine.
        error: Why the grant may be alive, where it may.
        before: It had been revoked before.
        heir: The account that is its provider's default now, where this one was.
    """

    account: Account
    revoked: bool
    forgotten: bool
    error: GumauthError | None = None
    before: bool = False
    heir: Account | None = None


def revoke(context: Context, reference: str) -> Ended:
    """End the grant at the provider; the account stays listed, as revoked.

    Raises:
        NotConnected: There is no such account.
        StoreError: Its record cannot be read.
    """
    account = find(context, reference)
    with account_lock(context, account.key):
        account = _current(context, account)
        if account.state == "revoked":
            return Ended(account=account, revoked=True, forgotten=False, before=True)
        records = context.records(account.store)
        account, record = records.settle(account)
        error = _end(context, account, record)
        if error is not None:
            return Ended(account=account, revoked=False, forgotten=False, error=error)
        account = replace(account, state="revoked", reason=None, expires_at=None)
        context.accounts.save(account)
        records.erase(account)
        return Ended(account=account, revoked=True, forgotten=False)


def disconnect(context: Context, reference: str, *, keep_grant: bool = False) -> Ended:
    """End the grant, then forget the account; where the grant cannot be ended, the account is kept for another try.

    Marked first, then revoked, then deleted, then taken out of the list, so that it can be run again after any
    interruption.

    Args:
        context: Folders, clock, environment.
        reference: The account.
        keep_grant: Only forget; the provider is not asked.

    Raises:
        NotConnected: There is no such account.
        StoreError: Its record cannot be read or deleted.
    """
    return disconnect_account(context, find(context, reference), keep_grant=keep_grant)


def disconnect_account(context: Context, account: Account, *, keep_grant: bool = False) -> Ended:
    """`disconnect` for an account that is known by more than a reference, which another one's nickname may equal."""
    resume(context, account)  # what a connect that was killed has left beside it would be an account of its own then
    with account_lock(context, account.key):
        account = _current(context, account)
        before = account
        revoked, error = account.state == "revoked", None
        if not revoked and not keep_grant:
            account = replace(account, state="leaving", reason=None)
            context.accounts.save(account)
            try:
                revoked, error = _revoke_leaving(context, account)
            except StoreError:
                context.accounts.save(before)  # the provider was not asked: nothing is left half done
                raise
        if error is not None:
            context.accounts.save(replace(before, reason=one_line(error.message)))
            return Ended(account=before, revoked=False, forgotten=False, error=error)
        heir = _forget(context, account)
        was_revoked = before.state == "revoked"
        return Ended(account=account, revoked=revoked, forgotten=True, before=was_revoked, heir=heir)


def _current(context: Context, account: Account) -> Account:
    current = context.accounts.get(account.provider, account.id)
    if current is None:
        raise NotConnected(f"{account.label} has been disconnected by another process.")
    return current


def _revoke_leaving(context: Context, account: Account) -> tuple[bool, GumauthError | None]:
    """Whether the grant is ended, and the error where trying again may help."""
    try:
        _, record = context.records(account.store).settle(account)
    except NewerRecord:
        raise
    except (RecordMissing, RecordCorrupt):
        return False, None  # nothing left that could be revoked
    error = _end(context, account, record)
    if isinstance(error, CannotRevoke):
        context.notify(error.message)
        return False, None
    return error is None, error


def _end(context: Context, account: Account, record: Record) -> GumauthError | None:
    """End the grant; the error where it is, or may be, still alive."""
    try:
        calls = Calls(context, load(account.source, account.provider))
    except GumauthError as error:
        return error
    try:
        end_grant(calls, record)
    except GumauthError as error:
        return error
    finally:
        calls.close()
    return None


def _forget(context: Context, account: Account) -> Account | None:
    """Take the account out of store and list; the provider's next default, where this one was that."""
    default = context.accounts.default(account.provider)
    context.records(account.store).erase(account)
    context.accounts.forget(account)
    was_default = default is not None and default.id == account.id
    return context.accounts.default(account.provider) if was_default else None
