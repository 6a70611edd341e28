"""One process at a time refreshes an account: the others wait, read again, and find it done.

Nothing heavy is imported until this process is the one that has to ask the provider: of fifty that meet an expired
token, forty-nine only read.
"""

from __future__ import annotations

from gumauth.accounts.rescue import RoomTaken
from gumauth.client.account_lock import account_lock
from gumauth.client.lookup import check_usable, connect_command, find
from gumauth.client.refresh.expiry import has_life, is_due
from gumauth.client.refresh.locked_account import LockedAccount
from gumauth.errors import (
    Busy,
    EnvironmentFault,
    GumauthError,
    MissingCredentials,
    NoLocks,
    NotConnected,
    NotRefreshable,
    Temporary,
    TokenEndpointError,
)
from gumauth.platform.frozen import replace
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.account import Account
    from gumauth.accounts.record import Record
    from gumauth.client.account_lock import AccountLock
    from gumauth.client.context import Context

REMEMBERED = 30.0
"""Seconds for which a failed refresh is not tried again, so that a loop does not hammer the provider."""

FORCED_WAIT, LONGEST_WAIT = 60.0, 3600.0
"""Seconds for which a provider's own Retry-After is respected: by an explicit refresh, and by everything else.

An older gumauth noted up to a day.
"""

RECENT = 30.0
"""Seconds for which a token is new: where one as young as that is refused, the next would be too."""

SURVIVABLE = (Temporary, TokenEndpointError, MissingCredentials)
"""After these, a token that still has life is handed out with a warning. A dead grant is told apart before."""


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
        NoLocks: So that nothing can be changed, and the token is still due.
        ReconnectNeeded: The grant is dead; the account is marked so.
        NotRefreshable: There is nothing to refresh it with.
        Temporary: It did not work this time.
        StoreError: The answer could not be kept.
    """
    try:
        while True:
            try:
                with account_lock(context, account.key) as lock:
                    return Renewal(context, account, min_valid, lock).run(force=force, unless=unless)
            except RoomTaken as other:
                other.wait()
    except (Busy, NoLocks) as error:
        record = context.records(account.store).read(account)
        if is_due(record, context.clock(), min_valid):
            return survive(context, account, record, error, force=force)
        return account, record


def survive(
    context: Context, account: Account, record: Record, error: GumauthError, *, force: bool
) -> tuple[Account, Record]:
    """The old token, while it has life and the caller did not ask for a new one."""
    if force or not has_life(record, context.clock()):
        raise error
    context.notify(f"{error.message} The token that is there is still good and is used.")
    return account, record


def renew_unless_other(context: Context, used: Account, refused: str) -> tuple[Account, Record]:
    """A record with another access token than the one that was refused: the stored one, or a fresh one.

    It is the same person's, because a request is sent again with it. The refused token itself comes back where there is
    no other to be had: the account cannot be refreshed, or the token is so new that it was not refused for its age.

    Args:
        context: Folders, clock, environment.
        used: Whose token was refused.
        refused: That access token. Secret.

    Raises:
        NotConnected: That account is gone.
        GumauthError: As `renew`.
    """
    account = _find_again(context, used)
    check_usable(context, account)
    record = context.records(account.store).read(account)
    if record.access_token != refused or not record.refresh_token or not account.refreshable:
        return account, record
    if 0 <= context.clock() - record.obtained_at < RECENT:
        return account, record
    account, record = renew(context, account, force=True, unless=refused)
    return _same(context, account, used), record


def _find_again(context: Context, used: Account) -> Account:
    """The account as it is now, by its id: what a person calls it may mean another one by now."""
    try:
        account = find(context, used.key)
    except NotConnected:
        account = None
    return _same(context, account, used)


def _same(context: Context, account: Account | None, used: Account) -> Account:
    """The account, if it is the same person's: of the same grant, the same identity or, without one, nickname."""
    if account and account.key == used.key and _is_same_person(account, used):
        return account
    raise NotConnected(f"{used.label} has been disconnected.", command=connect_command(context, used))


def _is_same_person(account: Account, used: Account) -> bool:
    if account.grant == used.grant:
        return True
    if account.identity and used.identity:
        from gumauth.oauth2.identity import same_identity

        return same_identity(account.identity, used.identity)
    return bool(account.nickname) and account.nickname == used.nickname


class Renewal(LockedAccount):
    """One refresh, with the account's lock held: whether it is still wanted, and what a failure comes to."""

    def __init__(self, context: Context, account: Account, min_valid: float | None, lock: AccountLock) -> None:
        super().__init__(context, account, lock)
        self.min_valid = min_valid

    def run(self, *, force: bool, unless: str | None = None) -> tuple[Account, Record]:
        """What is stored by now, where that is good enough; else what the provider gives.

        Raises:
            GumauthError: As `renew`.
        """
        self.account, record = self.records.settle(self.account)
        wanted = force and unless in (None, record.access_token)
        if not wanted and not self._due(record):
            return self.account, record
        if (remembered := self._told_before(record, by_person=force and unless is None)) is not None:
            return self._survive(record, remembered, force=force)
        if not record.refresh_token or not self.account.refreshable:
            raise NotRefreshable(
                f"{self.account.label} has no refresh token.",
                hint=f"Run `{connect_command(self.context, self.account)}` for a new one.",
                account=self.account.label,
            )
        self.records.warm()
        from gumauth.client.refresh.request import NotAsked, ask

        try:
            return ask(self, record)
        except NotAsked as not_asked:
            return self._survive(record, not_asked.error, force=force)
        except SURVIVABLE as error:
            self._remember(record, error)
            return self._survive(record, error, force=force)

    def _due(self, record: Record) -> bool:
        return is_due(record, self.context.clock(), self.min_valid)

    def _remembered(self, *, force: bool) -> Temporary | None:
        """The failure of a moment ago. A forced refresh respects only what the provider itself asked for, for a minute.

        Anything between here and the provider can ask for a wait, and one that is too long ends a session.
        """
        failed_at, retry_at, now = self.account.failed_at, self.account.retry_at, self.context.clock()
        if failed_at is None or retry_at is None:
            return None
        bound = FORCED_WAIT if force else LONGEST_WAIT
        asked = min(retry_at, failed_at + bound) if self.account.told_to_wait else failed_at
        until = asked if force else max(asked, failed_at + REMEMBERED)
        if not failed_at <= now < until:
            return None
        reason = self.account.reason or "it could not be reached"
        return Temporary(
            f"Refreshing {self.account.label} failed {now - failed_at:.0f} s ago: {reason}",
            hint=f"Try again in {-int((now - until) // 1)} s.",
            retry_after=until - now,
            account=self.account.label,
        )

    def _survive(self, record: Record, error: GumauthError, *, force: bool) -> tuple[Account, Record]:
        return survive(self.context, self.account, record, error, force=force)

    def _told_before(self, record: Record, *, by_person: bool) -> GumauthError | None:
        """Why the provider is not asked again so soon; a person who refreshes by hand asks in spite of a refusal."""
        failure = self._remembered(force=by_person)
        if failure is not None or by_person or self.account.refused_at is None:
            return failure
        from gumauth.client.refresh.refused import remembered

        return remembered(self.context, self.account, record)

    def _remember(self, record: Record, error: GumauthError) -> None:
        if isinstance(error, EnvironmentFault):
            return
        if isinstance(error, Temporary):
            self._remember_failure(error)
        elif isinstance(error, TokenEndpointError):
            from gumauth.client.refresh.refused import note

            self.note(note(self.context, self.account, record, error))

    def _remember_failure(self, error: Temporary) -> None:
        now = self.context.clock()
        asked = _seconds(error.retry_after)
        until = now + (REMEMBERED if asked is None else asked)
        reason = one_line(error.message)
        failed = replace(self.account, failed_at=now, retry_at=until, told_to_wait=asked is not None, reason=reason)
        self.note(replace(failed, refused_at=None, refused_as=None))


def _seconds(asked: object) -> float | None:
    """How long a provider asks to wait, whose file may say anything; None where that means nothing."""
    return min(asked, LONGEST_WAIT) if isinstance(asked, int | float) and asked >= 0 else None
