"""One connection to the callback: its bytes until they are a request, and the time that it may take."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from gumauth.callback.http_request import FormReader, Request, RequestReader
from gumauth.callback.rejections import TOO_SLOW, Rejection

if TYPE_CHECKING:
    from collections.abc import Callable

FAREWELL = 1.0
"""Seconds for the other side to hang up after its response: closing over unread bytes would take the response back."""


class Owner(Protocol):
    """The listener, as its connections know it."""

    def opened(self, connection: Connection) -> None:
        """The connection is open."""
        ...

    def began(self, connection: Connection) -> None:
        """The connection has sent the beginning of a request."""
        ...

    def received(self, connection: Connection, request: Request | Rejection) -> None:
        """The connection has sent a request, or bytes that will never be a request."""
        ...

    def broken(self, connection: Connection, why: Rejection) -> None:
        """The connection speaks TLS no longer: nothing can be said to the other side, which is leaving."""
        ...

    def closed(self, connection: Connection) -> None:
        """The connection is closed."""
        ...


class Connection(asyncio.Protocol):
    """Reads one request and sends one response; bytes after the request are thrown away, but for a form asked for.

    Args:
        owner: Told what the connection does.
        patience: Seconds that the request may take from the first byte to the last.
    """

    def __init__(self, owner: Owner, patience: float) -> None:
        self._owner, self._patience = owner, patience
        self._reader: RequestReader | FormReader | None = RequestReader()
        self._rest = b""
        self._begun = False
        self._responded = False
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def encrypted(self) -> bool:
        """Whether what is said here goes through TLS."""
        return False

    @property
    def is_reading(self) -> bool:
        """Whether a request is still to come."""
        return self._reader is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the time of the request."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - create_server gives no other kind
        self._transport = transport
        self._set_timer(self._patience, self._late)
        self._owner.opened(self)

    def data_received(self, data: bytes) -> None:
        """Read the bytes that came."""
        self._read(data)

    def _read(self, data: bytes) -> None:
        """Read bytes of the request, and hand it on as soon as it is complete."""
        if self._reader is None:
            return
        request = self._reader.feed(data)
        if request is not None:
            self._hand_on(request)
        elif not self._begun:
            self._begun = True
            self._owner.began(self)

    def eof_received(self) -> bool:
        """Keep the way back open while a response is owed: a client may end its own side first."""
        return self._reader is None and not self._responded

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Tell the owner, whatever ended the connection."""
        self._stop_timer()
        self._owner.closed(self)

    def read_form(self, request: Request) -> None:
        """Read the form in the request's body, in what is left of its time; then hand the request on again."""
        self._reader = FormReader(request)
        self._begun = True
        rest, self._rest = self._rest, b""
        self._read(rest)

    def wait(self) -> None:
        """Stop the time: the other side waits for us."""
        self._stop_timer()

    def respond(self, content: bytes) -> None:
        """Send the one response, and hang up when the other side does, or after a second."""
        if self._transport is None or self._transport.is_closing():
            return
        self._leave(self._sealed(content))

    def _sealed(self, content: bytes) -> bytes:
        """The response as it goes over the wire."""
        return content

    def _send(self, content: bytes) -> None:
        if self._transport is not None and content:
            self._transport.write(content)

    def _leave(self, content: bytes) -> None:
        """Send these last bytes, and hang up when the other side does, or after a second."""
        assert self._transport is not None  # noqa: S101 - something has come over it
        self._reader, self._responded = None, True
        self._send(content)
        self._set_timer(FAREWELL, self.drop)
        try:
            if self._transport.can_write_eof():
                self._transport.write_eof()
        except OSError:
            self.drop()  # a browser that waited too long has hung up already, and what it waited for is done

    def drop(self) -> None:
        """End the connection now; bytes that the system has already taken are still delivered."""
        if self._transport is not None:
            self._transport.abort()

    def _late(self) -> None:
        if self._begun:
            self._hand_on(TOO_SLOW)
        else:
            self.drop()  # a browser's connection for later: no request, so nothing to reject

    def _hand_on(self, request: Request | Rejection) -> None:
        self._rest = self._reader.rest if isinstance(self._reader, RequestReader) else b""
        self._reader = None
        self._owner.received(self, request)

    def _set_timer(self, seconds: float, then: Callable[[], None]) -> None:
        self._stop_timer()
        self._timer = asyncio.get_running_loop().call_later(seconds, then)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
