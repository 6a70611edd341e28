"""When the token in a file is looked at again. Pure: times come in as numbers. Promises R4 and H10."""

from __future__ import annotations

from gumauth.client.refresh.expiry import ahead_margin, is_due, margin
from gumauth.platform.frozen import frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.record import Record
    from gumauth.client.id_token import IdToken

CHECK = 5.0
"""Seconds between two looks at the list of accounts: another process may have refreshed the account."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds until a renewal that brought nothing is tried again; they double from the first to the longest."""


@frozen
class Plan:
    """When a file's token is to be renewed, and how often that has failed.

    Args:
        at: Seconds since 1970; None for a token without an end.
        life: Seconds of life below which the token is renewed.
        failures: Renewals in a row that brought no good token.
    """

    at: float | None
    life: float | None = None
    failures: int = 0


def after(record: Record, now: float, min_valid: float | None, failures: int) -> Plan:
    """The plan after a token was had; where it is due all the same, the renewal has failed.

    A file's token is renewed when others would be refreshed ahead: whoever reads it has at least the margin left.
    """
    if record.expires_at is None:
        return Plan(at=None)
    lifetime = record.expires_at - record.obtained_at
    life = max(min_valid or 0.0, ahead_margin(lifetime))
    if is_due(record, now, life):
        return after_failure(now, life, failures)
    return Plan(at=record.expires_at - margin(lifetime, life), life=life)


def after_id_token(found: IdToken, now: float, min_valid: float | None, failures: int) -> Plan:
    """The plan after an id_token was had, as `after` makes it for an access token."""
    life = max(min_valid or 0.0, ahead_margin(found.ends - found.made))
    due = found.due_at(life)
    return Plan(at=due, life=life) if now <= due else after_failure(now, life, failures)


def after_failure(now: float, life: float | None, failures: int) -> Plan:
    """The plan after a renewal that failed."""
    pause = min(FIRST_PAUSE * 2.0 ** min(failures, 10), LONGEST_PAUSE)
    return Plan(at=now + pause, life=life, failures=failures + 1)


def pause(plans: list[Plan], now: float) -> float:
    """Seconds until the next look at the accounts."""
    return max(min([CHECK, *(plan.at - now for plan in plans if plan.at is not None)]), 0.05)
