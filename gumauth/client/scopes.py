"""Scopes: which scopes are asked for, and how the granted scopes differ. Pure. Promises F11 and F17.

Source: RFC 6749 §3.3 and §5.1: an answer that names no scopes grants those that were asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gumauth.accounts.account import DEAD, Account
from gumauth.errors import UsageError
from gumauth.oauth2.traits import OPENID, Traits, traits_of
from gumauth.platform.frozen import replace


def missing(expected: Sequence[str], granted: Sequence[str], traits: Traits) -> tuple[str, ...]:
    """The scopes that are not among the granted scopes; none where the service named no granted scopes."""
    if not granted:
        return ()
    # Many services grant the scopes of OpenID Connect and do not name them in their answer.
    names, there = traits.scope_names, {*granted, *OPENID, *traits.unechoed_scopes}
    return tuple(scope for scope in dict.fromkeys(expected) if there.isdisjoint((scope, names.get(scope, scope))))


def unasked(requested: Sequence[str], granted: Sequence[str], traits: Traits) -> tuple[str, ...]:
    """The granted scopes that nobody asked for; none where no scopes were asked for by name."""
    known = {*requested, *OPENID, *traits.unechoed_scopes}
    known |= {traits.scope_names.get(scope, scope) for scope in known}
    return tuple(scope for scope in granted if scope not in known) if requested else ()


def differences(requested: Sequence[str], granted: Sequence[str], traits: Traits) -> list[str]:
    """How the granted scopes differ from the requested ones, in sentences."""
    less, more = missing(requested, granted, traits), unasked(requested, granted, traits)
    return [
        *([f"Fewer scopes were granted than asked for; missing: {', '.join(less)}."] if less else []),
        *([f"More scopes were granted than asked for: {', '.join(more)}."] if more else []),
    ]


def refreshed(account: Account, granted: tuple[str, ...], traits: Traits) -> tuple[Account, str | None]:
    """The account with the scopes that a refresh named, and a sentence where it has lost some.

    Args:
        account: As it was.
        granted: What the refresh named; empty where it named none, and then nothing has changed.
        traits: Of the provider: how the service names scopes.
    """
    if not granted:
        return account, None
    known_by = {traits.scope_names.get(scope, scope) for scope in account.requested_scopes}
    before = [scope for scope in account.scopes if scope not in known_by]
    lacking = missing([*account.requested_scopes, *account.missing_scopes, *before], granted, traits)
    lost = missing(account.scopes, granted, traits)
    said = f"{account.label} has fewer scopes since this refresh; missing: {', '.join(lost)}." if lost else None
    return replace(account, scopes=granted, missing_scopes=lacking), said


def asked_before(accounts: Sequence[Account], alias: str | None, now: float) -> Account | None:
    """The account that a connect is likely to be again; None where that could be several that differ.

    Args:
        accounts: Of the same provider.
        alias: What was asked for; where no account has it, this is a new one.
        now: Seconds since 1970 in UTC.
    """
    listed = [account for account in accounts if account.state != "connecting"]
    if alias is not None:
        return next((a for a in listed if a.alias is not None and a.alias.casefold() == alias.casefold()), None)
    likely = [account for account in listed if _has_to_connect(account, now)] or listed
    are_alike = len({(account.requested_scopes, account.scopes_chosen) for account in likely}) == 1
    return likely[0] if are_alike else None


def _has_to_connect(account: Account, now: float) -> bool:
    """Whether only a new connect helps an account."""
    ended = account.expires_at is not None and account.expires_at <= now
    return account.state in DEAD or (ended and not account.refreshable)


def to_ask(before: Account | None, usual: tuple[str, ...] | None) -> tuple[str, ...]:
    """The scopes to ask for again, in place of the provider's own; empty where those are right.

    Args:
        before: The account that is connected again.
        usual: The provider's own scopes; None where it decides them itself. Where the person has not
            chosen others, they are asked for as they are now.
    """
    if before is None or before.scopes_chosen is False or usual is None:
        return ()
    return () if set(before.requested_scopes) == set(usual) else before.requested_scopes


def use(provider: Any, scopes: tuple[str, ...]) -> None:
    """Ask for these scopes in place of the provider's own.

    Raises:
        UsageError: The provider's file decides the scopes itself.
    """
    if not scopes:
        return
    if traits_of(provider).scopes is None:
        raise UsageError(
            "This provider's file decides its scopes itself.", hint="Leave --scope out, or change the file."
        )
    provider.scopes = scopes
