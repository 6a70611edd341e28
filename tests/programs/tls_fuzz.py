"""Spoil what a browser sends to a callback over https: `python -m tests.programs.tls_fuzz --connections 16000`.

What must hold for every connection: no exception, nothing believed, and it is forgotten when it is over.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import ssl
from collections import Counter

from gumauth.callback import Answer, Listener
from gumauth.callback.tls_connection import TlsConnection
from tests.callback.wire import OVER_TLS, STATE, clicked_through, form, get, head, listening

ROUNDS = 6
"""Turns that browser and listener take: enough for a handshake, a request and its answer."""


class Pipe(asyncio.Transport):
    """A transport that keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written, self.is_over = b"", False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def taken(self) -> bytes:
        written, self.written = self.written, b""
        return written

    def is_closing(self) -> bool:
        return self.is_over

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        pass

    def abort(self) -> None:
        self.is_over = True


class Browser:
    """Shakes hands and sends a request, in memory."""

    def __init__(self, request: bytes) -> None:
        self._received, self._sent, self._request = ssl.MemoryBIO(), ssl.MemoryBIO(), request
        self._tls = clicked_through().wrap_bio(self._received, self._sent)

    def turn(self, received: bytes) -> bytes:
        """What it sends after it has received this."""
        self._received.write(received)
        try:
            self._tls.do_handshake()
            if self._request:
                self._tls.write(self._request)
                self._request = b""
        except ssl.SSLError:
            pass  # it waits for more, or what came was the answer to spoiled bytes
        return self._sent.read()


def spoiled(source: random.Random, sent: bytes) -> bytes:
    """The bytes with up to five changes: another byte, bytes that are missing, more bytes, bytes twice."""
    data = bytearray(sent)
    for _ in range(source.randrange(1, 6)):
        at = source.randrange(len(data) + 1)
        data[at : at + source.choice((0, 1, 20))] = source.choice((b"", source.randbytes(20), data[: at + 1]))
    return bytes(data)


def one(source: random.Random, listener: Listener, tls: ssl.SSLContext) -> None:
    """One connection, of which one turn is spoiled, and whose bytes come in pieces."""
    requests = (head(listener, "/"), head(listener, f"/callback?code=c&state={STATE[1:]}"), form(listener, "code=c"))
    browser = Browser(source.choice((*requests, bytes(50), b"GET /" + b"a" * 40_000)))
    connection, pipe, unlucky = TlsConnection(listener, 5.0, tls), Pipe(), source.randrange(4)
    connection.connection_made(pipe)
    for turn in range(ROUNDS):
        sent = browser.turn(pipe.taken())
        sent = spoiled(source, sent) if turn == unlucky and sent else sent
        length = source.choice((1, 7, 100, 1 << 16)) if len(sent) < 3000 else 1 << 16
        for at in range(0, len(sent), length):
            if not pipe.is_over:
                connection.data_received(sent[at : at + length])
    connection.connection_lost(None)


async def run(count: int, *, seed: int) -> Counter[str]:
    """Make that many connections; what was rejected, by how often. The right answer comes through afterwards."""
    source, listener = random.Random(seed), await listening(OVER_TLS, form_post=True)
    assert listener._certificate is not None
    for _ in range(count):
        one(source, listener, listener._certificate.tls)
    assert not listener._settled.is_set()
    assert len(listener._crowd) == 0
    browser = asyncio.create_task(get(listener, f"/callback?code=c&state={STATE}"))
    assert await listener.wait() == Answer(code="c")
    await listener.close()
    await browser
    return listener.rejections


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=2000, help="how many connections to make")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="of a run to be repeated")
    given = parser.parse_args()
    for reason, count in asyncio.run(run(given.connections, seed=given.seed)).most_common():
        print(f"{count:9}  {reason}")
    print(f"{given.connections:9}  connections, no exception, nothing believed (seed {given.seed})")


if __name__ == "__main__":
    main()
