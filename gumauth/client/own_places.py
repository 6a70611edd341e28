"""A service at a place of somebody's own: what it still needs, and whether it may have its name."""

from __future__ import annotations

from gumauth.accounts.account import is_name
from gumauth.accounts.references import joined
from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.errors import GumauthError, UsageError
from gumauth.platform.text import one_line
from gumauth.registry import lookup
from gumauth.registry.places import lacking
from gumauth.registry.resolved import ResolvedProvider, argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gumauth.registry.variant import Variant


def check_complete(facts: type[Any], given: Variant, command: str = "") -> None:
    """Stop where a service has no usual host or tenant, and none is given.

    Args:
        facts: The service's class, with names in braces in its facts.
        given: What the person gave.
        command: The command line so far, for the hint; "" for a connect.

    Raises:
        UsageError: Says what to give, and how.
    """
    missing = [place for place in lacking(facts) if getattr(given, place) is None]
    if missing:
        words = [command or f"gumauth connect {given.source}", *(f"--{place} {place.upper()}" for place in missing)]
        needed = [getattr(facts, f"{place}_note") or f"a {place}" for place in missing]
        raise UsageError(
            f"{given.service} has no usual {joined(missing, 'and')}: it needs {one_line(joined(needed, 'and'), 400)}.",
            hint=f"Run `{one_line(' '.join(words), 1000)}`.",
        )


def check_chosen(name: str) -> None:
    """Stop at a --name that can be none.

    Raises:
        UsageError: It has other characters than a name has, or is another provider's.
    """
    if not is_name(name) or name.endswith(".py"):
        raise UsageError(
            f"{one_line(name, 80)!r} cannot name a service.",
            hint="A name has up to 64 small letters, digits, dots, dashes and underscores, such as `--name work`.",
        )
    if lookup.is_installed(name):
        raise UsageError(f"{name} is another provider already.", hint="Choose another name with --name.")


def check_name(context: Context, resolved: ResolvedProvider) -> None:
    """Stop where another provider has the name already: two places never share client credentials. Promises P2, F12.

    Args:
        context: Where the accounts are.
        resolved: A built-in service, as the command line places it.

    Raises:
        UsageError: The name is another provider's, or has the same variables as another provider's.
    """
    place, name = resolved.client_place, resolved.name
    if place is None:
        return  # the usual name, under which all tenants of a service stand
    another = f"Give this one another: `gumauth connect {argument(place, name)} --name NAME`."
    if lookup.is_installed(name):
        raise UsageError(f"{name} is another provider already.", hint=another)
    accounts = [account for account in context.accounts.all() if not account.is_key]
    for account in accounts:
        if account.provider == name and resolved.source != account.source and place != _place(account.source, name):
            raise UsageError(f"{name} is the name of {one_line(account.source, 300)} already.", hint=another)
    credentials.check_variables(context, name, another)


def _place(source: str, name: str) -> str | None:
    """The place at which the client of an account's provider is used; None for a provider that has none."""
    try:
        return lookup.client_place(source, name)
    except GumauthError:
        return None
