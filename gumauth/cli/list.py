"""`gumauth list`: every connected account. No secret is read."""

from __future__ import annotations

from gumauth.cli.objects import account_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.cli.spec import Arguments
    from gumauth.cli.terminal import Terminal


def run(_arguments: Arguments, terminal: Terminal) -> None:
    """Print the accounts."""
    context = terminal.context()
    accounts = list(context.accounts.all())
    if terminal.json:
        terminal.answer(accounts=[account_object(context, account) for account in accounts])
    elif accounts:
        from gumauth.cli.account_table import show

        show(terminal, context, accounts)
    else:
        terminal.say("No account is connected yet.")
        terminal.say("Run `gumauth providers` to see what can be connected, or `gumauth demo` to watch it first.")
