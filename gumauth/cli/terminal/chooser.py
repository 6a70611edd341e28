"""A list to choose from by keys, a number or a part of a name: `Chooser` is pure, `choose` draws on a terminal."""

from __future__ import annotations

import os
import re
import select
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import FrameType
from unicodedata import east_asian_width

from gumauth.cli.terminal.pasted_lines import Uncooked, in_foreground
from gumauth.cli.terminal.questions import visible
from gumauth.cli.terminal.terminal import Terminal, write
from gumauth.errors import UsageError

UP, DOWN, ENTER, ERASE, GIVE_UP = "up", "down", "enter", "erase", "give up"
PAGE_UP, PAGE_DOWN, HOME, END = "page up", "page down", "home", "end"

KEYS = {
    **dict.fromkeys(("\x1b[A", "\x1bOA", "\x10"), UP),
    **dict.fromkeys(("\x1b[B", "\x1bOB", "\x0e", "\t"), DOWN),
    "\x1b[5~": PAGE_UP,
    "\x1b[6~": PAGE_DOWN,
    **dict.fromkeys(("\x1b[H", "\x1bOH", "\x1b[1~", "\x1b[7~"), HOME),
    **dict.fromkeys(("\x1b[F", "\x1bOF", "\x1b[4~", "\x1b[8~"), END),
    **dict.fromkeys(("\r", "\n"), ENTER),
    **dict.fromkeys(("\x7f", "\b"), ERASE),
    **dict.fromkeys(("\x1b", "\x04"), GIVE_UP),
}
"""The bytes that a terminal sends for a key, in normal and in application mode. Source: ECMA-48; xterm's ctlseqs."""

ONE_KEY = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O[@-~])|.", re.DOTALL)
LONGEST = 200
"""Characters that can be typed at most."""

SECOND_HALF = 0.05
"""Seconds in which the other bytes of an arrow key follow the first byte, which alone is the Esc key."""


@dataclass(frozen=True, kw_only=True)
class Chooser:
    """A list, the marked item, and the text that was typed so far.

    Args:
        items: The items, each with a note that is shown beside it.
        at: The index of the marked item.
        typed: A number, a name or a part of a name; any other text is chosen in place of an item.
    """

    items: tuple[tuple[str, str], ...]
    at: int = 0
    typed: str = ""

    def pressed(self, key: str, page: int = 10) -> Chooser:
        """The chooser after a key.

        Args:
            key: A name of KEYS, or a letter.
            page: The number of lines that a page has.
        """
        if key in (UP, DOWN):
            step = -1 if key == UP else 1
            return replace(self, at=(self.at + step) % len(self.items), typed="")
        last = len(self.items) - 1
        far = {PAGE_UP: max(self.at - page, 0), PAGE_DOWN: min(self.at + page, last), HOME: 0, END: last}
        if key in far:
            return replace(self, at=far[key], typed="")
        if key == ERASE:
            return self._with(self.typed[:-1])
        return self._with(self.typed + key) if key.isprintable() and len(self.typed) < LONGEST else self

    def _with(self, typed: str) -> Chooser:
        meant = _place(typed, self.items)
        return replace(self, typed=typed, at=self.at if meant is None else meant)

    @property
    def is_other(self) -> bool:
        """Whether a text is typed that means no item."""
        return bool(self.typed) and _place(self.typed, self.items) is None

    @property
    def chosen(self) -> str:
        """The item or typed text that Enter chooses."""
        return self.typed if self.is_other else self.items[self.at][0]

    def lines(self, width: int, height: int) -> list[tuple[str, bool]]:
        """The lines to show, each with whether Enter would choose it.

        Args:
            width: Characters to a line at most.
            height: The number of lines at most.
        """
        count, first = len(self.items), self._first(height)
        column = max(len(name) for name, _ in self.items)
        shown = []
        for number, (name, note) in list(enumerate(self.items))[first : first + max(height, 1)]:
            is_at = number == self.at and self.chosen == name
            line = f"{'>' if is_at else ' '} {number + 1:>{len(str(count))}}  {name:<{column}}  {note}".rstrip()
            shown.append((_cut(line, width), is_at))
        return shown

    def more(self, height: int) -> str:
        """How many items stand above and below the shown ones, in words; "" where all are shown."""
        above = self._first(height)
        below = len(self.items) - above - max(height, 1)
        there = [f"{number} more {where}" for number, where in ((above, "above"), (below, "below")) if number > 0]
        return f"… {', '.join(there)}" if there else ""

    def _first(self, height: int) -> int:
        return max(0, min(self.at - height // 2, len(self.items) - height))


def _cut(line: str, width: int) -> str:
    """A line cut so that the last column stays free: some terminals begin a new line there."""
    cells = 0
    for kept, letter in enumerate(line):
        cells += 2 if east_asian_width(letter) in "WF" else 1
        if cells >= width:
            return f"{line[: max(kept - 1, 0)]}…"
    return line


def _place(typed: str, items: tuple[tuple[str, str], ...]) -> int | None:
    """The index of the item that a text means: by its number, its name, how that begins, or any part of the line."""
    if typed.isascii() and typed.isdigit() and 0 < int(typed) <= len(items):
        return int(typed) - 1
    names = [name for name, _ in items]
    folded = typed.strip().lower()
    if folded in names:
        return names.index(folded)
    if not folded:
        return None
    begins = (place for place, name in enumerate(names) if name.startswith(folded))
    holds = (place for place, (name, note) in enumerate(items) if folded in f"{name} {note}".lower())
    return next(begins, next(holds, None))


def keys(data: str) -> list[str]:
    """The keys in the characters that a terminal has sent, without the keys that do nothing."""
    pressed = (KEYS.get(key, key) for key in ONE_KEY.findall(data))
    return [key for key in pressed if key in KEYS.values() or key.isprintable()]


def _anything(_text: str) -> str | None:
    return None


def choose(
    terminal: Terminal,
    items: tuple[tuple[str, str], ...],
    *,
    question: str,
    prompt: str,
    refusal: Callable[[str], str | None] = _anything,
) -> str:
    """The item that the person chooses, or another text that the person types.

    Args:
        terminal: A terminal on which a person can be asked.
        items: The items, each with a note that is shown beside it.
        question: The line above the list.
        prompt: The text before the typed text.
        refusal: Says why a typed text that means no item cannot be chosen; None where it can.

    Raises:
        UsageError: Nothing was chosen.
    """
    chooser = Chooser(items=items)
    if not _can_draw(terminal):
        return _by_line(terminal, chooser, prompt, refusal)
    terminal.line(question)
    return _Screen(terminal, chooser, prompt, refusal).run()


def _can_draw(terminal: Terminal) -> bool:
    if sys.platform == "win32" or terminal.environ.get("TERM", "dumb") == "dumb":
        return False
    return in_foreground(terminal.stdin.fileno())


def _nothing() -> UsageError:
    return UsageError("Nothing was chosen.")


def _by_line(terminal: Terminal, chooser: Chooser, prompt: str, refusal: Callable[[str], str | None]) -> str:
    """As `choose` on a terminal that cannot be drawn on: the list is printed once, and a line is read."""
    for line, _ in chooser.lines(terminal.width(terminal.stderr) or 80, len(chooser.items)):
        write(terminal.stderr, f" {line[1:]}\n")
    while typed := visible(terminal, prompt):
        chosen = chooser
        for letter in typed:
            chosen = chosen.pressed(letter)
        refused = refusal(chosen.chosen) if chosen.is_other else None
        if refused is None:
            return chosen.chosen
        terminal.say(refused)
    raise _nothing()


class _Screen:
    """The list on the terminal, which is drawn again after each key."""

    def __init__(self, terminal: Terminal, chooser: Chooser, prompt: str, refusal: Callable[[str], str | None]) -> None:
        self._terminal, self._chooser, self._prompt, self._refusal = terminal, chooser, prompt, refusal
        self._said = ""
        """Why the typed text cannot be chosen; "" before Enter."""
        self._handle = terminal.stdin.fileno()
        self._drawn: list[int] = []
        """The lengths of the drawn lines; the cursor is in the last line."""

    def run(self) -> str:
        with Uncooked(self._handle) as mode:

            def again(_number: int, _frame: FrameType | None) -> None:
                mode.set()
                self._drawn = []
                self._draw()

            before = signal.signal(signal.SIGCONT, again)  # while the process was stopped, the shell has reset the mode
            try:
                return self._choose()
            finally:
                signal.signal(signal.SIGCONT, before)
                self._clear()

    def _choose(self) -> str:
        self._draw()
        while data := self._read():
            for key in keys(data):
                if key == GIVE_UP:
                    raise _nothing()
                if key != ENTER:
                    self._chooser, self._said = self._chooser.pressed(key, self._page()), ""
                    continue
                refused = self._refusal(self._chooser.chosen) if self._chooser.is_other else None
                if refused is None:
                    return self._chooser.chosen
                self._said = refused
            self._draw()
        raise _nothing()

    def _page(self) -> int:
        """The number of items that are shown; the question, a line below the items and the prompt need room too."""
        return max(self._size()[1] - 5, 3)

    def _read(self) -> str:
        data = os.read(self._handle, 1024)
        if data == b"\x1b" and select.select([self._handle], [], [], SECOND_HALF)[0]:
            data += os.read(self._handle, 1024)
        return data.decode("utf-8", "replace")

    def _draw(self) -> None:
        self._clear()
        width, _ = self._size()
        shown = self._chooser.lines(width, self._page())
        below = self._said or self._chooser.more(self._page())
        if below:
            shown.append((_cut(f"  {below}", width), False))
        lines = [self._terminal.paint("bold", line) if is_at else line for line, is_at in shown]
        prompt = f"{self._prompt}: {self._chooser.typed}"[-(width - 1) :]
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
        """Erase the drawn lines, and put the cursor where the first of them began.

        In a window that was made narrower meanwhile, a drawn line takes several lines.
        """
        width, _ = self._size()
        up = sum(max(1, -(-length // width)) for length in self._drawn) - 1
        write(self._terminal.stderr, (f"\r\x1b[{up}A" if up > 0 else "\r") + "\x1b[J")
        self._terminal.stderr.flush()
        self._drawn = []
