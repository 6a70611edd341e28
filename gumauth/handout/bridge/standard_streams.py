"""Standard input and output for an event loop: whole lines, read and written on threads of their own.

Pipes, files and terminals are the same here, and none of them is made non-blocking: the other side may share it.
"""

from __future__ import annotations

import asyncio
import os
import queue
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from functools import partial

from gumauth.handout.bridge.frames import Lines

PIECE = 1 << 16
ROOM = 64 << 20
"""Bytes of messages that wait in one direction at most; then the other side has to wait."""


class Room:
    """Bytes that wait: who comes when `size` are there waits until some have gone."""

    def __init__(self, size: int = ROOM) -> None:
        self._size, self._used = size, 0
        self._changed = asyncio.Event()

    async def take(self, size: int) -> None:
        """Wait for room; one alone always has it."""
        while self._used and self._used + size > self._size:
            self._changed.clear()
            await self._changed.wait()
        self._used += size

    def give(self, size: int) -> None:
        """Give the room back."""
        self._used -= size
        self._changed.set()


class Input:
    """The lines of a file descriptor.

    Args:
        number: The file descriptor.
        loop: Runs `take`.
        take: Is given each line; None in place of one that is too long.
        end: Is called at the end of the input.
    """

    def __init__(
        self,
        number: int,
        loop: asyncio.AbstractEventLoop,
        take: Callable[[list[bytes | None]], object],
        end: Callable[[], None],
    ) -> None:
        self._number, self._loop, self._take, self._end = number, loop, take, end
        threading.Thread(target=self._run, name="standard input", daemon=True).start()

    def _run(self) -> None:
        lines = Lines()
        try:
            while piece := os.read(self._number, PIECE):
                self._give(list(lines.feed(piece)))
            self._give([lines.rest()])
        except (OSError, RuntimeError, CancelledError):
            pass  # the input is gone, or the loop has ended
        try:
            self._loop.call_soon_threadsafe(self._end)
        except RuntimeError:
            pass  # the loop has ended

    def _give(self, lines: list[bytes | None]) -> None:
        """Wait until the loop has taken them: what it cannot take yet stays with the client."""
        wanted = [line for line in lines if line != b""]
        if wanted:
            asyncio.run_coroutine_threadsafe(self._taken(wanted), self._loop).result()

    async def _taken(self, lines: list[bytes | None]) -> None:
        result = self._take(lines)
        if asyncio.iscoroutine(result):
            await result


class Output:
    """Writes whole lines to a file descriptor, in the order in which they come.

    Args:
        number: The file descriptor.
        loop: Is told of an error.
        broken: Is called with the error that ends the output.
    """

    def __init__(self, number: int, loop: asyncio.AbstractEventLoop, broken: Callable[[OSError], None]) -> None:
        self._number, self._loop, self._broken = number, loop, broken
        self._room = Room()
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="standard output", daemon=True)
        self._thread.start()

    async def write(self, line: bytes) -> None:
        """Write a line, once there is room for it."""
        await self._room.take(len(line) + 1)
        self._queue.put(line)

    async def close(self, seconds: float) -> None:
        """Wait until all is written, but no longer than that: the client may not read any more."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join, seconds)

    def _run(self) -> None:
        try:
            while (line := self._queue.get()) is not None:
                _write_all(self._number, line + b"\n")
                self._call(partial(self._room.give, len(line) + 1))
        except OSError as error:
            self._call(partial(self._broken, error))

    def _call(self, function: Callable[[], object]) -> None:
        try:
            self._loop.call_soon_threadsafe(function)
        except RuntimeError:
            pass  # the loop has ended


def _write_all(number: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(number, view) :]
