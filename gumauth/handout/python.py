"""`gumauth.get_token` and `gumauth.aget_token`: a token by the rules of `gumauth token`, cached in the process."""

from __future__ import annotations

import math
import os
import time

from gumauth.client.context import Context
from gumauth.client.refresh.expiry import has_life, is_due, margin, nearly_due_at
from gumauth.client.token import one_word, several_fields, usable
from gumauth.errors import AmbiguousAccount, GumauthError, NotConnected, ReconnectNeeded
from gumauth.platform.frozen import frozen, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.account import Account
    from gumauth.accounts.record import Record

    Key = tuple[str, object, object, object]

UNKNOWN_LIFETIME = 60.0
"""Seconds for which a token without a known end is handed out again without looking at the store."""


@frozen
class CachedToken:
    """A token that was handed out, with its account. Times are seconds since 1970 in UTC.

    Args:
        account: The token's account, whatever account the caller's reference means by now.
        record: Holds the token.
        scheme: The word before the token in an Authorization header, worked out once for many requests.
        since: When the token was read from the store. An earlier clock has jumped: promise R10.
        until: When the store is read again, for a caller without a `min_valid`.
        ahead: When another process is left behind that refreshes it; infinite once one was, or where none is to be.
    """

    account: Account
    record: Record
    scheme: str
    since: float
    until: float
    ahead: float = math.inf


_cache: dict[Key, CachedToken] = {}
"""By reference and data folder. All values of `min_valid` share an entry, so that the cache does not grow with them."""

WHERE = ("GUMAUTH_HOME", "XDG_DATA_HOME", "HOME")
"""The variables that choose the data folder. Source: gumauth.platform.folders.locate. Promise Y5."""

_ENVIRON = os.environ
_FIRST, _SECOND, _THIRD = map(getattr(_ENVIRON, "encodekey", str), WHERE)
_encoded = getattr(_ENVIRON, "_data", _ENVIRON).get


def _key(account: str) -> Key:
    """The key of a reference in the cache, with the variables that choose the data folder.

    The variables are read from the dictionary inside `os.environ`, encoded: `os.environ.get` takes ten times as long.
    """
    if os.environ is not _ENVIRON:  # the program has replaced `os.environ`
        first, second, third = (os.environ.get(name) for name in WHERE)
        return account, first, second, third
    return account, _encoded(_FIRST), _encoded(_SECOND), _encoded(_THIRD)


def get_token(account: str, min_valid: float | None = None) -> str:
    """A valid access token for an account, refreshed first if it is due.

    A cached token is handed out until it is due, also when the account is disconnected elsewhere meanwhile. After
    `forget`, the next call reads the store.

    Args:
        account: "linear", "linear/work" or "linear/ada@example.com".
        min_valid: Seconds for which the token must be good, where that is more than the usual margin. Where the
            account's tokens do not live that long, the token has at least four fifths of its lifetime left.

    Returns:
        The access token. Secret.

    Raises:
        GumauthError: `NotConnected`, `ReconnectNeeded`, `Temporary`, `StoreError`…, as the command has them.
    """
    try:
        return (_cached(account, min_valid) or _read(account, min_valid)).record.access_token
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
        return (await _atoken(account, min_valid)).record.access_token
    except GumauthError as error:
        raise shortened(error) from error.__cause__


def cached_token(account: str, min_valid: float | None = None) -> CachedToken:
    """The token of `get_token`, with its account.

    Raises:
        GumauthError: As `get_token`.
    """
    try:
        return _token(account, min_valid)
    except GumauthError as error:
        raise shortened(error) from error.__cause__


async def acached_token(account: str, min_valid: float | None = None) -> CachedToken:
    """The token of `aget_token`, with its account.

    Raises:
        GumauthError: As `get_token`.
    """
    try:
        return await _atoken(account, min_valid)
    except GumauthError as error:
        raise shortened(error) from error.__cause__


def shortened(error: GumauthError) -> GumauthError:
    """An error without its cause and without gumauth's frames, so that the program's traceback is short.

    With GUMAUTH_DEBUG set, the error keeps both.
    """
    if not os.environ.get("GUMAUTH_DEBUG"):
        error.__cause__ = None
        error.__traceback__ = None
    return error


def _token(account: str, min_valid: float | None) -> CachedToken:
    return _cached(account, min_valid) or _read(account, min_valid)


async def _atoken(account: str, min_valid: float | None) -> CachedToken:
    if (cached := _cached(account, min_valid)) is not None:
        return cached
    import asyncio

    # Not `_read`: where a hundred tasks wait for a thread, the first fills the cache for the others.
    return await asyncio.to_thread(_token, account, min_valid)


def _cached(account: str, min_valid: float | None) -> CachedToken | None:
    """The cached token, if it is good for this caller."""
    cached = _cache.get(_key(account))
    if cached is None:
        return None
    until = cached.until
    if min_valid is not None:
        until = min(until, _good_until(cached.record, until, min_valid))
    now = time.time()
    if not cached.since <= now < until:
        return None
    if now > cached.ahead:
        _refresh_ahead(_key(account), cached)
    return cached


def _refresh_ahead(key: Key, cached: CachedToken) -> None:
    """Leave a process behind that refreshes a cached token: once for each token, and on a thread.

    The store is not read again until the token is due, and has the new token by then: a store that hangs would delay
    the program, which has a good token.
    """
    from threading import Thread

    if _cache.get(key) is cached:
        _cache[key] = replace(cached, ahead=math.inf)
    try:
        Thread(target=_start_ahead, args=(cached,), daemon=True).start()
    except RuntimeError:
        pass  # the program ends, or has as many threads as it may have


def _start_ahead(cached: CachedToken) -> None:
    from gumauth.client.refresh import ahead

    try:
        ahead.start(Context(os.environ, clock=time.time), cached.account, cached.record)
    except GumauthError:
        pass  # the data folder has become unusable; whoever needs it next is told


def get_credentials(account: str) -> dict[str, str]:
    """The values of a key by the names of its fields; of any other account, `{"access_token": …}`. Secret.

    Args:
        account: "openweather", "linear/work" or "linear/ada@example.com".

    Raises:
        GumauthError: As `get_token`.
    """
    try:
        key, cached = _key(account), _cached(account, None)
        owner, record = _usable(account, None) if cached is None else (cached.account, cached.record)
        if not owner.is_key:
            return {"access_token": (cached or _remembered(account, key, owner, record)).record.access_token}
        from gumauth.client.key_values import values_of

        return values_of(owner, record)
    except GumauthError as error:
        raise shortened(error) from error.__cause__


async def aget_credentials(account: str) -> dict[str, str]:
    """`get_credentials` for an event loop of asyncio.

    Raises:
        GumauthError: As `get_token`.
    """
    if _cached(account, None) is not None:
        return get_credentials(account)
    import asyncio

    return await asyncio.to_thread(get_credentials, account)


def _read(account: str, min_valid: float | None) -> CachedToken:
    """The token by the rules of `gumauth token`, put into the cache."""
    key = _key(account)
    owner, record = _usable(account, min_valid)
    if owner.fields is not None and len(owner.fields) > 1:
        raise several_fields(owner)
    return _remembered(account, key, owner, record)


def _usable(account: str, min_valid: float | None) -> tuple[Account, Record]:
    try:
        return usable(Context(os.environ, clock=time.time, notify=_warn), account, min_valid=min_valid)
    except (AmbiguousAccount, NotConnected, ReconnectNeeded):
        forget(account)
        raise


def _remembered(account: str, key: Key, owner: Account, record: Record) -> CachedToken:
    """The token that was read for a reference, put into the cache."""
    scheme, _ = _in_a_header(owner, record)
    now = time.time()
    good = not is_due(record, now) and has_life(record, now)
    until = _good_until(record, now + UNKNOWN_LIFETIME) if good else now
    begins = nearly_due_at(record)
    ahead = begins if begins is not None and begins > now else math.inf  # else `token` has done it
    read = CachedToken(account=owner, record=record, scheme=scheme, since=now, until=until, ahead=ahead)
    if key == _key(account):  # else another thread has changed the environment meanwhile
        _cache[key] = read
    return read


def _in_a_header(account: Account, record: Record) -> tuple[str, str]:
    """The scheme and the token of an Authorization header. Secret. Promise S5.

    An HTTP library would send what no header may hold, or raise an error with the token in it.

    Raises:
        GumauthError: No header may hold one of them.
    """
    try:
        return one_word(record.scheme), one_word(record.access_token)
    except GumauthError as error:
        error.name_account(account.label)
        raise


def _good_until(record: Record, otherwise: float, min_valid: float | None = None) -> float:
    """When a record's token is due; `otherwise` where the end of the token is not known."""
    if record.expires_at is None:
        return otherwise
    return record.expires_at - margin(record.expires_at - record.obtained_at, min_valid)


def forget(account: str) -> None:
    """Make the next call for an account read the store, because the account has changed."""
    _cache.pop(_key(account), None)


def own_hosts(used: CachedToken) -> tuple[tuple[str, ...], str | None]:
    """The hosts of a token's provider.

    Returns:
        The hosts; and why there are none, as the end of a sentence, or None where there are some.
    """
    account = used.account
    if account.is_key:
        return (), "it is a key, and only you know where it is for"
    from gumauth.client.loading import of_source
    from gumauth.oauth2.http import destination

    try:
        resolved = of_source(Context(os.environ, clock=time.time, notify=_warn), account.source, account.provider)
    except GumauthError as error:
        return (), f"its provider cannot be looked at ({error.message.rstrip('.')})"
    hosts = destination.own_hosts(resolved.provider_class, used.record.extras)
    return hosts, None if hosts else f"the class of {account.provider} names no hosts"


def renewed(used: CachedToken) -> str | None:
    """Another token of the same account, after a 401: another process's newer token, or a fresh one.

    The account is the refused token's, also where the caller's reference means another account by now. The refused
    token is removed from the cache.

    Args:
        used: Holds the refused token.

    Returns:
        The access token, secret; None where there is no other token: the account cannot be refreshed, or the refused
        token is so new that a fresh token would be refused too.

    Raises:
        NotConnected: The account is not connected any more.
        GumauthError: As `get_token`.
    """
    from gumauth.client.refresh.refresh import refresh_unless_other

    refused = used.record.access_token
    drop(refused)
    context = Context(os.environ, clock=time.time, notify=_warn)
    try:
        account, record = refresh_unless_other(context, used.account, refused)
        _, other = _in_a_header(account, record)
    except GumauthError as error:
        raise shortened(error) from error.__cause__
    return None if other == refused else other


def drop(refused: str) -> None:
    """Remove a token from the cache, under each reference: the next call reads the store."""
    for key in list(_cache):  # a copy, because other threads add tokens
        cached = _cache.get(key)
        if cached is not None and cached.record.access_token == refused:
            _cache.pop(key, None)


def _warn(sentence: str) -> None:
    import logging

    logging.getLogger("gumauth").warning("%s", sentence)
