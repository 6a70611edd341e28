"""What `revoke` and `disconnect` print in the same way."""

from __future__ import annotations

import math

from gumauth.cli.terminal.formatting import iso
from gumauth.cli.terminal.terminal import Terminal
from gumauth.client.revoke import Ended
from gumauth.client.revoke_request import minutes


def print_ended(terminal: Terminal, ended: Ended, sentence: str) -> None:
    """Print what became of an account.

    Raises:
        GumauthError: Its grant may still be alive at the provider.
    """
    if ended.error is not None:
        raise ended.error
    until = ended.lives_until
    if terminal.json:
        lives_on = {} if until is None else {"access_token_expires_at": None if math.isinf(until) else iso(until)}
        terminal.answer(
            provider=ended.account.provider,
            account=ended.account.label,
            revoked=ended.revoked,
            forgotten=ended.forgotten,
            **lives_on,
        )
        return
    terminal.done(sentence)
    if until is not None:
        how_long = "until its own end" if math.isinf(until) else f"for {minutes(until - terminal.clock())} more"
        terminal.say(f"{ended.account.provider} cannot end its access token, which lives on {how_long}.")
