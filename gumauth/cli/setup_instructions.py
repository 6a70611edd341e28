"""Where a person registers an app at a provider, and what has to be entered there."""

from __future__ import annotations

from dataclasses import dataclass

from gumauth.cli.terminal.terminal import Terminal, write
from gumauth.client import credentials
from gumauth.client.connect.authorization_code import redirect_of
from gumauth.client.context import Context
from gumauth.errors import wanted_variables
from gumauth.platform.text import one_line, shell_word
from gumauth.registry import facts_check
from gumauth.registry.resolved import ResolvedProvider

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.errors import ClientSecret

CERTIFICATE = "made by gumauth for each connect; the browser will warn of it, and gumauth says what to press"
"""What a person may expect of a service that refuses http also for loopback."""

COLUMN = 19
"""The column in which the values begin, beside their labels."""


@dataclass(frozen=True, kw_only=True)
class SetupInstructions:
    """The facts of one provider that matter when an app is registered.

    Args:
        name: The provider's name.
        argument: What a command line calls the provider: the name, or a file.
        title: What people call the provider.
        source: Where the provider's class comes from.
        register_url: The page where an app is registered; "" where the page is not known.
        docs_url: The page about the provider's OAuth; "" where the page is not known.
        redirect_uri: The redirect URI to enter, byte for byte; "" where the provider has no page for consent.
        warns: Whether the browser will warn when it comes back, because the redirect URI is https.
        any_port: Whether the provider ignores the port, so that the redirect URI has none.
        note: What else a person has to know on that page; "" for nothing.
        enters_redirect: Whether the redirect URI has to be entered.
        scopes: The scopes that a connect asks for.
        variables: The environment variables of the client id and the client secret.
        secret: Whether the provider's apps have a client secret.
        device_public: Whether a connect with --device needs none all the same.
        mcp_url: The service's MCP server, which is connected without an app; "" where none is known.
        token_variables: Where the service's own tools look for a token.
        unverified: What of the facts could not be confirmed.
        places: The host and the tenant, each with what it is and how to name another; empty where there are none.
        issuer: The issuer that the client is for, where the provider was discovered, or its place where that is
            one's own; else None.
    """

    name: str
    argument: str
    title: str
    source: str
    register_url: str
    docs_url: str
    redirect_uri: str
    warns: bool
    any_port: bool
    note: str
    enters_redirect: bool
    scopes: tuple[str, ...]
    variables: tuple[str, str]
    secret: ClientSecret
    device_public: bool
    mcp_url: str
    token_variables: tuple[str, ...]
    unverified: tuple[str, ...]
    places: tuple[tuple[str, str], ...]
    issuer: str | None

    @property
    def secret_needed(self) -> bool:
        """Whether the provider needs a client secret."""
        return self.secret == "needed"


def instructions_for(resolved: ResolvedProvider) -> SetupInstructions:
    """The instructions, from the facts of the provider's class.

    Raises:
        ProviderCodeError: A fact cannot work.
    """
    facts_check.check(resolved)
    traits = resolved.traits
    redirect = redirect_of(traits)
    return SetupInstructions(
        name=resolved.name,
        argument=resolved.argument,
        title=one_line(traits.title) or resolved.name,
        source=one_line(resolved.source),
        register_url=one_line(traits.register_url, 2000),
        docs_url=one_line(traits.docs_url, 2000),
        redirect_uri="" if traits.knows_devices_alone else redirect.registered,
        warns=redirect.tls and not traits.knows_devices_alone,
        any_port=not redirect.ports,
        note=one_line(traits.register_note, 600),
        enters_redirect=traits.register_redirect and not traits.knows_devices_alone,
        scopes=tuple(one_line(scope) for scope in traits.scopes or ()),
        variables=credentials.variables(resolved.name),
        secret=traits.secret,
        device_public=traits.device_public and traits.device_url is not None,
        mcp_url=one_line(traits.mcp_url or "", 2000),
        token_variables=tuple(map(one_line, traits.token_variables)),
        unverified=tuple(map(one_line, traits.unverified)),
        places=_places(resolved),
        issuer=resolved.client_issuer,
    )


def _places(resolved: ResolvedProvider) -> tuple[tuple[str, str], ...]:
    """Rows about the host and the tenant of a built-in service that people may have of their own."""
    traits, rows = resolved.traits, []
    for place, value, note in (
        ("host", traits.host, traits.host_note),
        ("tenant", traits.tenant, traits.tenant_note),
    ):
        if value:
            other = f" (--{place} names another{f': {one_line(note)}' if note else ''})"
            rows.append((place.capitalize(), one_line(value) + other))
    return tuple(rows)


def print_registration(terminal: Terminal, facts: SetupInstructions) -> None:
    """Print on standard error where to register an app, and what to enter there."""
    where = facts.register_url or facts.docs_url
    if facts.mcp_url:
        terminal.say(f"For its MCP server no app is needed: `gumauth connect {shell_word(facts.mcp_url)}`.")
    terminal.say(f"Register an app for {facts.title}{' here:' if where else ' in its settings.'}")
    if where:
        _on_its_own(terminal, where)
    if facts.note:
        terminal.say(facts.note)
    if facts.scopes:
        terminal.say(f"A connect asks for these scopes: {' '.join(facts.scopes)}.")
    if facts.unverified:
        terminal.say(_about_unverified(facts))
    if facts.enters_redirect:
        if facts.note or facts.unverified:
            terminal.line()
        terminal.say("Enter this redirect URI there" + (" (any port is accepted):" if facts.any_port else ":"))
        _on_its_own(terminal, facts.redirect_uri)


def _on_its_own(terminal: Terminal, address: str) -> None:
    write(terminal.stderr, f"\n  {terminal.paint('cyan', address)}\n\n")


def credentials_origin(context: Context, name: str) -> str | None:
    """Where a provider's client credentials come from, in words; None where there are none. The store is not read."""
    place = credentials.place(context, name)
    if place == "environment":
        return f"{credentials.variables(name)[0]} in the environment"
    return "stored by `gumauth setup`" if place else None


def _about_unverified(facts: SetupInstructions) -> str:
    return f"Not confirmed for {facts.title}: {'; '.join(facts.unverified)}."


def _about_redirect(facts: SetupInstructions) -> str:
    if not facts.enters_redirect:
        return " (any port; not entered anywhere)"
    return " (any port)" if facts.any_port else ""


def _about_secret(facts: SetupInstructions) -> str:
    if facts.secret == "none":
        return "none"
    without = " (not for --device)" if facts.device_public else ""
    return facts.variables[1] + (without if facts.secret_needed else " (where the app has a secret)")


def _about_variables(facts: SetupInstructions) -> str:
    return f"{' '.join(facts.token_variables)} (read by {facts.title}'s own tools)"


def print_instructions(terminal: Terminal, context: Context, facts: SetupInstructions) -> None:
    """Print on standard output how to connect an account of the provider."""
    rows = [
        ("Provider", f"{facts.title} ({facts.name}), {facts.source}"),
        *facts.places,
        ("Register an app", facts.register_url or "in the provider's settings"),
        *([("Note", facts.note)] if facts.note else []),
        ("Redirect URI", facts.redirect_uri + _about_redirect(facts) if facts.redirect_uri else "none"),
        *([("Certificate", CERTIFICATE)] if facts.warns else []),
        ("Client id", facts.variables[0]),
        ("Client secret", _about_secret(facts)),
        ("Scopes", " ".join(facts.scopes) or "-"),
        ("Documentation", facts.docs_url or "-"),
        *([("MCP server", facts.mcp_url)] if facts.mcp_url else []),
        *([("Token variables", _about_variables(facts))] if facts.token_variables else []),
        *([("Not confirmed", "; ".join(facts.unverified))] if facts.unverified else []),
        ("Credentials", credentials_origin(context, facts.name) or "none yet"),
    ]
    for label, value in rows:
        print_row(terminal, label, value)
    if credentials_origin(context, facts.name):
        terminal.say(f"Run `gumauth connect {facts.argument}`.")
    else:
        wanted = wanted_variables(facts.variables, facts.secret)
        terminal.say(f"Run `gumauth setup {facts.argument}`, or set {wanted}; then `gumauth connect {facts.argument}`.")
    if facts.mcp_url:
        terminal.say(f"The MCP server needs no app: `gumauth connect {shell_word(facts.mcp_url)}`.")


def print_row(terminal: Terminal, label: str, value: str) -> None:
    """Print a label with its value: beside the label or, in a window too narrow for that, below it."""
    width = terminal.width(terminal.stdout) or 1000
    longest = max(map(len, value.split()))
    shown = terminal.paint("dim", f"{label}:", terminal.stdout)
    indent, gap = " " * COLUMN, " " * (COLUMN - 1 - len(label))
    if width - COLUMN < 40 or longest >= width - COLUMN:
        # A long address is not indented, so that it is copied without blanks.
        indent = "  " if longest < width - 2 else ""
        gap = f"\n{indent}"
    folded = terminal.folded(value, indent=indent, taken=len(indent), stream=terminal.stdout)
    terminal.out(f"{shown}{gap}{folded}")
