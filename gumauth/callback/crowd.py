"""Which connections make room for the next: neither idle nor dripping ones keep the answer out. Promises C6, Y9."""

from __future__ import annotations

import enum
import sys
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

USUAL = 128
"""Connections that may be open without a right answer before old ones make room."""

YOUNG = 1.0
"""Seconds in which a connection is left alone: its request may be on its way, or read in the next moment."""

MOST = 1024
"""Connections that may be open whatever they are doing: each may have 64 KiB of a request in memory."""

RESERVE = 160
"""File descriptors for all else: the program's own, and connections that are accepted but not yet counted."""

LEAST = 8

AT_ONCE = 16
"""Connections that are accepted at a time; between two times, those that are there already are read."""


class Doing(enum.IntEnum):
    """What a connection is doing, in the order in which they make room."""

    LEAVING = 0
    """It has its response, and is given a moment to hang up."""
    SILENT = 1
    """It has sent nothing yet."""
    SENDING = 2
    """It has sent the beginning of a request."""
    WAITING = 3
    """It has brought the right answer, and waits for its page."""


C = TypeVar("C")


class Crowd(Generic[C]):
    """The open connections by what they are doing, each in the order of how long. No I/O, and no step over all of them.

    Args:
        most: Connections that may be open at once.
        clock: Seconds that only go forward.
    """

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self._most, self._clock = most, clock
        # A plain dict walks over what was taken from its beginning before it comes to the first.
        self._since: dict[Doing, OrderedDict[C, float]] = {doing: OrderedDict() for doing in Doing}

    def __len__(self) -> int:
        return sum(len(those) for those in self._since.values())

    def who(self, *doing: Doing) -> list[C]:
        """The connections that are doing one of these, or anything; the oldest first."""
        return [connection for each in doing or Doing for connection in self._since[each]]

    def note(self, connection: C, doing: Doing) -> None:
        """Note that a connection is doing this from now on."""
        self.forget(connection)
        self._since[doing][connection] = self._clock()

    def forget(self, connection: C) -> None:
        """Take a connection out; nothing happens where it is not known."""
        for those in self._since.values():
            those.pop(connection, None)

    def admit(self, connection: C) -> list[C]:
        """Take a new connection in.

        Returns:
            The connections that make room for it, and are forgotten. Beyond the usual number: none that is young, and
            none that waits for its page. At the bound: whoever is first in order, however young, but not the new one.
        """
        leaving = []
        while (other := self._makes_room()) is not None:
            self.forget(other)
            leaving.append(other)
        self.note(connection, Doing.SILENT)
        return leaving

    def _makes_room(self) -> C | None:
        firsts = [(doing, *next(iter(those.items()))) for doing, those in self._since.items() if those]
        if len(self) - len(self._since[Doing.WAITING]) >= USUAL:
            before = self._clock() - YOUNG
            for doing, other, since in firsts:
                if since <= before and doing is not Doing.WAITING:
                    return other
        return firsts[0][1] if len(self) >= self._most else None


def most_at_once() -> int:
    """Connections that this process may have open at once, by what the system lets it open."""
    if sys.platform == "win32":  # sockets are no file descriptors there
        return MOST
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if soft == resource.RLIM_INFINITY else max(LEAST, min(MOST, soft - RESERVE))
