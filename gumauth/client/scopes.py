"""Scopes: which are asked for, and how what was granted differs. Pure.

Source: RFC 6749 §3.3 and §5.1: an answer that names no scopes grants those that were asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from gumauth.accounts.account import DEAD, Account
from gumauth.oauth2.traits import Traits
from gumauth.platform.frozen import replace

OPENID = frozenset({"openid", "offline_access", "profile", "email", "address", "phone"})
"""What many services grant and do not name in their answer. Source: OpenID Connect Core §3.1.2.1, §5.4 and §11."""


@dataclass(frozen=True, kw_only=True)
class Echo:
    """How a service names in its answer what it has granted.

    Args:
        names: What it calls a scope, where that is not what it is asked by.
        unechoed: What it grants without naming it.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    unechoed: Collection[str] = OPENID


def echo_of(traits: Traits) -> Echo:
    """How a provider says that the service answers."""
    return Echo(names=traits.scope_names, unechoed=OPENID.union(traits.unechoed_scopes))


def missing(expected: Sequence[str], granted: Sequence[str], echo: Echo) -> tuple[str, ...]:
    """The scopes that are not among the granted ones; none where no granted ones were named."""
    if not granted:
        return ()
    there = {*granted, *echo.unechoed}
    return tuple(scope for scope in dict.fromkeys(expected) if there.isdisjoint((scope, echo.names.get(scope, scope))))


def unasked(requested: Sequence[str], granted: Sequence[str], echo: Echo) -> tuple[str, ...]:
    """The granted scopes that nobody asked for; none where none were asked for by name."""
    known = {*requested, *(echo.names.get(scope, scope) for scope in requested), *echo.unechoed}
    known |= {echo.names[scope] for scope in echo.unechoed if scope in echo.names}
    return tuple(scope for scope in granted if scope not in known) if requested else ()


def differences(requested: Sequence[str], granted: Sequence[str], echo: Echo) -> list[str]:
    """How a grant differs from what was asked for, in sentences."""
    less, more = missing(requested, granted, echo), unasked(requested, granted, echo)
    return [
        *([f"Fewer scopes were granted than asked for; missing: {', '.join(less)}."] if less else []),
        *([f"More scopes were granted than asked for: {', '.join(more)}."] if more else []),
    ]


def refreshed(account: Account, granted: tuple[str, ...], echo: Echo) -> tuple[Account, str | None]:
    """The account with the scopes that a refresh named, and a sentence where it has lost some.

    Args:
        account: As it was.
        granted: What the refresh named; empty where it named none, and then nothing has changed.
        echo: How the service names them.
    """
    if not granted:
        return account, None
    known_by = {echo.names.get(scope, scope) for scope in account.requested_scopes}
    before = [scope for scope in account.scopes if scope not in known_by]
    lacking = missing([*account.requested_scopes, *account.missing_scopes, *before], granted, echo)
    lost = missing(account.scopes, granted, echo)
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
    """Whether only a new connect helps an account, which then is what it is told to do."""
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
