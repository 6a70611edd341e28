"""D-Bus messages as bytes: as much of the format as keeping secrets needs.

jeepney, which `keyring` uses, does the same and more; importing it takes longer than all that `gumauth token` does
otherwise. The tests hold what is written and read here against it.

Source: D-Bus Specification, "Message Protocol"; the section "Marshaling" of it.
"""

from __future__ import annotations

from gumauth.values import frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Literal

    Order = Literal["little", "big"]

ALIGNMENT = {"y": 1, "g": 1, "v": 1, "u": 4, "b": 4, "s": 4, "o": 4, "a": 4, "(": 8, "{": 8}
METHOD_CALL, ERROR = 1, 3
PATH, INTERFACE, MEMBER, ERROR_NAME, REPLY_SERIAL, DESTINATION, SIGNATURE = 1, 2, 3, 4, 5, 6, 8
HEADER_BYTES = 16
LARGEST = 1 << 27
"""Bytes of a message, by the specification."""


class BadMessage(Exception):
    """Bytes that are no D-Bus message, or one with types that are not read here."""


@frozen
class Place:
    """An object on the bus and one of its interfaces."""

    path: str
    destination: str
    interface: str


@frozen
class Message:
    """What came: an error has its name, and an answer the serial of the question.

    Args:
        body: The arguments; a variant is a pair of its signature and its value, an array of bytes is `bytes`.
    """

    kind: int
    reply_to: int | None
    error: str | None
    body: tuple[Any, ...]

    _secret = ("body",)


def call(place: Place, serial: int, method: str, signature: str, arguments: tuple[Any, ...]) -> bytes:
    """The bytes of a message that calls a method."""
    fields: list[tuple[int, tuple[str, str]]] = [
        (PATH, ("o", place.path)),
        (INTERFACE, ("s", place.interface)),
        (MEMBER, ("s", method)),
        (DESTINATION, ("s", place.destination)),
    ]
    if signature:
        fields.append((SIGNATURE, ("g", signature)))
    body = bytearray()
    for kind, value in zip(types(signature), arguments, strict=True):
        _put(body, kind, value)
    out = bytearray((ord("l"), METHOD_CALL, 0, 1))
    for kind, value in (("u", len(body)), ("u", serial), ("a(yv)", fields)):
        _put(out, kind, value)
    _pad(out, 8)
    return bytes(out + body)


def types(signature: str) -> Iterator[str]:
    """The single complete types that a signature is a row of."""
    at = 0
    while at < len(signature):
        end = _end_of_type(signature, at)
        yield signature[at:end]
        at = end


def _end_of_type(signature: str, at: int) -> int:
    while signature[at : at + 1] == "a":
        at += 1
    depth = 0
    for end, letter in enumerate(signature[at:], at + 1):
        depth += (letter in "({") - (letter in ")}")
        if depth == 0:
            return end
    raise BadMessage(f"signature {signature!r}")


def _pad(out: bytearray, step: int) -> None:
    out.extend(bytes(-len(out) % step))


def _put(out: bytearray, kind: str, value: Any) -> None:
    """Append a value; only with its alignment counted from the start of `out`."""
    letter = kind[0]
    _pad(out, ALIGNMENT[letter])
    if letter in "uyb":
        out += int(value).to_bytes(1 if letter == "y" else 4, "little")
    elif letter in "sog":
        text = value.encode()
        out += len(text).to_bytes(1 if letter == "g" else 4, "little") + text + b"\0"
    elif letter == "v":
        _put(out, "g", value[0])
        _put(out, value[0], value[1])
    elif letter == "a":
        _put_array(out, kind[1:], value)
    else:
        for inner, each in zip(types(kind[1:-1]), value, strict=True):
            _put(out, inner, each)


def _put_array(out: bytearray, kind: str, values: Any) -> None:
    length_at = len(out)
    out += bytes(4)
    _pad(out, ALIGNMENT[kind[0]])
    start = len(out)
    if kind == "y":
        out += values
    else:
        for value in values.items() if isinstance(values, dict) else values:
            _put(out, kind, value)
    out[length_at : length_at + 4] = (len(out) - start).to_bytes(4, "little")


def whole_length(start: bytes) -> int:
    """How many bytes the message has that starts with these 16.

    Raises:
        BadMessage: It is not one, or is too long.
    """
    order = _order(start)
    body = int.from_bytes(start[4:8], order)
    fields = int.from_bytes(start[12:16], order)
    length = HEADER_BYTES + fields + -fields % 8 + body
    if length > LARGEST:
        raise BadMessage("too long")
    return length


def parse(data: bytes) -> Message:
    """A message from all its bytes.

    Raises:
        BadMessage: It is not one, or has types that are not read here.
    """
    try:
        reader = _Reader(data, _order(data))
        reader.at = 12
        fields = {code: variant[1] for code, variant in reader.take("a(yv)")}
        reader.align(8)
        body = tuple(reader.take(kind) for kind in types(fields.get(SIGNATURE, "")))
        return Message(kind=data[1], reply_to=fields.get(REPLY_SERIAL), error=fields.get(ERROR_NAME), body=body)
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise BadMessage(type(error).__name__) from None


def _order(start: bytes) -> Order:
    if start[:1] == b"l":
        return "little"
    if start[:1] == b"B":
        return "big"
    raise BadMessage("byte order")


class _Reader:
    """A message's bytes and how far they have been read."""

    def __init__(self, data: bytes, order: Order) -> None:
        self.data, self.order, self.at = data, order, 0

    def align(self, step: int) -> None:
        self.at += -self.at % step

    def take(self, kind: str) -> Any:
        letter = kind[0]
        self.align(ALIGNMENT[letter])
        if letter in "uyb":
            return self._number(1 if letter == "y" else 4)
        if letter in "sog":
            text = self._bytes(self._number(1 if letter == "g" else 4))
            self.at += 1
            return text.decode()
        if letter == "v":
            inner = self.take("g")
            return inner, self.take(inner)
        if letter == "a":
            return self._array(kind[1:])
        return tuple(self.take(inner) for inner in types(kind[1:-1]))

    def _array(self, kind: str) -> Any:
        length = self._number(4)
        self.align(ALIGNMENT[kind[0]])
        if kind == "y":
            return self._bytes(length)
        end, values = self.at + length, []
        while self.at < end:
            before = self.at
            values.append(self.take(kind))
            if self.at == before:
                raise ValueError  # an element of no bytes, such as an empty structure, would be read without end
        return dict(values) if kind[0] == "{" else values

    def _number(self, size: int) -> int:
        return int.from_bytes(self._bytes(size), self.order)

    def _bytes(self, size: int) -> bytes:
        part = self.data[self.at : self.at + size]
        if len(part) != size:
            raise ValueError
        self.at += size
        return part
