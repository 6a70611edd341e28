"""Times, numbers and lists as text, and text folded to a width."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

KEPT = "\x00"
"""Stands for a blank at which `fold` does not break a line."""

MINUTE, HOUR, DAY = 60, 3600, 86400
NARROW = 64
"""Below this width the second of two columns is printed below the first."""


def duration(seconds: float) -> str:
    """A length of time in minutes, hours or days: "58 minutes", "2 hours", "3 days"."""
    seconds = abs(seconds)
    for unit, name, until in ((MINUTE, "minute", 90), (HOUR, "hour", 36), (DAY, "day", 1e9)):
        count = round(seconds / unit)
        if unit == MINUTE and seconds < MINUTE:
            return "less than a minute"
        if count <= until:
            return f"{count} {name}" if count == 1 else f"{count} {name}s"
    return "ages"


def short_duration(seconds: float) -> str:
    """A length of time for a narrow column: "<1 min", "58 min", "2 h", "3 d"."""
    text = duration(seconds).replace("less than a minute", "<1 min")
    for long, short in (("minute", "min"), ("hour", "h"), ("day", "d")):
        text = text.replace(f"{long}s", short).replace(long, short)
    return text


def expiry(expires_at: float | None, now: float) -> str:
    """The end of a token: "in 58 minutes", "expired 2 hours ago", "does not expire"."""
    if expires_at is None:
        return "does not expire"
    left = expires_at - now
    return f"in {duration(left)}" if left > 0 else f"expired {duration(left)} ago"


def counted(count: int, noun: str) -> str:
    """A number with its noun: "1 account", "3 accounts"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def number(count: int) -> str:
    """A number in a sentence: "two"; from eleven on, digits."""
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def fold(text: str, width: int, indent: str = "") -> str:
    """A text in lines of at most `width` characters, of which all but the first are indented.

    Lines are broken at blanks only: a longer word stays whole. A command between backticks stays on one line if it can.
    """
    width, lines, blanks = max(width, 20), [""], ""
    for word in _with_whole_commands(text, width - len(indent) - 2).split(" "):  # a full stop or bracket may follow
        if not word:
            blanks += " "
            continue
        if len(lines[-1]) + len(blanks) + len(word) <= width:
            lines[-1] += blanks + word
        elif lines[-1]:
            lines.append(indent + word)
        else:
            lines[-1] = word
        blanks = " "
    return "\n".join(lines).replace(KEPT, " ")


def _with_whole_commands(text: str, room: int) -> str:
    """A text with KEPT in place of the blanks between two backticks, where what they enclose fits on a line."""
    parts = text.split("`")
    for n in range(1, len(parts) - 1, 2):
        if len(parts[n]) + 2 <= room:
            parts[n] = parts[n].replace(" ", KEPT)
    return "`".join(parts)


def in_columns(rows: Sequence[tuple[str, str]], width: int) -> str:
    """Rows of two columns, indented; where the first column takes half the width, the second is printed below it."""
    column = max(len(left) for left, _ in rows) + 4
    if column > 14 and (width < NARROW or column > width // 2):
        return "\n".join(
            f"{fold('  ' + left, width, '  ')}\n{fold('      ' + right, width, '      ')}" for left, right in rows
        )
    return "\n".join(fold(f"{'  ' + left:<{column}}{right}", width, " " * column) for left, right in rows)


def iso(seconds: float | None) -> str | None:
    """A time, in seconds since 1970, as ISO 8601 in UTC: "2026-01-31T12:00:00Z"; None for an unknown time."""
    import time

    if seconds is None:
        return None
    try:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
    except (ValueError, OverflowError, OSError):
        return None
