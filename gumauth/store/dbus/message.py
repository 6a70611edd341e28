"""D-Bus messages as bytes: as much of the format as keeping secrets needs.

jeepney, which `keyring` uses, does the same and more, but its import takes longer than all else that `gumauth token`
does. The tests compare the bytes that are written and read here with those of jeepney. Promise Y8.

Source: D-Bus Specification, "Message Protocol"; the section "Marshaling" of it.
"""

from __future__ import annotations

from gumauth.platform.frozen import frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Literal

    Order = Literal["little", "big"]

ALIGNMENT = {"y": 1, "g": 1, "v": 1, "u": 4, "i": 4, "b": 4, "s": 4, "o": 4, "a": 4, "x": 8, "(": 8, "{": 8}
NUMBERS = {"y": 1, "u": 4, "i": 4, "b": 4, "x": 8}
"""Types that are numbers, and their bytes."""

SIGNED = "ix"
METHOD_CALL, METHOD_RETURN, ERROR, SIGNAL = 1, 2, 3, 4
PATH, INTERFACE, MEMBER, ERROR_NAME, REPLY_SERIAL, DESTINATION, SIGNATURE = 1, 2, 3, 4, 5, 6, 8
FIELD_TYPES = {PATH: "o", INTERFACE: "s", MEMBER: "s", ERROR_NAME: "s", REPLY_SERIAL: "u", SIGNATURE: "g"}
HEADER_BYTES = 16
LARGEST_FIELDS = 1 << 13
"""Bytes of a header's fields, which are names and paths."""

LARGEST = (1 << 23) + (1 << 16)
"""Bytes of a message: of the largest record, and of what stands around it. The specification allows 128 MiB."""

MOST_VALUES = 10_000
"""Values in one message. Lists are the longest: the names on a bus are some hundreds, the items of a key a few."""

DEEPEST = 64
"""Types within types, by the specification."""


class BadAnswer(Exception):
    """Bytes that are no D-Bus message, or a message that is too large or of other types than the specification says."""


@frozen
class BusObject:
    """An object on the bus, and one of its interfaces."""

    path: str
    destination: str
    interface: str


@frozen
class Message:
    """A message that came from the bus.

    Args:
        kind: METHOD_RETURN, ERROR, SIGNAL, or another number.
        reply_to: The serial of the call that this answers; None for a signal.
        error: The name of an error.
        signature: The types of the body.
        data: All bytes of the message. May hold a secret.
        body_at: Where in `data` the body begins.
        origin: Path, interface and name of a signal.
    """

    kind: int
    reply_to: int | None
    error: str | None
    signature: str
    data: bytes
    body_at: int
    origin: tuple[str, str, str] = ("", "", "")

    _secret = ("data",)

    def body(self) -> tuple[Any, ...]:
        """The values of the body; a variant is a pair of signature and value, an array of bytes is `bytes`.

        Raises:
            BadAnswer: The bytes are not what the signature says, hold too many values or too deep ones, or have types
                that this module does not read.
        """
        return _Reader(self.data, self.body_at).read(self.signature)


def encode_call(target: BusObject, serial: int, method: str, signature: str, arguments: tuple[Any, ...]) -> bytes:
    """The bytes of a message that calls a method."""
    fields: list[tuple[int, tuple[str, str]]] = [
        (PATH, ("o", target.path)),
        (INTERFACE, ("s", target.interface)),
        (MEMBER, ("s", method)),
        (DESTINATION, ("s", target.destination)),
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
    """The single complete types of a signature, one after the other."""
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
    raise BadAnswer(f"signature {signature!r}")


def _pad(out: bytearray, step: int) -> None:
    out.extend(bytes(-len(out) % step))


def _put(out: bytearray, kind: str, value: Any) -> None:
    """Append a value, aligned as counted from the start of `out`."""
    letter = kind[0]
    _pad(out, ALIGNMENT[letter])
    if letter in NUMBERS:
        out += int(value).to_bytes(NUMBERS[letter], "little", signed=letter in SIGNED)
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


def whole_length(start: bytes | bytearray) -> int:
    """The length in bytes of the message that starts with these 16 bytes.

    Raises:
        BadAnswer: The bytes start no message, or one that is too long.
    """
    order = _order(start)
    body = int.from_bytes(start[4:8], order)
    fields = int.from_bytes(start[12:16], order)
    length = HEADER_BYTES + fields + -fields % 8 + body
    if fields > LARGEST_FIELDS or length > LARGEST:
        raise BadAnswer("too long")
    return length


def parse(data: bytes) -> Message:
    """A message from all its bytes; `Message.body` reads the values.

    Raises:
        BadAnswer: The bytes are no message.
    """
    reader = _Reader(data, 12)
    (rows,) = reader.read("a(yv)")
    reader.align(8)
    if any(FIELD_TYPES.get(code, kind) != kind for code, (kind, _) in rows):
        raise BadAnswer("field of another type")
    fields = {code: value for code, (_, value) in rows}
    return Message(
        kind=data[1],
        reply_to=fields.get(REPLY_SERIAL),
        error=fields.get(ERROR_NAME),
        signature=fields.get(SIGNATURE, ""),
        data=data,
        body_at=reader.at,
        origin=(fields.get(PATH, ""), fields.get(INTERFACE, ""), fields.get(MEMBER, "")),
    )


def _order(start: bytes | bytearray) -> Order:
    if start[:1] == b"l":
        return "little"
    if start[:1] == b"B":
        return "big"
    raise BadAnswer("byte order")


class _Reader:
    """Reads values from a message's bytes; counts the values and their depth."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data, self.order, self.at = data, _order(data), at
        self.left, self.depth = MOST_VALUES, 0
        self.rows: dict[str, tuple[str, ...]] = {}

    def read(self, signature: str) -> tuple[Any, ...]:
        """The next values, which have these types.

        Raises:
            BadAnswer: The bytes end before, or hold something else.
        """
        try:
            return self._row(signature)
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise BadAnswer(type(error).__name__) from None

    def align(self, step: int) -> None:
        self.at += -self.at % step

    def _row(self, signature: str) -> tuple[Any, ...]:
        kinds = self.rows.get(signature)
        if kinds is None:
            kinds = self.rows[signature] = tuple(types(signature))
        return tuple([self._take(kind) for kind in kinds])

    def _take(self, kind: str) -> Any:
        letter = kind[0]
        self.left -= 1
        if self.left < 0:
            raise BadAnswer("too many values")
        self.align(ALIGNMENT[letter])
        if letter in NUMBERS:
            return self._number(NUMBERS[letter], signed=letter in SIGNED)
        if letter in "sog":
            text = self._bytes(self._number(1 if letter == "g" else 4))
            self.at += 1
            return text.decode()
        return self._container(letter, kind)

    def _container(self, letter: str, kind: str) -> Any:
        self.depth += 1
        if self.depth > DEEPEST:
            raise BadAnswer("too deep")
        value: Any
        if letter == "v":
            inner = self._take("g")
            (content,) = self._row(inner)
            value = inner, content
        elif letter == "a":
            value = self._array(kind[1:])
        else:
            value = self._row(kind[1:-1])
        self.depth -= 1
        return value

    def _array(self, kind: str) -> Any:
        length = self._number(4)
        self.align(ALIGNMENT[kind[0]])
        if kind == "y":
            return self._bytes(length)
        end, values = self.at + length, []
        while self.at < end:
            values.append(self._take(kind))
        if self.at != end:
            raise ValueError
        return dict(values) if kind[0] == "{" else values

    def _number(self, size: int, *, signed: bool = False) -> int:
        return int.from_bytes(self._bytes(size), self.order, signed=signed)

    def _bytes(self, size: int) -> bytes:
        part = self.data[self.at : self.at + size]
        if len(part) != size:
            raise ValueError
        self.at += size
        return part
