"""When a token is to be refreshed. Pure: the time comes in as a number."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.store.records import Record

MARGIN = 60.0
"""Seconds before its end at which a token is due: long enough for a slow request that carries it."""

SHARE = 5
"""But never more than this part of its lifetime, so that a token of two minutes is not refreshed all the time."""

SKEW = 1.0
"""Seconds that the clock may step back (as NTP does it) before a token counts as obtained in the future."""


def is_due(record: Record, now: float, min_valid: float | None = None) -> bool:
    """Whether less life is left than the margin; a token of unknown lifetime is never due by itself.

    Args:
        record: What is kept.
        now: Seconds since 1970 in UTC.
        min_valid: Seconds of life that the caller needs; raises the margin, never lowers it.
    """
    if record.expires_at is None:
        return False
    lifetime = record.expires_at - record.obtained_at
    margin = max(min(MARGIN, lifetime / SHARE), min_valid or 0.0)
    return is_doubtful(record, now) or record.expires_at - now < margin


def is_doubtful(record: Record, now: float) -> bool:
    """Whether the clock has gone back since the token was obtained, so that its end cannot be told."""
    return record.obtained_at > now + SKEW


def has_life(record: Record, now: float) -> bool:
    """Whether the token may still be used at this moment, due or not."""
    return record.expires_at is None or (not is_doubtful(record, now) and record.expires_at > now)
