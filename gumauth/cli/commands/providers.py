"""`gumauth providers`: prints what can be connected, or how. Without a name no provider is imported."""

from __future__ import annotations

from gumauth.accounts.account import is_name
from gumauth.cli.commands.providers_list import lines, matching, show
from gumauth.client import credentials
from gumauth.errors import UnknownProvider, UsageError
from gumauth.platform.files import working_folder
from gumauth.platform.text import one_line, shell_word
from gumauth.registry import lookup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.cli.parsing.parameters import Arguments
    from gumauth.cli.terminal.terminal import Terminal
    from gumauth.client.context import Context

DOCUMENT = "GUMAUTH_CLIENT_METADATA_URL"


def run(arguments: Arguments, terminal: Terminal) -> None:
    """Print the providers, or one of them."""
    document = arguments.maybe("client_metadata")
    if document is not None:
        _client_metadata(terminal, document)
        return
    context = terminal.context(arguments.maybe("env_file"))
    name = arguments.maybe("provider")
    if name is None and not any(arguments.maybe(option) for option in ("host", "tenant", "name")):
        show(terminal, context, lines(context))
    else:
        _one(arguments, terminal, context, name)


def _one(arguments: Arguments, terminal: Terminal, context: Context, name: str | None) -> None:
    """Print one of the providers, what it needs first, or those in which its name occurs as a word.

    Raises:
        UsageError: There is a --host, --tenant or --name of no service.
    """
    from gumauth.cli.own_place import check_no_name_alone, is_lacking, placed

    check_no_name_alone(arguments)
    if name is None:
        raise _place_alone(arguments)
    if not is_name(name) and name.lower() in lookup.built_in_names():
        name = name.lower()
    if arguments.maybe("host") or arguments.maybe("tenant"):
        name, _ = placed(context, arguments, terminal, name)
    if lookup.is_url(name):
        _found(terminal, context, name)
    elif is_lacking(context, name, None):
        from gumauth.cli.commands.providers_places import show_needs

        show_needs(terminal, lookup.built_in(name))
    else:
        _named(terminal, context, name)


def _place_alone(arguments: Arguments) -> UsageError:
    """The error for a --host or --tenant of no service."""
    place = "host" if arguments.maybe("host") else "tenant"
    value = one_line(arguments.maybe(place), 100)
    return UsageError(
        f"--{place} stands behind the name of a service, and none is given.",
        hint=f"Write `gumauth providers NAME --{place} {shell_word(value)}`.",
    )


def _found_nowhere(word: str, error: UnknownProvider) -> UnknownProvider:
    """The error for a word that is no provider and occurs in none."""
    advice = (
        "Connect another service by the address of its MCP server, such as `gumauth connect https://mcp.example.com`,"
        " or by a provider file: `gumauth help own-provider`."
    )
    is_near = "Did you mean" in (error.hint or "")
    return UnknownProvider(
        f"No service's name or kind has {one_line(word, 64)!r}.", hint=error.hint if is_near else advice
    )


def _named(terminal: Terminal, context: Context, name: str) -> None:
    """Print how to connect a provider, or the providers in which a word occurs.

    Args:
        terminal: Where it is printed.
        context: Where accounts and client credentials are.
        name: A name, a file, a service at a place of one's own, or a word.
    """
    from gumauth.cli.provider_argument import find_provider
    from gumauth.cli.setup_instructions import instructions_for, print_instructions

    try:
        resolved = find_provider(context, name, working_folder(), for_setup=True)
    except UnknownProvider as error:
        found = matching(lines(context), name)
        if not found:
            raise _found_nowhere(name, error) from None
        show(terminal, context, found)
        return
    if resolved.traits.discovered is not None:
        _found(terminal, context, resolved.source, resolved.name)
        return
    facts = instructions_for(resolved)
    if terminal.json:
        terminal.answer(
            provider={
                "name": facts.name,
                "title": facts.title,
                "source": facts.source,
                "register_url": facts.register_url or None,
                "register_note": facts.note or None,
                "docs_url": facts.docs_url or None,
                "mcp_url": facts.mcp_url or None,
                "token_variables": list(facts.token_variables),
                "unverified": list(facts.unverified),
                "redirect_uri": facts.redirect_uri or None,
                "register_redirect": facts.enters_redirect,
                "any_port": facts.any_port,
                "scopes": list(facts.scopes),
                "variables": list(facts.variables),
                "credentials": credentials.place(context, facts.name),
                "host": resolved.traits.host,
                "tenant": resolved.traits.tenant,
                "needs": [],
            }
        )
    else:
        print_instructions(terminal, context, facts)


def _found(terminal: Terminal, context: Context, url: str, name: str | None = None) -> None:
    from gumauth.cli.commands.providers_discovered import show

    show(terminal, context, url, name)


def _client_metadata(terminal: Terminal, url: str) -> None:
    """Print the client metadata document to publish at a URL.

    Raises:
        UsageError: No document can be at that URL.
    """
    import json

    from gumauth.oauth2.discovery.document import client_document, document_fault

    if fault := document_fault(url):
        raise UsageError(
            f"No client metadata document can be at {one_line(url, 300)}: {fault}.",
            hint="It is published as a static page, such as https://example.com/oauth/client.json.",
        )
    if terminal.json:
        terminal.answer(client_metadata=client_document(url))
        return
    terminal.out(json.dumps(client_document(url), indent=2))
    terminal.say(
        f"Publish this at that address as application/json, without a redirect; then set {DOCUMENT} to the address."
    )
