"""A discovered service → a resolved provider; from there on nothing is special about it."""

from __future__ import annotations

from gumauth.client.discovery import services
from gumauth.client.discovery.find import find
from gumauth.errors import UnknownProvider
from gumauth.oauth2.discovered import provider_class
from gumauth.oauth2.discovery.addresses import read_address
from gumauth.oauth2.discovery.service import Service
from gumauth.platform.text import one_line
from gumauth.registry.resolved import ResolvedProvider

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.client.context import Context


def resolved(service: Service) -> ResolvedProvider:
    """The provider of a service."""
    return ResolvedProvider(
        provider_class=provider_class(service), source=service.url, name=service.name, origin=service.url
    )


def of_reference(context: Context, url: str) -> ResolvedProvider:
    """The provider that an address of a command line means: a remembered one, else the one that is found there now.

    Raises:
        GumauthError: As `find`.
    """
    return resolved(services.named_by(context, read_address(url)) or find(context, url).service)


def of_source(context: Context, source: str, name: str) -> ResolvedProvider:
    """The provider that an account remembers; where its file is lost, the address is asked again.

    Raises:
        UnknownProvider: The file of that name is of another address.
        GumauthError: As `find`.
    """
    known = services.read(context, name)
    if known is not None and known.url != source:
        raise UnknownProvider(
            f"{name} is {one_line(known.url, 300)} now, not {one_line(source, 300)}.",
            hint=f"Run `gumauth connect {one_line(source, 300)} --name NAME`.",
        )
    if known is None:
        from gumauth.client.discovery.find import Wishes

        known = find(context, source, Wishes(name=name)).service
        services.write(context, known)
    return resolved(known)
