"""`gumauth store rekey`: gives a database another key, first beside the present one, then alone."""

from __future__ import annotations

import shlex

from gumauth.accounts.references import joined
from gumauth.errors import UsageError
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.shared.administration import Administration
    from gumauth.cli.parsing.parameters import Arguments
    from gumauth.cli.terminal.terminal import Terminal


MOST = 20
"""Machines that are named."""


def run(arguments: Arguments, terminal: Terminal, administration: Administration) -> None:
    """Begin with FILE, or finish with --finish."""
    file, is_end = arguments.maybe("file"), arguments.flag("finish")
    if (file is None) is not is_end:
        raise UsageError(
            "`gumauth store rekey` takes either the FILE of the new key, or --finish.",
            hint="Write `gumauth store rekey FILE`, and `gumauth store rekey --finish` once every machine has it.",
        )
    if file is None:
        _finish(terminal, administration)
    else:
        _begin(terminal, administration, file)


def _begin(terminal: Terminal, administration: Administration, file: str) -> None:
    machines = administration.machines()
    path, made = administration.begin_rekey(file)
    if terminal.json:
        terminal.answer(key_file=path, made_key_file=made, finished=False, resealed=None, machines=machines)
        return
    shown = one_line(shlex.quote(path), 500)
    terminal.done(f"The key in {one_line(path, 500)} opens the database from now on, beside the present one.")
    terminal.say(
        "Copy that file to every machine over a safe way, and set GUMAUTH_KEY_FILE to it there. Machines that only read"
        f" tokens get theirs from `GUMAUTH_KEY_FILE={shown} gumauth store reader-key FILE`."
    )
    if machines:
        terminal.say(f"In the last {administration.days} days, {_named(machines)} used it, the latest first.")
    terminal.say(
        "When every machine uses it, and what began with the old one has ended, run"
        f" `GUMAUTH_KEY_FILE={shown} gumauth store rekey --finish`."
    )


def _named(machines: list[str]) -> str:
    """Machines in a sentence, with their verb."""
    shown = [one_line(machine, 60) for machine in machines[:MOST]]
    more = len(machines) - len(shown)
    return joined([*shown, *([f"{more} more"] if more else [])], "and") + (" has" if len(machines) == 1 else " have")


def _finish(terminal: Terminal, administration: Administration) -> None:
    count = administration.finish_rekey()
    if terminal.json:
        terminal.answer(
            key_file=administration.key_file, made_key_file=False, finished=True, resealed=count or 0, machines=None
        )
    elif count is None:
        terminal.done(f"Only the key in {one_line(administration.key_file, 500)} opens the database already.")
    else:
        values = "1 value was" if count == 1 else f"{count} values were"
        terminal.done(
            f"Only the key in {one_line(administration.key_file, 500)} opens the database now; {values} sealed anew."
        )
        terminal.say("The old key still opens backups that were made before.")
