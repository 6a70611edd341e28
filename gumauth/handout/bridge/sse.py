"""Server-sent events from bytes that come in any pieces. Pure.

Source: HTML Living Standard §9.2, "Server-sent events"; Model Context Protocol, "Resumability and Redelivery".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from gumauth.handout.bridge.frames import LARGEST

LINE_END = re.compile(rb"\r\n|\r|\n")

LONGEST_WAIT = 60.0
"""Seconds that a server may make the bridge wait before it reconnects."""


class TooLong(Exception):
    """An event holds more than `LARGEST` bytes."""


@dataclass(frozen=True)
class Event:
    """One event.

    Args:
        name: "message", unless the server says otherwise.
        data: The lines of `data`, joined by line ends.
    """

    name: str
    data: bytes = field(repr=False)


class Events:
    """Reads one stream, and notes from where it could be resumed.

    Args:
        last_id: Of the stream that this one resumes; None for a new stream.
        largest: Bytes of one event at most.
    """

    def __init__(self, last_id: str | None = None, *, largest: int = LARGEST) -> None:
        self.last_id = last_id
        """The id of the last complete event; None where none had an id, so that the stream cannot be resumed."""
        self.retry: float | None = None
        """Seconds to wait before reconnecting, where the server has said so."""
        self._largest = largest
        self._line = bytearray()
        self._after_return = False
        self._is_first = True
        self._begin()

    def _begin(self) -> None:
        self._id: str | None = None
        self._name = ""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> Iterator[Event]:
        """The events that are complete now. `last_id` is that of the event that was given last.

        Raises:
            TooLong: An event is too long.
        """
        if self._after_return and data.startswith(b"\n"):
            data = data[1:]
        self._after_return = data.endswith(b"\r") if data else self._after_return
        *ends, rest = LINE_END.split(data)
        for end in ends:
            line = bytes(self._line) + end if self._line else end
            self._line.clear()
            if (event := self._take(line)) is not None:
                yield event
        self._line += rest
        if len(self._line) + self._size > self._largest:
            raise TooLong

    def _take(self, line: bytes) -> Event | None:
        if self._is_first:
            self._is_first = False
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line:
            return self._end()
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._size += len(value) + 1
            if self._size > self._largest:
                raise TooLong
            self._data.append(value)
        elif name == b"event":
            self._name = value.decode("utf-8", "replace")
        elif name == b"id" and b"\0" not in value:
            self._id = value.decode("utf-8", "replace")
        elif name == b"retry" and value.isdigit():
            self.retry = min(int(value[:9]) / 1000, LONGEST_WAIT)
        return None

    def _end(self) -> Event | None:
        if self._id is not None:
            self.last_id = self._id or None
        data, name = b"\n".join(self._data), self._name
        has_data = bool(self._data)
        self._begin()
        return Event(name or "message", data) if has_data and data else None
