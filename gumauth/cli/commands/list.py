"""`gumauth list`: prints the connected accounts, without reading a secret."""

from __future__ import annotations

from gumauth.cli.json_objects import account_objects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.account import Account
    from gumauth.cli.parsing.parameters import Arguments
    from gumauth.cli.terminal.terminal import Terminal
    from gumauth.client.context import Context


def run(arguments: Arguments, terminal: Terminal) -> None:
    """Print all accounts, those of a provider, or one account."""
    context = terminal.context()
    reference = arguments.maybe("account")
    accounts, all_read = listed(context, reference)
    for sentence in unusable_files(context):
        terminal.say(sentence)
    if context.is_shared and reference is None:
        _say_own(terminal, context)
    if terminal.json:
        terminal.answer(accounts=account_objects(context, accounts, all_read=all_read))
    elif accounts:
        from gumauth.cli.commands.list_table import show

        show(terminal, context, accounts, all_read=all_read)
    elif not context.accounts.unreadable:
        terminal.say("No account is connected yet.")
        terminal.say("Run `gumauth providers` to see what can be connected, or `gumauth demo` to watch it first.")


def listed(context: Context, reference: str | None) -> tuple[list[Account], bool]:
    """All accounts, those of a provider, or one account; and whether these are all accounts of their providers.

    Raises:
        NotConnected: There is no such account.
        UsageError: The reference cannot name an account, or could mean several.
    """
    from gumauth.accounts.account import is_name

    if reference is None or is_name(reference):
        accounts = list(context.accounts.all(reference))
        if accounts or reference is None:
            return accounts, True
    from gumauth.client.lookup import look_up

    return [look_up(context, reference)], False


def _say_own(terminal: Terminal, context: Context) -> None:
    """Say how many accounts this machine keeps of its own, which are not among those of the database."""
    from gumauth.client.other_keeper import own_count

    if count := own_count(context):
        accounts = "1 account is" if count == 1 else f"{count} accounts are"
        terminal.say(f"{accounts} kept on this machine alone; `gumauth move ACCOUNT --to postgresql` shares one.")


def unusable_files(context: Context) -> list[str]:
    """A sentence for each account file that was passed over. Promise K3."""
    broken = [
        f"The account file {provider}/{identity}.json cannot be read; `gumauth token {provider}/{identity}` mends it."
        for provider, identity in dict.fromkeys(context.accounts.unreadable)
    ]
    return broken + [f"Passed over {reason}" for reason in dict.fromkeys(context.accounts.passed_over)]
