"""Reads lines that a person pastes into the terminal while the event loop waits for something else. Promise C12.

In its canonical mode a terminal keeps at most 4095 characters of a line, and a redirected URL can be longer: the mode
is changed while lines are read. The terminal shows nothing of a pasted line, because the line holds a code.
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
"""Characters of a line at most; a longer line is no redirected URL."""

ERASE, KILL_LINE, END_OF_INPUT = "\x7f\b", "\x15", "\x04"


class LineReader:
    """Joins the characters that a terminal sends outside its canonical mode to lines. Pure."""

    def __init__(self) -> None:
        self._line: list[str] = []

    def feed(self, piece: str) -> list[str]:
        """The lines that end in this piece; Backspace and Ctrl-U edit the line as in a shell."""
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
    """A context manager under which a terminal gives every character at once and shows none."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._before: list[Any] | None = None

    def __enter__(self) -> Uncooked:
        import termios

        self._before = termios.tcgetattr(self._handle)
        self.set()
        return self

    def set(self) -> None:
        """Leave the canonical mode; called again after a stop, in which a shell may have reset the mode."""
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

        # TCSAFLUSH drops pasted characters that were not read: the shell would run them as a command.
        termios.tcsetattr(self._handle, termios.TCSAFLUSH, self._before or [])


def in_foreground(handle: int) -> bool:
    """Whether this process may read the terminal: the system stops a process in the background that tries."""
    try:
        return os.isatty(handle) and os.tcgetpgrp(handle) == os.getpgrp()
    except OSError:
        return False


async def lines(handle: int) -> AsyncIterator[str]:
    """The lines that are typed or pasted into a terminal, until the input ends or the caller stops.

    Args:
        handle: The terminal's file descriptor; the descriptor of anything else gives no line.
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
    """The line that a person types, which the terminal shows; None where the input ends.

    Args:
        terminal: A terminal in canonical mode, which gives a whole line at once.
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
