"""What `revoke` and `disconnect` share: which account is to be ended, and how its end is printed."""

from __future__ import annotations

import math

from gumauth.accounts.account import Account
from gumauth.cli.terminal.formatting import iso
from gumauth.cli.terminal.questions import agreed
from gumauth.cli.terminal.terminal import Terminal
from gumauth.client.context import Context
from gumauth.client.revoke import Outcome, find_one
from gumauth.client.revoke_request import minutes
from gumauth.errors import AmbiguousAccount, UsageError


def which(terminal: Terminal, context: Context, reference: str, verb: str) -> Account:
    """The account to end: the named one or, where only its provider is named, the default account if the person agrees.

    Args:
        terminal: Where the person is asked.
        context: Where the accounts are listed.
        reference: ACCOUNT of the command line.
        verb: The first word of the question: "Revoke" or "Disconnect".

    Raises:
        AmbiguousAccount: The provider has several accounts, and nobody can be asked, or none is the default account.
        UsageError: The person says no.
        NotConnected: There is no such account.
    """
    try:
        return find_one(context, reference)
    except AmbiguousAccount as error:
        default = None if "/" in reference else context.accounts.default(reference)
        if default is None or not terminal.can_ask:
            raise
        terminal.say(error.message)
    who = f", the account of {default.nickname}" if default.nickname and default.nickname != default.name else ""
    if agreed(terminal, f"{verb} {default.label}{who}?"):
        return default
    raise UsageError("Nothing was done.", hint=f"Name the account: `gumauth {verb.lower()} {default.argument}`.")


def print_outcome(terminal: Terminal, outcome: Outcome, sentence: str) -> None:
    """Print the outcome of a revoke or disconnect, and how long an access token lives on. Promises I5 and L1.

    Args:
        terminal: Where the outcome is printed.
        outcome: The outcome.
        sentence: The outcome in a sentence, for a person.

    Raises:
        GumauthError: The grant may still be alive at the provider.
    """
    if outcome.error is not None:
        raise outcome.error
    until = outcome.lives_until
    if terminal.json:
        lives_on = {} if until is None else {"access_token_expires_at": None if math.isinf(until) else iso(until)}
        terminal.answer(
            provider=outcome.account.provider,
            account=outcome.account.label,
            revoked=outcome.revoked,
            forgotten=outcome.forgotten,
            **lives_on,
        )
        return
    terminal.done(sentence)
    if until is not None:
        how_long = "until its own end" if math.isinf(until) else f"for {minutes(until - terminal.clock())} more"
        terminal.say(f"{outcome.account.provider} cannot end its access token, which lives on {how_long}.")
