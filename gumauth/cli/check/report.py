"""The report of `gumauth check`, for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gumauth.cli.terminal.formatting import number
from gumauth.cli.terminal.terminal import Terminal, harmless

MARKS = {"breaks": ("✗", "red"), "surprises": ("!", "yellow"), "fine": ("✓", "green")}
LABELS = {"breaks": "breaks", "surprises": "surprises", "fine": "fine"}
WIDEST = 9


def show(terminal: Terminal, finding: Mapping[str, Any]) -> None:
    """Print one finding: what was played and what came of it, what it means, and the mend."""
    mark, colour = MARKS[finding["level"]]
    text = f"{finding['level']:<{WIDEST}} {_told(finding)}"
    folded = terminal.folded(harmless(text), indent=" " * (WIDEST + 3), taken=2, stream=terminal.stdout)
    terminal.out(f"{terminal.paint(colour, mark, terminal.stdout)} {folded}")
    if finding["mend"]:
        indent = " " * (WIDEST + 3)
        mend = f"{indent}→ {harmless(finding['mend'])}"
        terminal.out(terminal.folded(mend, indent=f"{indent}  ", stream=terminal.stdout))
    terminal.stdout.flush()


def _told(finding: Mapping[str, Any]) -> str:
    where = f"{finding['line']} " if finding["line"] else ""
    service = f"The service {finding['service']}; " if finding["service"] else ""
    method = f"`{finding['method']}`" if finding["method"] != "file" else "the file"
    subject = method if service else method[:1].upper() + method[1:]
    means = f" {finding['means']}" if finding["means"] else ""
    return f"{where}{service}{subject} {finding['file']}.{means}"


def verdict(breaks: int, surprises: int) -> str:
    """The last line."""
    if not breaks and not surprises:
        return "Nothing breaks, and nothing surprises."
    parts = [f"{number(breaks)} {'thing breaks' if breaks == 1 else 'things break'}"] if breaks else ["nothing breaks"]
    if surprises:
        parts.append(f"{number(surprises)} {'thing surprises' if surprises == 1 else 'things surprise'}")
    return f"{'; '.join(parts)}.".capitalize()
