"""The lock under which one account is changed. On the way out: `context.accounts.locked` and `.naming` give it."""

from __future__ import annotations

from gumauth.accounts.lock import AccountLock
from gumauth.client.context import Context


def account_lock(context: Context, key: str) -> AccountLock:
    """The lock of the account `<provider>/<id>`."""
    return AccountLock(context.home, key)
