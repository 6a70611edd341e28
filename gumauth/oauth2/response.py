"""A provider's HTTP response as a value, with its body undecided: JSON, a form, or a web page. Pure."""

from __future__ import annotations

import contextlib
import json
import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

LARGEST = 1 << 20
"""Bytes of a decoded body; more is not read. Promise F8."""

LONGEST_NUMBER = 20
"""Digits; a longer integer is as good as infinite, and Python refuses to read an integer of 4300 digits."""

LONGEST_WAIT = 3600.0
"""Seconds of a Retry-After; a longer time counts as this. Promise Y10."""


@dataclass(frozen=True, kw_only=True)
class Response:
    """An HTTP response.

    Args:
        status: Of HTTP.
        content_type: As sent; empty where it is missing.
        body: Decoded, at most 1 MiB; holds secrets.
        retry_after: Seconds that the server asks to wait, at most an hour; None where it does not ask.
        location: The target of a redirect; None where there is none.
        challenges: The values of WWW-Authenticate, as sent.
    """

    status: int
    body: bytes = field(default=b"", repr=False)
    content_type: str = ""
    retry_after: float | None = None
    location: str | None = field(default=None, repr=False)
    challenges: tuple[str, ...] = ()

    @classmethod
    def of(cls, status: int, headers: Any, body: bytes) -> Response:
        """The response with these headers, which any mapping that ignores case may hold."""
        return cls(
            status=status,
            content_type=headers.get("Content-Type") or "",
            body=body,
            retry_after=_retry_after(headers.get("Retry-After") or "", headers.get("Date") or ""),
            location=headers.get("Location"),
            challenges=_all(headers, "WWW-Authenticate"),
        )

    @property
    def ok(self) -> bool:
        """Whether the status says success."""
        return 200 <= self.status < 300

    def data(self) -> Any:
        """The body as JSON or, failing that, as a form; None where it is neither."""
        text = self.body.decode("utf-8-sig", errors="replace").strip()
        try:
            return json.loads(text, parse_int=_whole)
        except (ValueError, RecursionError):
            return None if is_html(self) else _form(text)

    def fields(self, path: str = "") -> dict[str, Any]:
        """The members of the object in the body, or at a dotted path in the body; empty where there is no object."""
        data = at(self.data(), path)
        return data if isinstance(data, dict) else {}

    def wait(self) -> float | None:
        """Seconds that the headers or, failing them, the body asks to wait, at most an hour.

        Source: RFC 9110 §10.2.3; Discord's member `retry_after`.
        """
        asked = self.retry_after if self.retry_after is not None else self.fields().get("retry_after")
        if isinstance(asked, bool) or not isinstance(asked, int | float) or not asked >= 0:
            return None
        return _limited(asked)


def is_html(response: Response) -> bool:
    """Whether the body is a web page, such as a captive portal's; an empty body is none, whatever its type."""
    body = response.body.lstrip(b"\xef\xbb\xbf \t\r\n")
    return body.startswith(b"<") or ("html" in response.content_type.lower() and body != b"")


def at(data: Any, path: str) -> Any:
    """The value at a dotted path (`data.viewer.email`, `emails.0`) in decoded JSON; None where there is none."""
    for step in path.split(".") if path else ():
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and step.isdecimal() and len(step) < LONGEST_NUMBER:
            data = data[int(step)] if int(step) < len(data) else None
        else:
            return None
    return data


def _all(headers: Any, name: str) -> tuple[str, ...]:
    """Every value of a header; a mapping that keeps only one, or joins them, gives one."""
    several = getattr(headers, "get_list", None)
    return tuple(several(name)) if several else tuple(filter(None, [headers.get(name)]))


def _whole(digits: str) -> float:
    return int(digits) if len(digits) <= LONGEST_NUMBER else math.inf


def _form(text: str) -> dict[str, str] | None:
    """The members of a form-encoded body. Source: GitHub answers so unless asked for JSON."""
    try:
        return dict(parse_qsl(text, strict_parsing=True, max_num_fields=100)) or None
    except ValueError:
        return None


def _retry_after(asked: str, date: str) -> float | None:
    """The seconds of a Retry-After header; a date is counted from the response's own Date."""
    if not asked:
        return None
    with contextlib.suppress(ValueError, TypeError):  # TypeError: one date with a zone, one without
        if not asked.isdigit():
            return _limited((_date(asked) - _date(date)).total_seconds())
        return _limited(int(asked[:9])) if asked.isascii() else None
    return None


def _date(text: str) -> datetime:
    import email.utils

    return email.utils.parsedate_to_datetime(text)


def _limited(seconds: float) -> float:
    return min(max(float(seconds), 0.0), LONGEST_WAIT)
