"""The head of an HTTP/1 request, read from bytes that anybody may have sent. Pure: bytes in, a value out."""

from __future__ import annotations

import re

from gumauth.callback.ignored import TOO_LARGE, UNREADABLE, Ignored
from gumauth.values import frozen

LINE_LIMIT = 16 * 1024
"""Bytes of the request line: a code of 4 KiB and a query of 8 KiB are seen in the wild."""

HEAD_LIMIT = 32 * 1024
"""Bytes of the header fields: every program on `localhost` shares its cookies with all others there."""

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]"
_LINE = re.compile(rb"(" + _TOKEN + rb"{1,32}) (/[!\"\x24-\x7e]*) HTTP/1\.[01]")
_FIELD = re.compile(rb"(" + _TOKEN + rb"+):[ \t]*([\t\x20-\x7e\x80-\xff]*)")
_NOT_IN_A_LINE = re.compile(rb"[^\x20-\x7e\r]|\r(?!\Z)")


@frozen
class Request:
    """What is looked at of a request; cookies and the rest are not kept.

    Args:
        method: As sent, such as `GET`.
        path: As sent, before the first `?`; begins with a slash.
        query: As sent, after the first `?`; may hold the code.
        host: The `Host` field; None where it is missing.
        ahead: Whether a browser made the request before anybody asked for the page.
    """

    method: str
    path: str
    query: str
    host: str | None
    ahead: bool

    _secret = ("query",)


def read_request(received: bytes) -> Request | Ignored | None:
    """The request at the beginning of `received`, why it is none, or None while more is needed.

    The body is not looked at. Lines end with CR LF; a bare LF, a NUL, a TLS hello or another version of HTTP is
    refused as soon as it can be told.

    Source: RFC 9112 §2 to §5.
    """
    end = received.find(b"\r\n", 0, LINE_LIMIT + 2)
    if end < 0:
        return _without_a_line(received)
    line = _LINE.fullmatch(received, 0, end)
    if line is None:
        return UNREADABLE
    head_end = received.find(b"\r\n\r\n", end, end + HEAD_LIMIT + 4)
    if head_end < 0:
        return TOO_LARGE if len(received) >= end + HEAD_LIMIT + 4 else None
    fields = _read_fields(received[end + 2 : head_end])
    return UNREADABLE if fields is None else _request(line, fields)


def _without_a_line(received: bytes) -> Ignored | None:
    if _NOT_IN_A_LINE.search(received, 0, LINE_LIMIT + 2):
        return UNREADABLE
    return TOO_LARGE if len(received) >= LINE_LIMIT + 2 else None


def _read_fields(lines: bytes) -> dict[bytes, bytes] | None:
    """The header fields by lower-case name; None where a line is none, or `Host` is there twice."""
    fields: dict[bytes, bytes] = {}
    for line in lines.split(b"\r\n") if lines else ():
        match = _FIELD.fullmatch(line)
        if match is None:
            return None
        name = match[1].lower()
        if name == b"host" and name in fields:
            return None
        fields[name] = match[2].rstrip(b" \t")
    return fields


def _request(line: re.Match[bytes], fields: dict[bytes, bytes]) -> Request:
    path, _, query = line[2].decode("ascii").partition("?")
    host = fields.get(b"host")
    return Request(
        method=line[1].decode("ascii"),
        path=path,
        query=query,
        host=None if host is None else host.decode("latin-1"),
        # Browsers say so in the first; the other two are what older ones sent.
        ahead=b"sec-purpose" in fields or b"prefetch" in (fields.get(b"purpose"), fields.get(b"x-moz")),
    )
