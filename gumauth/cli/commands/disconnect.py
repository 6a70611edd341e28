"""`gumauth disconnect`: ends the grant at the provider, and deletes the account and its tokens on this machine."""

from __future__ import annotations

from gumauth.cli.parsing.parameters import Arguments
from gumauth.cli.revoke_and_disconnect import print_outcome, which
from gumauth.cli.terminal.terminal import Terminal
from gumauth.client.revoke import Outcome, disconnect


def run(arguments: Arguments, terminal: Terminal) -> None:
    """Disconnect an account."""
    context = terminal.context(arguments.maybe("env_file"))
    account = which(terminal, context, arguments.text("account"), "Disconnect")
    outcome = disconnect(context, account, keep_grant=arguments.flag("keep_grant"))
    if outcome.error is not None:
        command = f"gumauth disconnect {outcome.account.argument} --keep-grant"
        outcome.error.add(hint=f"To forget it all the same, run `{command}`.")
    print_outcome(terminal, outcome, _sentence(outcome))
    if outcome.left:
        command = f"`gumauth default {outcome.left[0].argument}`"
        terminal.say(f"It was the default of {outcome.account.provider}, which has none now; {command} chooses one.")


def _sentence(outcome: Outcome) -> str:
    account = outcome.account
    if account.is_key:
        return f"Forgot {account.label} here. The key stays valid at its service until it is deleted there."
    if outcome.before:
        return f"Forgot {account.label} here. It had been revoked before."
    if outcome.revoked:
        return f"Revoked {account.label} at {account.provider}, and forgot it here."
    return f"Forgot {account.label} here. It was not revoked: its grant may live on at {account.provider}."
