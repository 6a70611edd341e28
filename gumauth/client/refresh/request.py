"""One refresh request: the provider is asked for a new token, and the answer is kept.

1. reserve the place for the answer, on disk and in the store, before the refresh token is spent;
2. ask;
3. commit the answer to that place.

Promises R5, R6, R8 and Y2.
"""

from __future__ import annotations

import threading
from importlib import import_module

from gumauth.accounts.account import Account
from gumauth.accounts.interface import LockedAccount, Reservation
from gumauth.accounts.record import Record
from gumauth.client import scopes, signals
from gumauth.client.binding import check_binding
from gumauth.client.context import Context
from gumauth.client.identity_request import is_unknown, learn
from gumauth.client.loading import of_account
from gumauth.client.lookup import connect_command, disconnected
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.client.refresh.expiry import lifetime
from gumauth.errors import (
    GumauthError,
    HomeError,
    InvalidGrant,
    NotConnected,
    ReconnectNeeded,
    StoreError,
    TokenEndpointError,
)
from gumauth.oauth2.id_token import refreshed
from gumauth.oauth2.token_response import ParsedTokens, checked, scopes_of
from gumauth.platform.frozen import replace
from gumauth.platform.text import one_line
from gumauth.registry.resolved import ResolvedProvider

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.oauth2.traits import Method


def request(context: Context, locked: LockedAccount, account: Account, record: Record) -> tuple[Account, Record]:
    """The account and its new record.

    Args:
        context: Folders, clock, environment.
        locked: The account, locked.
        account: The account as it is listed.
        record: Its present record, which has a refresh token unless the account is the client's own.

    Raises:
        ReconnectNeeded: The grant is dead; the account is marked so.
        Temporary: The provider could not answer this time.
        TokenEndpointError: The provider refused for another reason, or its answer is not a token response.
        StoreError: The answer could not be stored, after several tries.
        RefreshUnderWay: Another process is asking already.
        NotReserved: The provider was not asked, because its answer could not be kept: the present token is as good as
            before.
    """
    threading.Thread(target=import_module, args=("gumauth.store.sealing",), daemon=True).start()
    resolved = of_account(context, account)
    if resolved.traits.discovered is None:
        return _request(context, locked, resolved, account, record)
    from gumauth.client.discovery import renewal

    resolved = renewal.renewed(context, resolved)
    try:
        return _request(context, locked, resolved, account, record)
    except TokenEndpointError as error:
        if renewal.has_lost_client(context, resolved, record.client_id, error):
            raise _reconnect(context, locked, account, error, "does not know its client any more") from error
        again = renewal.after(context, resolved, error)
        if again is None:
            raise
    return _request(context, locked, again, account, record)


def _request(
    context: Context, locked: LockedAccount, resolved: ResolvedProvider, account: Account, record: Record
) -> tuple[Account, Record]:
    calls = ProviderCalls(context, resolved, client_id=record.client_id)
    calls.hide(record.access_token, record.id_token)
    try:
        check_binding(calls, account, record)
        calls.warm()
        with locked.reserve(account, record) as reservation:
            account, record = reservation.left or _exchange(context, calls, reservation, account, record)
        if is_unknown(account):
            account = learn(context, locked, calls, account, record.access_token)
        return account, record
    except InvalidGrant as error:
        return _after_invalid_grant(context, locked, account, record, error)
    except TokenEndpointError as error:
        if error.may_be_dead:
            error.hint = f"Try again; if it stays so, connect again: `{connect_command(context, account)}`."
        raise
    finally:
        calls.close()


def _exchange(
    context: Context, calls: ProviderCalls, reservation: Reservation, account: Account, record: Record
) -> tuple[Account, Record]:
    asked_at, (method, arguments) = context.clock(), _asking(calls, account, record)
    with signals.delayed(context.notify) as delay:
        future = calls.start(method, *arguments, before_sending=reservation.check)
        delay.wait_for(future, calls.patience)
        answer = calls.wait(method, future, seconds=0)
        source, scheme = account.source, calls.traits.token_scheme
        response, warnings = checked(
            answer, method=method, source=source, now=asked_at, secrets=arguments, scheme=scheme
        )
        account, lost = scopes.refreshed(account, scopes_of(response.scope), calls.traits)
        id_token, foreign = refreshed(
            record.id_token,
            response.id_token,
            issuer=calls.traits.issuer,
            client_id=record.client_id,
            identity=account.identity,
            now=asked_at,
        )
        account, record = _refreshed(account, record, response, asked_at)
        record = replace(record, id_token=id_token)
        if record.token_url is not None:
            record = replace(record, token_url=calls.traits.token_endpoint)  # it may have moved (promise D9)
        try:
            account, record = reservation.commit(account, record)
        except NotConnected:
            raise disconnected(context, account) from None
    for warning in [*warnings, *foreign, *([lost] if lost else [])]:
        context.notify(warning)
    return account, record


def _asking(calls: ProviderCalls, account: Account, record: Record) -> tuple[Method, tuple[str, ...]]:
    """The method that brings the new token, and what it is given."""
    if not account.is_of_client:
        return "refresh", (record.refresh_token or "",)
    scopes.use(calls.provider, account.requested_scopes)  # the same request as when it was connected
    return "request_token", ()


def _refreshed(account: Account, old: Record, response: ParsedTokens, asked_at: float) -> tuple[Account, Record]:
    """The account and the record with what the answer brought."""
    is_same = response.refresh_token in (None, old.refresh_token)
    account = replace(
        account,
        refreshed_at=asked_at,
        refresh_expires_at=response.refresh_token_expires_at or (account.refresh_expires_at if is_same else None),
        reason=None,
        failed_at=None,
        retry_at=None,
        refused_at=None,
        refused_as=None,
    )
    lives = lifetime(old) if response.expires_in is None else response.expires_in
    record = replace(
        old,
        access_token=response.access_token,
        refresh_token=response.refresh_token or old.refresh_token,
        token_type=response.token_type,
        expires_at=None if lives is None else asked_at + lives,
        obtained_at=asked_at,
        extras={**old.extras, **response.extras},
    )
    return account, record


def _after_invalid_grant(
    context: Context, locked: LockedAccount, account: Account, record: Record, error: InvalidGrant
) -> tuple[Account, Record]:
    current = locked.newest(account)
    if current.refresh_token != record.refresh_token:
        # Somebody without our lock (another machine's copy of this home) has refreshed: theirs is the good one.
        return account, current
    raise _reconnect(context, locked, account, error, "is dead") from error


def _reconnect(
    context: Context, locked: LockedAccount, account: Account, error: GumauthError, why: str
) -> ReconnectNeeded:
    """The error for an account that has to be connected again; the account is marked so."""
    try:
        locked.mark(replace(account, state="reconnect", reason=one_line(error.message)))
    except (HomeError, StoreError):
        pass  # the provider says so again
    what = f"The grant of {account.label} {why}" if why == "is dead" else f"The service of {account.label} {why}"
    return ReconnectNeeded(f"{what}: {error.message}", command=connect_command(context, account), account=account.label)
