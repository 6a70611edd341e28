"""What `gumauth connect` does more for a service that is connected by its address."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable, Iterator

from gumauth.cli.parsing.parameters import Arguments
from gumauth.cli.provider_argument import Wanted
from gumauth.cli.terminal.terminal import Terminal
from gumauth.client.context import Context
from gumauth.client.discovery import services
from gumauth.client.discovery.find import USUAL, Wishes, find
from gumauth.client.discovery.resolve import resolved as resolved_of
from gumauth.client.discovery.service_client import HOSTS, ServiceClient
from gumauth.errors import GumauthError, UsageError
from gumauth.oauth2.discovery.service import Service
from gumauth.platform.frozen import replace
from gumauth.platform.text import one_line
from gumauth.registry.resolved import ResolvedProvider
from gumauth.registry.variant import is_variant


def wishes(arguments: Arguments) -> Wishes:
    """What the command line wants of a discovered service.

    Raises:
        UsageError: The value of --redirect-host is none of the two.
    """
    host = arguments.maybe("redirect_host")
    if host not in (None, *HOSTS):
        raise UsageError(
            "The value of --redirect-host is neither 127.0.0.1 nor localhost.",
            hint="Write `--redirect-host localhost`.",
        )
    return Wishes(
        name=arguments.maybe("name"),
        issuer=arguments.maybe("issuer"),
        no_resource=arguments.flag("no_resource"),
        redirect_host=host,
    )


def found_at(context: Context, url: str, wanted: Wishes, say: Callable[[str], None]) -> ResolvedProvider:
    """The provider at an address, asked now.

    Raises:
        GumauthError: As `find`.
    """
    found = find(context, url, wanted)
    for notice in found.notices:
        say(notice)
    return replace(resolved_of(found.service), typed=url)


def asked_again(context: Context, wanted: Wanted, asked: Wishes, say: Callable[[str], None]) -> Wanted:
    """What is wanted; of a service that is remembered, as its address tells it now.

    Raises:
        UsageError: The service is to have another name.
        GumauthError: As `find`.
    """
    service = wanted.resolved.traits.discovered
    if service is None:
        return wanted
    if asked.name not in (None, service.name):
        raise UsageError(
            f"{service.name} has its name already, and --name gives one to an address.",
            hint=f"Run `gumauth connect {shlex.quote(service.url)} --name {shlex.quote(one_line(asked.name, 80))}`.",
        )
    fresh = found_at(context, service.url, replace(asked, name=service.name), say)
    return replace(wanted, resolved=replace(fresh, typed=wanted.resolved.typed))


def client_of(
    context: Context, arguments: Arguments, terminal: Terminal, resolved: ResolvedProvider, grant_type: str | None
) -> ServiceClient | None:
    """Where the client of a discovered service comes from; None for every other provider.

    Args:
        context: Environment and store.
        arguments: Of the command line.
        terminal: Where the person is told.
        resolved: Any provider.
        grant_type: That the client is for; None for the authorization code.

    Raises:
        UsageError: An option is for services that are connected by their address, and this is another provider.
    """
    service = resolved.traits.discovered
    if service is not None:
        grants = (grant_type or "authorization_code", "refresh_token")
        register = arguments.flag("register")
        return ServiceClient(context, service, register=register, grant_types=grants, say=terminal.say)
    asked = wishes(arguments)
    if is_variant(resolved.source) and asked.name == resolved.name:
        asked = replace(asked, name=None)
    if asked != USUAL or arguments.flag("register"):
        raise UsageError(
            f"{resolved.name} is not connected by its address, so --name, --register, --issuer, --no-resource and"
            " --redirect-host mean nothing for it.",
            hint=f"Run `gumauth connect {resolved.argument}` without them.",
        )
    return None


@contextlib.contextmanager
def remembered(context: Context, resolved: ResolvedProvider) -> Iterator[None]:
    """Remember a discovered service from before its connect on.

    Where the connect leaves no account, the service is forgotten again. Where it fails and the service has other
    accounts, those go on with what was remembered before: a connect that came to nothing changes nothing of them.
    """
    service = resolved.traits.discovered
    if service is None:
        yield
        return
    before, grants = services.read(context, service.name), _grants(context, service)
    services.write(context, service)
    try:
        yield
    finally:
        now = _grants(context, service)
        if not now:
            services.forget(context, service.name)
        elif now == grants and before is not None:
            _put_back(context, before, service)


def _grants(context: Context, service: Service) -> set[str]:
    return {account.grant for account in context.accounts.all(service.name) if not account.is_key}


def _put_back(context: Context, before: Service, written: Service) -> None:
    """What was remembered before, unless another process has written the file meanwhile."""
    try:
        current = services.read(context, before.name)
        if current is not None and current.discovered_at == written.discovered_at:
            services.write(context, before)
    except GumauthError:
        pass  # the accounts have the newer endpoints of the same issuer
