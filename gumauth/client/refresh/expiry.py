"""When a token is to be refreshed. Pure: the time comes in as a number. Promises I7, R4, R10 and H8."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.account import Account
    from gumauth.accounts.record import Record

MARGIN = 60.0
"""Seconds before its end at which a token is due: long enough for a slow request that carries it."""

SHARE = 5
"""But never more than this part of its lifetime, so that a token of two minutes is not refreshed all the time."""

AHEAD = 600.0
"""Seconds before its end at which a token is refreshed ahead, where a fifth of its lifetime is more than that."""

SKEW = 1.0
"""Seconds that the clock may step back (as NTP does it) before a token counts as obtained in the future."""


def is_due(record: Record, now: float, min_valid: float | None = None) -> bool:
    """Whether less life is left than the margin; a token of unknown lifetime is never due by itself.

    Args:
        record: With the token.
        now: Seconds since 1970 in UTC.
        min_valid: Seconds of life that the caller needs; raises the margin, as `margin` says.
    """
    if record.expires_at is None:
        return False
    return is_doubtful(record, now) or record.expires_at - now < margin(
        record.expires_at - record.obtained_at, min_valid
    )


def can_refresh(account: Account, record: Record) -> bool:
    """Whether there is something to refresh an account with: a refresh token, or the client's own credentials."""
    return account.refreshable and (account.is_of_client or bool(record.refresh_token or record.kept_apart))


def margin(lifetime: float, min_valid: float | None = None) -> float:
    """Seconds of life below which a token is due: a minute or a fifth of its lifetime; `min_valid` raises it.

    A token that lives no longer than `min_valid` never has that much left when it is handed out. Such a token is due
    once a fifth of its lifetime is gone, not at every call.

    Args:
        lifetime: Seconds that the token lived when it was obtained.
        min_valid: Seconds of life that the caller needs.
    """
    needed = min_valid or 0.0
    if needed >= lifetime:
        needed = lifetime - lifetime / SHARE
    return max(min(MARGIN, lifetime / SHARE), needed, 0.0)


def ahead_margin(lifetime: float) -> float:
    """Seconds of life below which a token is refreshed ahead: a fifth of its lifetime, ten minutes at most.

    But twice the margin at least: where a fifth of the lifetime is no more than the margin (of five minutes and less),
    a token would be due as soon as it is refreshed ahead, and somebody would have to wait.

    Args:
        lifetime: Seconds that the token lived when it was obtained.
    """
    return max(min(AHEAD, lifetime / SHARE), 2 * margin(lifetime))


def nearly_due_at(record: Record) -> float | None:
    """When a token begins to be refreshed ahead, in seconds since 1970 in UTC; None for an unknown lifetime."""
    if record.expires_at is None:
        return None
    return record.expires_at - ahead_margin(record.expires_at - record.obtained_at)


def is_nearly_due(record: Record, now: float) -> bool:
    """Whether a token is to be refreshed ahead, or due. A `min_valid` makes no difference."""
    begins = nearly_due_at(record)
    return begins is not None and now > begins


def is_too_short(record: Record, min_valid: float | None) -> bool:
    """Whether even a new token like this one could not be good for `min_valid` seconds once it is handed out."""
    if not min_valid or record.expires_at is None:
        return False
    return record.expires_at - record.obtained_at <= min_valid


def lifetime(record: Record) -> float | None:
    """Seconds that the token had when it was obtained; None where that is not known, as of a token ended at once.

    The next token of the account is taken to live as long, where its provider does not say; not where an older gumauth
    has taken an instant for a life.
    """
    from gumauth.oauth2.access_token import LONGEST_LIFE

    lived = 0.0 if record.expires_at is None else record.expires_at - record.obtained_at
    return lived if 0 < lived <= LONGEST_LIFE else None


def is_doubtful(record: Record, now: float) -> bool:
    """Whether the clock has gone back since the token was obtained, so that its end cannot be told."""
    return record.obtained_at > now + SKEW


def has_life(record: Record, now: float) -> bool:
    """Whether the token may still be used at this moment, due or not."""
    return record.expires_at is None or (not is_doubtful(record, now) and record.expires_at > now)
