"""`gumauth setup --forget`: a client id and secret, deleted from the store."""

from __future__ import annotations

import os

from gumauth.accounts.account import Account, is_name
from gumauth.cli.provider_argument import find_provider
from gumauth.cli.terminal.formatting import joined
from gumauth.cli.terminal.questions import agreed, unlock
from gumauth.cli.terminal.terminal import Terminal
from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.errors import UsageError
from gumauth.platform.files import working_folder
from gumauth.platform.text import one_line
from gumauth.registry import lookup


def forget(terminal: Terminal, context: Context, given: str) -> None:
    """Delete what `setup` has kept, after a question where accounts still need it and somebody can be asked.

    Args:
        terminal: Where the person is.
        context: Where the accounts are.
        given: PROVIDER of the command line. A name needs no provider: its file may be gone.

    Raises:
        UsageError: The person says no.
        StoreError: It is not deleted.
    """
    is_given_by_name = is_name(given) and not lookup.is_path(given)
    name = given if is_given_by_name else _name_in(context, given)
    if not credentials.is_noted(context, name):
        return _nothing(terminal, context, given, name)
    needing = [] if credentials.is_given(context, name) else _needing(context, name)
    if needing and not _is_agreed(terminal, needing):
        raise UsageError("Nothing was forgotten.")
    unlock(context)
    credentials.forget(context, name)
    if needing:
        terminal.say(
            f"{_which(needing)} cannot be refreshed or revoked until `gumauth setup {given}` keeps them again."
        )
    return _answer(terminal, name, forgotten=True, sentence=f"Forgot the client id and secret of {name}.")


def _name_in(context: Context, given: str) -> str:
    """The name of the provider in a file.

    Raises:
        UsageError: What is kept under that name was kept for another file.
    """
    resolved = find_provider(context, given, working_folder(), for_setup=True)
    kept_for = credentials.file_of(context, resolved.name)
    if kept_for is not None and kept_for != lookup.split_path(resolved.source)[0] and os.path.isfile(kept_for):
        raise UsageError(
            f"The client id and secret of {resolved.name} are kept for {one_line(kept_for, 300)}.",
            hint=f"`gumauth setup {resolved.name} --forget` forgets them.",
        )
    return resolved.name


def _nothing(terminal: Terminal, context: Context, given: str, name: str) -> None:
    find_provider(context, given, working_folder(), for_setup=True)  # a name that was mistyped is told
    _answer(terminal, name, forgotten=False, sentence=f"There was nothing to forget of {name}.")


def _answer(terminal: Terminal, name: str, *, forgotten: bool, sentence: str) -> None:
    if terminal.json:
        return terminal.answer(provider=name, forgotten=forgotten)
    return terminal.done(sentence)


def _needing(context: Context, name: str) -> list[Account]:
    return [account for account in context.accounts.all(name) if account.state != "revoked"]


def _which(accounts: list[Account]) -> str:
    return joined([account.label for account in accounts])


def _is_agreed(terminal: Terminal, needing: list[Account]) -> bool:
    if not terminal.attended or terminal.json:
        return True
    need = "needs" if len(needing) == 1 else "need"
    return agreed(terminal, f"{_which(needing)} {need} them to be refreshed or revoked. Forget them all the same?")
