"""A socket in front of a bus that passes everything on, and knows afterwards which methods were called."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gumauth.store.dbus.message import parse, whole_length

BEGIN = b"BEGIN\r\n"
"""What a client sends between its authentication and its first message."""


class CountedBus:
    """What clients sent to a bus through a socket of its own.

    Args:
        bus: The socket of the bus.
        listener: The socket in front of it, at which clients arrive.
    """

    def __init__(self, bus: Path, listener: socket.socket) -> None:
        self.address = f"unix:path={listener.getsockname()}"
        self._bus, self._listener = bus, listener
        self._sent: list[bytearray] = []
        self._threads = [threading.Thread(target=self._serve)]
        self._threads[0].start()

    def calls(self) -> list[str]:
        """The methods that were called, in their order, after `end`."""
        return [name for sent in self._sent for name in _methods(bytes(sent))]

    def end(self) -> None:
        """Let nobody in any more, and wait until all clients are gone."""
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        with suppress(OSError):  # `end` shut it down
            while True:
                client, _ = self._listener.accept()
                bus = socket.socket(socket.AF_UNIX)
                bus.connect(str(self._bus))
                self._sent.append(sent := bytearray())
                self._start(client, bus, sent)
                self._start(bus, client, bytearray())

    def _start(self, source: socket.socket, to: socket.socket, seen: bytearray) -> None:
        thread = threading.Thread(target=_pass_on, args=(source, to, seen))
        thread.start()
        self._threads.append(thread)


def _pass_on(source: socket.socket, to: socket.socket, seen: bytearray) -> None:
    """Pass on what comes until one side has hung up, and hang up on the other."""
    with source, suppress(OSError):
        while data := source.recv(1 << 16):
            seen += data
            to.sendall(data)
        to.shutdown(socket.SHUT_RDWR)


def _methods(sent: bytes) -> Iterator[str]:
    """The methods that a client called, by all bytes that it sent."""
    _, _, messages = sent.partition(BEGIN)
    while messages:
        length = whole_length(messages)
        yield parse(messages[:length]).origin[2]
        messages = messages[length:]


@contextmanager
def counted_bus(bus: Path) -> Iterator[CountedBus]:
    """A socket in front of a bus, beside the bus's own."""
    path = bus.with_name("counted")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        counted = CountedBus(bus, listener)
        try:
            yield counted
        finally:
            counted.end()
            path.unlink()
