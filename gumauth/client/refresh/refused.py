"""A token that a service has refused is made due, for programs that only say so and ask again later."""

from __future__ import annotations

from gumauth.client.refresh.expiry import SKEW, can_refresh, has_life, lifetime
from gumauth.client.refresh.refresh import RECENT
from gumauth.platform.frozen import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.account import Account
    from gumauth.accounts.record import Record
    from gumauth.client.context import Context


def make_due(context: Context, account: Account, refused: str) -> bool:
    """End the stored access token here, so that the next one who asks for a token refreshes it; whether that was done.

    Nothing changes where another token is stored by now, where the account cannot be refreshed, and where the token is
    so new that it was not refused for its age: a service that refuses every token must not cause a refresh each time.

    Args:
        context: Folders, clock, environment.
        account: As last read.
        refused: The access token that the service refused. Secret.

    Raises:
        Busy: Another process has held the account's lock too long.
        StoreError: The record cannot be read or written.
    """
    if not _is_old(context, account, context.accounts.read(account), refused):
        return False
    with context.accounts.locked(account) as locked:
        current = locked.listed()
        if current is None or current.state != "ok":
            return False
        account, record = locked.settle(current)
        if not _is_old(context, account, record, refused):
            return False
        account, _ = locked.put(account, _ended(record, context.clock()))
        locked.commit(account)
        return True


def _is_old(context: Context, account: Account, record: Record, refused: str) -> bool:
    """Whether a record's token is the refused one, is taken for good, and is old enough for a new one to help."""
    now = context.clock()
    is_new = 0 <= now - record.obtained_at < RECENT
    is_the_same = record.access_token == refused
    return is_the_same and not is_new and has_life(record, now) and can_refresh(account, record)


def _ended(record: Record, now: float) -> Record:
    """The record with a token that has just ended after its whole life: the next one is taken to live as long."""
    ended_at = now - SKEW
    return replace(record, obtained_at=ended_at - (lifetime(record) or 0.0), expires_at=ended_at)
