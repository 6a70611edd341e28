"""What a provider's server answered, before anybody believes it."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

LONGEST_NUMBER = 20
"""Digits; a longer integer is as good as infinite, and Python refuses to read one of 4300."""


LARGEST = 1 << 20
"""Bytes of a decoded body; more is not read."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An HTTP answer.

    Args:
        status: Of HTTP.
        content_type: As sent; empty where it is missing.
        body: Decoded, at most 1 MiB; holds secrets.
        retry_after: Seconds that the server asks to wait; None where it does not.
        location: Where a redirect points; None where there is none.
    """

    status: int
    body: bytes = field(default=b"", repr=False)
    content_type: str = ""
    retry_after: float | None = None
    location: str | None = field(default=None, repr=False)

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
        """The members of the object in the body, or of the one at a dotted path in it; none where there is none."""
        data = at(self.data(), path)
        return data if isinstance(data, dict) else {}


def is_html(reply: Reply) -> bool:
    """Whether the answer is a web page, such as a captive portal's; an empty one is none, whatever its type."""
    body = reply.body.lstrip(b"\xef\xbb\xbf \t\r\n")
    return body.startswith(b"<") or ("html" in reply.content_type.lower() and body != b"")


def at(data: Any, path: str) -> Any:
    """What stands at a dotted path (`data.viewer.email`, `emails.0`) in decoded JSON; None where nothing does."""
    for step in path.split(".") if path else ():
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and step.isdecimal() and len(step) < LONGEST_NUMBER:
            data = data[int(step)] if int(step) < len(data) else None
        else:
            return None
    return data


def _whole(digits: str) -> float:
    return int(digits) if len(digits) <= LONGEST_NUMBER else math.inf


def _form(text: str) -> dict[str, str] | None:
    """A form-encoded body. Source: GitHub answers so unless asked for JSON."""
    try:
        return dict(parse_qsl(text, strict_parsing=True, max_num_fields=100)) or None
    except ValueError:
        return None
