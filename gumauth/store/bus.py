"""One short conversation with the D-Bus session, with a deadline on the whole of it.

jeepney encodes and decodes; its own connections have no deadline on their first exchange, and cost more to make.
"""

from __future__ import annotations

import socket
import time

from jeepney import HeaderFields, MessageType, Parser, message_bus, new_method_call
from jeepney.auth import BEGIN, Authenticator
from jeepney.bus import get_connectable_addresses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from jeepney import DBusAddress, Message

__all__ = ["BusError", "BusUnreachable", "Conversation", "call"]

BLOCK = 1 << 16


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


def call(place: DBusAddress, method: str, signature: str | None = None, *arguments: object) -> Message:
    """A message that calls a method."""
    return new_method_call(place, method, signature, arguments)


class Conversation:
    """A connection to the session bus for a few questions.

    Args:
        address: As in DBUS_SESSION_BUS_ADDRESS; None where that is not set.
        seconds: Until when, from now, every answer has to be there.

    Raises:
        BusUnreachable: No address, or nobody there.
        TimeoutError: Here and from `ask`: the time is up.
    """

    def __init__(self, address: str | None, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._parser = Parser()
        self._serial = 0
        self._greeted = False
        path = _path(address)
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._enter(path)
        except BaseException as error:
            self._socket.close()
            if isinstance(error, OSError | ValueError) and not isinstance(error, TimeoutError):
                raise BusUnreachable(type(error).__name__) from error
            raise

    def _enter(self, path: str) -> None:
        self._socket.settimeout(self._left())
        self._socket.connect(path)
        rite = Authenticator()
        for line in rite:
            self._socket.sendall(line)
            rite.feed(self._read())

    def ask(self, *messages: Message) -> list[tuple[Any, ...]]:
        """Send all of these at once; gives the answers in their order.

        Raises:
            BusError: The first refusal.
            BusUnreachable: The bus hung up.
            TimeoutError: The time is up.
        """
        greeting = () if self._greeted else (message_bus.Hello(),)
        start = b"" if self._greeted else BEGIN
        self._greeted = True
        first = self._serial + 1
        asked = [*greeting, *messages]
        self._serial += len(asked)
        data = b"".join(message.serialise(first + at) for at, message in enumerate(asked))
        try:
            self._socket.settimeout(self._left())
            self._socket.sendall(start + data)
            answers = self._answers(range(first, self._serial + 1))
        except TimeoutError:
            raise
        except OSError as error:
            raise BusUnreachable(type(error).__name__) from error
        return answers[len(greeting) :]

    def _answers(self, serials: range) -> list[tuple[Any, ...]]:
        answers: dict[int, tuple[Any, ...]] = {}
        while len(answers) < len(serials):
            message = self._parser.get_next_message()
            if message is None:
                self._parser.add_data(self._read())
                continue
            serial = message.header.fields.get(HeaderFields.reply_serial)
            if serial not in serials:
                continue  # a signal, such as NameAcquired
            if message.header.message_type is MessageType.error:
                raise BusError(str(message.header.fields.get(HeaderFields.error_name, "")))
            answers[serial] = message.body
        return [answers[serial] for serial in serials]

    def _read(self) -> bytes:
        self._socket.settimeout(self._left())
        data = self._socket.recv(BLOCK)
        if not data:
            raise ConnectionResetError
        return data

    def _left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def __enter__(self) -> Conversation:
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.close()


def _path(address: str | None) -> str:
    """The socket that an address names."""
    if not address:
        raise BusUnreachable("no address")
    try:
        return str(next(get_connectable_addresses(address)))
    except (ValueError, RuntimeError, StopIteration) as error:
        raise BusUnreachable("no usable address") from error
