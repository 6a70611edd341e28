"""A discovered service → a resolved provider; from there on nothing is special about it."""

from __future__ import annotations

from gumauth.client.discovery import services
from gumauth.client.discovery.find import find
from gumauth.errors import DiscoveryError, UnknownProvider
from gumauth.oauth2.discovered import provider_class
from gumauth.oauth2.discovery.addresses import read_address, same_issuer
from gumauth.oauth2.discovery.service import Service
from gumauth.platform.text import one_line, shell_word
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


def of_source(context: Context, source: str, name: str, *, issuer: str | None = None) -> ResolvedProvider:
    """The provider that an account remembers; where its file is lost, the address is asked again.

    The issuer stays the account's own then, whatever the address names by now. Promise D9.

    Args:
        context: What is remembered.
        source: The address.
        name: The provider's name.
        issuer: The issuer that the account remembers; None where it remembers none.

    Raises:
        UnknownProvider: The file of that name is of another address.
        DiscoveryError: The file of that name is of another issuer.
        GumauthError: As `find`.
    """
    known = services.read(context, name)
    if known is not None and known.url != source:
        raise UnknownProvider(
            f"{name} is {one_line(known.url, 300)} now, not {one_line(source, 300)}.",
            hint=f"Run `gumauth connect {shell_word(source)} --name NAME`.",
        )
    if known is None:
        from gumauth.client.discovery.find import Wishes

        known = find(context, source, Wishes(name=name, issuer=issuer)).service
        services.write(context, known)
    if issuer is not None and not same_issuer(issuer, known.issuer):
        raise DiscoveryError(
            f"{name} was connected with the issuer {one_line(issuer, 300)}, and has {one_line(known.issuer, 300)} now;"
            " the tokens of the one are not sent to the other.",
            hint=f"`gumauth disconnect {name} --keep-grant` forgets them; then connect it again.",
        )
    return resolved(known)
