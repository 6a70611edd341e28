"""Asking the provider for a new token, and keeping the answer.

1. hold the room for the answer on disk, and see to it that the store takes a record, before the refresh token is spent;
2. ask;
3. write the answer down, encrypted, in that room; then into the store, compare what is read back, point at it, and
   delete the old one and the file.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module

from gumauth.accounts.account import Account
from gumauth.accounts.record import Record
from gumauth.accounts.rescue import Room
from gumauth.client import scopes, signals
from gumauth.client.binding import check_binding
from gumauth.client.identity_request import is_unknown, learn
from gumauth.client.loading import of_account
from gumauth.client.lookup import connect_command
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.client.refresh.expiry import lifetime
from gumauth.client.refresh.locked_account import LockedAccount
from gumauth.errors import Busy, HomeError, InvalidGrant, ReconnectNeeded, StoreError, TokenEndpointError
from gumauth.oauth2.token_response import ReadTokens, checked, scopes_of
from gumauth.platform.frozen import replace
from gumauth.platform.text import one_line


class NotAsked(Exception):
    """The provider was not asked, because its answer could not be kept: the token that is there is as good as before.

    Args:
        error: Why.
    """

    def __init__(self, error: HomeError | StoreError) -> None:
        super().__init__(error.message)
        self.error = error


def ask(locked: LockedAccount, record: Record) -> tuple[Account, Record]:
    """The account and its new record, with the account's lock held.

    Raises:
        ReconnectNeeded: The grant is dead; the account is marked so.
        Temporary: It did not work this time.
        TokenEndpointError: Refused for another reason, or not a token response.
        StoreError: No record can be written; where the answer had come already, it was tried more than once.
        RoomTaken: Another process is asking already.
        NotAsked: No record can be written, which was known before.
    """
    account = locked.account
    threading.Thread(target=import_module, args=("gumauth.store.sealing",), daemon=True).start()
    calls = ProviderCalls(locked.context, of_account(locked.context, account))
    calls.hide(record.access_token)
    try:
        check_binding(calls, account, record)
        calls.warm()
        with _entered(locked.records.room(account, record)) as room:
            account, record = _with_room(locked, calls, record, room)
        if is_unknown(account):
            account = learn(locked.context, calls, account, record.access_token)
        return account, record
    except InvalidGrant as error:
        return _after_invalid_grant(locked, record, error)
    except TokenEndpointError as error:
        if error.may_be_dead:
            error.hint = f"Try again; if it stays so, connect again: `{connect_command(locked.context, account)}`."
        raise
    finally:
        calls.close()


@contextmanager
def _entered(room: Room) -> Iterator[Room]:
    with ExitStack() as stack:
        try:
            stack.enter_context(room)
        except HomeError as error:
            raise NotAsked(error) from error
        yield room


def _with_room(locked: LockedAccount, calls: ProviderCalls, record: Record, room: Room) -> tuple[Account, Record]:
    if room.is_used:
        # A process was killed here, perhaps since this one has looked: what it left may be its answer.
        account, newer = locked.records.settle(locked.account)
        if newer.generation != record.generation:
            return account, newer
    try:
        room.fill()
        locked.records.reserve(locked.account, record)
    except (HomeError, StoreError) as error:
        raise NotAsked(error) from error
    return _exchange(locked, calls, record, room)


def _exchange(locked: LockedAccount, calls: ProviderCalls, record: Record, room: Room) -> tuple[Account, Record]:
    asked_at = locked.context.clock()
    with signals.held(locked.context.notify) as hold:
        future = calls.start("refresh", record.refresh_token or "")
        hold.wait_for(future, calls.patience)
        answer = calls.wait("refresh", future, seconds=0)
        source, sent = locked.account.source, [record.refresh_token or ""]
        response, warnings = checked(
            answer, method="refresh", source=source, now=asked_at, secrets=sent, scheme=calls.traits.token_scheme
        )
        granted, echo = scopes_of(response.scope), scopes.echo_of(calls.traits)
        account, lost = scopes.refreshed(locked.account, granted, echo)
        account, new = _renewed(account, record, response, asked_at)
        is_rescued = locked.records.rescue(account, record, new, room)
        kept = _keep(locked, account, new, is_rescued=is_rescued)
    for warning in [*warnings, *([lost] if lost else [])]:
        locked.context.notify(warning)
    return kept


def _renewed(account: Account, old: Record, response: ReadTokens, asked_at: float) -> tuple[Account, Record]:
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


def _keep(locked: LockedAccount, account: Account, record: Record, *, is_rescued: bool) -> tuple[Account, Record]:
    try:
        if locked.lock.take_again():
            locked.still_there()
        account, record = locked.records.put_firmly(account, record)
    except (StoreError, Busy, HomeError):
        if is_rescued:
            locked.context.notify("The new tokens are kept, encrypted, until the store answers again.")
        raise
    try:
        locked.records.finish(account)
    except HomeError as error:
        # The record is complete and is found by its generation; only the list is behind.
        locked.context.notify(f"The new token is stored, but the list could not be written: {error.message}")
    return account, record


def _after_invalid_grant(locked: LockedAccount, record: Record, error: InvalidGrant) -> tuple[Account, Record]:
    account = locked.account
    current = locked.records.newest(account)
    if current.refresh_token != record.refresh_token:
        # Somebody without our lock (another machine's copy of this home) has refreshed: theirs is the good one.
        return account, current
    locked.note(replace(account, state="reconnect", reason=one_line(error.message)))
    raise ReconnectNeeded(
        f"The grant of {account.label} is dead: {error.message}",
        command=connect_command(locked.context, account),
        account=account.label,
    ) from error
