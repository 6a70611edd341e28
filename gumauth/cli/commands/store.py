"""`gumauth store`: administers a database with the accounts of several machines."""

from __future__ import annotations

from importlib import import_module

from gumauth.accounts import choice
from gumauth.errors import UsageError
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.cli.parsing.parameters import Arguments
    from gumauth.cli.terminal.terminal import Terminal

ACTIONS = {"init": "gumauth.cli.commands.store_init"}
"""An action → its module."""


def run(arguments: Arguments, terminal: Terminal) -> None:
    """Do the action that was named."""
    action = arguments.text("action")
    if action not in ACTIONS:
        raise UsageError(
            f"`gumauth store` has no action {one_line(action)!r}.",
            hint=f"Write {' or '.join(f'`gumauth store {each}`' for each in ACTIONS)}.",
        )
    context = terminal.context()
    if not choice.is_shared(context.environ):
        raise UsageError(
            "`gumauth store` is about accounts in a database, and GUMAUTH_STORE names none.",
            hint="Set GUMAUTH_STORE=postgresql://HOST/DATABASE.",
        )
    import_module(ACTIONS[action]).run(arguments, terminal, choice.administration(context.home, context.environ))
