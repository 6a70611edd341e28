"""Refreshing: one process at a time for an account, and nothing lost whatever the answer.

1. take the account's lock, read again, go on only if the token is still due;
2. see to it that a record can be written, before the refresh token is spent;
3. ask the provider;
4. write the answer, compare what is read back, point at it, delete the old.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from gumauth.accounts import Account
from gumauth.client import signals
from gumauth.client.calls import Calls
from gumauth.client.due import has_life, is_due
from gumauth.client.identity import check_identity
from gumauth.client.locks import account_lock
from gumauth.client.token import check_usable, connect_command, find
from gumauth.context import Context
from gumauth.errors import (
    Busy,
    GumauthError,
    HomeError,
    InvalidGrant,
    NotConnected,
    NotRefreshable,
    ReconnectNeeded,
    StoreError,
    Temporary,
)
from gumauth.provider import TokenResponse
from gumauth.registry import load
from gumauth.store.records import Record, Records
from gumauth.text import one_line
from gumauth.token_response import checked, scopes_of
from gumauth.values import replace

REMEMBERED = 30.0
"""Seconds for which a failed refresh is not tried again, so that a loop does not hammer the provider."""

WRITES = 3
"""Times that storing a new record is tried: the old refresh token may be spent."""


@dataclass(frozen=True)
class Refreshed:
    """What `gumauth refresh` did with one account."""

    account: Account
    refreshed: bool
    error: GumauthError | None = None


def refresh(context: Context, references: Sequence[str]) -> list[Refreshed]:
    """Refresh the named accounts now; without a name, all that can be.

    Raises:
        NotConnected: A named account does not exist; nothing was refreshed then.
    """
    if references:
        accounts = [find(context, reference) for reference in references]
    else:
        accounts = list(context.accounts.all())
    return [_refresh_one(context, account, named=bool(references)) for account in accounts]


def _refresh_one(context: Context, account: Account, *, named: bool) -> Refreshed:
    try:
        check_usable(account)
        return Refreshed(renew(context, account, force=True)[0], refreshed=True)
    except (NotRefreshable, ReconnectNeeded) as error:
        return Refreshed(_again(context, account), refreshed=False, error=error if named else None)
    except GumauthError as error:
        return Refreshed(_again(context, account), refreshed=False, error=error)


def _again(context: Context, account: Account) -> Account:
    return context.accounts.get(account.provider, account.id) or account


def renew(
    context: Context,
    account: Account,
    *,
    min_valid: float | None = None,
    force: bool = False,
    unless: str | None = None,
) -> tuple[Account, Record]:
    """The account with a fresh record: the one that another process has just stored, or a new one.

    Args:
        context: Folders, clock, environment.
        account: As last read.
        min_valid: Seconds of life that the caller needs.
        force: Refresh although the token is not due.
        unless: With `force`: an access token; where another one is stored by now, that is fresh enough.

    Raises:
        Busy: Another process has held the account's lock too long, and the token is still due.
        ReconnectNeeded: The grant is dead; the account is marked so.
        NotRefreshable: There is nothing to refresh it with.
        Temporary: It did not work this time; nothing was lost.
        StoreError: The answer could not be kept.
    """
    try:
        with account_lock(context, account.key):
            return _Renewal(context, account, min_valid).run(force=force, unless=unless)
    except Busy:
        record = context.records(account.store).read(account)
        if is_due(record, context.clock(), min_valid):
            raise
        return account, record


def renew_unless_other(context: Context, reference: str, refused: str) -> tuple[Account, Record]:
    """A record with another access token than the one that was refused: the stored one, or a fresh one.

    An account that cannot be refreshed keeps the token that it has.

    Raises:
        GumauthError: As `renew`.
    """
    account = find(context, reference)
    check_usable(account)
    record = context.records(account.store).read(account)
    if record.access_token != refused or not record.refresh_token or not account.refreshable:
        return account, record
    return renew(context, account, force=True, unless=refused)


class _Renewal:
    """One refresh, with the account's lock held."""

    def __init__(self, context: Context, account: Account, min_valid: float | None) -> None:
        current = context.accounts.get(account.provider, account.id)
        if current is None:
            raise NotConnected(
                f"{account.label} has been disconnected.", hint=f"Run `gumauth connect {account.provider}`."
            )
        check_usable(current)
        self.context, self.account, self.min_valid = context, current, min_valid
        self.records: Records = context.records(current.store)

    def run(self, *, force: bool, unless: str | None = None) -> tuple[Account, Record]:
        self.account, record = self.records.settle(self.account)
        wanted = force and unless in (None, record.access_token)
        if not wanted and not self._due(record):
            return self.account, record
        if (remembered := self._remembered(force=force)) is not None:
            return self._survive(record, remembered, force=force)
        if not record.refresh_token or not self.account.refreshable:
            raise NotRefreshable(
                f"{self.account.label} has no refresh token.",
                hint=f"Run `{connect_command(self.account)}` for a new one.",
            )
        return self._ask(record, force=force)

    def _due(self, record: Record) -> bool:
        return is_due(record, self.context.clock(), self.min_valid)

    def _remembered(self, *, force: bool) -> Temporary | None:
        """The failure of a moment ago. A forced refresh respects only what the provider itself asked for."""
        failed_at, retry_at, now = self.account.failed_at, self.account.retry_at, self.context.clock()
        if failed_at is None or retry_at is None or not failed_at <= now < retry_at:
            return None
        if force and retry_at - failed_at <= REMEMBERED:
            return None
        reason = self.account.reason or "it could not be reached"
        return Temporary(
            f"Refreshing {self.account.label} failed {now - failed_at:.0f} s ago: {reason}",
            hint=f"Try again in {retry_at - now:.0f} s.",
            retry_after=retry_at - now,
        )

    def _survive(self, record: Record, error: Temporary, *, force: bool) -> tuple[Account, Record]:
        """The old token, while it has life and the caller did not ask for a new one."""
        if force or not has_life(record, self.context.clock()):
            raise error
        self.context.notify(f"{error.message} The token that is there is still good and is used.")
        return self.account, record

    def _ask(self, record: Record, *, force: bool) -> tuple[Account, Record]:
        warm(self.context, self.account.store)
        calls = Calls(self.context, load(self.account.source, self.account.provider))
        try:
            check_identity(calls, self.account, record)
            self.records.reserve(self.account, record)
            return self._exchange(calls, record)
        except InvalidGrant as error:
            return self._after_invalid_grant(record, error)
        except Temporary as error:
            self._remember(error)
            return self._survive(record, error, force=force)
        finally:
            calls.close()

    def _exchange(self, calls: Calls, record: Record) -> tuple[Account, Record]:
        with signals.held(self.context.notify) as hold:
            future = calls.start("refresh", record.refresh_token)
            hold.wait_for(future)
            response, warnings = checked(calls.wait("refresh", future), method="refresh", source=self.account.source)
            kept = self._keep(record, response)
        for warning in warnings:
            self.context.notify(warning)
        return kept

    def _keep(self, old: Record, response: TokenResponse) -> tuple[Account, Record]:
        now = self.context.clock()
        expires_at = None if response.expires_in is None else now + response.expires_in
        scopes = scopes_of(response.scope) or self.account.scopes
        account = replace(
            self.account, scopes=scopes, refreshed_at=now, state="ok", reason=None, failed_at=None, retry_at=None
        )
        record = replace(
            old,
            access_token=response.access_token,
            refresh_token=response.refresh_token or old.refresh_token,
            token_type=response.token_type,
            expires_at=expires_at,
            obtained_at=now,
        )
        self.account, record = put_firmly(self.records, account, record)
        self._point()
        return self.account, record

    def _point(self) -> None:
        try:
            self.records.point(self.account)
        except HomeError as error:
            # The record is complete and is found by its generation; only the list is behind.
            self.context.notify(f"The new token is stored, but the list could not be written: {error.message}")
            return
        try:
            self.records.drop_other(self.account)
        except StoreError:
            pass  # an old record is left in the free entry; the next write replaces it

    def _remember(self, error: Temporary) -> None:
        now = self.context.clock()
        pause = max(REMEMBERED, error.retry_after or 0.0)
        self._note(replace(self.account, failed_at=now, retry_at=now + pause, reason=one_line(error.message)))

    def _note(self, account: Account) -> None:
        """Write what is only a note: losing it costs nothing."""
        try:
            self.context.accounts.save(account)
            self.account = account
        except HomeError:
            pass

    def _after_invalid_grant(self, record: Record, error: InvalidGrant) -> tuple[Account, Record]:
        current = self.records.newest(self.account)
        if current.refresh_token != record.refresh_token:
            # Somebody without our lock (another machine's copy of this home) has refreshed: theirs is the good one.
            return self.account, current
        self._note(replace(self.account, state="reconnect", reason=one_line(error.message)))
        raise ReconnectNeeded(
            f"The grant of {self.account.label} is dead: {error.message}",
            hint=f"Run `{connect_command(self.account)}`.",
        ) from error


def put_firmly(records: Records, account: Account, record: Record) -> tuple[Account, Record]:
    """Write a record that cannot be had again, trying more than once.

    Raises:
        StoreError: It is not kept.
    """
    for _ in range(WRITES - 1):
        try:
            return records.put(account, record)
        except StoreError:
            continue
    return records.put(account, record)


def warm(context: Context, store: str) -> None:
    """Begin what makes the store slow to write to, while something else is waited for."""
    begin = getattr(context.store(store), "warm", None)
    if begin is not None:
        threading.Thread(target=begin, daemon=True).start()
