"""Which account a command is to end, where its provider alone was named and has several."""

from __future__ import annotations

from gumauth.accounts.account import Account
from gumauth.cli.terminal.questions import agreed
from gumauth.cli.terminal.terminal import Terminal
from gumauth.client.context import Context
from gumauth.client.revoke import find_one
from gumauth.errors import AmbiguousAccount, UsageError


def which(terminal: Terminal, context: Context, reference: str, verb: str) -> Account:
    """The one account that is meant: the named one, or the default account after the person's yes.

    Args:
        terminal: Where the person is.
        context: Where the accounts are.
        reference: ACCOUNT of the command line.
        verb: What is done to the account, to begin a question with.

    Raises:
        AmbiguousAccount: There are several, and nobody can be asked, or none of them is the default.
        UsageError: The person says no.
        NotConnected: There is no such account.
    """
    try:
        return find_one(context, reference)
    except AmbiguousAccount as error:
        default = None if "/" in reference else context.accounts.default(reference)
        if default is None or not terminal.attended or terminal.json:
            raise
        terminal.say(error.message)
    who = f", the account of {default.nickname}" if default.nickname and default.nickname != default.name else ""
    if agreed(terminal, f"{verb} {default.label}{who}?"):
        return default
    raise UsageError("Nothing was done.", hint=f"Name the account: `gumauth {verb.lower()} {default.argument}`.")
