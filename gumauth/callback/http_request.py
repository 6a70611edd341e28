"""An HTTP/1 request, read from bytes that anybody may have sent. Pure: bytes in, a value out."""

from __future__ import annotations

import re

from gumauth.callback.rejections import TOO_LARGE, UNREADABLE, Rejection
from gumauth.platform.frozen import frozen, replace

LINE_LIMIT = 16 * 1024
"""Bytes of the request line: a code of 4 KiB and a query of 8 KiB are seen in the wild."""

HEAD_LIMIT = 32 * 1024
"""Bytes of the header fields: every program on `localhost` shares its cookies with all others there."""

FORM_LIMIT = 16 * 1024
"""Bytes of a form in a body: it holds what the query of a request line would."""

FORM = b"application/x-www-form-urlencoded"

LINE_END, HEAD_END = b"\r\n", b"\r\n\r\n"

ONCE = (b"host", b"content-length", b"content-type", b"origin", b"transfer-encoding")

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]"
_LINE = re.compile(rb"(" + _TOKEN + rb"{1,32}) (/[!\"\x24-\x7e]*) HTTP/1\.[01]")
# No two parts of it can take the same byte: a line that is none would be tried in as many ways as it has blanks.
_FIELD = re.compile(rb"(" + _TOKEN + rb"+):([\t\x20-\x7e\x80-\xff]*)")
_ORIGIN = re.compile(rb"null|https://[!-~]+|http://(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]+)?", re.IGNORECASE)
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
        by_visit: Whether a person's visit may have made it, and not a script or a frame of a page, nor a page that
            came over plain http from another machine.
        form_length: Bytes of the form in its body; None where there is none whose length is told.
        form: The form, once it was read; may hold the code.
    """

    method: str
    path: str
    query: str
    host: str | None
    ahead: bool
    by_visit: bool = True
    form_length: int | None = None
    form: str | None = None

    _secret = ("query", "form")


class RequestReader:
    """Reads one request that comes in pieces, and tells the same however it was cut.

    The body is not looked at; `rest` holds what has come of it. Lines end with CR LF; a bare LF, a NUL, a TLS hello or
    another version of HTTP is refused as soon as it can be told. The work is that of the new bytes: what was looked at
    is not looked at again.

    Source: RFC 9112 §2 to §5.
    """

    def __init__(self) -> None:
        self._received = bytearray()
        self._looked = 0
        self._line: re.Match[bytes] | None = None
        self._line_end = 0
        self._head_end = 0

    @property
    def rest(self) -> bytes:
        """What has come behind the head, as far as it can be a form."""
        begin = self._head_end + len(HEAD_END)
        return bytes(self._received[begin : begin + FORM_LIMIT])

    def feed(self, piece: bytes) -> Request | Rejection | None:
        """The request, why it is none, or None while more is needed; after the first two, nothing more is to be fed."""
        self._received += piece
        if self._line is None:
            rejection = self._read_line()
            if self._line is None:
                return rejection
        return self._read_head(self._line)

    def _read_line(self) -> Rejection | None:
        received, since = self._received, max(self._looked - len(LINE_END) + 1, 0)
        end = received.find(LINE_END, since, LINE_LIMIT + len(LINE_END))
        if end < 0:
            self._looked = len(received)
            return _without_a_line(received, since)
        self._line = _LINE.fullmatch(bytes(received[:end]))
        self._looked = self._line_end = end
        return UNREADABLE if self._line is None else None

    def _read_head(self, line: re.Match[bytes]) -> Request | Rejection | None:
        received, limit = self._received, self._line_end + HEAD_LIMIT + len(HEAD_END)
        end = received.find(HEAD_END, max(self._looked - len(HEAD_END) + 1, self._line_end), limit)
        if end < 0:
            self._looked = len(received)
            return TOO_LARGE if len(received) >= limit else None
        self._head_end = end
        fields = _read_fields(bytes(received[self._line_end + len(LINE_END) : end]))
        return UNREADABLE if fields is None else _request(line, fields)


class FormReader:
    """Reads the form in a request's body, which comes in pieces; what comes behind it is not looked at.

    Args:
        request: With a `form_length` within the limit.
    """

    def __init__(self, request: Request) -> None:
        self._request, self._length = request, request.form_length or 0
        self._received = bytearray()

    def feed(self, piece: bytes) -> Request | Rejection | None:
        """The request with its form, why that is none, or None while more is needed."""
        self._received += piece
        if len(self._received) < self._length:
            return None
        try:
            return replace(self._request, form=self._received[: self._length].decode("ascii"))
        except UnicodeDecodeError:
            return UNREADABLE


def read_request(received: bytes) -> Request | Rejection | None:
    """The request at the beginning of `received`, why it is none, or None while more is needed."""
    return RequestReader().feed(received)


def _without_a_line(received: bytearray, since: int) -> Rejection | None:
    if _NOT_IN_A_LINE.search(received, since, LINE_LIMIT + len(LINE_END)):
        return UNREADABLE
    return TOO_LARGE if len(received) >= LINE_LIMIT + len(LINE_END) else None


def _read_fields(lines: bytes) -> dict[bytes, bytes] | None:
    """The header fields by lower-case name; None where a line is none, or one that counts is there twice."""
    fields: dict[bytes, bytes] = {}
    for line in lines.split(LINE_END) if lines else ():
        match = _FIELD.fullmatch(line)
        if match is None:
            return None
        name = match[1].lower()
        if name in ONCE and name in fields:
            return None
        fields[name] = match[2].strip(b" \t")
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
        by_visit=_by_visit(fields),
        form_length=_form_length(fields),
    )


def _by_visit(fields: dict[bytes, bytes]) -> bool:
    """Whether nothing says that no visit made the request. Source: Fetch Metadata Request Headers §2; RFC 6454 §7."""
    return (
        fields.get(b"sec-fetch-mode", b"navigate") == b"navigate"
        and fields.get(b"sec-fetch-dest", b"document") == b"document"
        and _ORIGIN.fullmatch(fields.get(b"origin", b"null")) is not None
    )


def _form_length(fields: dict[bytes, bytes]) -> int | None:
    kind = fields.get(b"content-type", b"").partition(b";")[0].strip(b" \t").lower()
    length = fields.get(b"content-length", b"")
    if kind != FORM or b"transfer-encoding" in fields or not re.fullmatch(rb"[0-9]{1,9}", length):
        return None
    return int(length)
