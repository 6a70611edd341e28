"""`gumauth setup`: keeps the client id and secret of a person's own app in the store, or forgets them."""

from __future__ import annotations

import os

from gumauth.accounts.account import is_name
from gumauth.accounts.references import joined
from gumauth.cli.env_file import read
from gumauth.cli.own_place import check_no_name_alone, placed
from gumauth.cli.parsing.parameters import Arguments
from gumauth.cli.provider_argument import find_provider
from gumauth.cli.setup_instructions import SetupInstructions, instructions_for, print_registration
from gumauth.cli.setup_questions import LONGEST, ask_and_keep, keep
from gumauth.cli.terminal.questions import agreed, unlock
from gumauth.cli.terminal.terminal import Terminal
from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.errors import UsageError
from gumauth.platform.files import working_folder
from gumauth.platform.text import one_line
from gumauth.registry import lookup
from gumauth.store.open import store_label


def run(arguments: Arguments, terminal: Terminal) -> None:
    """Keep the client credentials that are typed, piped in, or in the environment; or forget the stored ones."""
    _check(arguments)
    check_no_name_alone(arguments)
    context = terminal.context(arguments.maybe("env_file"))
    given, alias = placed(context, arguments, terminal, arguments.text("provider"))
    if arguments.flag("forget"):
        _forget(terminal, context, given)
        return
    resolved = find_provider(context, given, working_folder(), for_setup=True)
    facts, known_id = instructions_for(resolved), arguments.maybe("client_id")
    asked = False
    if arguments.maybe("stdin"):
        store = keep(terminal, context, facts, *_piped(terminal, known_id))
    elif arguments.flag("from_env") or arguments.maybe("env_file"):
        _check_one_client(terminal, facts, arguments.maybe("env_file"))
        store = keep(terminal, context, facts, *_of_the_environment(context, facts, arguments.maybe("env_file")))
    else:
        store, asked = ask_and_keep(context, resolved, terminal, known_id), True
    if terminal.json:
        terminal.answer(provider=resolved.name, redirect_uri=facts.redirect_uri or None, store=store)
        return
    if not asked:
        print_registration(terminal, facts)
        terminal.say(f"Kept in {store_label(store)}.")
    terminal.say(f"Run `gumauth connect {given}{f' --as {alias}' if alias else ''}`.")


def _check(arguments: Arguments) -> None:
    """Refuse arguments that do not go together.

    Raises:
        UsageError: Another word than `-` stands behind the provider, or two sources of the credentials are named.
    """
    piped = arguments.maybe("stdin")
    if piped not in (None, "-"):
        raise UsageError("Behind the provider only `-` can stand.", hint="A secret is never an argument; pipe it in.")
    of_environment = arguments.flag("from_env") or bool(arguments.maybe("env_file"))
    ways = [bool(piped or arguments.maybe("client_id")), of_environment, arguments.flag("forget")]
    if sum(ways) > 1:
        raise UsageError("`-` or --client-id, --from-env or --env-file, and --forget do not go together.")


def _check_one_client(terminal: Terminal, facts: SetupInstructions, env_file: str | None) -> None:
    """Refuse a file whose client id differs from the environment's: the environment's would be kept, not the file's.

    Raises:
        UsageError: The two client ids differ.
    """
    name = facts.variables[0]
    ours = credentials.without_blanks(terminal.environ.get(name, ""))
    file = read(env_file).get(name) if env_file and ours and os.path.isfile(env_file) else None
    if env_file and file and credentials.without_blanks(file) != ours:
        raise UsageError(
            f"The environment sets {name} too, to another client id than {one_line(env_file)}.",
            hint=f"Unset {name} to keep the file's. To keep the other: `gumauth setup {facts.argument} --from-env`.",
        )


def _of_the_environment(context: Context, facts: SetupInstructions, env_file: str | None) -> tuple[str, str]:
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


def _forget(terminal: Terminal, context: Context, given: str) -> None:
    """Delete stored client credentials; if accounts still need them, the person is asked first.

    Args:
        terminal: Where the person is asked.
        context: The store, and the list of accounts.
        given: PROVIDER of the command line. For a name the provider is not loaded: its file may be gone.

    Raises:
        UsageError: The person says no.
        StoreError: The store does not delete the credentials.
    """
    is_given_by_name = is_name(given) and not lookup.is_path(given)
    name = given if is_given_by_name else _name_in(context, given)
    if not credentials.is_noted(context, name):
        find_provider(context, given, working_folder(), for_setup=True)  # raises for a name that no provider has
        _print_forgotten(terminal, name, forgotten=False, sentence=f"There was nothing to forget of {name}.")
        return
    needing: list[str] = []
    if not credentials.is_given(context, name):
        grants = (account for account in context.accounts.all(name) if not account.is_key)
        needing = [account.label for account in grants if account.state != "revoked"]
    those = joined(needing, "and")
    if needing and terminal.can_ask:
        need = f"{those} {'needs' if len(needing) == 1 else 'need'} them to be refreshed or revoked."
        if not agreed(terminal, f"{need} Forget them all the same?"):
            raise UsageError("Nothing was forgotten.")
    unlock(context)
    credentials.forget(context, name)
    if needing:
        terminal.say(f"{those} cannot be refreshed or revoked until `gumauth setup {given}` keeps them again.")
    _print_forgotten(terminal, name, forgotten=True, sentence=f"Forgot the client id and secret of {name}.")


def _name_in(context: Context, given: str) -> str:
    """The name of the provider in a file.

    Raises:
        UsageError: The credentials stored under that name belong to another file.
    """
    if lookup.is_url(given) and (name := _noted_at(context, given)):
        return name
    resolved = find_provider(context, given, working_folder(), for_setup=True)
    kept_for = credentials.file_of(context, resolved.name)
    if kept_for is not None and kept_for != lookup.split_path(resolved.source)[0] and os.path.isfile(kept_for):
        raise UsageError(
            f"The client id and secret of {resolved.name} are kept for {one_line(kept_for, 300)}.",
            hint=f"`gumauth setup {resolved.name} --forget` forgets them.",
        )
    return resolved.name


def _noted_at(context: Context, url: str) -> str | None:
    """The name under which credentials are kept for an address, which may not answer any more; None where none are."""
    from gumauth.client.discovery import services
    from gumauth.oauth2.discovery.addresses import name_of, read_address

    address = read_address(url)
    known = services.named_by(context, address)
    name = name_of(address) if known is None else known.name
    if name is None or not credentials.is_noted(context, name):
        return None
    other = services.read(context, name)
    return name if other is None or other.url == address else None


def _print_forgotten(terminal: Terminal, name: str, *, forgotten: bool, sentence: str) -> None:
    if terminal.json:
        terminal.answer(provider=name, forgotten=forgotten)
    else:
        terminal.done(sentence)
