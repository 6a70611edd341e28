"""A QR code of an address, for a terminal that can show one. Drawn by segno, the extra `gumauth[qr]`."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.cli.terminal.terminal import Terminal

BORDER = 2
"""Modules of the quiet zone: half of what the standard wants, which scanners do with, so that it fits more windows."""

BLACK_ON_WHITE, PLAIN = "\x1b[38;5;16;48;5;231m", "\x1b[0m"
"""Colours of their own: a scanner wants dark on light, whatever the window's colours are."""

BLOCKS = {(0, 0): " ", (0, 1): "▄", (1, 0): "▀", (1, 1): "█"}
"""A character for two modules, the upper and the lower; 1 is dark."""


def drawn(terminal: Terminal, text: str, *, beside: int) -> str | None:
    """The lines of a QR code; None where it cannot be shown whole, or segno is not installed. Promise V2.

    Args:
        terminal: Its standard error shows the code.
        text: What the code says.
        beside: Lines of the window that have to stay free.
    """
    if terminal.json or not terminal.colours(terminal.stderr) or not _speaks_utf8(terminal):
        return None
    rows = _modules(text)
    room = _size(terminal)
    if rows is None or room is None or len(rows[0]) >= room.columns or (len(rows) + 1) // 2 + beside > room.lines:
        return None
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    lines = ("".join(BLOCKS[pair] for pair in zip(*rows, strict=True)) for rows in pairs)
    return "".join(f"{BLACK_ON_WHITE}{line}{PLAIN}\n" for line in lines)


def _speaks_utf8(terminal: Terminal) -> bool:
    return (getattr(terminal.stderr, "encoding", None) or "").lower().replace("-", "") == "utf8"


def _size(terminal: Terminal) -> os.terminal_size | None:
    try:
        return os.get_terminal_size(terminal.stderr.fileno())
    except (OSError, ValueError):
        return None


def _modules(text: str) -> list[list[int]] | None:
    """The modules, row by row, 1 for dark; None without segno, and for a text that no code can hold."""
    try:
        import segno
    except ImportError:
        return None
    try:
        code = segno.make(text, error="l", boost_error=False, micro=False)
    except ValueError:
        return None
    return [list(row) for row in code.matrix_iter(border=BORDER)]
