"""Renaming an account: its alias changes, and no other field. Promises I6 and R9."""

from __future__ import annotations

from gumauth.accounts.account import Account
from gumauth.accounts.references import holder
from gumauth.client.aliases import called_so, check_alias
from gumauth.client.context import Context
from gumauth.client.lookup import find
from gumauth.errors import NotConnected
from gumauth.platform.frozen import replace


def rename(context: Context, reference: str, alias: str | None) -> tuple[Account, Account]:
    """Give an account another alias, or none; gives the account as it was and as it is.

    One write decides: killed at any moment, the account answers to its old name or to the new one.

    Args:
        context: Folders, clock, environment.
        reference: The account.
        alias: The new alias; None takes the present alias away.

    Raises:
        NotConnected: There is no such account.
        UsageError: The reference cannot name an account, or nothing can be called by this alias.
        AccountConflict: Another account is called so.
        HomeError: The list cannot be written; nothing has changed.
    """
    check_alias(alias)
    account = find(context, reference)
    # The first lock is that of everything that gives names, so that no two accounts get one.
    with context.accounts.naming(account.provider), context.accounts.locked(account) as locked:
        before = locked.listed()
        if before is None:
            raise NotConnected(f"{account.label} has been disconnected by another process.")
        others = [other for other in context.accounts.all(account.provider) if other.id != account.id]
        if alias is not None and (other := holder(alias, others)) is not None:
            how = f"Choose another one, or rename that account first: `gumauth rename {other.argument} ALIAS`."
            raise called_so(other, alias, hint=how)
        now = context.accounts.named(replace(before, alias=alias), others)
        if now != before:
            locked.mark(now)
            locked.forget_name(before)
        return before, now
