"""Learning, before a new login is kept, whose the accounts are of which that is not known."""

from __future__ import annotations

from gumauth.accounts import Account
from gumauth.client.calls import Calls
from gumauth.client.due import has_life
from gumauth.client.locks import account_lock
from gumauth.client.renew import renew
from gumauth.client.whose import Whose, is_unknown, learn
from gumauth.context import Context
from gumauth.errors import GumauthError
from gumauth.references import first_field
from gumauth.registry import load
from gumauth.values import replace

AT_MOST = 5
"""Accounts that a connect asks about; each of them is asked about once in its life."""


def learn_of_others(context: Context, provider: str, of: Whose) -> None:
    """Ask whose those accounts are that a login could belong to, for all that is known of them.

    They are asked with their own tokens, refreshed where those have ended; one whose grant turns out to be dead is
    marked so.

    Args:
        context: Folders, clock, environment.
        provider: Its name.
        of: The login.
    """
    if not of.identity:
        return
    names = {None, of.nickname, first_field(of.nickname or "")}
    unsure = [a for a in context.accounts.all(provider) if not a.identity and a.state == "ok" and a.nickname in names]
    for account in unsure[:AT_MOST]:
        try:
            _learn_of(context, account)
        except GumauthError:
            continue  # it stays an account of its own


def _learn_of(context: Context, account: Account) -> None:
    record = context.records(account.store).read(account)
    if not has_life(record, context.clock()):
        account, record = renew(context, account)  # which learns it by the way
    calls = Calls(context, load(account.source, account.provider))
    try:
        with account_lock(context, account.key):
            current = context.accounts.get(account.provider, account.id)
            if current is None or current.identity or current.grant != account.grant:
                return
            current = learn(context, calls, replace(current, identity=None), record.access_token)
            is_named = current.nickname is not None  # else its token may be for another resource, and refused there
            if is_unknown(current) and is_named and not current.refreshable and _is_refused(calls, record.access_token):
                context.accounts.save(replace(current, state="reconnect", reason="Its token is refused."))
    finally:
        calls.close()
    if is_unknown(current) and current.refreshable:
        renew(context, current, force=True)  # its token should have life: alive or dead, this tells


def _is_refused(calls: Calls, access_token: str) -> bool:
    return hasattr(calls.provider, "is_active") and calls.call("is_active", access_token) is False
