"""Serving on loopback, for requests that name this machine: a page can reach loopback under a name of its own.

Source: Model Context Protocol, "Transports", security warning (DNS rebinding); RFC 9110 §7.2; RFC 6454 §7.
"""

from __future__ import annotations

import re
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

LOOPBACK = "127.0.0.1"
LOCAL = (LOOPBACK, "localhost", "::1")

HOST = re.compile(rb"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?", re.IGNORECASE)
ORIGIN = re.compile(rb"https?://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?", re.IGNORECASE)


def refusal(headers: Iterable[tuple[bytes, bytes]]) -> tuple[int, bytes] | None:
    """The status and the text with which a request is refused; None where it is not.

    Args:
        headers: Names in small letters, and values, as ASGI has them.
    """
    given = list(headers)
    hosts = [value for name, value in given if name == b"host"]
    if len(hosts) != 1 or not HOST.fullmatch(hosts[0]):
        return 421, b"This server answers to requests for localhost or 127.0.0.1."
    if any(not ORIGIN.fullmatch(value) for name, value in given if name == b"origin"):
        return 403, b"This server answers to no page of another site."
    return None


class LoopbackOnly:
    """An application for requests that name this machine.

    Args:
        inner: The application.
        health: The path at which the server is told to be well; None where `inner` has one.
    """

    def __init__(self, inner: Any, *, health: str | None) -> None:
        self._inner, self._health = inner, health

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, or pass it on."""
        if scope["type"] == "lifespan":
            await self._inner(scope, receive, send)
        elif refused := refusal(scope["headers"]):
            await _answer(send, refused[0], b"text/plain", refused[1])
        elif scope["path"] == self._health:
            await _answer(send, 200, b"application/json", b'{"status":"ok"}')
        else:
            await self._inner(scope, receive, send)


def keep_to_loopback(config: Any) -> None:
    """Let uvicorn's `Config` take loopback for every host, and let what it serves take only requests for this machine.

    Args:
        config: The class.
    """
    import functools

    begin = config.__init__

    @functools.wraps(begin)
    def on_loopback(self: Any, app: Any, host: str = LOOPBACK, *args: Any, **more: Any) -> None:
        if host not in LOCAL:
            sys.stderr.write(f"gumauth: it listens on {LOOPBACK}, not on {host}.\n")
        if not isinstance(app, str) and type(app).__name__ != LoopbackOnly.__name__:
            app = LoopbackOnly(app, health=None)
        begin(self, app, host if host in LOCAL else LOOPBACK, *args, **more)

    config.__init__ = on_loopback


async def _answer(send: Any, status: int, kind: bytes, body: bytes) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
