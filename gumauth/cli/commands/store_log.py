"""`gumauth store log`: who did what with the accounts in a database, the newest first."""

from __future__ import annotations

from gumauth.cli.terminal.formatting import iso
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gumauth.accounts.shared.administered import Entry
    from gumauth.accounts.shared.administration import Administration
    from gumauth.cli.parsing.parameters import Arguments
    from gumauth.cli.terminal.terminal import Terminal

USUAL = 50
"""Lines that are shown."""


def run(arguments: Arguments, terminal: Terminal, administration: Administration) -> None:
    """Show the latest entries of the log, of all accounts or of one."""
    most = arguments.count("limit") or USUAL
    entries = administration.log(most, arguments.maybe("account"))
    if terminal.json:
        terminal.answer(entries=[_object(entry) for entry in entries])
        return
    if not entries:
        terminal.say("The log has no such entry.")
        return
    _print(terminal, entries)
    if len(entries) == most:
        terminal.say(f"These are the latest {most}; --limit shows more.")


def _object(entry: Entry) -> dict[str, Any]:
    return {
        "at": iso(entry.at),
        "action": entry.action,
        "account": entry.label,
        "name": entry.name,
        "role": entry.role,
        "machine": entry.machine,
        "generation": entry.generation,
    }


def _print(terminal: Terminal, entries: list[Entry]) -> None:
    from gumauth.cli.terminal.styled import styled
    from gumauth.cli.terminal.tables import Column, print_rows

    columns = (
        Column(title="Time"),
        Column(title="What"),
        Column(title="Of", least=16),
        Column(title="Role", goes=1, least=12),
        Column(title="Machine", goes=2, least=12),
    )
    rows = [tuple(styled(one_line(cell, 100)) for cell in _cells(entry)) for entry in entries]
    print_rows(terminal, columns, rows)


def _cells(entry: Entry) -> tuple[str | None, ...]:
    return iso(entry.at), entry.action, entry.label or entry.name, entry.role, entry.machine
