"""The door for Python programs: a fresh token by the same rules as the command, cached in the process."""

from __future__ import annotations

import os
import time

from gumauth.client.due import has_life, is_due
from gumauth.client.token import token
from gumauth.context import Context

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.store.records import Record

_cache: dict[tuple[str, float | None], tuple[float, float, Record]] = {}
"""Account and min_valid → from when, until when, and the record that needs no second look in between."""

UNKNOWN_LIFETIME = 60.0
"""Seconds for which a token without a known end is handed out again without looking at the store."""


def get_token(account: str, min_valid: float | None = None) -> str:
    """A valid access token for an account, refreshed first if it is due.

    A cached one is handed out until it is due, also when the account is disconnected elsewhere meanwhile; `forget`
    makes the next call look again.

    Args:
        account: "linear", "linear/work" or "linear/ada@example.com".
        min_valid: Seconds for which the token must be good; more than the margin that is kept anyway.

    Returns:
        The access token. Secret.

    Raises:
        GumauthError: `NotConnected`, `ReconnectNeeded`, `Temporary`, `StoreError`…, as the command has them.
    """
    now = time.time()
    kept = _cache.get((account, min_valid))
    if kept is not None and kept[0] <= now < kept[1]:
        return kept[2].access_token
    return _look(account, min_valid)


def _look(account: str, min_valid: float | None) -> str:
    _, record = token(Context(os.environ, clock=time.time, notify=_warn), account, min_valid=min_valid)
    now = time.time()
    _cache[account, min_valid] = (now, _good_until(record, now, min_valid), record)
    return record.access_token


def _good_until(record: Record, now: float, min_valid: float | None) -> float:
    if record.expires_at is None:
        return now + UNKNOWN_LIFETIME
    if is_due(record, now, min_valid) or not has_life(record, now):
        return now
    margin = max(min(60.0, (record.expires_at - record.obtained_at) / 5), min_valid or 0.0)
    return record.expires_at - margin


def forget(account: str) -> None:
    """Look at the store again at the next call: the token was refused, or the account has changed."""
    for key in list(_cache):  # in one step, because other threads put tokens in
        if key[0] == account:
            _cache.pop(key, None)


def renewed(account: str, refused: str) -> str:
    """A token other than the one that was just refused with a 401: another process's newer one, or a fresh one.

    Raises:
        GumauthError: As `get_token`.
    """
    from gumauth.client.renew import renew_unless_other

    forget(account)
    _, record = renew_unless_other(Context(os.environ, clock=time.time, notify=_warn), account, refused)
    return record.access_token


async def aget_token(account: str, min_valid: float | None = None) -> str:
    """`get_token` for an event loop: a cached token at once, anything else on a thread.

    Args:
        account: "linear", "linear/work" or "linear/ada@example.com".
        min_valid: Seconds for which the token must be good.

    Raises:
        GumauthError: As `get_token`.
    """
    now = time.time()
    kept = _cache.get((account, min_valid))
    if kept is not None and kept[0] <= now < kept[1]:
        return kept[2].access_token
    import asyncio

    return await asyncio.to_thread(_look, account, min_valid)


def _warn(sentence: str) -> None:
    import logging

    logging.getLogger("gumauth").warning("%s", sentence)
