"""`gumauth store`: administers a database with the accounts of several machines."""

from __future__ import annotations

from importlib import import_module

from gumauth.accounts import choice
from gumauth.accounts.references import joined
from gumauth.errors import UsageError
from gumauth.platform.frozen import frozen
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.cli.parsing.parameters import Arguments
    from gumauth.cli.terminal.terminal import Terminal


@frozen
class Action:
    """What `gumauth store` can do.

    Args:
        module: Has `run`, which gets the arguments, the terminal and the administration.
        takes: The keys of the parameters that go with it.
        needs_file: Whether FILE must be given.
    """

    module: str
    takes: tuple[str, ...] = ()
    needs_file: bool = False


ACTIONS = {
    "init": Action(module="store_init"),
    "log": Action(module="store_log", takes=("account", "limit")),
    "reader-key": Action(module="store_reader_key", takes=("file",), needs_file=True),
    "rekey": Action(module="store_rekey", takes=("file", "finish")),
}
SHOWN = {"file": "FILE", "account": "--account", "limit": "--limit", "finish": "--finish"}
"""A parameter that goes with some actions only → how a person writes it."""


def run(arguments: Arguments, terminal: Terminal) -> None:
    """Do the action that was named."""
    name = arguments.text("action")
    action = _action(name)
    _check(arguments, name, action)
    context = terminal.context()
    if not choice.is_shared(context.environ):
        raise UsageError(
            "`gumauth store` is about accounts in a database, and GUMAUTH_STORE names none.",
            hint="Set GUMAUTH_STORE=postgresql://HOST/DATABASE.",
        )
    administration = choice.administration(context.home, context.environ)
    import_module(f"gumauth.cli.commands.{action.module}").run(arguments, terminal, administration)


def _action(name: str) -> Action:
    if name in ACTIONS:
        return ACTIONS[name]
    from difflib import get_close_matches

    near = get_close_matches(name.lower(), ACTIONS, 1)
    lines = [f"`gumauth store {each}`" for each in ACTIONS]
    raise UsageError(
        f"`gumauth store` has no action {one_line(name)!r}.",
        hint=f"Did you mean `gumauth store {near[0]}`?" if near else f"Write {joined(lines, 'or')}.",
    )


def _check(arguments: Arguments, name: str, action: Action) -> None:
    """Refuse a parameter of another action, and a missing file.

    Raises:
        UsageError: There is one.
    """
    for key, shown in SHOWN.items():
        if arguments.given(key) and key not in action.takes:
            those = [f"`gumauth store {each}`" for each, other in ACTIONS.items() if key in other.takes]
            verb = "does" if len(those) == 1 else "do"
            raise UsageError(f"`gumauth store {name}` takes no {shown}; {joined(those, 'and')} {verb}.")
    if action.needs_file and not arguments.given("file"):
        raise UsageError(
            f"`gumauth store {name}` needs the FILE that it is to write.",
            hint=f"Write `gumauth store {name} FILE`.",
        )
