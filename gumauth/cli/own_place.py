"""--host and --tenant: PROVIDER of a command line becomes a built-in service at a place of the person's own."""

from __future__ import annotations

from gumauth.accounts.account import is_name
from gumauth.cli.parsing.parameters import Arguments
from gumauth.cli.provider_argument import split_account
from gumauth.cli.terminal.questions import visible
from gumauth.cli.terminal.terminal import Terminal
from gumauth.client.context import Context
from gumauth.client.own_places import check_chosen, check_complete, check_name
from gumauth.client.provider_sources import Sources
from gumauth.errors import UsageError
from gumauth.platform.files import working_folder
from gumauth.platform.frozen import replace
from gumauth.platform.text import one_line
from gumauth.registry import lookup
from gumauth.registry.places import lacking
from gumauth.registry.variant import Variant, is_variant, read_host, read_tenant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def placed(
    context: Context, arguments: Arguments, terminal: Terminal, given: str, alias: str | None = None
) -> tuple[str, str | None]:
    """PROVIDER with its host and tenant, and the alias; both as they were given where the provider needs none of this.

    On a terminal, the person is asked for what a service has no usual one of.

    Args:
        context: Where the accounts are.
        arguments: With --host, --tenant and --name.
        terminal: Where the person is asked.
        given: PROVIDER as it was given, perhaps with the alias of a new account.
        alias: The value of `--as`.

    Returns:
        A reference for `find_provider`, and the alias.

    Raises:
        UsageError: The service has no such places, or the host or tenant cannot be one.
    """
    service, behind = split_account(given, working_folder())
    host, tenant, name = (arguments.maybe(option) for option in ("host", "tenant", "name"))
    if host is None and tenant is None and not is_lacking(context, service, alias or behind):
        if is_variant(given):  # all in one word of a shell
            check_name(context, lookup.find(given, cwd="/"))
        return given, alias
    facts = _facts(service)
    if name is not None:
        check_chosen(name)
    variant = Variant(
        service=service,
        host=None if host is None else read_host(host, facts.host_domain),
        tenant=None if tenant is None else read_tenant(tenant),
        name=name,
    )
    if terminal.can_ask:
        variant = _answered(terminal, variant, facts)
    check_complete(facts, variant, arguments.line())
    check_name(context, lookup.find(variant.source, cwd="/"))
    return variant.source, _one_alias(variant, alias, behind)


def at_place(service: str, host: str | None, tenant: str | None) -> str:
    """A built-in service at a host or tenant, as a reference for `lookup.find`.

    Args:
        service: PROVIDER as it was given.
        host: The value of --host; None where it was not given.
        tenant: The value of --tenant; None where it was not given.

    Raises:
        UsageError: As for `placed`.
    """
    facts = _facts(service)
    return Variant(
        service=service,
        host=None if host is None else read_host(host, facts.host_domain),
        tenant=None if tenant is None else read_tenant(tenant),
    ).source


def check_no_name_alone(arguments: Arguments) -> None:
    """Stop at a --name without a host or tenant, where it would name nothing.

    Raises:
        UsageError: There is one.
    """
    if arguments.maybe("name") and not (arguments.maybe("host") or arguments.maybe("tenant")):
        raise UsageError(
            "--name stands beside --host or --tenant here.", hint="Leave --name out, or name the host too."
        )


def is_lacking(context: Context, service: str, alias: str | None) -> bool:
    """Whether a name means a built-in service that has no usual host or tenant.

    Args:
        context: Where the accounts are: one of that name says which service it means.
        service: PROVIDER without the name of an account.
        alias: Of an account.
    """
    if service not in lookup.built_in_names():
        return False
    is_meant = Sources(context.accounts).meant(service, alias) in (None, lookup.BUILT_IN)
    return is_meant and bool(lacking(lookup.built_in(service).provider_class))


def _facts(service: str) -> type[Any]:
    if service in lookup.built_in_names():
        return lookup.built_in(service).provider_class
    if is_name(service) and not lookup.is_installed(service) and "." not in service:
        raise lookup.unknown(service)
    raise UsageError(
        f"{one_line(service, 300)} is no built-in service, so --host and --tenant cannot be used with it.",
        hint="They stand behind the name of a service that `gumauth providers` lists as built-in.",
    )


def _answered(terminal: Terminal, variant: Variant, facts: type[Any]) -> Variant:
    """The variant with what the person answers to a question for each place that is still missing."""
    missing = [place for place in lacking(facts) if getattr(variant, place) is None]
    for place in missing:
        note = one_line(getattr(facts, f"{place}_note"), 200)
        question = f"{place.capitalize()} of {facts.title or variant.service}{note and f' ({note})'}"
        value = _asked(terminal, question, place, facts.host_domain)
        variant = replace(variant, host=value) if place == "host" else replace(variant, tenant=value)
    return variant


def _asked(terminal: Terminal, question: str, place: str, domain: str) -> str:
    """The host or tenant that the person types, asked for until it can be one."""
    while True:
        answer = visible(terminal, question)
        try:
            return read_host(answer, domain) if place == "host" else read_tenant(answer)
        except UsageError as error:
            terminal.say(error.message)


def _one_alias(variant: Variant, alias: str | None, behind: str | None) -> str | None:
    """The alias of the new account, which `gitlab/work --host git.example.com` gives as `--as work` does.

    Raises:
        UsageError: There are two.
    """
    if behind is None or alias in (None, behind):
        return alias or behind
    raise UsageError(
        f"{one_line(behind)} and `--as {one_line(alias)}` are two names for one account.",
        hint=f"Leave one away: `gumauth connect {variant.source} --as {one_line(alias)}`.",
    )
