"""Real connections to a listener, byte by byte, and what comes back."""

from __future__ import annotations

import asyncio
import functools
import ssl
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from gumauth.callback import Expected, Listener, Redirect
from gumauth.callback.connection import Connection
from gumauth.callback.crowd import Doing

STATE = "Zk3vYb8mQe5rTn1xWc7uLd9hPj2fSg6aKo4iMv0tBqE"
ANY_PORT = Redirect(ports=())
OVER_TLS = Redirect(ports=(), tls=True)


def in_a_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an async test in a loop of its own; anything that the loop would only log fails it."""

    @functools.wraps(test)
    def run(*arguments: object, **named: object) -> None:
        complaints: list[dict[str, Any]] = []

        async def watched() -> None:
            asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
            async with asyncio.timeout(20):
                await test(*arguments, **named)

        asyncio.run(watched())
        assert complaints == []

    return run


usual = ANY_PORT
"""Where a listener listens, unless a test says otherwise; tests of both schemes change it."""


async def listening(
    redirect: Redirect | None = None, *, state: str = STATE, patience: float = 5.0, form_post: bool = False
) -> Listener:
    listener = await Listener.bind(redirect or usual, patience=patience)
    listener.expect(Expected(state=state, form_post=form_post))
    return listener


def waiting(listener: Listener) -> list[Connection]:
    """The connections that wait for their page."""
    return listener._crowd.who(Doing.WAITING)


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes


def clicked_through() -> ssl.SSLContext:
    """The TLS of a browser whose person has pressed "Proceed" at the warning."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def connected(
    listener: Listener, *, address: str = "127.0.0.1"
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A browser's connection, through TLS where the listener wants it."""
    tls = None if listener.fingerprint is None else clicked_through()
    return await asyncio.open_connection(address, listener.port, ssl=tls)


async def send(listener: Listener, content: bytes, *, address: str = "127.0.0.1") -> bytes:
    """Everything that comes back for these bytes, until the listener hangs up."""
    reader, writer = await connected(listener, address=address)
    try:
        writer.write(content)
        await writer.drain()
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


def head(listener: Listener, target: str, *, method: str = "GET", host: str | None = None, more: str = "") -> bytes:
    host = f"localhost:{listener.port}" if host is None else host
    return f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n".encode("latin-1")


def form(listener: Listener, body: str, *, length: int | None = None, more: str = "", path: str = "/callback") -> bytes:
    """A form as a browser posts it."""
    kind = "Content-Type: application/x-www-form-urlencoded\r\nOrigin: https://idp.example\r\n"
    told = f"Content-Length: {len(body) if length is None else length}\r\n"
    return head(listener, path, method="POST", more=kind + told + more) + body.encode()


def read_reply(content: bytes) -> Reply:
    top, _, body = content.partition(b"\r\n\r\n")
    first, *lines = top.decode("ascii").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    assert len(headers) == len(lines), "a header is there twice"
    assert headers["content-length"] == str(len(body))
    return Reply(status=int(first.split(" ")[1]), headers=headers, body=body)


async def get(
    listener: Listener, target: str, *, method: str = "GET", host: str | None = None, more: str = ""
) -> Reply:
    return read_reply(await send(listener, head(listener, target, method=method, host=host, more=more)))


async def follow(listener: Listener, target: str) -> Reply:
    """What a browser does: go where it is sent."""
    reply = await get(listener, target)
    return await get(listener, reply.headers["location"]) if reply.status == 303 else reply


async def until(done: Callable[[], bool]) -> None:
    """Let the loop turn until something holds; the test's own time-out ends it otherwise."""
    while not done():  # noqa: ASYNC110 - it waits for the other side of a socket, which sets no event
        await asyncio.sleep(0.001)


async def seconds_of(something: Awaitable[object]) -> float:
    begun = asyncio.get_running_loop().time()
    await something
    return asyncio.get_running_loop().time() - begun
