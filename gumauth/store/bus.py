"""One short conversation with the D-Bus session, with a deadline on the whole of it."""

from __future__ import annotations

import os
import socket
import sys
import time

from gumauth.store.dbus_message import ERROR, HEADER_BYTES, BadMessage, Message, Place, call, parse, whole_length

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Question = tuple[Place, str, str, tuple[Any, ...]]

BUS = Place(path="/org/freedesktop/DBus", destination="org.freedesktop.DBus", interface="org.freedesktop.DBus")
PROPERTIES = "org.freedesktop.DBus.Properties"
BLOCK = 1 << 16
LONGEST_LINE = 1 << 12


class BusUnreachable(Exception):
    """There is no session bus, or it does not let us in."""


class BusError(Exception):
    """The bus or the one that was asked refused.

    Args:
        name: Such as "org.freedesktop.DBus.Error.ServiceUnknown"; the text that comes with it is left out.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def question(place: Place, method: str, signature: str = "", *arguments: object) -> Question:
    """A call of a method, to be asked."""
    return place, method, signature, arguments


def question_of_property(place: Place, name: str) -> Question:
    """A question for a property; the answer is a variant."""
    there = Place(path=place.path, destination=place.destination, interface=PROPERTIES)
    return question(there, "Get", "ss", place.interface, name)


class Conversation:
    """A connection to the session bus for a few questions.

    Args:
        address: As in DBUS_SESSION_BUS_ADDRESS; None where that is not set.
        seconds: Until when, from now, every answer has to be there.

    Raises:
        BusUnreachable: No address, or nobody there, or no bus.
        TimeoutError: Here and from `ask`: the time is up.
    """

    def __init__(self, address: str | None, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._serial = 0
        self._received = b""
        path = next(paths(address or ""), None)
        if path is None:
            raise BusUnreachable("no usable address")
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._enter(path)
        except BaseException as error:
            self._socket.close()
            if isinstance(error, OSError) and not isinstance(error, TimeoutError):
                raise BusUnreachable(type(error).__name__) from error
            raise

    def _enter(self, path: str) -> None:
        """Authenticate; the bus sees whose process this is by itself.

        Source: D-Bus Specification, "Authentication Protocol", EXTERNAL.
        """
        self._socket.settimeout(self._left())
        self._socket.connect(path)
        if not _is_trusted(self._socket):
            raise BusUnreachable("another user's")
        self._socket.sendall(b"\0AUTH EXTERNAL " + str(os.getuid()).encode().hex().encode() + b"\r\n")
        while b"\r\n" not in self._received:
            if len(self._received) > LONGEST_LINE:
                raise BusUnreachable("not a bus")
            self._receive()
        line, _, self._received = self._received.partition(b"\r\n")
        if not line.startswith(b"OK "):
            raise BusUnreachable("not let in")

    def ask(self, *questions: Question) -> list[tuple[Any, ...]]:
        """Ask all of these at once; gives the answers in their order.

        Raises:
            BusError: The first refusal.
            BusUnreachable: The bus hung up.
            TimeoutError: The time is up.
        """
        greeting = b"" if self._serial else b"BEGIN\r\n" + self._encode(question(BUS, "Hello"))
        first = self._serial + 1
        data = b"".join(map(self._encode, questions))
        try:
            self._socket.settimeout(self._left())
            self._socket.sendall(greeting + data)
            return self._answers(range(first, self._serial + 1))
        except TimeoutError:
            raise
        except (OSError, BadMessage) as error:
            raise BusUnreachable(type(error).__name__) from error

    def _encode(self, asked: Question) -> bytes:
        self._serial += 1
        place, method, signature, arguments = asked
        return call(place, self._serial, method, signature, arguments)

    def _answers(self, serials: range) -> list[tuple[Any, ...]]:
        answers: dict[int, tuple[Any, ...]] = {}
        while len(answers) < len(serials):
            message = self._message()
            if message.reply_to is None or message.reply_to not in serials:
                continue  # the answer to Hello, or a signal such as NameAcquired
            if message.kind == ERROR:
                raise BusError(message.error or "")
            answers[message.reply_to] = message.body
        return [answers[serial] for serial in serials]

    def _message(self) -> Message:
        while len(self._received) < HEADER_BYTES:
            self._receive()
        length = whole_length(self._received)
        parts, missing = [self._received], length - len(self._received)
        while missing > 0:
            self._received = b""
            self._receive()
            parts.append(self._received)
            missing -= len(self._received)
        received = b"".join(parts)
        self._received = received[length:]
        return parse(received[:length])

    def _receive(self) -> None:
        self._socket.settimeout(self._left())
        data = self._socket.recv(BLOCK)
        if not data:
            raise ConnectionResetError
        self._received += data

    def _left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def __enter__(self) -> Conversation:
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.close()


def _is_trusted(connection: socket.socket) -> bool:
    """Whether whoever listens at the other end is root or this user: an address may have been taken over.

    Nothing has been sent by then. Source: unix(7), SO_PEERCRED: who called listen(2).
    """
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    return int.from_bytes(credentials[4:8], sys.byteorder) in (0, os.geteuid())


def paths(address: str) -> Iterator[str]:
    """The sockets that an address names; other transports than sockets of this machine are passed over.

    Source: D-Bus Specification, "Server Addresses".
    """
    for each in address.split(";"):
        transport, _, rest = each.partition(":")
        pairs = dict(pair.partition("=")[::2] for pair in rest.split(","))
        if transport == "unix" and pairs.get("path"):
            yield _unescape(pairs["path"])
        elif transport == "unix" and pairs.get("abstract"):
            yield "\0" + _unescape(pairs["abstract"])


def _unescape(text: str) -> str:
    first, *rest = text.split("%")
    try:
        raw = first.encode() + b"".join(bytes.fromhex(part[:2]) + part[2:].encode() for part in rest)
    except ValueError:
        return text
    return os.fsdecode(raw)
