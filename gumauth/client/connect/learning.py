"""Learning whose the connected accounts are, where that is not known, before a new login is committed. Promise I8."""

from __future__ import annotations

from gumauth.accounts.account import Account
from gumauth.accounts.references import first_field
from gumauth.client.context import Context
from gumauth.client.identity_request import Whose, is_unknown, learn
from gumauth.client.loading import of_account
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.client.refresh.expiry import has_life, is_doubtful
from gumauth.client.refresh.refresh import refresh_account
from gumauth.client.revoke_request import is_refused
from gumauth.errors import GumauthError, RecordCorrupt, RecordMissing
from gumauth.platform.frozen import replace
from gumauth.registry.resolved import ResolvedProvider

AT_MOST = 5
"""Accounts that a connect asks about; each of them is asked about once in its life."""


def learn_of_others(context: Context, resolved: ResolvedProvider, of: Whose) -> None:
    """Ask whose the accounts are that a login could belong to and that have no identity.

    The provider is asked with each account's own token, which is refreshed where it has ended. An account is marked
    where its grant turns out to be dead.

    Args:
        context: Folders, clock, environment.
        resolved: The provider of the login.
        of: Whose the login is.
    """
    provider = resolved.name
    context.accounts.resume_connects(provider)
    if not of.identity:
        return
    names = {None, of.nickname, first_field(of.nickname or "")}
    grants = [account for account in context.accounts.all(provider) if not account.is_key]
    unsure = [a for a in grants if not a.identity and a.state == "ok" and a.nickname in names]
    for account in unsure[:AT_MOST]:
        try:
            _learn_of(context, resolved, account)
        except GumauthError:
            continue  # it stays an account of its own


def _learn_of(context: Context, resolved: ResolvedProvider, account: Account) -> None:
    try:
        record = context.accounts.read(account)
    except (RecordMissing, RecordCorrupt):
        return _mark(context, account, "Its record is gone.")
    now = context.clock()
    if account.refreshable and not has_life(record, now):
        account, record = refresh_account(context, account)  # which learns it by the way
    elif not has_life(record, now) and not is_doubtful(record, now):
        return _mark(context, account, "Its token has expired.")
    try:
        source = of_account(context, account)
    except GumauthError:
        source = resolved  # its file has moved
    calls = ProviderCalls(context, source)
    try:
        with context.accounts.locked(account) as locked:
            current = locked.listed()
            if current is None or current.identity or current.grant != account.grant:
                return None
            current = learn(context, locked, calls, replace(current, identity=None), record.access_token)
            is_named = current.nickname is not None  # else its token may be for another resource, and refused there
            if is_unknown(current) and is_named and not current.refreshable and is_refused(calls, record.access_token):
                locked.mark(replace(current, state="reconnect", reason="Its token is refused."))
    finally:
        calls.close()
    if is_unknown(current) and current.refreshable:
        refresh_account(context, current, force=True)  # its token should have life: alive or dead, this tells
    return None


def _mark(context: Context, account: Account, reason: str) -> None:
    """Note that only a new connect helps an account."""
    with context.accounts.locked(account) as locked:
        if locked.listed() == account:
            locked.mark(replace(account, state="reconnect", reason=reason))
