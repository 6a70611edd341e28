"""`gumauth revoke`: ends the grant at the provider; the account stays in the list."""

from __future__ import annotations

from gumauth.cli.parsing.parameters import Arguments
from gumauth.cli.revoke_and_disconnect import print_outcome, which
from gumauth.cli.terminal.terminal import Terminal
from gumauth.client.revoke import revoke


def run(arguments: Arguments, terminal: Terminal) -> None:
    """Revoke an account's grant."""
    context = terminal.context(arguments.maybe("env_file"))
    outcome = revoke(context, which(terminal, context, arguments.text("account"), "Revoke"))
    account = outcome.account
    command = f"gumauth disconnect {account.argument}"
    what = f"{account.label} had been revoked before" if outcome.before else f"Revoked {account.label}"
    print_outcome(terminal, outcome, f"{what}; it stays in the list until `{command}`.")
