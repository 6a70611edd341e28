"""Accounts that the run's keeper does not have, and another one on this machine has. No database is asked."""

from __future__ import annotations

from gumauth.accounts import choice
from gumauth.errors import GumauthError, NotConnected

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.client.context import Context


def kept_elsewhere(context: Context, reference: str) -> NotConnected | None:
    """The error for an account that this machine keeps outside the database, or knows to be in one; None for others.

    Args:
        context: A run that does not have the account.
        reference: As it was written.
    """
    if context.is_shared:
        try:
            account = context.own_accounts.look_up(reference)
        except GumauthError:
            return None
        return NotConnected(
            f"{account.label} is kept on this machine, and not in the database.",
            command=f"gumauth move {account.argument} --to postgresql",
            account=account.label,
        )
    for copy in choice.copies(context.own_home, lambda _sentence: None):
        try:
            account = copy.look_up(reference)
        except GumauthError:
            continue
        return NotConnected(
            f"{account.label} is kept in a database, and not on this machine.",
            hint="Set GUMAUTH_STORE to the address of the database.",
            account=account.label,
        )
    return None


def own_count(context: Context) -> int:
    """How many accounts this machine keeps of its own, where the run has those of a shared store; else 0."""
    return len(list(context.own_accounts.all())) if context.is_shared else 0
