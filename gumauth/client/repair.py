"""Rebuilding an account's file from its record, after the file was damaged."""

from __future__ import annotations

from gumauth.client.locks import account_lock
from gumauth.context import Context
from gumauth.text import one_line


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
