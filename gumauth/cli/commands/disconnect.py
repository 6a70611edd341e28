"""`gumauth disconnect`: ends the grant at the provider, and deletes the account and its tokens on this machine."""

from __future__ import annotations

from gumauth.cli.parsing.parameters import Arguments
from gumauth.cli.revoke_and_disconnect import print_ended, which
from gumauth.cli.terminal.terminal import Terminal
from gumauth.client.revoke import Ended, disconnect


def run(arguments: Arguments, terminal: Terminal) -> None:
    """Disconnect an account."""
    context = terminal.context(arguments.maybe("env_file"))
    account = which(terminal, context, arguments.text("account"), "Disconnect")
    ended = disconnect(context, account, keep_grant=arguments.flag("keep_grant"))
    if ended.error is not None:
        command = f"gumauth disconnect {ended.account.argument} --keep-grant"
        ended.error.add(hint=f"To forget it all the same, run `{command}`.")
    print_ended(terminal, ended, _sentence(ended))
    if ended.left:
        command = f"`gumauth default {ended.left[0].argument}`"
        terminal.say(f"It was the default of {ended.account.provider}, which has none now; {command} chooses one.")


def _sentence(ended: Ended) -> str:
    account = ended.account
    if ended.before:
        return f"Forgot {account.label} here. It had been revoked before."
    if ended.revoked:
        return f"Revoked {account.label} at {account.provider}, and forgot it here."
    return f"Forgot {account.label} here. It was not revoked: its grant may live on at {account.provider}."
