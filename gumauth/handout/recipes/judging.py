"""Whether an account fits a program, and the facts that its recipe needs. No store is asked, nothing is sent."""

from __future__ import annotations

from gumauth.client import loading
from gumauth.client.discovery import services
from gumauth.client.key_values import unfit
from gumauth.client.lookup import check_usable
from gumauth.errors import ForeignHost, GumauthError, UsageError
from gumauth.handout.programs import git_credential
from gumauth.handout.recipes import mail
from gumauth.handout.recipes.recipe import Recipe, Wanted
from gumauth.oauth2.discovery.addresses import parse, read_address
from gumauth.oauth2.http import destination
from gumauth.platform.frozen import replace
from gumauth.platform.text import one_line, shell_word
from gumauth.providers import GIT_AT_OWN_HOST
from gumauth.registry import lookup
from gumauth.registry.variant import service_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gumauth.accounts.account import Account
    from gumauth.client.context import Context


def wanted(
    context: Context, recipe: Recipe, account: Account, *, gumauth: tuple[str, ...], typed: str, url: str | None
) -> Wanted:
    """What a recipe is made from, for this account.

    Args:
        context: Where accounts and providers are.
        recipe: Of the program.
        account: Whose token the program is to use.
        gumauth: The words that start gumauth.
        typed: The account as the person wrote it. A provider's name stays one: its default account may change.
        url: The address that the person named; None where they named none.

    Raises:
        ReconnectNeeded: The account cannot be used.
        UsageError: The account, or the address, does not fit the program; a key fits none.
        ForeignHost: The address is not the provider's own.
        GumauthError: The provider cannot be loaded, or the account lacks a scope.
    """
    check_usable(context, account)
    if account.is_key:
        raise unfit(account, f"{recipe.title} would ask for the token of a grant")
    reference = account.provider if typed == account.provider else account.label
    known = Wanted(
        gumauth=gumauth,
        account=reference,
        provider=account.provider,
        name=entry_name(reference, (name for each in context.accounts.all() for name in (each.provider, each.label))),
        user=one_line(account.nickname or ""),
        url=read_address(url) if url is not None else "",
        named=url is not None,
    )
    return {"git": _git, "mcp": _mcp, "mail": _mail, "": _any}[recipe.needs](context, account, known)


def entry_name(reference: str, others: Iterable[str]) -> str:
    """A name for the account that every program takes, and that no other account has: ASCII letters and digits, `-`.

    `-` stands for all else. Where another account would have the same name then, a part of a hash makes it another one.

    Args:
        reference: The provider's name, or the account's whole name.
        others: The references to all accounts; this one may be among them.
    """
    name = _plain(reference)
    if name and all(other == reference or _plain(other).lower() != name.lower() for other in others):
        return name
    from gumauth.platform.digest import sha256

    return f"{name}-{sha256(reference.encode(errors='surrogatepass')).hexdigest()[:6]}".lstrip("-")


def _plain(reference: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c == "_") else "-" for c in reference).strip("-")


def _git(context: Context, account: Account, known: Wanted) -> Wanted:
    hosts = tuple(loading.of_account(context, account).traits.git_hosts)
    if not hosts:
        raise UsageError(
            f"{account.provider} does not say at which hosts git takes its tokens.",
            hint='Its provider file says so by a fact: git_hosts = ("git.example.com",)',
        )
    if not known.named:
        return replace(known, hosts=git_credential.addresses(hosts))
    protocol, _, host = parse(known.url).origin.partition("://")
    if not git_credential.is_for(git_credential.Described(protocol=protocol, host=host), hosts):
        error = _foreign(account, known.url, f"git takes it at {one_line(', '.join(hosts))} only")
        service = service_of(account.source, account.provider)
        if service in GIT_AT_OWN_HOST:
            place = host if protocol == "https" else f"{protocol}://{host}"
            command = f"gumauth connect {service} --host {shell_word(place)}"
            error.hint = f"A server of its own is an account of its own: `{command}`."
        raise error
    return replace(known, hosts=(known.url.rstrip("/"),))


def _mcp(context: Context, account: Account, known: Wanted) -> Wanted:
    service = services.read(context, account.provider) if lookup.is_url(account.source) else None
    own = service.url if service is not None and service.has_resource else None
    if not known.named:
        if own is None:
            raise UsageError(
                f"{account.label} was not connected by the address of an MCP server.",
                hint="Name the server's address by --url, or connect it: `gumauth connect https://mcp.example.com/mcp`.",
            )
        return replace(known, url=own)
    if own is not None:
        if parse(own).origin != parse(known.url).origin:
            raise _foreign(account, known.url, f"its server is {one_line(parse(own).origin)}")
        return known
    return _any(context, account, known)


def _mail(_context: Context, account: Account, known: Wanted) -> Wanted:
    service = mail.SERVICES.get(account.provider)
    lacking = [scope for scope in service.scopes if scope not in _granted(account)] if service else []
    if lacking:
        scopes = " ".join(f"--scope {scope}" for scope in (service.scopes if service else ()))
        raise GumauthError(
            f"{account.label} may not read or send mail: it lacks {', '.join(lacking)}.",
            hint=f"Connect an account for mail beside it: `gumauth connect {account.provider} --as mail {scopes}`.",
        )
    return known


def _granted(account: Account) -> tuple[str, ...]:
    """The account's scopes; that of a lasting access is in no answer, and counts where it was asked for."""
    return (*account.scopes, *(scope for scope in account.requested_scopes if scope == "offline_access"))


def _any(context: Context, account: Account, known: Wanted) -> Wanted:
    """The facts as they are, once a named address is known to be the provider's."""
    if not known.named:
        return known
    host = destination.written(parse(known.url).host)
    hosts = destination.own_hosts(loading.of_account(context, account).provider_class, {})
    if not destination.is_among(host, hosts):
        raise _foreign(account, known.url, f"that is not known to be a host of {account.provider}")
    return known


def _foreign(account: Account, url: str, why: str) -> ForeignHost:
    origin = parse(url).origin
    return ForeignHost(
        f"The token of {account.label} is not for {one_line(origin, 300)}: {why}.",
        hint=f"A server of its own is an account of its own: `gumauth connect {shell_word(url)}`.",
    )
