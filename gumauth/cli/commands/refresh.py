"""`gumauth refresh`: refreshes the named accounts, or all accounts, now."""

from __future__ import annotations

from typing import Any

from gumauth.cli.json_objects import account_objects
from gumauth.cli.parsing.parameters import Arguments
from gumauth.cli.terminal.formatting import expiry
from gumauth.cli.terminal.terminal import Terminal
from gumauth.cli.traced import trace_as_asked
from gumauth.client.context import Context
from gumauth.client.refresh.refresh import Refreshed, refresh
from gumauth.errors import GumauthError
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.account import State


UNUSABLE: dict[State, str] = {"moving": "is half moved"}
"""The state of an account that is passed over → why; the others have to be connected again."""


def run(arguments: Arguments, terminal: Terminal) -> int:
    """Refresh the accounts and print what became of each; the exit status is that of the first error."""
    context = terminal.context(arguments.maybe("env_file"))
    trace_as_asked(context, arguments, terminal)
    done = refresh(context, arguments.many("accounts"))
    error = next((one.error for one in done if one.error is not None), None)
    if terminal.json:
        return _answered(terminal, context, done, error, all_read=not arguments.many("accounts"))
    for one in done:
        if one.error is not None and len(done) > 1:
            one.error.name_account(one.account.label)
        _tell(terminal, context, one)
    if not done:
        terminal.say("No account is connected yet.")
    return error.exit_code if error else 0


def _answered(
    terminal: Terminal, context: Context, done: list[Refreshed], error: GumauthError | None, *, all_read: bool
) -> int:
    """Print the JSON object of all accounts; where the only account failed, only its error is printed."""
    if error is not None and len(done) == 1:
        raise error
    objects = account_objects(context, [one.account for one in done], all_read=all_read)
    terminal.answer(accounts=[_object(shown, one) for shown, one in zip(objects, done, strict=True)])
    if error is not None:
        terminal.fail(error)
    return error.exit_code if error else 0


def _object(shown: dict[str, Any], one: Refreshed) -> dict[str, Any]:
    shown = {**shown, "refreshed": one.refreshed}
    return shown if one.error is None else {**shown, "reason": one_line(one.error.message)}


def _tell(terminal: Terminal, context: Context, one: Refreshed) -> None:
    label = one.account.label
    if one.error is not None:
        terminal.fail(one.error)
    elif one.refreshed:
        ends = one.account.expires_at
        until = "" if ends is None else f"; the token expires {expiry(ends, context.clock())}"
        terminal.done(f"Refreshed {label}{until}.")
    else:
        state = one.account.state
        lacks = "is a key" if one.account.is_key else "has no refresh token, or its tokens do not expire"
        why = one_line(f"{label}: it {lacks if state == 'ok' else UNUSABLE.get(state, 'has to be connected again')}.")
        text = terminal.folded(f"Passed over {why}", indent="  ", taken=2, stream=terminal.stdout)
        terminal.out(f"{terminal.paint('dim', '-', terminal.stdout)} {text}")
