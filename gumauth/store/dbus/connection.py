"""A connection to a D-Bus bus: bytes, with a deadline on the whole of it."""

from __future__ import annotations

import os
import socket
import time

from gumauth.store.dbus.addresses import BusUnreachable, is_trusted, paths

BLOCK = 1 << 16
LONGEST_LINE = 1 << 12


class Connection:
    """A connection to the first bus of an address that lets us in.

    Args:
        address: As in DBUS_SESSION_BUS_ADDRESS; None where there is none.
        seconds: Until when, from now, everything has to be done.

    Raises:
        BusUnreachable: No address, or nobody there, or no bus; where there are several, of the last one.
        TimeoutError: Here and from all methods: the time is up.
    """

    def __init__(self, address: str | None, seconds: float) -> None:
        self.extend(seconds)
        self.received = bytearray()
        failure = BusUnreachable("no usable address")
        for path in paths(address or ""):
            self._socket = socket.socket(socket.AF_UNIX)
            try:
                self._enter(path)
            except BaseException as error:
                self._socket.close()
                if isinstance(error, TimeoutError) or not isinstance(error, OSError | ValueError | BusUnreachable):
                    raise
                failure = error if isinstance(error, BusUnreachable) else BusUnreachable(type(error).__name__)
            else:
                return
        raise failure

    def _enter(self, path: str) -> None:
        """Authenticate; the bus sees whose process this is by itself.

        In a user namespace, as a container without root has one, it sees another number than we do, and refuses ours.
        Then it is asked who we are.

        Source: D-Bus Specification, "Authentication Protocol", EXTERNAL.
        """
        self.received.clear()
        self._socket.settimeout(self._left())
        self._socket.connect(path)
        if not is_trusted(self._socket):
            raise BusUnreachable("another user's")
        identity = str(os.geteuid()).encode().hex().encode()
        answer = self._say(b"\0AUTH EXTERNAL " + identity)
        if answer.startswith(b"REJECTED") and b"EXTERNAL" in answer:
            answer = self._say(b"AUTH EXTERNAL")
        if answer.startswith(b"DATA"):
            answer = self._say(b"DATA")
        if not answer.startswith(b"OK "):
            raise BusUnreachable("not let in")

    def _say(self, line: bytes) -> bytes:
        """The line that answers a line."""
        self._socket.sendall(line + b"\r\n")
        seen = 0
        while (end := self.received.find(b"\r\n", max(seen - 1, 0))) < 0:
            seen = len(self.received)
            if seen > LONGEST_LINE:
                raise BusUnreachable("not a bus")
            self._receive()
        return self.take(end + 2)

    def send(self, data: bytes) -> None:
        """Send these bytes."""
        self._socket.settimeout(self._left())
        self._socket.sendall(data)

    def fill(self, length: int) -> None:
        """Wait until so many bytes are in `received`.

        Raises:
            OSError: They will not come.
        """
        while len(self.received) < length:
            self._receive()

    def take(self, length: int) -> bytes:
        """The first bytes of what was received, which go: a `bytearray` does not move the rest for it."""
        data = bytes(self.received[:length])
        del self.received[:length]
        return data

    def extend(self, seconds: float) -> None:
        """Give everything from now on this much time."""
        self._end = time.monotonic() + seconds

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _receive(self) -> None:
        self._socket.settimeout(self._left())
        data = self._socket.recv(BLOCK)
        if not data:
            raise ConnectionResetError
        self.received += data

    def _left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left
