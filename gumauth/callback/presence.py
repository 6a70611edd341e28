"""How a connect learns that another connect holds the port: it sends `HEAD /gumauth`, and a connect says "gumauth".

The request tells nothing, and its answer is a reason to wait and for nothing else. A program that holds the port could
pretend to be a connect; that only keeps others waiting, which holding the port does anyway.
"""

from __future__ import annotations

import asyncio
import enum
from typing import TYPE_CHECKING

from gumauth.callback.sockets import ADDRESSES
from gumauth.callback.validation import is_ours

if TYPE_CHECKING:
    from gumauth.callback.http_request import Request

METHOD, PATH, NAME = "HEAD", "/gumauth", "gumauth"

DEADLINE = 1.0
"""Seconds that the answer may take."""

LIMIT = 4096
"""Bytes that the answer may have."""


class Holder(enum.Enum):
    """Who holds a port."""

    NOBODY = enum.auto()
    """Nobody answers: it may have become free."""
    CONNECT = enum.auto()
    """Another connect."""
    OTHER = enum.auto()
    """Another program, or one that does not answer in time."""


def is_presence_check(request: Request, port: int) -> bool:
    """Whether a request is another connect's check, and not that of a web page under a host name of its own."""
    return (request.method, request.path) == (METHOD, PATH) and is_ours(request.host, port)


async def who_holds(host: str, port: int) -> Holder:
    """Who listens on a port of loopback, asked in each family that the redirect host means.

    Args:
        host: `localhost` or `127.0.0.1`.
        port: Taken, as far as is known.

    Returns:
        CONNECT where one holds it and no other program holds it in the other family.
    """
    told = await asyncio.gather(*(_ask(address, port) for _, address in ADDRESSES[host]))
    return next((holder for holder in (Holder.OTHER, Holder.CONNECT) if holder in told), Holder.NOBODY)


async def _ask(address: str, port: int) -> Holder:
    try:
        async with asyncio.timeout(DEADLINE):
            head = await _head_of_answer(address, port)
    except (TimeoutError, asyncio.LimitOverrunError):
        return Holder.OTHER
    except asyncio.IncompleteReadError as error:
        return Holder.OTHER if error.partial else Holder.NOBODY
    except OSError:
        return Holder.NOBODY  # refused, or reset by one that has just ended
    return Holder.CONNECT if _is_a_connects(head) else Holder.OTHER


async def _head_of_answer(address: str, port: int) -> bytes:
    reader, writer = await asyncio.open_connection(address, port, limit=LIMIT)
    try:
        writer.write(f"{METHOD} {PATH} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode())
        return await reader.readuntil(b"\r\n\r\n")
    finally:
        writer.transport.abort()


def _is_a_connects(head: bytes) -> bool:
    first, *fields = head.decode("latin-1").split("\r\n")
    named = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
    return first.startswith("HTTP/1.1 200 ") and named.get("server") == NAME
