"""Which provider is to be connected, where none was named and a person can be asked."""

from __future__ import annotations

import os
import select
import signal
import sys
from types import FrameType

from gumauth.cli.terminal.chooser import ENTER, GIVE_UP, Chooser, keys
from gumauth.cli.terminal.hidden_input import nothing
from gumauth.cli.terminal.pasted_lines import Uncooked, in_foreground
from gumauth.cli.terminal.questions import visible
from gumauth.cli.terminal.terminal import Terminal, write
from gumauth.client.context import Context
from gumauth.platform.text import one_line
from gumauth.registry import lookup

QUESTION = "Which provider? The arrow keys, or a number, and Enter."
ASIDE = "Number, name or file"
SECOND_HALF = 0.05
"""Seconds in which the rest of an arrow key follows its first byte, which alone is the Esc key."""


def which_provider(terminal: Terminal, context: Context) -> str:
    """The provider that the person chooses: a name of the list, or what is typed.

    Args:
        terminal: On which somebody is there.
        context: Where the accounts are.

    Raises:
        UsageError: Nothing was chosen.
    """
    chooser = Chooser(items=choices(context))
    if not _can_draw(terminal):
        return _by_line(terminal, chooser)
    return _Screen(terminal, chooser).run()


def choices(context: Context) -> tuple[tuple[str, str], ...]:
    """What can be connected by name, each with what the connected accounts of it are called."""
    connected: dict[str, list[str]] = {}
    files = set()
    for account in context.accounts.all():
        connected.setdefault(account.provider, []).append(one_line(account.name, 64))
        if lookup.is_path(account.source):
            files.add(account.provider)
    names = sorted({listed.name for listed in lookup.names()} | files)
    return tuple((name, _note(connected.get(name, []))) for name in names)


def _note(accounts: list[str]) -> str:
    return f"connected: {', '.join(accounts)}" if accounts else ""


def _can_draw(terminal: Terminal) -> bool:
    if sys.platform == "win32" or terminal.environ.get("TERM", "dumb") == "dumb":
        return False
    return in_foreground(terminal.stdin.fileno())


def _by_line(terminal: Terminal, chooser: Chooser) -> str:
    """The same without drawing: the list once, and a line that is typed."""
    for line, _ in chooser.lines(terminal.width(terminal.stderr) or 80, len(chooser.items)):
        write(terminal.stderr, f" {line[1:]}\n")
    typed = visible(terminal, ASIDE)
    if not typed:
        raise nothing()
    for letter in typed:
        chooser = chooser.pressed(letter)
    return chooser.chosen


class _Screen:
    """The list on the terminal, drawn anew after each key."""

    def __init__(self, terminal: Terminal, chooser: Chooser) -> None:
        self._terminal, self._chooser = terminal, chooser
        self._handle = terminal.stdin.fileno()
        self._drawn: list[int] = []
        """The lengths of the lines that stand on the screen; the last is that in which the cursor is."""

    def run(self) -> str:
        self._terminal.line(QUESTION)
        with Uncooked(self._handle) as mode:

            def again(_number: int, _frame: FrameType | None) -> None:
                mode.set()
                self._drawn = []
                self._draw()

            before = signal.signal(signal.SIGCONT, again)  # a shell has put the mode back while we were stopped
            try:
                return self._choose()
            finally:
                signal.signal(signal.SIGCONT, before)
                self._clear()

    def _choose(self) -> str:
        self._draw()
        while data := self._read():
            for key in keys(data):
                if key == ENTER:
                    return self._chooser.chosen
                if key == GIVE_UP:
                    raise nothing()
                self._chooser = self._chooser.pressed(key)
            self._draw()
        raise nothing()

    def _read(self) -> str:
        data = os.read(self._handle, 1024)
        if data == b"\x1b" and select.select([self._handle], [], [], SECOND_HALF)[0]:
            data += os.read(self._handle, 1024)
        return data.decode("utf-8", "replace")

    def _draw(self) -> None:
        self._clear()
        width, height = self._size()
        shown = self._chooser.lines(width, max(height - 4, 3))
        lines = [self._terminal.paint("bold", line) if is_at else line for line, is_at in shown]
        prompt = f"{ASIDE}: {self._chooser.typed}"[-(width - 1) :]
        write(self._terminal.stderr, "".join(f"{line}\n" for line in lines) + prompt)
        self._terminal.stderr.flush()
        self._drawn = [*(len(line) for line, _ in shown), len(prompt)]

    def _size(self) -> tuple[int, int]:
        try:
            size = os.get_terminal_size(self._handle)
        except OSError:
            return 80, 24
        return size.columns or 80, size.lines or 24

    def _clear(self) -> None:
        """Take away what was drawn, and leave the cursor where it began.

        In a window that has become narrower since, a line has become several.
        """
        width, _ = self._size()
        up = sum(max(1, -(-length // width)) for length in self._drawn) - 1
        write(self._terminal.stderr, (f"\r\x1b[{up}A" if up > 0 else "\r") + "\x1b[J")
        self._terminal.stderr.flush()
        self._drawn = []
