"""The door for Python programs: a fresh token by the same rules as the command, cached in the process."""

from __future__ import annotations

import os
import time

from gumauth.client.context import Context
from gumauth.client.refresh.expiry import has_life, is_due, margin
from gumauth.client.token import token
from gumauth.errors import AmbiguousAccount, GumauthError, NotConnected, ReconnectNeeded
from gumauth.platform.frozen import frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.account import Account
    from gumauth.accounts.record import Record

    Key = tuple[str, object, object, object]

UNKNOWN_LIFETIME = 60.0
"""Seconds for which a token without a known end is handed out again without looking at the store."""


@frozen
class Held:
    """A token as it is handed out, and whose it is. Times are seconds since 1970 in UTC.

    Args:
        account: Whose it is, whatever the reference that was asked for means by now.
        record: With the token in it.
        since: From when it needs no second look, and
        until: until when, for a caller without a `min_valid`.
    """

    account: Account
    record: Record
    since: float
    until: float


_cache: dict[Key, Held] = {}
"""By what the account was asked for and where; one entry for every `min_valid`, so that odd ones do not pile up."""

WHERE = ("GUMAUTH_HOME", "XDG_DATA_HOME", "HOME")
"""The variables that say which data folder it is. Source: gumauth.platform.folders.locate."""

_ENVIRON = os.environ
_FIRST, _SECOND, _THIRD = map(getattr(_ENVIRON, "encodekey", str), WHERE)


def _key(account: str) -> Key:
    """What an account was asked for, and in which data folder.

    The variables are read where `os.environ` keeps them, in their encoded form: by way of the mapping that would take
    ten times as long.
    """
    if os.environ is not _ENVIRON:  # something else was put in its place
        first, second, third = (os.environ.get(name) for name in WHERE)
        return account, first, second, third
    environ = _ENVIRON._data  # type: ignore[attr-defined]  # noqa: SLF001
    return account, environ.get(_FIRST), environ.get(_SECOND), environ.get(_THIRD)


def get_token(account: str, min_valid: float | None = None) -> str:
    """A valid access token for an account, refreshed first if it is due.

    A cached one is handed out until it is due, also when the account is disconnected elsewhere meanwhile; `forget`
    makes the next call look again.

    Args:
        account: "linear", "linear/work" or "linear/ada@example.com".
        min_valid: Seconds for which the token must be good; more than the margin that is kept anyway. Where the
            account's tokens live no longer than that, one is given that has four fifths of its lifetime left.

    Returns:
        The access token. Secret.

    Raises:
        GumauthError: `NotConnected`, `ReconnectNeeded`, `Temporary`, `StoreError`…, as the command has them.
    """
    try:
        return _held(account, min_valid).record.access_token
    except GumauthError as error:
        raise shortened(error) from error.__cause__


async def aget_token(account: str, min_valid: float | None = None) -> str:
    """`get_token` for an event loop of asyncio: a cached token at once, anything else on a thread.

    Args:
        account: "linear", "linear/work" or "linear/ada@example.com".
        min_valid: Seconds for which the token must be good, as for `get_token`.

    Raises:
        GumauthError: As `get_token`.
    """
    try:
        return (await _aheld(account, min_valid)).record.access_token
    except GumauthError as error:
        raise shortened(error) from error.__cause__


def held(account: str, min_valid: float | None = None) -> Held:
    """`get_token`, with whose token it is.

    Raises:
        GumauthError: As `get_token`.
    """
    try:
        return _held(account, min_valid)
    except GumauthError as error:
        raise shortened(error) from error.__cause__


async def aheld(account: str, min_valid: float | None = None) -> Held:
    """`aget_token`, with whose token it is.

    Raises:
        GumauthError: As `get_token`.
    """
    try:
        return await _aheld(account, min_valid)
    except GumauthError as error:
        raise shortened(error) from error.__cause__


def shortened(error: GumauthError) -> GumauthError:
    """An error without the way by which it came and what lies behind it: a traceback is read by who called.

    With GUMAUTH_DEBUG set, all of it stays.
    """
    if not os.environ.get("GUMAUTH_DEBUG"):
        error.__cause__ = None
        error.__traceback__ = None
    return error


def _held(account: str, min_valid: float | None) -> Held:
    return _cached(account, min_valid) or _look(account, min_valid)


async def _aheld(account: str, min_valid: float | None) -> Held:
    if (cached := _cached(account, min_valid)) is not None:
        return cached
    import asyncio

    # Not `_look`: of a hundred tasks that wait for a thread, the first fills the cache for the others.
    return await asyncio.to_thread(_held, account, min_valid)


def _cached(account: str, min_valid: float | None) -> Held | None:
    cached = _cache.get(_key(account))
    if cached is None:
        return None
    until = cached.until
    if min_valid is not None:
        until = min(until, _good_until(cached.record, until, min_valid))
    return cached if cached.since <= time.time() < until else None


def _look(account: str, min_valid: float | None) -> Held:
    key = _key(account)
    try:
        owner, record = token(Context(os.environ, clock=time.time, notify=_warn), account, min_valid=min_valid)
    except (AmbiguousAccount, NotConnected, ReconnectNeeded):
        forget(account)
        raise
    now = time.time()
    good = not is_due(record, now) and has_life(record, now)
    until = _good_until(record, now + UNKNOWN_LIFETIME) if good else now
    held = Held(account=owner, record=record, since=now, until=until)
    if key == _key(account):  # else another thread has changed the environment meanwhile
        _cache[key] = held
    return held


def _good_until(record: Record, otherwise: float, min_valid: float | None = None) -> float:
    """When the token is due; a token without a known end, `otherwise`."""
    if record.expires_at is None:
        return otherwise
    return record.expires_at - margin(record.expires_at - record.obtained_at, min_valid)


def forget(account: str) -> None:
    """Look at the store again at the next call: the account has changed."""
    _cache.pop(_key(account), None)


def own_hosts(used: Held) -> tuple[tuple[str, ...], str | None]:
    """The hosts that a token belongs to.

    Returns:
        Them, and why there are none: in a sentence's end, None where the provider's class names some.
    """
    from gumauth.client.loading import of_source
    from gumauth.oauth2.http import destination

    account = used.account
    try:
        resolved = of_source(Context(os.environ, clock=time.time, notify=_warn), account.source, account.provider)
    except GumauthError as error:
        return (), f"its provider cannot be looked at ({error.message.rstrip('.')})"
    hosts = destination.own_hosts(resolved.provider_class, used.record.extras)
    return hosts, None if hosts else f"the class of {account.provider} names no hosts"


def renewed(used: Held) -> str | None:
    """A token other than the one that was just refused with a 401: another process's newer one, or a fresh one.

    It belongs to the same account, even where what was asked for names another one by now. The refused token is in
    the cache no more.

    Returns:
        The access token, secret; None where there is no other: the account cannot be refreshed, or the refused token
        is so new that the next would be refused too.

    Raises:
        NotConnected: That account is gone.
        GumauthError: As `get_token`.
    """
    from gumauth.client.refresh.refresh import refresh_unless_other

    refused = used.record.access_token
    _drop(refused)
    context = Context(os.environ, clock=time.time, notify=_warn)
    try:
        _, record = refresh_unless_other(context, used.account, refused)
    except GumauthError as error:
        raise shortened(error) from error.__cause__
    return None if record.access_token == refused else record.access_token


def _drop(refused: str) -> None:
    """Take a token out of the cache, by whichever reference it came in."""
    for key in list(_cache):  # in one step, because other threads put tokens in
        cached = _cache.get(key)
        if cached is not None and cached.record.access_token == refused:
            _cache.pop(key, None)


def _warn(sentence: str) -> None:
    import logging

    logging.getLogger("gumauth").warning("%s", sentence)
