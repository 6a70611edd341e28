"""How long a server asks to wait. Pure."""

from __future__ import annotations

import contextlib
import datetime as dt
import email.utils
import math
from typing import Any

LONGEST_IN_SECONDS = 120
"""Seconds; more are told in minutes."""


def waiting_time(headers: Any) -> float | None:
    """The seconds that a Retry-After header asks to wait, at most an hour.

    A date is counted from the answer's own Date.

    Source: RFC 9110 §10.2.3.
    """
    return _told(headers.get("Retry-After") or "", headers.get("Date") or "")


def waiting_time_in(data: Any) -> float | None:
    """The seconds that a decoded body asks to wait, at most an hour. Source: Discord's `retry_after`."""
    asked = data.get("retry_after") if isinstance(data, dict) else None
    if isinstance(asked, bool) or not isinstance(asked, int | float) or not asked >= 0:
        return None
    return _within_an_hour(asked)


def in_words(seconds: float) -> str:
    """When to try again: "in 7 seconds", "in 2 minutes", rounded up."""
    count, unit = (
        (math.ceil(seconds), "second") if seconds <= LONGEST_IN_SECONDS else (math.ceil(seconds / 60), "minute")
    )
    return f"in {max(count, 1)} {unit}{'s' if count > 1 else ''}"


def _told(asked: str, date: str) -> float | None:
    with contextlib.suppress(ValueError, TypeError):  # TypeError: one date with a zone, one without
        if not asked.isdigit():
            return _within_an_hour((_date(asked) - _date(date)).total_seconds())
        return _within_an_hour(int(asked[:9])) if asked.isascii() else None
    return None


def _date(text: str) -> dt.datetime:
    return email.utils.parsedate_to_datetime(text)


def _within_an_hour(seconds: float) -> float:
    return float(min(max(seconds, 0), 3600))
