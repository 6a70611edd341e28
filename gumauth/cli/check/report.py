"""The report of `gumauth check`, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gumauth.cli.terminal.formatting import number
from gumauth.cli.terminal.terminal import Terminal, harmless

MARKS = {"breaks": ("✗", "bold red"), "surprises": ("!", "yellow"), "fine": ("✓", "green")}
WIDEST = 9
USUAL = ("tells whose account it is", "ends the grant", "trades a refresh token for tokens")
"""What a file does of which nothing has to be said."""

NOTES = ("environment", "answers", "pkce", "nickname", "refresh", "revoke")
"""Cases that are worth a word although they are fine, where the file does something else."""


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


def show_fine(terminal: Terminal, fine: Sequence[Mapping[str, Any]], *, of: int, each: bool) -> None:
    """Print what is fine: what is worth a word on its own, the rest as one line.

    Args:
        terminal: Where.
        fine: The findings.
        of: How many findings there are in all.
        each: Whether each finding has a line of its own.
    """
    notes = [finding for finding in fine if each or _is_note(finding)]
    rest = [finding for finding in fine if finding not in notes]
    for finding in notes:
        show(terminal, finding)
    if rest:
        text = f"{'fine':<{WIDEST}} {len(fine)} of {of} things that were tried; --all has a line for each."
        folded = terminal.folded(text, indent=" " * (WIDEST + 3), taken=2, stream=terminal.stdout)
        terminal.out(f"{terminal.paint('green', MARKS['fine'][0], terminal.stdout)} {folded}")


def _is_note(finding: Mapping[str, Any]) -> bool:
    return finding["case"] in NOTES and not finding["service"] and finding["file"] not in USUAL


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
