"""Serving on loopback, for this user's programs: other users reach loopback too, and pages under a name of their own.

This file runs alone too, without its package. Source: Model Context Protocol, "Transports", security warning (DNS
rebinding); RFC 9110 §7.2; RFC 6454 §7; Linux, proc_net_tcp.
"""

from __future__ import annotations

import os
import re
import socket
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


TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
"""Where Linux tells the user of each connection."""

ESTABLISHED, LISTENS = "01", "0A"
ROOT = "0"
"""Root may do what it likes. A connection that its user has closed is listed as root's too, but not as established."""


def is_anothers(client: tuple[str, int], server: tuple[str, int], user: str, tables: str) -> bool:
    """Whether the other end of a connection is another user's, or has gone without a trace.

    Args:
        client: The address and the port of that end.
        server: Those of this end.
        user: Who this is, as a number.
        tables: What the system lists; where the server itself is not listed, it tells nothing.
    """
    theirs, ours = _listed(client), _listed(server)
    rows = [words for words in map(str.split, tables.splitlines()) if len(words) > 7]
    if not any(words[1].endswith(ours) and words[3] == LISTENS for words in rows):
        return False
    ends = [(words[7], words[3]) for words in rows if words[1].endswith(theirs) and words[2].endswith(ours)]
    return not ends or not all(whose == user != ROOT or (whose, state) == (ROOT, ESTABLISHED) for whose, state in ends)


def _listed(end: tuple[str, int]) -> str:
    """An end of a connection as the tables have it; the address of IPv4 ends that of IPv6 that stands for it."""
    address = int.from_bytes(socket.inet_aton(end[0]), sys.byteorder)
    return f"{address:08X}:{end[1]:04X}"


def _is_of_another_user(scope: Any) -> bool:
    try:
        tables = "".join(_read(path) for path in TABLES if path == TABLES[0] or os.path.exists(path))
        return is_anothers(tuple(scope["client"]), tuple(scope["server"]), str(os.geteuid()), tables)
    except (KeyError, TypeError, OSError, AttributeError):
        return False  # not on Linux, or over IPv6, or by no connection at all


def _read(path: str) -> str:
    with open(path) as file:
        return file.read()


class LoopbackOnly:
    """An application for requests of this user's programs that name this machine.

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
        elif _is_of_another_user(scope):
            await _answer(send, 403, b"text/plain", b"This server answers to the programs of its own user.")
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

    begin, load = config.__init__, config.load

    @functools.wraps(begin)
    def on_loopback(self: Any, app: Any, host: str = LOOPBACK, *args: Any, **more: Any) -> None:
        if host not in LOCAL:
            sys.stderr.write(f"gumauth: it listens on {LOOPBACK}, not on {host}.\n")
        begin(self, app, LOOPBACK, *args, **more)

    @functools.wraps(load)
    def guarded(self: Any) -> None:
        # Around all that uvicorn puts around an application, also one that it loads by its name: uvicorn believes a
        # program on loopback the address in X-Forwarded-For.
        load(self)
        self.loaded_app = LoopbackOnly(self.loaded_app, health=None)

    config.__init__, config.load = on_loopback, guarded


async def _answer(send: Any, status: int, kind: bytes, body: bytes) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
