"""`gumauth disconnect`: the grant ends at the provider, and the account is forgotten here."""

from __future__ import annotations

from gumauth.cli.ended import print_ended
from gumauth.cli.spec import Arguments
from gumauth.cli.terminal import Terminal
from gumauth.client.ending import Ended, disconnect


def run(arguments: Arguments, terminal: Terminal) -> None:
    """Disconnect an account."""
    context = terminal.context(arguments.maybe("env_file"))
    ended = disconnect(context, arguments.text("account"), keep_grant=arguments.flag("keep_grant"))
    print_ended(terminal, ended, _sentence(ended))


def _sentence(ended: Ended) -> str:
    account = ended.account
    if ended.revoked:
        return f"Revoked {account.label} at {account.provider}, and forgot it here."
    return f"Forgot {account.label} here. It was not revoked: its grant may live on at {account.provider}."
