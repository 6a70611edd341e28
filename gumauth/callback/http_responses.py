"""The responses of the callback, as bytes. Nothing of a request is ever in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gumauth.callback.pages import protective_headers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gumauth.callback.pages import Page
    from gumauth.callback.rejections import Rejection

REASONS = {
    200: "OK",
    303: "See Other",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    413: "Content Too Large",
    421: "Misdirected Request",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}
METHOD_NOT_ALLOWED = 405


def page(shown: Page) -> bytes:
    """The page that ends the connect."""
    return _response(200, shown.headers, shown.body)


def rejection(of: Rejection) -> bytes:
    """The plain 4xx for a request that is rejected."""
    extra = [("Allow", "GET")] if of.status == METHOD_NOT_ALLOWED else []
    return _plain(of.status, of.said, extra)


def see_other(path: str) -> bytes:
    """Leads the browser to the page, so that the code leaves its address bar and history, without a script.

    Source: RFC 9110 §15.4.4; RFC 9700 §4.2.4 and §4.12 (303, because it drops the request).
    """
    return _plain(303, "The page is at another address.", [("Location", path)])


def another_connect() -> bytes:
    """Tells another connect that a connect holds the port. A response to HEAD has no body. Source: RFC 9110 §9.3.2."""
    return _response(200, [("Server", "gumauth"), *protective_headers()], b"")


def ended() -> bytes:
    """The plain failure for a browser that still waits for a page when there will be none."""
    return _plain(503, "gumauth ended before the account was connected. Run the command again.")


def _plain(status: int, said: str, extra: Iterable[tuple[str, str]] = ()) -> bytes:
    kind = ("Content-Type", "text/plain; charset=utf-8")
    return _response(status, (kind, *protective_headers(), *extra), f"{said}\n".encode())


def _response(status: int, headers: Iterable[tuple[str, str]], body: bytes) -> bytes:
    lines = [f"HTTP/1.1 {status} {REASONS[status]}", *(f"{name}: {value}" for name, value in headers)]
    lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode("ascii") + body
