"""A connection to a provider, over which HTTP/1.1 requests are sent one after the other. Source: RFC 9112.

h11, which reads HTTP for httpx too, says what the bytes mean; here they are sent and received.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import socket
import ssl
from typing import Any

import h11

from gumauth.oauth2.http.no_answer import NoConnection, NoResponse
from gumauth.oauth2.http.request import Address, Sent

CONNECT, READ = 10.0, 20.0
"""Seconds until there is a connection, TLS included, and between two pieces of a response. Promise F8."""

NEXT_ADDRESS = 0.25
"""Seconds after which the next address of a name is tried beside the one before. Source: RFC 8305 §5."""

LARGEST_HEAD = 100 * 1024
"""Bytes of the headers of a response."""


class Headers:
    """The headers of a response, by their names in any case.

    Args:
        raw: Names in small letters, and values, in the order in which they came.
    """

    def __init__(self, raw: list[tuple[bytes, bytes]]) -> None:
        self._all = [(name.decode("ascii"), value.decode("latin-1")) for name, value in raw]

    def get(self, name: str, default: str | None = None) -> str | None:
        """The value of a header; several are joined by commas, as RFC 9110 §5.3 allows."""
        values = self.get_list(name)
        return ", ".join(values) if values else default

    def get_list(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for each, value in self._all if each == name.lower()]

    def items(self) -> list[tuple[str, str]]:
        """All names and values."""
        return self._all


class Head:
    """Status and headers of a response, as listeners see it."""

    def __init__(self, status_code: int, headers: Headers) -> None:
        self.status_code, self.headers = status_code, headers


async def connected(address: Address, tls: ssl.SSLContext | None) -> Connection:
    """A new connection.

    Args:
        address: Where to.
        tls: None for http.

    Raises:
        NoConnection: Nobody listens, TLS fails, or it takes too long.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(CONNECT):
            _, connection = await loop.create_connection(
                Connection, address.host, address.port, ssl=tls, **options_for(address.host, loop)
            )
    except TimeoutError as error:
        raise NoConnection from error
    except (OSError, UnicodeError) as error:
        raise NoConnection(_reason(error)) from error
    return connection


def options_for(host: str, loop: asyncio.AbstractEventLoop) -> dict[str, Any]:
    """What to tell the event loop of a name with many addresses; only asyncio's own takes it, and uvloop does not."""
    is_name = ":" not in host and not host[host.rfind(".") + 1 :].isdigit()
    return {"happy_eyeballs_delay": NEXT_ADDRESS} if is_name and isinstance(loop, asyncio.BaseEventLoop) else {}


class Connection(asyncio.Protocol):
    """An open connection. Nothing is read from it but while a response is waited for, or none is due.

    Attributes:
        is_usable: Whether another request can be sent over it.
        since: When it became usable again, on the event loop's clock.
    """

    def __init__(self) -> None:
        self._http = h11.Connection(our_role=h11.CLIENT, max_incomplete_event_size=LARGEST_HEAD)
        self._waiter: asyncio.Future[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._lost = asyncio.Event()
        self._error: BaseException | None = None
        self.is_usable, self.since = True, self._loop.time()

    async def send(self, sent: Sent, target: str) -> Head:
        """Send a request, and give the head of its response.

        Raises:
            NoConnection: HTTP cannot carry one of the headers.
            NoResponse: The connection ended, what came is not HTTP, or nothing came in time.
        """
        self.is_usable = False
        try:
            written = self._written(sent, target)
        except (h11.LocalProtocolError, UnicodeEncodeError) as error:
            raise NoConnection(type(error).__name__) from None  # it quotes the header
        self._transport.write(written)
        while not isinstance(event := await self._next(), h11.Response):
            pass  # an interim response. Source: RFC 9110 §15.2
        return Head(event.status_code, Headers(list(event.headers)))

    def _written(self, sent: Sent, target: str) -> bytes:
        request = h11.Request(method=sent.method, target=target, headers=list(sent.headers.items()))
        body = [h11.Data(data=sent.content)] if sent.content else []
        return b"".join(self._http.send(event) or b"" for event in (request, *body, h11.EndOfMessage()))

    async def piece(self) -> bytes | None:
        """The next piece of the body, as it came; None at its end.

        Raises:
            NoResponse: As for `send`.
        """
        event = await self._next()
        if isinstance(event, h11.Data):
            return bytes(event.data)
        unasked, _ = self._http.trailing_data
        if self._http.our_state is self._http.their_state is h11.DONE and not unasked:
            self._http.start_next_cycle()
            self.is_usable, self.since = True, self._loop.time()
            self._transport.resume_reading()  # so that its end is noticed
        return None

    async def close(self) -> None:
        """End the connection at once."""
        self.is_usable = False
        self._transport.abort()
        await self._lost.wait()

    async def _next(self) -> Any:
        try:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                await self._received()
        except h11.RemoteProtocolError as error:
            raise NoResponse("RemoteProtocolError") from error
        return event

    async def _received(self) -> None:
        """Wait until more has come."""
        if self._error is not None:
            raise NoResponse(_reason(self._error)) from self._error
        self._waiter = self._loop.create_future()
        self._transport.resume_reading()
        try:
            async with asyncio.timeout(READ):
                await self._waiter
        except TimeoutError as error:
            raise NoResponse from error
        finally:
            self._waiter = None

    def connection_made(self, transport: Any) -> None:
        """Keep what bytes are sent and received with."""
        self._transport: asyncio.Transport = transport

    def data_received(self, data: bytes) -> None:
        """Take what has come; the next piece stays with the system until it is asked for."""
        self._transport.pause_reading()
        self._feed(data)

    def eof_received(self) -> None:
        """Note that nothing more will come."""
        self._feed(b"")

    def connection_lost(self, error: Exception | None) -> None:
        """Note that the connection has ended; one that broke does not end a body that has no length."""
        self._error = error
        self._feed(b"" if error is None else None)
        self._lost.set()

    def _feed(self, data: bytes | None) -> None:
        self.is_usable = False  # until the end of a response says otherwise
        if data is not None:
            with contextlib.suppress(RuntimeError):  # h11 takes nothing after the end
                self._http.receive_data(data)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _reason(error: BaseException) -> str:
    """An error of the system in its words."""
    if isinstance(error, ssl.SSLError | socket.gaierror):
        return error.strerror or str(error)
    # asyncio makes one error of those of several addresses, with their numbers in its text alone.
    number = getattr(error, "errno", None) or next(iter(re.findall(r"\[Errno (\d+)\]", str(error))), None)
    return os.strerror(int(number)) if number else type(error).__name__
