"""What a client and a server have asked each other and not answered yet, so that each answer is passed on once. Pure.

Source: JSON-RPC 2.0; Model Context Protocol, "Lifecycle" and "Cancellation".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gumauth.handout.bridge.frames import Message, Part, key_of
from gumauth.handout.bridge.headers import Mirrored, mirrored_by

MOST_ASKED = 10_000
"""Requests of the server that are remembered until the client answers; it may leave some without an answer."""

CANCELLED = "notifications/cancelled"
INITIALIZE = "initialize"
INITIALIZED = "notifications/initialized"
LISTEN = "subscriptions/listen"
"""The request that is answered only at its end. Source: revision 2026-07-28, "Subscriptions"."""


@dataclass(frozen=True, kw_only=True)
class Open:
    """A request of the client without an answer.

    Args:
        method: Of the request.
        revision: That the request names itself; None in a session.
        is_cancelled: Whether the client has taken it back.
    """

    method: str
    revision: str | None
    is_cancelled: bool = False

    @property
    def ends_by_itself(self) -> bool:
        """Whether an answer is to be expected without more from the client."""
        return self.method != LISTEN and not self.is_cancelled


class Conversation:
    """The open requests of both sides, by their ids."""

    def __init__(self) -> None:
        self.open: dict[str, Open] = {}
        self.mirrored: Mirrored = {}
        """What the server's tools want to see in header fields."""
        self.has_batches = False
        """Whether the client has sent a batch, and so takes one."""
        self._asked: dict[str, int] = {}
        self._watched: dict[str, tuple[Callable[[Part], None], bool]] = {}

    def begin(self, message: Message) -> None:
        """Note the requests of a message of the client."""
        self.has_batches = self.has_batches or message.is_batch
        for part in message.requests:
            self.open[part.key] = Open(method=part.method, revision=part.revision)

    def waits(self, message: Message) -> bool:
        """Whether a request of a message is without its answer."""
        return any(part.key in self.open or part.key in self._watched for part in message.requests)

    def expects(self) -> bool:
        """Whether any answer is still to come by itself."""
        return any(each.ends_by_itself for each in self.open.values())

    def cancel(self, part: Part) -> tuple[str, Open | None]:
        """The request that a `notifications/cancelled` takes back, by its id; None where it has its answer.

        A request that names its revision is closed by that: no answer comes. Source: revision 2026-07-28.
        """
        key = key_of(part.params.get("requestId"))
        known = self.open.pop(key, None)
        if known is not None and known.revision is None:
            self.open[key] = Open(method=known.method, revision=None, is_cancelled=True)
        return key, known

    def left(self, message: Message) -> list[str]:
        """The ids of a message's requests that have to be answered with an error, each given once."""
        keys = [part.key for part in message.requests if part.key in self.open]
        return [key for key in keys if not self.open.pop(key).is_cancelled]

    def left_everywhere(self) -> list[str]:
        """As `left`, of all requests."""
        keys = [key for key, each in self.open.items() if not each.is_cancelled]
        self.open.clear()
        return keys

    def watch(self, key: str, told: Callable[[Part], None], *, passes: bool) -> None:
        """Be told of the answer to a request.

        Args:
            key: The request's id.
            told: Called once, with the answer.
            passes: Whether the client gets the answer too; not where the request was sent by the bridge itself.
        """
        self._watched[key] = told, passes

    def forget_watch(self, key: str) -> None:
        """Be told of no answer any more."""
        self._watched.pop(key, None)

    def arrived(self, message: Message, generation: int) -> list[bool]:
        """Note what a server has sent; tells of each part whether the client gets it.

        It does not get an answer that it has, or never asked for.

        Args:
            message: Of the server.
            generation: The number of the session in which it came.
        """
        return [self._arrived(part, generation) for part in message.parts]

    def _arrived(self, part: Part, generation: int) -> bool:
        if part.kind == "request":
            if len(self._asked) >= MOST_ASKED:
                self._asked.pop(next(iter(self._asked)))
            self._asked[part.key] = generation
        if part.kind != "response":
            return True
        told, passes = self._watched.pop(part.key, (None, True))
        if told is not None:
            told(part)
        known = self.open.pop(part.key, None) if passes else None
        if known is not None and known.method == "tools/list" and known.revision:
            self.mirrored = {**self.mirrored, **mirrored_by(part.members.get("result"))}
        return known is not None

    def is_late(self, message: Message, generation: int) -> bool:
        """Whether a message of the client answers only requests of a session that has ended."""
        answered = [self._asked.get(part.key, generation) for part in message.parts if part.kind == "response"]
        return len(answered) == len(message.parts) and all(each != generation for each in answered)
