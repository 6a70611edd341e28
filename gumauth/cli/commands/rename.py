"""`gumauth rename`: gives an account another alias, without a new consent."""

from __future__ import annotations

from gumauth.client.aliases import rename
from gumauth.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.cli.parsing.parameters import Arguments
    from gumauth.cli.terminal.terminal import Terminal


def run(arguments: Arguments, terminal: Terminal) -> None:
    """Change or remove an account's alias."""
    alias, none = arguments.maybe("alias"), arguments.flag("none")
    if (alias is None) is not none:
        raise UsageError(
            "Give either a new alias or --none.",
            hint="Write `gumauth rename ACCOUNT ALIAS`, or `gumauth rename ACCOUNT --none` to take its alias away.",
        )
    context = terminal.context()
    before, now = rename(context, arguments.text("account"), alias)
    if terminal.json:
        from gumauth.cli.json_objects import account_object

        terminal.answer(account=account_object(context, now), before=before.label)
    elif before.label == now.label:
        terminal.done(f"{now.label} is called so already.")
    else:
        terminal.done(f"{before.label} is called {now.label} now.")
