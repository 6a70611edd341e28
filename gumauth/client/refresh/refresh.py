"""Refreshing an account: when, by whom, and what a failure comes to.

One process at a time refreshes an account: the others wait, read again, and find it done. Nothing heavy is imported
until this process is the one that has to ask the provider: of fifty processes that meet an expired token, forty-nine
only read. Promise R2.
"""

from __future__ import annotations

import time
from contextlib import suppress

from gumauth.accounts.interface import NotReserved, RefreshUnderWay
from gumauth.client.lookup import check_usable, connect_command, disconnected, find
from gumauth.client.refresh.expiry import can_refresh, has_life, is_due
from gumauth.errors import (
    Busy,
    ClaimLost,
    GumauthError,
    HomeError,
    MayNotRefresh,
    MissingCredentials,
    NoLocks,
    NotConnected,
    NotRefreshable,
    ReconnectNeeded,
    RecordCorrupt,
    RecordMissing,
    RefreshElsewhere,
    StoreAway,
    StoreError,
    Temporary,
    TokenEndpointError,
)
from gumauth.platform.frozen import frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gumauth.accounts.account import Account
    from gumauth.accounts.interface import LockedAccount
    from gumauth.accounts.record import Record
    from gumauth.client.context import Context

RECENT = 30.0
"""Seconds for which a token is new: where one as young as that is refused, the next would be too."""

TRIES = 3
"""Times that a refresh begins anew whose claim another machine has taken meanwhile."""

AWAY_PATIENCE, AWAY_PAUSE = 6.0, 0.5
"""Seconds for which a database that does not answer is asked again, and between two tries, by who has no good token: it
may be starting again, or another may be taking its place. One more try is made than a connection may take."""

SURVIVABLE = (Temporary, TokenEndpointError, MissingCredentials)
"""After these, a token that still has life is handed out with a warning. A dead grant is told apart before."""


@frozen
class Refreshed:
    """What `gumauth refresh` did with one account."""

    account: Account
    refreshed: bool
    error: GumauthError | None = None


def refresh(context: Context, references: Sequence[str]) -> list[Refreshed]:
    """Refresh the named accounts now; without a name, all that can be, and an account that cannot is no error.

    But where a grant is found dead that was not known to be, that is an error.

    Raises:
        NotConnected: A named account does not exist; nothing was refreshed then.
    """
    if references:
        accounts = [find(context, reference) for reference in references]
    else:
        accounts = list(context.accounts.all())
        context.know_sources(accounts)
        context.accounts.say_passed_over()
    return [_refresh_one(context, account, named=bool(references)) for account in accounts]


def _refresh_one(context: Context, account: Account, *, named: bool) -> Refreshed:
    try:
        check_usable(context, account)
        return Refreshed(account=refresh_account(context, account, force=True)[0], refreshed=True)
    except GumauthError as error:
        now = context.accounts.get(account.provider, account.id) or account
        # Told once, so that whoever runs this by a timer knows.
        has_died = account.state == "ok" and now.state == "reconnect"
        is_told = named or has_died or not isinstance(error, NotRefreshable | ReconnectNeeded)
        return Refreshed(account=now, refreshed=False, error=error if is_told else None)


def refresh_account(
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
        NoLocks: So that nothing can be changed, and the token is still due.
        ReconnectNeeded: The grant is dead; the account is marked so.
        NotRefreshable: There is nothing to refresh it with.
        Temporary: It did not work this time.
        StoreError: The answer could not be kept.
    """
    if account.is_key:
        raise NotRefreshable(
            f"{account.label} is a key: there is nothing to refresh.",
            hint=f"Where its service has replaced it, enter the new one: `{connect_command(context, account)}`.",
            account=account.label,
        )
    try:
        return _refreshed_in_turn(
            context,
            account,
            lambda locked: _refresh_locked(context, locked, account, min_valid, force=force, unless=unless),
        )
    except RefreshElsewhere as error:
        record = context.accounts.read(account)
        if force or not has_life(record, context.clock()):
            raise error
        return account, record
    except (Busy, NoLocks, StoreAway, MayNotRefresh) as error:
        record = context.accounts.read(account)
        is_wanted = force and unless is None and isinstance(error, StoreAway | MayNotRefresh)
        if is_wanted or is_due(record, context.clock(), min_valid):
            return _survive(context, account, record, error, force=force)
        return account, record


def _refreshed_in_turn(
    context: Context, account: Account, refresh: Callable[[LockedAccount], tuple[Account, Record]]
) -> tuple[Account, Record]:
    """What a function makes of the account once it is locked; again where another process or machine comes between."""
    tries, end = TRIES, time.monotonic() + AWAY_PATIENCE
    while True:
        try:
            with context.accounts.locked(account, to_refresh=True) as locked:
                return refresh(locked)
        except RefreshUnderWay as other:
            other.wait()
        except ClaimLost:
            tries -= 1
            if not tries:
                raise
        except StoreAway:
            if time.monotonic() > end or _has_life(context, account):
                raise
            time.sleep(AWAY_PAUSE)


def _has_life(context: Context, account: Account) -> bool:
    """Whether this machine has a token of the account that may be used."""
    try:
        return has_life(context.accounts.read(account), context.clock())
    except StoreAway:
        return False


def _refresh_locked(
    context: Context,
    locked: LockedAccount,
    account: Account,
    min_valid: float | None,
    *,
    force: bool,
    unless: str | None,
) -> tuple[Account, Record]:
    """The stored record, where that is good enough by now, or where no new one can be had; else a new one."""
    current = locked.listed()
    if current is None:
        raise disconnected(context, account)
    account, record = _settled(context, locked, current)
    wanted = force and unless in (None, record.access_token)
    if not wanted and not is_due(record, context.clock(), min_valid):
        return account, record
    from gumauth.client.refresh.failures import noted_failure

    failure = noted_failure(context, account, record, by_person=force and unless is None)
    if failure is None:
        try:
            return _request(context, locked, account, record)
        except NotReserved as not_reserved:
            failure = not_reserved.error
        except Busy:
            raise  # another machine is at it: no failure to be noted, for which it would be waited for again
        except SURVIVABLE as error:
            failure, account = error, _with_note(context, locked, account, record, error)
    return _survive(context, account, record, failure, force=force)


def _settled(context: Context, locked: LockedAccount, account: Account) -> tuple[Account, Record]:
    """The account with its latest record, if it can be used.

    One that was called dead is settled first: where this machine has the answer to the last refresh, another machine
    has sent a token that was spent, and that is why. Promise T2.
    """
    if account.state == "reconnect":
        with suppress(RecordMissing, RecordCorrupt):
            account, record = locked.settle(account)
            check_usable(context, account)
            return account, record
    check_usable(context, account)
    return locked.settle(account)


def _request(context: Context, locked: LockedAccount, account: Account, record: Record) -> tuple[Account, Record]:
    if not can_refresh(account, record):
        raise NotRefreshable(
            f"{account.label} has no refresh token.",
            hint=f"Run `{connect_command(context, account)}` for a new one.",
            account=account.label,
        )
    locked.warm(account)
    from gumauth.client.refresh.request import request

    return request(context, locked, account, record)


def _with_note(
    context: Context, locked: LockedAccount, account: Account, record: Record, error: GumauthError
) -> Account:
    """The account with a failed refresh noted in the list; where the list cannot be written, that costs nothing."""
    from gumauth.client.refresh.failures import with_failure

    noted = with_failure(context, account, record, error)
    try:
        if noted != account:
            locked.mark(noted)
        return noted
    except (HomeError, StoreError):
        return account


def _survive(
    context: Context, account: Account, record: Record, error: GumauthError, *, force: bool
) -> tuple[Account, Record]:
    """The old token, while it has life and the caller did not ask for a new one."""
    if force or not has_life(record, context.clock()):
        raise error
    context.notify(f"{error.message} The token that is there is still good and is used.")
    return account, record


def refresh_unless_other(context: Context, used: Account, refused: str) -> tuple[Account, Record]:
    """A record with another access token than the one that was refused: the stored one, or a fresh one.

    It is the same person's, because a request is sent again with it. The refused token itself comes back where there is
    no other to be had: the account cannot be refreshed, or the token is so new that it was not refused for its age.

    Args:
        context: Folders, clock, environment.
        used: Whose token was refused.
        refused: That access token. Secret.

    Raises:
        NotConnected: That account is gone.
        GumauthError: As `refresh_account`.
    """
    try:
        account = _same(context, find(context, used.key), used)  # by its id: its name may be another account's by now
    except NotConnected:
        raise disconnected(context, used) from None
    check_usable(context, account)
    record = context.accounts.read(account)
    if record.access_token != refused or not can_refresh(account, record):
        return account, record
    if 0 <= context.clock() - record.obtained_at < RECENT:
        return account, record
    account, record = refresh_account(context, account, force=True, unless=refused)
    return _same(context, account, used), record


def _same(context: Context, account: Account, used: Account) -> Account:
    """The account, if it is the same person's: of the same grant, the same identity or, without one, nickname."""
    if account.key == used.key and _is_same_person(account, used):
        return account
    raise disconnected(context, used)


def _is_same_person(account: Account, used: Account) -> bool:
    if account.grant == used.grant:
        return True
    if account.identity and used.identity:
        from gumauth.oauth2.identity import same_identity

        return same_identity(account.identity, used.identity)
    return bool(account.nickname) and account.nickname == used.nickname
