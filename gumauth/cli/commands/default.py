"""`gumauth default`: chooses the account that a provider's name alone stands for."""

from __future__ import annotations

from gumauth.client.lookup import find

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.cli.parsing.parameters import Arguments
    from gumauth.cli.terminal.terminal import Terminal


def run(arguments: Arguments, terminal: Terminal) -> None:
    """Make an account its provider's default."""
    context = terminal.context()
    account = find(context, arguments.text("account"))
    context.accounts.set_default(account)
    if terminal.json:
        from gumauth.cli.json_objects import account_object

        terminal.answer(account=account_object(context, account))
    else:
        terminal.done(f"{account.label} is the default account of {account.provider}.")
