"""Misbehaviour that real providers and networks show, to be switched on with `server.misbehave`.

A fault is a pure change of a response. Some faults replace the response before the server has done anything. With
`done=True` the server carries out the request first, and the fault then spoils the response: a token was issued that
nobody received.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gumauth.testing.messages import Delivery, Response, json_response

if TYPE_CHECKING:
    from collections.abc import Callable

MEGABYTE = 2**20


@dataclass(frozen=True)
class Fault:
    """One kind of misbehaviour; made by the functions below.

    Args:
        name: In words; the log has it as the event's reason.
        change: Makes the spoilt response of the right one.
        done: Whether the server carries out the request first.
    """

    name: str
    change: Callable[[Response], Response]
    done: bool = True

    @staticmethod
    def status(status: int, body: bytes = b"", *, retry_after: str | float | None = None) -> Fault:
        """A status and nothing done: 408, 425, 429, 500, 503 …; `retry_after` in seconds or as an HTTP date."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        answer = Response(status=status, headers={"Content-Type": "text/plain", **headers}, body=body)
        return Fault(f"status {status}", lambda _: answer, done=False)

    @staticmethod
    def error(error: str, *, status: int = 400, description: str | None = None) -> Fault:
        """An OAuth error with any status (200, as GitHub does, 401, 403 …), and nothing done."""
        fields = {"error": error} | ({} if description is None else {"error_description": description})
        return Fault(f"{error} with {status}", lambda _: json_response(fields, status=status), done=False)

    @staticmethod
    def content(body: bytes, *, status: int = 200, content_type: str = "application/json") -> Fault:
        """These bytes in place of the answer."""
        answer = Response(status=status, headers={"Content-Type": content_type}, body=body)
        return Fault(f"{status} {content_type}", lambda _: answer, done=False)

    @staticmethod
    def captive_portal() -> Fault:
        """The page of a hotel's network: status 200, HTML."""
        page = b"<!doctype html><title>Welcome</title><p>Please accept the terms to use this network."
        return replace(Fault.content(page, content_type="text/html; charset=utf-8"), name="captive portal")

    @staticmethod
    def redirect(to: str, status: int = 307) -> Fault:
        """A redirect to another URL, which would receive the secrets of the body if it were followed."""
        answer = Response(status=status, headers={"Location": to})
        return Fault(f"redirect {status}", lambda _: answer, done=False)

    @staticmethod
    def fields(**members: object) -> Fault:
        """The right JSON answer, with these members set or added; `float("nan")` is sent as NaN."""
        return Fault(f"other {', '.join(members)}", lambda answer: _with_members(answer, members))

    @staticmethod
    def without(*names: str) -> Fault:
        """The right JSON answer, with these members left out."""

        def change(answer: Response) -> Response:
            kept = {name: value for name, value in json.loads(answer.body or b"{}").items() if name not in names}
            return replace(answer, body=json.dumps(kept).encode())

        return Fault(f"no {', '.join(names)}", change)

    @staticmethod
    def fewer_scopes(*granted: str, separator: str = " ") -> Fault:
        """A token response that says that only these scopes were granted."""
        return replace(Fault.fields(scope=separator.join(granted)), name="fewer scopes")

    @staticmethod
    def form_encoded() -> Fault:
        """The right answer, as a form in place of JSON (GitHub without an Accept header)."""
        return Fault("form-encoded", _as_form)

    @staticmethod
    def byte_order_mark() -> Fault:
        """The right answer with a UTF-8 byte order mark before it."""
        return Fault("byte order mark", lambda answer: replace(answer, body=b"\xef\xbb\xbf" + answer.body))

    @staticmethod
    def slow(seconds: float) -> Fault:
        """The right answer, after this time."""
        return Fault("slow", lambda answer: replace(answer, wait=seconds))

    @staticmethod
    def dripping(seconds: float = 0.5) -> Fault:
        """The right answer, a byte at a time with this pause between, so that no read times out."""
        return Fault("dripping", lambda answer: replace(answer, delivery="dripping", wait=seconds))

    @staticmethod
    def huge(size: int = 8 * MEGABYTE) -> Fault:
        """The right answer with so many blanks after it."""
        return Fault("huge", lambda answer: replace(answer, body=answer.body + b" " * size))

    @staticmethod
    def bomb(size: int = 64 * MEGABYTE) -> Fault:
        """The right answer with so many blanks after it, compressed to a thousandth of that."""
        return Fault("compressed bomb", lambda answer: _compressed(answer, size))

    @staticmethod
    def cut(*, done: bool = True) -> Fault:
        """The connection closed in the middle of the body."""
        half = b'{"access_token":'
        return Fault("cut", lambda answer: replace(answer, body=answer.body or half, delivery="cut"), done=done)

    @staticmethod
    def reset(*, done: bool = False) -> Fault:
        """The connection reset without an answer; with `done`, after the server carried out the request."""
        return _undelivered("reset", done=done)

    @staticmethod
    def hang(*, done: bool = False) -> Fault:
        """The connection kept open without an answer, until the server is closed."""
        return _undelivered("hang", done=done)

    @staticmethod
    def params(**members: str | None) -> Fault:
        """For "authorize": the right redirect with other parameters; None leaves one out (`state`, `iss`, `code`)."""
        from gumauth.testing.consent import redirect_with

        return Fault(f"other {', '.join(members)}", lambda answer: redirect_with(answer, members))


def _undelivered(delivery: Delivery, *, done: bool) -> Fault:
    return Fault(delivery, lambda answer: replace(answer, delivery=delivery), done=done)


def _with_members(answer: Response, members: dict[str, object]) -> Response:
    return replace(answer, body=json.dumps({**json.loads(answer.body or b"{}"), **members}).encode())


def _as_form(answer: Response) -> Response:
    from urllib.parse import urlencode

    headers = {**answer.headers, "Content-Type": "application/x-www-form-urlencoded"}
    return replace(answer, headers=headers, body=urlencode(json.loads(answer.body or b"{}")).encode())


def _compressed(answer: Response, size: int) -> Response:
    headers = {**answer.headers, "Content-Encoding": "gzip"}
    return replace(answer, headers=headers, body=gzip.compress(answer.body + b" " * size))


TOLERATED: dict[str, Fault] = {
    "expires_in absent": Fault.without("expires_in"),
    "expires_in null": Fault.fields(expires_in=None),
    "expires_in as text": Fault.fields(expires_in="3600"),
    "expires_in as a float": Fault.fields(expires_in=3600.0),
    "expires_in NaN": Fault.fields(expires_in=float("nan")),
    "expires_in negative": Fault.fields(expires_in=-1),
    "expires_in absurd": Fault.fields(expires_in=10**18),
    "token_type in capitals": Fault.fields(token_type="BEARER"),
    "form-encoded": Fault.form_encoded(),
    "byte order mark": Fault.byte_order_mark(),
    "no refresh token": Fault.without("refresh_token"),
    "fewer scopes": Fault.fewer_scopes("read"),
}
"""Answers to the token endpoint that must be understood (promises F9, F11)."""

REFUSED: dict[str, Fault] = {
    "an error with status 200": Fault.error("bad_verification_code", status=200, description="The code is wrong"),
    "HTML": Fault.captive_portal(),
    "empty": Fault.content(b""),
    "empty with 400": Fault.content(b"", status=400),
    "a list": Fault.content(b"[]"),
    "no access_token": Fault.without("access_token"),
    "an empty access_token": Fault.fields(access_token=""),
    "a number as access_token": Fault.fields(access_token=12345),
    "a line end in access_token": Fault.fields(access_token="a\r\nb"),
    "a NUL in access_token": Fault.fields(access_token="a\x00b"),
    "an unknown token_type": Fault.fields(token_type="mac"),
    "a redirect": Fault.redirect("https://elsewhere.invalid/token"),
    "huge": Fault.huge(),
    "compressed bomb": Fault.bomb(),
}
"""Answers to the token endpoint that must end in a clear error with nothing stored (promises F6, F8, F9, F10)."""

TRANSIENT: dict[str, Fault] = {
    **{str(status): Fault.status(status) for status in (408, 425, 429, 500, 502, 503, 504)},
    "429 with Retry-After": Fault.status(429, retry_after=7),
    "captive portal": Fault.captive_portal(),
    "reset": Fault.reset(),
    "cut": Fault.cut(done=False),
}
"""Failures that pass: nothing may be lost over them (promise R7). `Fault.hang()` is one too, and needs a deadline."""

DEAD: dict[str, Fault] = {
    f"invalid_grant with {status}": Fault.error("invalid_grant", status=status) for status in (200, 400, 401, 403)
}
"""Answers that say that the refresh token is dead, whatever the status (promise R8)."""
