"""`gumauth move`: moves accounts to a database that machines share, or to this machine's keyring or encrypted file."""

from __future__ import annotations

from gumauth.cli.json_objects import account_object
from gumauth.client.move.move import Moved, move
from gumauth.errors import UsageError
from gumauth.platform.text import one_line
from gumauth.store.open import store_label

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gumauth.cli.parsing.parameters import Arguments
    from gumauth.cli.terminal.terminal import Terminal


def run(arguments: Arguments, terminal: Terminal) -> int:
    """Move the accounts and print what became of each; the exit status is that of the first error."""
    to = arguments.maybe("to")
    if to is None:
        raise UsageError("It was not said where to.", hint="Add `--to postgresql`, `--to keyring` or `--to file`.")
    done = move(terminal.context(), arguments.many("accounts"), to)
    error = next((one.error for one in done if one.error is not None), None)
    if error is not None and len(done) == 1:
        raise error
    _name_accounts(done)
    if terminal.json:
        terminal.answer(accounts=[_object(one) for one in done])
        if error is not None:
            terminal.fail(error)
    else:
        for one in done:
            _tell(terminal, one)
    for sentence in (sentence for one in done for sentence in one.sentences):
        terminal.say(sentence)
    return error.exit_code if error else 0


def _name_accounts(done: list[Moved]) -> None:
    for one in done:
        if one.error is not None:
            one.error.name_account(one.account.label)


def _object(one: Moved) -> dict[str, Any]:
    shown = {**account_object(one.context, one.account), "moved": one.is_new}
    return shown if one.error is None else {**shown, "reason": one_line(one.error.message)}


def _tell(terminal: Terminal, one: Moved) -> None:
    where = store_label(one.account.store)
    if one.error is not None:
        terminal.fail(one.error)
    elif one.is_new:
        terminal.done(f"Moved {one.account.label} to {where}.")
    else:
        terminal.done(f"{one.account.label} is in {where} already.")
