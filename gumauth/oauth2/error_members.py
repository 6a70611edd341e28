"""The members of a response that hold an error's code and its reason, wherever services put them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gumauth.oauth2.response import Response, is_html

OBJECTS = (
    (),  # RFC 6749 §5.2, RFC 9457; HubSpot's `status`, Twitch's `message`, Supabase's `error_code` and `msg`
    ("error",),  # Google, Facebook, Spotify
    ("error", "errors", "0"),  # Google's older APIs
    ("errors", "0"),  # Fitbit's `errorType`, Strava, JSON:API, GraphQL
    ("errors", "0", "extensions"),  # GraphQL's code
    ("errors",),  # Shopify's text
    ("detail",),  # FastAPI
    ("detail", "0"),
    ("fault",),  # Apigee
    ("fault", "detail"),
    ("fault", "error", "0"),  # Intuit
    ("data",),  # TikTok's first API
    ("0",),  # Salesforce
)
"""Paths to an object or a text about an error; names as `_plain` makes them. Outer paths come first."""

CODES = ("error", "errorcode", "errortype", "errorid", "status", "type", "errcode", "code")
REASONS = (
    *("errordescription", "errormessage", "errorsummary", "errormsg", "errmsg", "message", "msg", "detail"),
    *("description", "localizedmessage", "faultstring", "title", "reason", "error"),
)
"""Members that hold the code and the reason, in order of preference; names as `_plain` makes them."""

GENERIC = frozenset({"error", "errors", "fail", "failed", "failure", "false", "exception", "ko", "about:blank"})
"""Codes that only say that there is an error."""

GOOD = frozenset({"ok", "success", "succeeded", "none", "null", "false", "no_error", "noerror", "0", "200"})
"""Codes that say that there is no error."""

LONGEST_TEXT = 500
"""Characters of a plain text that is a reason; a longer text is a page, or a program's trace."""

BINARY = re.compile("[\x00\ufffd]")
"""Characters that are in no text: NUL, and the replacement of bytes that are no UTF-8."""


@dataclass(frozen=True)
class ErrorMembers:
    """An error's code and reason as the service sent them: not cleaned, and perhaps with secrets in them.

    Args:
        code: Such as "invalid_grant"; a number as text.
        reason: A sentence for people, such as `error_description`.
    """

    code: str | None = field(default=None, repr=False)
    reason: str | None = field(default=None, repr=False)


def members_of(response: Response) -> ErrorMembers:
    """The code and the reason in a response, in any shape that services use, also a short plain text. Promise F16."""
    data = response.data()
    if isinstance(data, dict | list) and (members := members_in(data, response.status)) != ErrorMembers():
        return members
    return ErrorMembers() if _is_parsed(data) or is_html(response) else _members_of_text(response, data)


def members_in(data: Any, status: int = 0) -> ErrorMembers:
    """The code and the reason in decoded JSON; a code that only repeats the status is none."""
    found = [at for path in OBJECTS for at in _at(data, path)]
    codes = [text for at in found if isinstance(at, dict) for text in _codes(at) if text != str(status)]
    code = next(iter(sorted(codes, key=str.isdecimal)), None)  # words before numbers
    texts = (text for at in found for text in (_reasons(at) if isinstance(at, dict) else [_text(at)]))
    reason = next((text for text in texts if text and text != code and text.lower() not in GENERIC), None)
    return ErrorMembers(code, reason)


def has_error(data: Any) -> bool:
    """Whether decoded JSON holds an error: in `error`, in `errors` without data, or as `ok: false`."""
    if not isinstance(data, dict):
        return False
    if data.get("ok") is False or data.get("success") is False:
        return True
    if any(is_error(value) for name in ("error", "errcode", "errorcode") for value in _members(data, name)):
        return True
    return is_error(data.get("errors")) and not _has_data(data)


def is_error(value: Any) -> bool:
    """Whether the value of an `error` member is an error: some services send "ok" or an empty value there.

    Source: TikTok's API v2, `{"data": …, "error": {"code": "ok", "message": ""}}`.
    """
    if isinstance(value, list):
        return any(is_error(item) for item in value)
    if isinstance(value, dict):
        codes = [code for name in CODES for code in _members(value, name)]
        return any(value.values()) and not any(_is_good(code) for code in codes)
    return bool(value) and not _is_good(value)


def _is_good(code: Any) -> bool:
    return isinstance(code, str | int) and str(code).lower() in GOOD


def _has_data(data: dict[str, Any]) -> bool:
    """Whether a response holds data beside its errors; GraphQL's is in `data`, where null members do not count."""
    inner = data.get("data")
    if isinstance(inner, dict):
        return any(inner.values())
    return any(value for name, value in data.items() if _plain(name) not in (*CODES, *REASONS, "errors", "extensions"))


def _is_parsed(data: Any) -> bool:
    """Whether data are JSON or a form, and no sentence with an equals sign."""
    return isinstance(data, list) or (isinstance(data, dict) and all(re.fullmatch(r"[\w.-]+", name) for name in data))


def _at(data: Any, path: tuple[str, ...]) -> list[Any]:
    """The value at a path, in a list; an empty list where there is none."""
    for step in path:
        if isinstance(data, dict):
            data = next(iter(_members(data, step)), None)
        elif isinstance(data, list) and step == "0" and data:
            data = data[0]
        else:
            return []
    return [data]


def _members(data: dict[str, Any], plain: str) -> Iterator[Any]:
    return (value for name, value in data.items() if _plain(name) == plain)


def _plain(name: str) -> str:
    """A member's name without case and hyphens: `error_message`, `errorMessage` and `Error-Message` are one."""
    return re.sub(r"[^a-z0-9]", "", name[:40].lower())


def _codes(data: dict[str, Any]) -> list[str]:
    """The codes in an object, behind the name of the field that the object is about: "refresh_token invalid"."""
    texts = [text for name in CODES for value in _members(data, name) if (text := _text(value))]
    codes = [text for text in texts if text.lower() not in GENERIC and not re.match(r"https?:|/", text)]
    field_name = _text(data.get("field"))  # Strava
    return [f"{field_name} {code}" for code in codes] if field_name else codes


def _reasons(data: dict[str, Any]) -> Iterator[str | None]:
    return (_text(value) for name in REASONS for value in _members(data, name))


def _members_of_text(response: Response, data: Any) -> ErrorMembers:
    """A plain text as a code where it is one word, else as a reason."""
    text = data if isinstance(data, str) else response.body.decode("utf-8-sig", errors="replace").strip()
    if not text or len(text) > LONGEST_TEXT or BINARY.search(text) or text.lower() in GOOD:
        return ErrorMembers()
    return ErrorMembers(code=text) if re.fullmatch(r"[A-Za-z][\w.-]{2,60}", text) else ErrorMembers(reason=text)


def _text(value: Any) -> str | None:
    if isinstance(value, list):  # NestJS
        return "; ".join(item for item in value[:3] if isinstance(item, str)) or None
    return str(value) if value and isinstance(value, str | int) and value is not True else None
