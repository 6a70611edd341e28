"""`gumauth setup`: the client id and secret of a person's own app, kept in the store."""

from __future__ import annotations

from typing import NoReturn

from gumauth.cli import prompt
from gumauth.cli.connect import unlock
from gumauth.cli.guide import Guide, guide, print_registration
from gumauth.cli.reference import find_provider
from gumauth.cli.spec import Arguments
from gumauth.cli.terminal import Terminal
from gumauth.cli.words import store_in_words
from gumauth.client import credentials
from gumauth.context import Context
from gumauth.errors import UsageError
from gumauth.home import working_folder
from gumauth.registry import Found
from gumauth.store import prove

LONGEST = 4096
"""Characters of a client id or secret at most; those of the services that are known have fewer than 200."""


def run(arguments: Arguments, terminal: Terminal) -> None:
    """Keep the credentials that are typed, or piped in."""
    piped = arguments.maybe("stdin")
    if piped not in (None, "-"):
        raise UsageError("Behind the provider only `-` can stand.", hint="A secret is never an argument; pipe it in.")
    context = terminal.context()
    found = find_provider(context, arguments.text("provider"), working_folder())
    known_id = arguments.maybe("client_id")
    if piped:
        store = _keep(terminal, context, guide(found), *_piped(terminal, known_id))
    else:
        store = ask_and_keep(context, found, terminal, known_id)
    if terminal.json:
        terminal.answer(provider=found.name, redirect_uri=guide(found).redirect_uri, store=store)
        return
    if piped:
        terminal.say(f"Kept in {store_in_words(store)}.")
        print_registration(terminal, guide(found))
    terminal.say(f"Run `gumauth connect {arguments.text('provider')}`.")


def ask_and_keep(context: Context, found: Found, terminal: Terminal, known_id: str | None = None) -> str:
    """Say where to register, ask for the id and the secret, and keep them; gives the store's name.

    Raises:
        UsageError: There is nobody to ask, or what was entered cannot be right.
        StoreError: They are not kept.
    """
    facts = guide(found)
    if not terminal.attended:
        raise UsageError(
            "There is no terminal on which the client id and secret could be asked for.",
            hint=f"Pipe them, one line each, into `gumauth setup {found.argument} -`.",
        )
    unlock(context)
    prove(context.store())  # before somebody registers an app and types its secret for nothing
    print_registration(terminal, facts)
    client_id = known_id or prompt.typed(terminal, "Client id")
    if not credentials.without_blanks(client_id):
        _no_id(facts)
    optional = "" if facts.secret_needed else ", or Enter if the app has none"
    secret = prompt.hidden(terminal, f"Client secret (not shown{optional})")
    store = _keep(terminal, context, facts, client_id, secret)
    terminal.say(f"Kept in {store_in_words(store)}.")
    return store


def _piped(terminal: Terminal, known_id: str | None) -> tuple[str, str]:
    lines = [terminal.stdin.readline(LONGEST + 2).strip("\r\n") for _ in range(1 if known_id else 2)]
    return (known_id, lines[0]) if known_id else (lines[0], lines[1])


def _keep(terminal: Terminal, context: Context, facts: Guide, client_id: str, secret: str) -> str:
    client_id, secret = (
        _without_blanks(terminal, what, value) for what, value in (("client id", client_id), ("client secret", secret))
    )
    for what, value in (("client id", client_id), ("client secret", secret)):
        if len(value) > LONGEST or not value.isprintable():
            raise UsageError(f"That cannot be a {what}: it is too long, or has control characters in it.")
    if not client_id:
        _no_id(facts)
    if not secret and facts.secret_needed:
        raise UsageError(
            f"{facts.title} needs a client secret, and none was given.",
            hint=f"Run `gumauth setup {facts.argument}` again"
            + (", or set `public_client = True` in its class." if facts.argument != facts.name else "."),
        )
    return credentials.save(context, facts.name, client_id, secret or None)


def _without_blanks(terminal: Terminal, what: str, value: str) -> str:
    meant = credentials.without_blanks(value)
    if meant and meant != value:
        terminal.say(f"Blanks around the {what} were taken off.")
    return meant


def _no_id(facts: Guide) -> NoReturn:
    raise UsageError("The client id is empty.", hint=f"Run `gumauth setup {facts.argument}` again.")
