"""Ending an account: revoke ends the grant and keeps the account listed; disconnect also forgets it.

Promises L1, L2, R9 and Y7.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace as replaced

from gumauth.accounts.account import Account
from gumauth.accounts.interface import LockedAccount
from gumauth.accounts.record import Record
from gumauth.accounts.references import ambiguous
from gumauth.client.account_match import is_alive
from gumauth.client.context import Context
from gumauth.client.loading import of_account
from gumauth.client.lookup import MOVING, check_usable, find, still_listed
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.client.refresh.expiry import SKEW, lifetime
from gumauth.client.revoke_request import end_grant
from gumauth.errors import (
    CannotRevoke,
    GumauthError,
    NewerRecord,
    RecordCorrupt,
    RecordMissing,
    StoreError,
    TokenEndpointError,
)
from gumauth.oauth2.identity import same_identity
from gumauth.platform.frozen import replace
from gumauth.platform.text import one_line
from gumauth.registry.lookup import is_url


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of an account.

    Args:
        account: As it was last listed.
        revoked: Whether the provider says that the grant is gone.
        forgotten: Whether nothing of the account is left on this machine.
        error: Why the grant may be alive, where it may.
        before: Whether the account had been revoked before.
        lives_until: Until when the access token may still work, in seconds since 1970, where the provider cannot end
            that token; infinite where the token's end is not known.
        left: The other accounts of the provider, where this account was their default and none is now.
    """

    account: Account
    revoked: bool
    forgotten: bool
    error: GumauthError | None = None
    before: bool = False
    lives_until: float | None = None
    left: tuple[Account, ...] = ()


def revoke(context: Context, account: Account) -> Outcome:
    """End the grant at the provider; the account stays listed, as revoked.

    Raises:
        CannotRevoke: It is a key, which nobody but the service can end.
        NotConnected: The account is not listed any more.
        StoreError: Its record cannot be read.
    """
    if account.is_key:
        raise CannotRevoke(
            f"{account.label} is a key: gumauth cannot end it at its service.",
            hint=f"Delete it there, then run `gumauth disconnect {account.argument}`.",
            account=account.label,
        )
    with context.accounts.locked(account, to_end=True) as locked:
        account = still_listed(locked, account)
        _check_not_moving(context, account)
        if account.state == "revoked":
            locked.erase(account)  # a process that was killed after the provider's answer may have left records
            return Outcome(account=account, revoked=True, forgotten=False, before=True)
        before, record = locked.settle(account)
        # Marked first: killed after the provider's answer, this program would hand a dead token out for good.
        locked.mark(account := replace(before, state="revoking", reason=None))
        try:
            lives_until = _end(context, account, record, is_dead=before.state == "reconnect")
        except GumauthError as error:
            before = _without_ended(locked, context.clock(), before, record, error)
            locked.mark(before)
            return Outcome(account=before, revoked=False, forgotten=False, error=error)
        account = replace(account, state="revoked", reason=None, expires_at=None, refresh_expires_at=None)
        locked.mark(account)
        locked.erase(account)
        return Outcome(account=account, revoked=True, forgotten=False, lives_until=lives_until)


def _check_not_moving(context: Context, account: Account) -> None:
    """Stop at what a move may have left of an account that others use by now: its grant is theirs."""
    if account.state == MOVING:
        check_usable(context, account)


def find_one(context: Context, reference: str) -> Account:
    """The account that a command is to end: a provider's name alone is enough only where it has no second account.

    Raises:
        AmbiguousAccount: The provider alone was named, and has several accounts.
        NotConnected: There is no such account.
    """
    account = find(context, reference, whole=True)
    if "/" in reference:
        return account
    accounts = [other for other in context.accounts.all(account.provider) if other.state != "connecting"]
    if len(accounts) > 1:
        raise ambiguous(reference, accounts)
    return account


def disconnect(context: Context, account: Account, *, keep_grant: bool = False) -> Outcome:
    """End the grant, then forget the account; where the grant cannot be ended, the account is kept for another try.

    The account is marked first, then revoked, then its records are deleted, then it leaves the list: the command can
    be run again after any interruption. A key has no grant, and is only forgotten.

    Args:
        context: Folders, clock, environment.
        account: As last read.
        keep_grant: Whether the account is only forgotten, and the provider not asked.

    Raises:
        NotConnected: The account is not listed any more.
        StoreError: Its record cannot be read or deleted.
    """
    with context.accounts.locked(account, to_end=True) as locked:
        before = still_listed(locked, account)
        if not keep_grant:
            _check_not_moving(context, before)
        outcome = Outcome(account=before, revoked=before.state == "revoked", forgotten=False)
        if not (outcome.revoked or keep_grant or before.is_key):
            leaving = replace(before, state="leaving", reason=None)
            locked.mark(leaving)
            try:
                outcome = _revoke_leaving(context, locked, leaving, is_dead=before.state == "reconnect")
            except StoreError:
                locked.mark(before)  # the provider was not asked: nothing is left half done
                raise
        if outcome.error is not None:
            kept = replace(outcome.account, state=before.state, reason=before.reason)
            locked.mark(replace(kept, reason=before.reason or one_line(outcome.error.message)))
            return replaced(outcome, account=kept)
        left = _forget(context, locked, outcome.account)
        _forget_service(context, outcome.account)
        return replaced(outcome, forgotten=True, before=before.state == "revoked", left=left)


def _forget_service(context: Context, account: Account) -> None:
    """Forget the discovered service that an account was of, where it was the last one."""
    if not is_url(account.source) or not all(each.is_key for each in context.accounts.all(account.provider)):
        return
    from gumauth.client.discovery import services

    services.forget(context, account.provider)


def _revoke_leaving(context: Context, locked: LockedAccount, account: Account, *, is_dead: bool) -> Outcome:
    """What became of the grant of an account that leaves; with the error where trying again may help."""
    not_revoked = Outcome(account=account, revoked=False, forgotten=False)
    try:
        account, record = locked.settle(account)
    except NewerRecord:
        raise
    except (RecordMissing, RecordCorrupt):
        return not_revoked  # no token is left that could be revoked
    try:
        lives_until = _end(context, account, record, is_dead=is_dead)
    except CannotRevoke as error:
        context.notify(error.message)
        return not_revoked
    except GumauthError as error:
        account = _without_ended(locked, context.clock(), account, record, error)
        return replaced(not_revoked, account=account, error=error)
    return replaced(not_revoked, revoked=True, lives_until=lives_until)


def _end(context: Context, account: Account, record: Record, *, is_dead: bool = False) -> float | None:
    """End the grant; results and errors are those of `end_grant`, and of loading the provider."""
    calls = ProviderCalls(context, of_account(context, account), client_id=record.client_id)
    calls.hide(record.access_token, record.refresh_token)
    try:
        _say_who_shares(context, calls, account)
        is_dead = is_dead or account.state == "reconnect"
        can_look = account.nickname is not None and not account.is_of_client
        return end_grant(calls, record, now=context.clock(), is_dead=is_dead, can_look=can_look)
    finally:
        calls.close()


def _without_ended(locked: LockedAccount, now: float, account: Account, record: Record, error: GumauthError) -> Account:
    """The account, whose record says that the access token has ended, where the provider has ended only that."""
    if not isinstance(error, TokenEndpointError) or not error.access_token_ended:
        return account
    ended_at, lived = now - SKEW, lifetime(record) or 0.0
    try:
        account, _ = locked.put(account, replace(record, obtained_at=ended_at - lived, expires_at=ended_at))
    except StoreError:
        return account  # the error's message says that the access token was revoked
    locked.commit(account)
    return account


def _say_who_shares(context: Context, calls: ProviderCalls, account: Account) -> None:
    """Name the living accounts of the same person, where the service may keep one grant for all of them."""
    if calls.traits.separate_grants:
        return
    for other in context.accounts.all(account.provider):
        if other.id != account.id and is_alive(other) and same_identity(other.identity, account.identity):
            context.notify(f"{other.label} is the same person's, and may end with it at {account.provider}.")


def _forget(context: Context, locked: LockedAccount, account: Account) -> tuple[Account, ...]:
    """Take the account out of store and list; gives the provider's other accounts, where it was their default."""
    default = context.accounts.default(account.provider)
    locked.erase(account)
    locked.forget(account)
    was_default = default is not None and default.id == account.id
    left = (other for other in context.accounts.all(account.provider) if other.state != "connecting")
    return tuple(left) if was_default else ()
