"""Ctrl-C during a connect: what has come, or is under way, is stored first. Promise C10."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


class Interruption:
    """Whether Ctrl-C was pressed while tokens were under way. An event loop tells so by cancelling whoever waits.

    Args:
        say: Tells the person, once, that Ctrl-C was heard.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self.heard = False

    def hear(self) -> None:
        """Note that Ctrl-C was pressed."""
        if not self.heard:
            self._say("Interrupted: what has come, or is under way, is stored first.")
        self.heard = True

    async def to_the_end(self, work: Awaitable[T]) -> T:
        """The result of some work, which Ctrl-C does not end; Ctrl-C is noted."""
        task = asyncio.ensure_future(work)
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError:
                self.hear()
        return task.result()
