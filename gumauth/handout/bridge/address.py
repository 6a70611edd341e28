"""The address of an account's MCP server, checked before a token goes there. Promises S7 and H5."""

from __future__ import annotations

from gumauth.client.discovery import services
from gumauth.client.key_values import unfit
from gumauth.errors import ForeignHost, UsageError
from gumauth.oauth2.discovery.addresses import is_address, parse, read_address, same_issuer
from gumauth.oauth2.discovery.service import Service
from gumauth.platform.text import one_line, shell_word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.account import Account
    from gumauth.accounts.record import Record
    from gumauth.client.context import Context


def of_account(context: Context, account: Account, record: Record, url: str | None) -> str:
    """The address of the MCP server that an account's token may be sent to.

    Args:
        context: Where providers and discovered services are.
        account: Whose server it is.
        record: Holds the token; a provider may have named hosts with it.
        url: What the person names; None for the address by which the account was connected.

    Raises:
        UsageError: No address is known, or the named one is none; or the account is a key.
        ForeignHost: The named one is not the provider's own.
        GumauthError: The provider cannot be loaded.
    """
    if account.is_key:
        raise unfit(account, "`gumauth mcp` sends the token of a grant")
    service = _service(context, account)
    own = service.url if service is not None and service.has_resource else None
    if url is None:
        if own is None:
            raise UsageError(
                f"{account.label} was not connected by the address of an MCP server.",
                hint=f"Name it: `gumauth mcp {account.argument} --url URL`.",
            )
        return own
    url = read_address(url)
    if own is not None:
        if parse(own).origin != parse(url).origin:
            raise _foreign(url, account, f"its server is {one_line(parse(own).origin)}")
        return url
    from gumauth.client import loading
    from gumauth.oauth2.http import destination

    host = destination.written(parse(url).host)
    resolved = loading.of_account(context, account)
    if not destination.is_among(host, destination.own_hosts(resolved.provider_class, record.extras)):
        raise _foreign(url, account, f"that is not known to be a host of {account.provider}")
    return url


def _service(context: Context, account: Account) -> Service | None:
    """What is remembered of the service that an account was connected by; None for a provider that has a name."""
    if not is_address(account.source):
        return None
    known = services.read(context, account.provider)
    if known is not None and known.url == account.source and same_issuer(account.issuer or known.issuer, known.issuer):
        return known
    from gumauth.client import loading  # which asks the address again, or says what is wrong

    discovered = getattr(loading.of_account(context, account).provider_class, "discovered", None)
    return discovered if isinstance(discovered, Service) else None


def _foreign(url: str, account: Account, why: str) -> ForeignHost:
    host = one_line(parse(url).origin, 300)
    return ForeignHost(
        f"The token of {account.label} is not sent to {host}: {why}.",
        hint=f"A server of its own is an account of its own: `gumauth connect {shell_word(url)}`.",
    )
