"""A list to choose from with the arrow keys, a number or a name: what is shown, and what each key does. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from unicodedata import east_asian_width

UP, DOWN, ENTER, ERASE, GIVE_UP = "up", "down", "enter", "erase", "give up"

KEYS = {
    **dict.fromkeys(("\x1b[A", "\x1bOA", "\x10"), UP),
    **dict.fromkeys(("\x1b[B", "\x1bOB", "\x0e", "\t"), DOWN),
    **dict.fromkeys(("\r", "\n"), ENTER),
    **dict.fromkeys(("\x7f", "\b"), ERASE),
    **dict.fromkeys(("\x1b", "\x04"), GIVE_UP),
}
"""What a terminal sends for a key, in its usual and its application mode. Source: ECMA-48; xterm's ctlseqs."""

ONE_KEY = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O[@-~])|.", re.DOTALL)
LONGEST = 200
"""Characters that can be typed."""


@dataclass(frozen=True, kw_only=True)
class Chooser:
    """A list, and how far the choice has come.

    Args:
        items: What can be chosen, each with what is said beside it.
        at: The place of the one that Enter would choose.
        typed: A number, a name or its beginning; what is none of the list is chosen as it stands.
    """

    items: tuple[tuple[str, str], ...]
    at: int = 0
    typed: str = ""

    def pressed(self, key: str) -> Chooser:
        """After a key: one of the names above, or a letter."""
        if key in (UP, DOWN):
            step = -1 if key == UP else 1
            return replace(self, at=(self.at + step) % len(self.items), typed="")
        if key == ERASE:
            return self._with(self.typed[:-1])
        return self._with(self.typed + key) if key.isprintable() and len(self.typed) < LONGEST else self

    def _with(self, typed: str) -> Chooser:
        meant = _place(typed, self.items)
        return replace(self, typed=typed, at=self.at if meant is None else meant)

    @property
    def chosen(self) -> str:
        """What Enter chooses."""
        return self.typed if self.typed and _place(self.typed, self.items) is None else self.items[self.at][0]

    def lines(self, width: int, height: int) -> list[tuple[str, bool]]:
        """The list as it is shown, and which line is the one that Enter would choose; none is longer than the window.

        Args:
            width: Characters to a line.
            height: Lines that there is room for.
        """
        count = len(self.items)
        first = max(0, min(self.at - height // 2, count - height))
        column = max(len(name) for name, _ in self.items)
        shown = []
        for number, (name, note) in list(enumerate(self.items))[first : first + max(height, 1)]:
            is_at = number == self.at and self.chosen == name
            line = f"{'>' if is_at else ' '} {number + 1:>{len(str(count))}}  {name:<{column}}  {note}".rstrip()
            shown.append((_cut(line, width), is_at))
        return shown


def _cut(line: str, width: int) -> str:
    """A line that leaves the last column free, at which some terminals begin a new one."""
    cells = 0
    for kept, letter in enumerate(line):
        cells += 2 if east_asian_width(letter) in "WF" else 1
        if cells >= width:
            return f"{line[: max(kept - 1, 0)]}…"
    return line


def _place(typed: str, items: tuple[tuple[str, str], ...]) -> int | None:
    """The place of the item that was typed: its number, its name, or the first whose name begins so."""
    if typed.isascii() and typed.isdigit() and 0 < int(typed) <= len(items):
        return int(typed) - 1
    names = [name for name, _ in items]
    folded = typed.strip().lower()
    if folded in names:
        return names.index(folded)
    return next((place for place, name in enumerate(names) if folded and name.startswith(folded)), None)


def keys(data: str) -> list[str]:
    """The keys of what came from a terminal; one that means nothing is left out."""
    pressed = (KEYS.get(key, key) for key in ONE_KEY.findall(data))
    return [key for key in pressed if key in KEYS.values() or key.isprintable()]
