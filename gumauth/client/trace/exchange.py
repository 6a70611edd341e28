"""A request and its answer as values, from the objects of httpx and requests, which may raise when they are read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gumauth.oauth2.http.foreign import body_of

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A request as it is sent.

    Args:
        method: Of HTTP.
        url: With its query; may hold secrets.
        headers: Names in small letters, and values; hold secrets.
        body: Holds secrets; empty where there is none, None where it is a stream.
    """

    method: str
    url: str = field(repr=False)
    headers: Headers = field(default=(), repr=False)
    body: bytes | None = field(default=b"", repr=False)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer as it came.

    Args:
        status: Of HTTP.
        headers: As of `Sent`.
        body: Decoded; holds secrets; None where it was not read to its end.
    """

    status: int
    headers: Headers = field(default=(), repr=False)
    body: bytes | None = field(default=b"", repr=False)


def sent_of(request: Any) -> Sent:
    """The request of an object of httpx or requests."""
    method, url, body = "?", "", None
    with contextlib.suppress(Exception):
        method, url = str(request.method), str(request.url)
    with contextlib.suppress(Exception):  # httpx raises for a stream
        sent = body_of(request) or b""
        body = sent.encode() if isinstance(sent, str) else sent if isinstance(sent, bytes) else None
    return Sent(method=method, url=url, headers=_headers(request), body=body)


def answer_of(response: Any, body: bytes | None = None) -> Answer:
    """The answer of an object of httpx or requests; a body that is still to be read stays so.

    Args:
        response: The object.
        body: The body, where gumauth's own client has read it.
    """
    status = getattr(response, "status_code", 0)
    body = read_body(response) if body is None else body
    return Answer(status=status if isinstance(status, int) else 0, headers=_headers(response), body=body)


def read_body(response: Any) -> bytes | None:
    """The body of a response, if it has been read: asking either library for more would read it now."""
    body = getattr(response, "_content", None)  # of httpx and of requests
    return body if isinstance(body, bytes) else None


def _headers(of: Any) -> Headers:
    with contextlib.suppress(Exception):
        return tuple(_items(of.headers))
    return ()


def _items(headers: Any) -> Iterator[tuple[str, str]]:
    several = getattr(headers, "multi_items", None) or headers.items
    for name, value in several():
        shown = [each.decode("latin-1") if isinstance(each, bytes) else str(each) for each in (name, value)]
        yield shown[0].lower(), shown[1]
