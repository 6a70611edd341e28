"""`gumauth disconnect`: ends the grant at the provider, and deletes the account and its tokens."""

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
    print_outcome(terminal, outcome, sentence(outcome, "on all machines" if context.accounts.is_shared else "here"))
    if outcome.left:
        command = f"`gumauth default {outcome.left[0].argument}`"
        terminal.say(f"It was the default of {outcome.account.provider}, which has none now; {command} chooses one.")


def sentence(outcome: Outcome, where: str) -> str:
    """What was done; `where` says where the account is not known any more."""
    account = outcome.account
    forgot = f"Forgot {account.label} {where}."
    if account.is_key:
        return f"{forgot} The key stays valid at its service until it is deleted there."
    if outcome.before:
        return f"{forgot} It had been revoked before."
    if outcome.revoked:
        return f"Revoked {account.label} at {account.provider}, and forgot it {where}."
    return f"{forgot} It was not revoked: its grant may live on at {account.provider}."
