"""An address → the service behind it, by what is remembered of that name already. Promises D2, D6, D9, M29, M47."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from gumauth.accounts.account import Account, is_name
from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.client.discovery import own_loop, services
from gumauth.errors import DiscoveryError, NetworkError, UsageError
from gumauth.oauth2.discover import Found, discover
from gumauth.oauth2.discovery import addresses, choices
from gumauth.oauth2.discovery.documents import ServerMetadata
from gumauth.oauth2.discovery.service import Service
from gumauth.platform.frozen import frozen, replace
from gumauth.platform.text import one_line, shell_word
from gumauth.registry import lookup

PATIENCE = 90.0
"""Seconds for all requests of a discovery together: a server may let a dozen of them wait, each to its end."""

FORMER = 5
"""Token endpoints of before that are remembered."""


@frozen
class Wishes:
    """What the person wants of a discovered service.

    Args:
        name: The provider's name; None for the one made of the host.
        issuer: The issuer; None for the one that the address names.
        no_resource: Whether the parameter `resource` is left out.
        redirect_host: The host of the redirect URI; None for the usual one, or the one of before.
    """

    name: str | None = None
    issuer: str | None = None
    no_resource: bool = False
    redirect_host: str | None = None


USUAL = Wishes()


@dataclass(frozen=True, kw_only=True)
class Discovered:
    """A service, and what the person should know of how it was found."""

    service: Service
    notices: tuple[str, ...] = ()


def find(context: Context, url: str, wishes: Wishes = USUAL) -> Discovered:
    """The service behind an address, asked now. Nothing is remembered yet.

    Args:
        context: What is remembered, and the clock.
        url: As the person typed it.
        wishes: What they want of it.

    Raises:
        UsageError: The address or the name cannot be used, or the name is another service's.
        DiscoveryError: The address tells nothing, or something that may not be believed.
        Temporary: It cannot be reached, or cannot answer now.
    """
    address = addresses.read_address(url)
    issuer = addresses.read_address(wishes.issuer) if wishes.issuer is not None else None
    if wishes.name is not None:
        check_name(wishes.name, url)
    found = own_loop.run(_in_time(address, issuer), context.trace)
    if issuer is None and (chosen := _issuer_of_before(context, found, wishes)):
        found = own_loop.run(discover(found.url, issuer=chosen), context.trace)
    _check_refusal(found)
    name = wishes.name or _name(found.url)
    if all(account.is_key for account in context.accounts.all(name)):
        another = f"Give this one another: `gumauth connect {shell_word(url)} --name NAME`."
        credentials.check_variables(context, name, another)
    service = _service(name, found, context.clock())
    notices = [*found.notices, *_doubts(found)]
    return Discovered(service=_beside_known(context, service, wishes), notices=tuple(notices))


def look(name: str, url: str, *, now: float) -> Discovered:
    """The service behind an address, asked now, whatever is remembered of it: for what is written from it.

    Args:
        name: What it is called.
        url: As the person typed it.
        now: In seconds since 1970.

    Raises:
        UsageError: The address cannot be used.
        DiscoveryError: It tells nothing, or something that may not be believed.
        Temporary: It cannot be reached, or cannot answer now.
    """
    found = own_loop.run(_in_time(addresses.read_address(url), None))
    _check_refusal(found)
    return Discovered(service=_service(name, found, now), notices=(*found.notices, *_doubts(found)))


def _check_refusal(found: Found) -> None:
    """Stop at a service that gumauth cannot connect.

    Raises:
        DiscoveryError: Says why.
    """
    if refused := choices.refusal(found.server, found.resource, has_resource=found.has_resource):
        raise DiscoveryError(
            f"{one_line(found.url, 300)} cannot be connected: {refused}.", hint="gumauth does not do that yet."
        )


def _issuer_of_before(context: Context, found: Found, wishes: Wishes) -> str | None:
    """The issuer of the accounts of an address, where it is not the first one and the resource still names it.

    None where it is the first one, or where it is for the person to say what has changed.
    """
    name = wishes.name or addresses.name_of(found.url)
    known = services.read(context, name) if name is not None else None
    if known is None or known.url != found.url or found.resource is None or known.issuer == found.server.issuer:
        return None
    is_named = any(addresses.same_issuer(each, known.issuer) for each in found.resource.authorization_servers)
    return known.issuer if is_named and any(not a.is_key for a in context.accounts.all(known.name)) else None


async def _in_time(address: str, issuer: str | None) -> Found:
    try:
        async with asyncio.timeout(PATIENCE):
            return await discover(address, issuer=issuer)
    except TimeoutError:
        raise NetworkError(
            f"{one_line(address, 300)} did not tell within {PATIENCE:g} seconds what service it is.",
            hint="Try again later.",
        ) from None


def check_name(name: str, url: str) -> None:
    """Stop at a name that no discovered service may have. Promise P2.

    Raises:
        UsageError: It is no name, or another provider's.
    """
    if not is_name(name) or name.endswith(".py"):
        raise UsageError(
            f"{one_line(name, 80)!r} cannot name a service.",
            hint="A name has up to 64 small letters, digits, dots, dashes and underscores:"
            f" `gumauth connect {shell_word(url)} --name work`.",
        )
    if lookup.is_installed(name):
        raise UsageError(f"{name} is another provider already.", hint="Choose another name with --name.")


def _name(url: str) -> str:
    name = addresses.name_of(url)
    if name is None:
        raise UsageError(
            f"The host of {one_line(url, 300)} cannot name a service.",
            hint=f"Give it a name: `gumauth connect {shell_word(url)} --name NAME`.",
        )
    if lookup.is_installed(name):
        raise UsageError(
            f"{name} is another provider already.", hint=f"Run `gumauth connect {shell_word(url)} --name NAME`."
        )
    return name


def _service(name: str, found: Found, now: float) -> Service:
    server, resource = found.server, found.resource
    scopes = choices.scopes_to_ask(
        (),
        found.challenged,
        None if resource is None else resource.scopes,
        server.scopes,
        server.grant_types,
        has_resource=found.has_resource,
    )
    identifier = resource.resource if resource is not None else found.url
    service = Service(
        name=name,
        url=found.url,
        resource=identifier if found.has_resource else None,
        resource_name="" if resource is None else resource.name,
        has_resource=found.has_resource,
        issuer=server.issuer,
        token_url=server.token_url,
        scopes=scopes,
        documentation=server.documentation,
    )
    return with_endpoints(service, server, now)


def with_endpoints(service: Service, server: ServerMetadata, now: float) -> Service:
    """The service with the endpoints, and what else its issuer's metadata say of requests, as they were read just now.

    Args:
        service: Of that issuer.
        server: The issuer's metadata.
        now: In seconds since 1970.
    """
    return replace(
        service,
        authorize_url=server.authorize_url or "",
        token_url=server.token_url,
        registration_url=server.registration_url,
        revoke_url=server.revoke_url,
        userinfo_url=server.userinfo_url,
        device_url=server.device_url,
        par_url=server.par_url if server.requires_par else None,
        grant_types=server.grant_types or (),
        auth_methods=server.auth_methods or (),
        sends_issuer=server.sends_issuer,
        takes_documents=server.takes_documents,
        discovered_at=now,
    )


def _doubts(found: Found) -> list[str]:
    """What is odd about the server and does not stop a connect, in sentences."""
    doubts = []
    if choices.s256_unsaid(found.server):
        doubts.append(f"{found.server.issuer} does not say that it checks PKCE; S256 is sent all the same.")
    return doubts


def _beside_known(context: Context, service: Service, wishes: Wishes) -> Service:
    """The service with what is remembered of it, where accounts of it are there."""
    accounts = [account for account in context.accounts.all(service.name) if not account.is_key]
    known = services.read(context, service.name)
    if accounts:
        _check_same(service, known, accounts)
    if wishes.no_resource or (accounts and known is not None and known.has_resource and known.resource is None):
        service = replace(service, resource=None)
    if known is None or not accounts:
        return replace(service, redirect_host=wishes.redirect_host or service.redirect_host)
    service = replace(service, redirect_host=wishes.redirect_host or known.redirect_host)
    return with_former(service, known)


def with_former(service: Service, known: Service) -> Service:
    """The service with the token endpoints that the same issuer has had before. Promise D9."""
    former = [url for url in (known.token_url, *known.former_token_urls) if url != service.token_url]
    return replace(service, former_token_urls=tuple(dict.fromkeys(former))[:FORMER])


def _check_same(service: Service, known: Service | None, accounts: list[Account]) -> None:
    """Stop where the name is another service's, or where the service has another issuer now.

    Raises:
        UsageError: The name belongs to accounts of another address.
        DiscoveryError: The issuer has changed.
    """
    name, label = service.name, accounts[0].label
    others = [account.source for account in accounts if account.source != service.url]
    if others:
        raise UsageError(
            f"{name} is the name of {one_line(others[0], 300)} already.",
            hint=f"Give this one another: `gumauth connect {shell_word(service.url)} --name NAME`.",
        )
    before = [known.issuer] if known is not None else [account.issuer for account in accounts if account.issuer]
    if before and not addresses.same_issuer(before[0], service.issuer):
        raise DiscoveryError(
            f"The issuer of {name} was {one_line(before[0], 300)}, and is {one_line(service.issuer, 300)} now;"
            " the client and the tokens of the one are not used at the other.",
            hint=f"If that is right, `gumauth disconnect {label}` first, or connect it beside, with --name;"
            f" `--issuer {shell_word(before[0])}` goes on with the one of before.",
        )
