"""`gumauth setup`: the client id and secret of a person's own app, kept in the store."""

from __future__ import annotations

import os
from typing import NoReturn

from gumauth.cli.commands.app_page import ask_client_id
from gumauth.cli.commands.client_credentials import unlock
from gumauth.cli.commands.setup_forget import forget
from gumauth.cli.env_file import read
from gumauth.cli.parsing.parameters import Arguments
from gumauth.cli.provider_argument import find_provider
from gumauth.cli.setup_instructions import Guide, guide, print_registration
from gumauth.cli.terminal import questions
from gumauth.cli.terminal.formatting import store_in_words
from gumauth.cli.terminal.terminal import Terminal
from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.errors import UsageError
from gumauth.platform.files import working_folder
from gumauth.platform.text import one_line
from gumauth.registry.lookup import Found, is_path, split_path
from gumauth.store.open import prove

LONGEST = 4096
"""Characters of a client id or secret at most; those of the services that are known have fewer than 200."""


def run(arguments: Arguments, terminal: Terminal) -> None:
    """Keep the credentials that are typed, piped in, or in the environment; or forget them."""
    _check(arguments)
    context = terminal.context(arguments.maybe("env_file"))
    given = arguments.text("provider")
    if arguments.flag("forget"):
        forget(terminal, context, given)
        return
    found = find_provider(context, given, working_folder(), for_setup=True)
    facts, known_id = guide(found), arguments.maybe("client_id")
    asked = False
    if arguments.maybe("stdin"):
        store = _keep(terminal, context, facts, *_piped(terminal, known_id))
    elif arguments.flag("from_env") or arguments.maybe("env_file"):
        _check_one_client(terminal, facts, arguments.maybe("env_file"))
        store = _keep(terminal, context, facts, *_of_the_environment(context, facts, arguments.maybe("env_file")))
    else:
        store, asked = ask_and_keep(context, found, terminal, known_id), True
    if terminal.json:
        terminal.answer(provider=found.name, redirect_uri=facts.redirect_uri, store=store)
        return
    if not asked:
        terminal.say(f"Kept in {store_in_words(store)}.")
        print_registration(terminal, facts)
    terminal.say(f"Run `gumauth connect {given}`.")


def _check(arguments: Arguments) -> None:
    """Stop at what does not go together.

    Raises:
        UsageError: Something else than `-` stands behind the provider, or two ways were named.
    """
    piped = arguments.maybe("stdin")
    if piped not in (None, "-"):
        raise UsageError("Behind the provider only `-` can stand.", hint="A secret is never an argument; pipe it in.")
    of_environment = arguments.flag("from_env") or bool(arguments.maybe("env_file"))
    ways = [bool(piped or arguments.maybe("client_id")), of_environment, arguments.flag("forget")]
    if sum(ways) > 1:
        raise UsageError("`-` or --client-id, --from-env or --env-file, and --forget do not go together.")


def ask_and_keep(
    context: Context, found: Found, terminal: Terminal, known_id: str | None = None, *, may_open: bool = True
) -> str:
    """Say where to register, ask for the id and the secret, and keep them; gives the store's name.

    Args:
        context: Where they are kept.
        found: The provider.
        terminal: Where the person is.
        known_id: In place of asking for the id.
        may_open: Whether the page where to register may be opened, should the person want it.

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
    client_id = known_id or ask_client_id(terminal, facts.register_url or facts.docs_url, may_open=may_open)
    if not credentials.without_blanks(client_id):
        _no_id(facts)
    optional = "" if facts.secret_needed else ", or Enter if the app has none"
    secret = questions.hidden(terminal, f"Client secret (not shown{optional})")
    store = _keep(terminal, context, facts, client_id, secret)
    terminal.say(f"Kept in {store_in_words(store)}.")
    return store


def _check_one_client(terminal: Terminal, facts: Guide, env_file: str | None) -> None:
    """Stop where the environment has another client than the file that is named, whose client is meant to be kept."""
    name = facts.variables[0]
    ours = credentials.without_blanks(terminal.environ.get(name, ""))
    file = read(env_file).get(name) if env_file and ours and os.path.isfile(env_file) else None
    if env_file and file and credentials.without_blanks(file) != ours:
        raise UsageError(
            f"The environment sets {name} too, to another client id than {one_line(env_file)}.",
            hint=f"Unset {name} to keep the file's. To keep the other: `gumauth setup {facts.argument} --from-env`.",
        )


def _of_the_environment(context: Context, facts: Guide, env_file: str | None) -> tuple[str, str]:
    id_variable, secret_variable = facts.variables
    if not credentials.is_given(context, facts.name):
        where = f"neither the environment nor {one_line(env_file)} sets" if env_file else "the environment does not set"
        raise UsageError(
            f"There is no client id: {where} {id_variable}.", hint=f"Run `gumauth setup {facts.argument}`, which asks."
        )
    return context.environ[id_variable], context.environ.get(secret_variable, "")


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
            + (", or set `public_client = True` in its class." if is_path(facts.source) else "."),
        )
    file = split_path(facts.source)[0] if is_path(facts.source) else None
    return credentials.save(context, facts.name, client_id, secret or None, file=file)


def _without_blanks(terminal: Terminal, what: str, value: str) -> str:
    meant = credentials.without_blanks(value)
    if meant and meant != value:
        terminal.say(f"Blanks around the {what} were taken off.")
    return meant


def _no_id(facts: Guide) -> NoReturn:
    raise UsageError("The client id is empty.", hint=f"Run `gumauth setup {facts.argument}` again.")
