"""JSON-RPC messages as lines of bytes, which are passed on as they came; only ids and methods are read. Pure.

Source: JSON-RPC 2.0; Model Context Protocol, "stdio".
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

LARGEST = 32 << 20
"""Bytes of one message at most, in either direction."""

FAILED = -32000
"""The code of errors that the bridge itself answers with. Source: JSON-RPC 2.0 §5.1, "Server error"."""

PARSE_ERROR, INVALID_REQUEST = -32700, -32600

VERSION_MEMBER = "io.modelcontextprotocol/protocolVersion"
"""The member of `_meta` with the revision, since 2026-07-28."""

BATCHES = "2025-03-26"
"""The revision whose clients have to take batches; the next one has none any more."""

Kind = Literal["request", "notification", "response"]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One JSON-RPC message; of a batch, one of its messages.

    Args:
        kind: What it is.
        key: The id as JSON, so that 1 and "1" are two ids; "" for a notification.
        method: "" for a response.
        members: The whole object.
    """

    kind: Kind
    key: str
    method: str
    members: dict[str, Any] = field(repr=False)

    @property
    def params(self) -> dict[str, Any]:
        """The parameters; empty where there are none by name."""
        params = self.members.get("params")
        return params if isinstance(params, dict) else {}

    @property
    def revision(self) -> str | None:
        """The revision of the protocol that the message itself names, as all do since 2026-07-28."""
        meta = self.params.get("_meta")
        named = meta.get(VERSION_MEMBER) if isinstance(meta, dict) else None
        return named if isinstance(named, str) else None


@dataclass(frozen=True, kw_only=True)
class Message:
    """What stands on one line.

    Args:
        raw: The bytes, without line ends.
        parts: The message; of a batch, all of its messages.
        is_batch: Whether it is a batch. Source: revision 2025-03-26.
    """

    raw: bytes = field(repr=False)
    parts: tuple[Part, ...]
    is_batch: bool = False

    @property
    def requests(self) -> tuple[Part, ...]:
        """The messages that want an answer."""
        return tuple(part for part in self.parts if part.kind == "request")

    @property
    def only(self) -> Part | None:
        """The one message; None for a batch."""
        return None if self.is_batch else self.parts[0]

    def is_of(self, method: str) -> bool:
        """Whether it is one message of this method."""
        return not self.is_batch and self.parts[0].method == method


class Lines:
    """Cuts a stream of bytes into lines of at most `LARGEST` bytes."""

    def __init__(self, largest: int = LARGEST) -> None:
        self._largest = largest
        self._pieces: list[bytes] = []
        self._size = 0
        self._too_long = False

    def feed(self, data: bytes) -> Iterator[bytes | None]:
        """The lines that are complete now, without line ends; None in place of a line that is too long."""
        *ends, rest = data.split(b"\n")
        for end in ends:
            self._add(end)
            yield None if self._too_long else b"".join(self._pieces).strip()
            self._pieces, self._size, self._too_long = [], 0, False
        self._add(rest)

    def rest(self) -> bytes | None:
        """What stands behind the last line end, at the end of the stream; None for too much."""
        return None if self._too_long else b"".join(self._pieces).strip()

    def _add(self, piece: bytes) -> None:
        self._size += len(piece)
        self._too_long = self._too_long or self._size > self._largest
        if self._too_long:
            self._pieces = []
        elif piece:
            self._pieces.append(piece)


def read(raw: bytes) -> Message | None:
    """The message in some bytes of JSON, with blanks in place of line ends; None where they are no message.

    A line end stands between the tokens of JSON only, so the message stays the same. Source: RFC 8259 §2 and §7.
    """
    raw = raw.strip()
    try:
        value = _value(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    parts = tuple(map(_part, value)) if isinstance(value, list) else (_part(value),)
    if not parts or None in parts:
        return None
    if b"\n" in raw or b"\r" in raw:
        raw = raw.replace(b"\r", b" ").replace(b"\n", b" ")
    return Message(raw=raw, parts=tuple(part for part in parts if part), is_batch=isinstance(value, list))


def _value(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError:
        raise
    except ValueError:  # an integer has more digits than Python converts; JSON does not bound them
        return json.loads(text, parse_constant=_refuse, parse_int=float)


def lines(message: Message, passing: Sequence[bool], *, together: bool) -> list[bytes]:
    """What is passed on of a message, as lines; each message keeps its bytes.

    Args:
        message: A message, or a batch.
        passing: Of each of its messages, whether it is passed on.
        together: Whether the receiver takes a batch; if not, each of its messages becomes a line.
    """
    if not any(passing):
        return []
    if not message.is_batch or (together and all(passing)):
        return [message.raw]
    passed = [piece for piece, passes in zip(_pieces(message), passing, strict=True) if passes]
    return [b"[" + b",".join(passed) + b"]"] if together else passed


def _pieces(batch: Message) -> Iterator[bytes]:
    """The bytes of each message of a batch, as they stand in it."""
    text, decoder, at = batch.raw.decode("utf-8"), json.JSONDecoder(parse_int=float), 1
    for _ in batch.parts:
        while text[at] in " \t,":
            at += 1
        begin, (_value, at) = at, decoder.raw_decode(text, at)
        yield text[begin:at].encode()


def _refuse(constant: str) -> float:
    raise ValueError(constant)


def _part(value: object) -> Part | None:
    if not isinstance(value, dict):
        return None
    method = value.get("method")
    key = key_of(value["id"]) if "id" in value else ""
    if isinstance(method, str):
        return Part(kind="request" if "id" in value else "notification", key=key, method=method, members=value)
    if "result" in value or "error" in value:
        return Part(kind="response", key=key, method="", members=value)
    return None


def key_of(identifier: object) -> str:
    """An id as JSON: 1 and "1" are two."""
    if isinstance(identifier, float):
        if not math.isfinite(identifier):  # Python reads 1e999 so, which JSON can hold; "Infinity" is no JSON
            return "1e999" if identifier > 0 else "-1e999"
        if identifier.is_integer():
            identifier = int(identifier)  # a peer may write 1 as 1.0
    return _written(identifier) or "null"


def error(key: str, message: str, *, code: int = FAILED, data: dict[str, object] | None = None) -> bytes:
    """An error response.

    Args:
        key: The id as JSON, as `Part.key` has it; "null" where it is not known.
        message: What people read; no secret.
        code: Of JSON-RPC.
        data: More for programs.
    """
    told: dict[str, object] = {"code": code, "message": message}
    if data is not None:
        told["data"] = data
    return _response(key, told)


def answered(key: str, members: dict[str, Any]) -> bytes | None:
    """The error of a server as the answer to a request: some servers leave the id out of it, or put in another.

    Args:
        key: The request's id as JSON.
        members: Of the server's response; None comes back where it is no error.
    """
    told = members.get("error")
    return _response(key, told) if isinstance(told, dict) else None


def _response(key: str, told: dict[str, Any]) -> bytes:
    written = _written(told) or _written({name: _plain(told.get(name)) for name in ("code", "message")})
    return f'{{"jsonrpc":"2.0","id":{key},"error":{written}}}'.encode()


def _written(value: object) -> str | None:
    """A value as JSON; None where it holds a number that JSON cannot, or is too deep."""
    try:
        return json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        return None


def _plain(value: object) -> object:
    """A number that is finite, or a text; 0 in place of anything else."""
    return value if isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)) else 0
