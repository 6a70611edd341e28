"""A connection to a callback over https: TLS in memory between the wire's bytes and those of the request."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from gumauth.callback.connection import Connection
from gumauth.callback.rejections import CERTIFICATE_REFUSED, UNREADABLE, Rejection

if TYPE_CHECKING:
    from gumauth.callback.connection import Owner

HANDSHAKE = 0x16
"""The first byte of TLS; no method of HTTP begins with it. Source: RFC 8446 §5.1."""

PIECE = 64 * 1024


class TlsConnection(Connection):
    """Shakes hands, then reads one request and sends one response through TLS; the time is that of both together.

    What does not begin as TLS does is read as it came: `encrypted` tells the owner, who has something to say to it.

    Args:
        owner: Told what the connection does.
        patience: Seconds that handshake and request may take.
        tls: With the callback's certificate.
    """

    def __init__(self, owner: Owner, patience: float, tls: ssl.SSLContext) -> None:
        super().__init__(owner, patience)
        self._context = tls
        self._stream: TlsStream | None = None
        self._first = True

    @property
    def encrypted(self) -> bool:
        """Whether what is said here goes through TLS."""
        return self._stream is not None

    def data_received(self, data: bytes) -> None:
        """Read the bytes that came, through TLS if the first of them all says so."""
        if self._first and data[0] == HANDSHAKE:
            self._stream = TlsStream(self._context)
        self._first = False
        if self._stream is None:
            self._read(data)
        elif self.is_reading:
            self._decrypt(self._stream, data)

    def _decrypt(self, stream: TlsStream, data: bytes) -> None:
        try:
            plain = stream.receive(data)
        except ssl.SSLError as error:
            self._leave(stream.to_send())
            return self._owner.broken(self, _why(error))
        self._send(stream.to_send())
        if plain:
            self._read(plain)
        return None

    def _sealed(self, content: bytes) -> bytes:
        return content if self._stream is None else self._stream.seal(content)


class TlsStream:
    """The server's side of TLS without a socket: bytes of the wire in and out, plain bytes out and in."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._is_open = False

    def receive(self, data: bytes) -> bytes:
        """The plain bytes in what came; none while hands are shaken. Something may be to send afterwards.

        Raises:
            ssl.SSLError: What came is not TLS, or the other side gave up.
        """
        self._incoming.write(data)
        plain = bytearray()
        try:
            if not self._is_open:
                self._tls.do_handshake()
                self._is_open = True
            while piece := self._tls.read(PIECE):
                plain += piece
        except ssl.SSLWantReadError:
            pass
        return bytes(plain)

    def to_send(self) -> bytes:
        """Bytes for the wire."""
        return self._outgoing.read()

    def seal(self, content: bytes) -> bytes:
        """The last thing that is said, for the wire, with TLS's own farewell behind it. Source: RFC 8446 §6.1."""
        try:
            self._tls.write(content)
            self._tls.unwrap()
        except ssl.SSLError:
            pass  # the farewell is not waited for; before the handshake's end there is nobody to tell anything
        return self.to_send()


def _why(error: ssl.SSLError) -> Rejection:
    """What a broken handshake is counted as: browsers say so when they do not believe the certificate.

    Source: RFC 8446 §6.2.
    """
    reason = error.reason or ""
    refused = "ALERT" in reason and ("CERTIFICATE" in reason or "UNKNOWN_CA" in reason)
    return CERTIFICATE_REFUSED if refused else UNREADABLE
