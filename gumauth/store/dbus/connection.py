"""A connection to a D-Bus bus: sends and receives bytes, with one deadline for everything. Promise K6."""

from __future__ import annotations

import _socket as socket  # the module `socket` around it imports `enum`, `selectors` and `collections`
import os
import time

from gumauth.store.dbus.addresses import BusUnreachable, is_trusted, paths

BLOCK = 1 << 16
LONGEST_LINE = 1 << 12


class Connection:
    """A connection to the first bus of an address that accepts this process.

    Args:
        address: As in DBUS_SESSION_BUS_ADDRESS; None where there is none.
        seconds: The time from now within which everything has to be done.

    Raises:
        BusUnreachable: There is no address, nobody listens there, or no bus does; of several sockets, the error of the
            last.
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
        """Connect and authenticate; the kernel tells the bus whose process this is.

        In a user namespace, as in a container without root, the bus sees another user number than this process sees,
        and rejects the number that this process names. This process then names none.

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
        """Send a line, and give the line that answers it."""
        self._socket.sendall(line + b"\r\n")
        seen = 0
        while (end := self.received.find(b"\r\n", max(seen - 1, 0))) < 0:
            seen = len(self.received)
            if seen > LONGEST_LINE:
                raise BusUnreachable("not a bus")
            self._receive()
        return self.take(end + 2)

    def send(self, data: bytes) -> None:
        """Send bytes.

        Raises:
            BusUnreachable: The connection has ended.
        """
        try:
            self._socket.settimeout(self._left())
            self._socket.sendall(data)
        except TimeoutError:
            raise
        except OSError as error:
            raise BusUnreachable(type(error).__name__) from error

    def fill(self, length: int) -> None:
        """Wait until `received` holds so many bytes.

        Raises:
            BusUnreachable: The connection ended before.
        """
        try:
            while len(self.received) < length:
                self._receive()
        except TimeoutError:
            raise
        except OSError as error:
            raise BusUnreachable(type(error).__name__) from error

    def take(self, length: int) -> bytes:
        """Remove the first bytes from `received`, and give them; a `bytearray` does not copy the rest for that."""
        data = bytes(self.received[:length])
        del self.received[:length]
        return data

    def extend(self, seconds: float) -> None:
        """Set the deadline to this many seconds from now."""
        self._end = time.monotonic() + seconds

    def close(self) -> None:
        """Close the socket."""
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
