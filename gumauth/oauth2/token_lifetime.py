"""The lifetime of a token, from the members of a token response. Pure: the current time is an argument.

Source: RFC 6749 §5.1 for `expires_in`. Services also send `expires_at` and `expires`: seconds since 1970 (Strava), an
ISO 8601 time (Square), and `expires` as seconds to live (Facebook, once).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gumauth.oauth2.access_token import LONGEST_LIFE
from gumauth.platform.text import short

FAR_APART = 60.0
"""Seconds between two ends that a slow response and two clocks explain."""

MILLISECONDS = 1e11
"""A larger number since 1970 counts milliseconds: as seconds it is the year 5138, as milliseconds March 1973."""


@dataclass(frozen=True, kw_only=True)
class Life:
    """The end of a token, as a response says it.

    Args:
        seconds: From now; None where the response has no plausible lifetime.
        instant: Seconds since 1970 in UTC; None where the response has no plausible time.
        odd: A sentence about an implausible value; None where there is no such value, or a plausible one beside it.
    """

    seconds: int | None = None
    instant: float | None = None
    odd: str | None = None


def read(fields: Mapping[str, Any], secrets: Collection[str] = (), *, of: str = "") -> Life:
    """The end of a token, from the members of a response. Promise F14.

    Args:
        fields: The response's members.
        secrets: The sentence does not repeat them.
        of: The prefix of `expires_in`, `expires_at` and `expires`: "refresh_token_" for the refresh token.
    """
    told = {name: fields.get(f"{of}{name}") for name in ("expires_in", "expires_at", "expires")}
    told = {name: value for name, value in told.items() if value is not None and value != ""}
    if "expires" in told and 0 < _number(told["expires"]) <= LONGEST_LIFE:
        told = {"expires_in": told["expires"], **told}
        del told["expires"]
    seconds = _life(_number(told.get("expires_in")))
    instants = [_instant(told[name]) for name in ("expires_at", "expires") if name in told]
    instant = min((each for each in instants if each is not None), default=None)
    odd = None
    if seconds is None and instant is None:
        # Services write 0 for a token that does not expire, Mailchimp also as its life.
        odd = next((_odd(name, value, secrets) for name, value in told.items() if value != 0), None)
    return Life(seconds=seconds, instant=instant, odd=odd)


def read_any(fields: Mapping[str, Any], prefixes: Collection[str]) -> Life:
    """The end of another token, from the first of these prefixes that gives one; without a sentence."""
    lives = (read(fields, of=prefix) for prefix in prefixes)
    return next((life for life in lives if (life.seconds, life.instant) != (None, None)), Life())


def settle(seconds: int | None, instant: float | None, now: float) -> tuple[int | None, str | None]:
    """Whole seconds that a token lives from now, and a sentence where its end is implausible. Promise F14.

    Where seconds and instant are more than a minute apart, the earlier end holds. An instant in the past means that a
    clock is wrong, and says nothing about the token.

    Args:
        seconds: As in `Life`.
        instant: As in `Life`.
        now: Seconds since 1970 in UTC, when the token was asked for.
    """
    left = None if instant is None else _life(instant - now)
    if seconds is not None and left is not None:
        return (left if left < seconds - FAR_APART else seconds), None
    if seconds is None and left is None and instant is not None:
        return None, (
            f"The provider says that the token ends {_date(instant)}, which cannot be right by this machine's clock;"
            " when it expires is taken as unknown."
        )
    return left if seconds is None else seconds, None


def _life(seconds: float) -> int | None:
    return math.ceil(seconds) if 0 < seconds <= LONGEST_LIFE else None


def _number(value: object) -> float:
    """A number, or the number in a text; NaN where there is none."""
    try:
        return float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        return math.nan


def _instant(value: object) -> float | None:
    """Seconds since 1970; None where the value is no time after 1971."""
    number = _number(value)
    if math.isnan(number) and isinstance(value, str):
        number = _iso(value)
    elif number >= MILLISECONDS:
        number /= 1000
    return number if LONGEST_LIFE < number < MILLISECONDS else None


def _iso(text: str) -> float:
    """An ISO 8601 time as seconds since 1970; a time without an offset is UTC."""
    try:
        time = datetime.fromisoformat(text.strip().upper().removesuffix(" UTC"))
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return math.nan


def _date(instant: float) -> str:
    try:
        return f"at {datetime.fromtimestamp(instant, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError, OSError):
        return "at no date"


def _odd(name: str, value: object, secrets: Collection[str]) -> str:
    said = short(value, secrets)
    what = f"lives {said} seconds" if name == "expires_in" else f"ends at {said}"
    return f"The provider says that the token {what}; when it expires is taken as unknown."
