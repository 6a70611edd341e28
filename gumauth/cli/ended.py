"""What `revoke` and `disconnect` print in the same way."""

from __future__ import annotations

from gumauth.cli.terminal import Terminal
from gumauth.client.ending import Ended


def print_ended(terminal: Terminal, ended: Ended, sentence: str) -> None:
    """Print what became of an account.

    Raises:
        GumauthError: Its grant may still be alive at the provider.
    """
    if ended.error is not None:
        raise ended.error
    if terminal.json:
        terminal.answer(
            provider=ended.account.provider,
            account=ended.account.label,
            revoked=ended.revoked,
            forgotten=ended.forgotten,
        )
    else:
        terminal.done(sentence)
