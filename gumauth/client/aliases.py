"""Aliases: the names that people give their accounts. `rename` changes one; a connect gives and takes them.

Promises I6 and R9.
"""

from __future__ import annotations

import re

from gumauth.accounts.account import Account
from gumauth.accounts.references import holder
from gumauth.client.lookup import find, still_listed
from gumauth.errors import AccountConflict, NotConnected, UsageError
from gumauth.platform.frozen import replace
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gumauth.accounts.interface import Accounts, LockedAccount
    from gumauth.client.context import Context

ALIAS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")


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
        before = still_listed(locked, account)
        others = [other for other in context.accounts.all(account.provider) if other.id != account.id]
        if alias is not None and (other := holder(alias, others)) is not None:
            how = f"Choose another one, or rename that account first: `gumauth rename {other.argument} ALIAS`."
            raise called_so(other, alias, hint=how)
        now = context.accounts.named(replace(before, alias=alias), others)
        if now != before:
            locked.mark(now)
            locked.forget_name(before)
        return before, now


def check_alias(alias: str | None) -> None:
    """Stop at an alias that could not be typed or told from a path.

    Raises:
        UsageError: It is such.
    """
    if alias is not None and not ALIAS.fullmatch(alias):
        raise UsageError(
            f"{one_line(alias)!r} cannot be an alias.",
            hint="Use letters, digits and . _ @ + -, at most 64, and begin with a letter or digit.",
        )


def check_free(alias: str | None, accounts: Iterable[Account]) -> None:
    """Stop at an alias that is what one of the accounts is called without an alias; without one, none is read.

    Raises:
        AccountConflict: It is such.
    """
    if alias is None:
        return
    known = list(accounts)
    other = holder(alias, known)
    if other is None:
        return
    # Another grant's alias can go over to the new one, a key's cannot.
    if other.is_key or all((account.alias or "").casefold() != alias.casefold() for account in known):
        raise called_so(other, alias)


def called_so(other: Account, wanted: str, *, hint: str = "Choose another --as.") -> AccountConflict:
    """The error for an alias that is what another account is called."""
    return AccountConflict(f"{wanted} cannot be an alias: {other.label} is called so already.", hint=hint)


def take(accounts: Accounts, displaced: Account, *, to: Account) -> Account | None:
    """Take the alias from the account that has it; that account is called by its nickname or a number from now on.

    Args:
        accounts: In their block `naming`.
        displaced: Has the alias.
        to: The account that is to get the alias.

    Returns:
        The account without the alias; None where it had lost the alias by itself.

    Raises:
        NotConnected: The account that is to get the alias is not there any more.
        GumauthError: The alias could not be taken.
    """
    if accounts.get(to.provider, to.id) is None:
        raise NotConnected(f"{to.label} has been disconnected.")
    with accounts.locked(displaced) as locked:
        current = locked.listed()
        if current is None or current.alias != displaced.alias:
            return None
        locked.mark(now := accounts.named(replace(current, alias=None)))
        return now


def give(accounts: Accounts, locked: LockedAccount, account: Account, alias: str | None) -> Account:
    """Give an account an alias, if no other account is called so.

    Args:
        accounts: In their block `naming`.
        locked: The account, locked.
        account: As it was read before.
        alias: To be given.

    Returns:
        The account as it is now.

    Raises:
        NotConnected: The account is not there any more.
        AccountConflict: Another account is called so by now.
    """
    current = locked.listed()
    if current is None:
        raise NotConnected(f"{account.label} has been disconnected.")
    others = [other for other in accounts.all(account.provider) if other.id != account.id]
    if alias is None or holder(alias, others) is not None:
        raise AccountConflict(f"{account.provider}/{alias} is another account's name by now.")
    locked.mark(now := accounts.named(replace(current, alias=alias), others))
    return now
