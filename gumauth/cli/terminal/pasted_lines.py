"""Lines that a person pastes into the terminal while something else is waited for.

A terminal in its ordinary (canonical) mode keeps at most 4095 characters of a line and drops the rest, and a
redirected URL can be longer: so the mode is left for as long as is listened. Nothing is echoed, because what is
pasted holds a code.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, TextIO

from gumauth.platform.threads import in_thread

LONGEST = 1 << 16
"""Characters of a line at most; what is longer is no redirected URL."""

ERASE, KILL_LINE, END_OF_INPUT = "\x7f\b", "\x15", "\x04"


class LineReader:
    """Makes lines of the pieces that come from a terminal outside its canonical mode. No I/O."""

    def __init__(self) -> None:
        self._line: list[str] = []

    def feed(self, piece: str) -> list[str]:
        """The lines that end in this piece; the keys that mend a line work as they do in a shell."""
        ended = []
        for letter in piece:
            if letter in "\r\n":
                ended.append("".join(self._line).strip())
                self._line.clear()
            elif letter in ERASE:
                del self._line[-1:]
            elif letter == KILL_LINE:
                self._line.clear()
            elif letter != END_OF_INPUT and len(self._line) < LONGEST:
                self._line.append(letter)
        return [line for line in ended if line]


class Uncooked:
    """A terminal that hands over every character at once and shows none, for the length of a `with` block."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._before: list[Any] | None = None

    def __enter__(self) -> Uncooked:
        import termios

        self._before = termios.tcgetattr(self._handle)
        self.set()
        return self

    def set(self) -> None:
        """Leave the canonical mode (again: a shell may have put it back while we were stopped)."""
        import termios
        import tty

        mode = termios.tcgetattr(self._handle)
        mode[tty.LFLAG] &= ~(termios.ECHO | termios.ICANON)
        mode[tty.CC][termios.VMIN], mode[tty.CC][termios.VTIME] = 1, 0
        termios.tcsetattr(self._handle, termios.TCSANOW, mode)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        import termios

        # TCSAFLUSH: what was pasted and not read is not to be run by the shell as a command.
        termios.tcsetattr(self._handle, termios.TCSAFLUSH, self._before or [])


def in_foreground(handle: int) -> bool:
    """Whether this process may read the terminal: one in the background would be stopped for trying."""
    try:
        return os.isatty(handle) and os.tcgetpgrp(handle) == os.getpgrp()
    except OSError:
        return False


async def lines(handle: int) -> AsyncIterator[str]:
    """The lines that are typed or pasted into a terminal, until it ends or the caller does.

    Args:
        handle: The terminal's file descriptor; anything else gives no line.
    """
    if sys.platform == "win32" or not in_foreground(handle):
        return
    arrived: asyncio.Queue[str | None] = asyncio.Queue()
    reader = LineReader()
    loop = asyncio.get_running_loop()

    def take() -> None:
        try:
            piece = os.read(handle, 1 << 16)
        except OSError:
            piece = b""
        for line in reader.feed(piece.decode("utf-8", "replace")):
            arrived.put_nowait(line)
        if not piece:
            loop.remove_reader(handle)
            arrived.put_nowait(None)

    with Uncooked(handle) as terminal:
        loop.add_reader(handle, take)
        loop.add_signal_handler(signal.SIGCONT, terminal.set)
        try:
            while (line := await arrived.get()) is not None:
                yield line
        finally:
            loop.remove_reader(handle)
            loop.remove_signal_handler(signal.SIGCONT)


async def one_answer(terminal: TextIO) -> str | None:
    """The line with which a person answers, seen as it is typed; None where the input ends.

    Args:
        terminal: In its ordinary mode, so that a line comes whole.
    """
    if sys.platform == "win32":  # pragma: no cover - its event loop cannot wait for a terminal
        return ((await in_thread(terminal.readline)) or "").strip()
    handle, loop = terminal.fileno(), asyncio.get_running_loop()
    answered: asyncio.Future[str | None] = loop.create_future()

    def take() -> None:
        try:
            piece = os.read(handle, 4096)
        except OSError:
            piece = b""
        if not answered.done():
            answered.set_result(piece.decode("utf-8", "replace").strip() if piece else None)

    loop.add_reader(handle, take)
    try:
        return await answered
    finally:
        loop.remove_reader(handle)
