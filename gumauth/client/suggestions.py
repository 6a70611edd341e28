"""What a reference means that names no account of its provider: another account, or an error. Promise I6."""

from __future__ import annotations

import shlex
from difflib import get_close_matches

from gumauth.accounts.account import Account, is_name
from gumauth.accounts.references import alike, ambiguous, bearers, joined
from gumauth.client import credentials, other_keeper
from gumauth.client.context import Context
from gumauth.errors import GumauthError, NotConnected, UsageError
from gumauth.platform.text import one_line
from gumauth.registry import lookup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def suggestion(
    context: Context, reference: str, accounts: Sequence[Account], error: GumauthError, *, whole: bool
) -> Account:
    """The account that a name means without its provider, where no other account and no provider has that name.

    Args:
        context: Where the other accounts are.
        reference: As it was written.
        accounts: All accounts of its provider.
        error: What is raised, with another hint, where the reference means no account: UsageError or NotConnected.
        whole: Whether an alias or nickname alone is refused, because the command ends an account.

    Raises:
        UsageError: It cannot name an account, or is not a whole name.
        AmbiguousAccount: Several accounts have this name.
        NotConnected: No account has this name. The hint is a new connect, or the names that were perhaps meant.
    """
    if lookup.is_url(reference):
        return _at_address(context, reference, error, whole=whole)
    provider = reference.partition("/")[0]
    everything = [*accounts, *context.accounts.all(where=lambda name: name != provider)]
    providers = {account.provider for account in everything} | {listed.name for listed in lookup.names()}
    if credentials.kept_place(context, provider):
        providers.add(provider)
    named = bearers(reference, everything) if reference not in providers and "/" not in reference else []
    if len(named) > 1:
        raise ambiguous(reference, named)
    if named and not whole:
        return named[0]
    if named:
        raise UsageError(f"{reference} is not the whole name of an account.", hint=f"Write {named[0].argument}.")
    if isinstance(error, NotConnected) and (elsewhere := other_keeper.kept_elsewhere(context, reference)) is not None:
        raise elsewhere
    error.hint = _hint(reference, everything, providers, is_usage=isinstance(error, UsageError)) or error.hint
    raise error


def _at_address(context: Context, url: str, error: GumauthError, *, whole: bool) -> Account:
    """The account of the service that was connected by this address: its default one, or the only one."""
    typed = _as_kept(url).rstrip("/")
    found = [account for account in context.accounts.all() if account.source.rstrip("/") == typed]
    listed = [account for account in found if account.state != "connecting"]
    if not listed:
        raise NotConnected(f"{one_line(url, 300)} is not connected.", command=f"gumauth connect {shlex.quote(url)}")
    default = context.accounts.default(listed[0].provider)
    if len(listed) == 1 or (default is not None and default in listed and not whole):
        return listed[0] if len(listed) == 1 or default is None else default
    raise ambiguous(one_line(url, 300), listed) from error


def _as_kept(url: str) -> str:
    """An address as accounts keep it: scheme and host in small letters. What is none is found nowhere."""
    from gumauth.oauth2.discovery.addresses import read_address

    try:
        return read_address(url)
    except UsageError:
        return url


def _hint(reference: str, everything: Sequence[Account], providers: set[str], *, is_usage: bool) -> str | None:
    """The names that were perhaps meant, or else the connect that would help; None for a reference that can name none.

    Nobody is told to connect an account that is there under a name that is nearly the same.
    """
    provider, _, rest = reference.partition("/")
    meant = _meant(provider, rest, everything, providers)
    if meant:
        return f"Did you mean {joined(meant)}? {_lists(providers, provider)}"
    if provider not in providers and not is_name(provider):
        return None
    alias = f" --as {rest}" if rest and is_name(rest.lower()) else ""
    of_it = [account for account in everything if account.provider == provider]
    if of_it and all(account.is_key for account in of_it) and not lookup.is_installed(provider):
        alias += "".join(f" --key {field}" for field in of_it[0].fields or ())
    if provider not in providers:
        return _by_address(provider, alias) if _is_host(provider) else _lists(providers, provider)
    if is_usage:
        return None
    hint = f"Run `gumauth connect {provider}{alias}`"
    is_connected = any(account.provider == provider for account in everything)
    return f"{hint}, or see in `gumauth list` what is." if is_connected else f"{hint}."


def _is_host(name: str) -> bool:
    """Whether a name is perhaps that of a host, whose last part is no number (RFC 3696 §2)."""
    return "." in name and not name.rpartition(".")[2].isdecimal()


def _by_address(host: str, options: str) -> str:
    """The hint for a host's name, by which a service is called only once it was connected by its address."""
    command = f"gumauth connect https://{host}/…{options}"
    return f"Connect it by its whole address: `{command}`; `gumauth list` shows what is connected."


def _lists(providers: set[str], provider: str) -> str:
    if provider in providers:
        return "`gumauth list` shows what is connected."
    return "`gumauth providers` lists what can be connected by name, `gumauth list` what is."


def _meant(provider: str, rest: str, everything: Sequence[Account], providers: set[str]) -> list[str]:
    """The names near to a reference: accounts of the provider, or a provider with nearly its name and its accounts.

    Of a service that has accounts at other hosts alone, those.
    """
    at_places = [account for account in everything if account.source.startswith(f"{provider} --")]
    if at_places and not any(account.provider == provider for account in everything):
        return [account.label for account in (alike(rest, at_places) if rest else at_places)]
    near = [provider] if provider in providers else get_close_matches(provider.lower(), providers, n=1, cutoff=0.7)
    of_it = [account for account in everything if account.provider in near]
    if rest:
        called = alike(rest, of_it)
        return [account.label for account in called] or [name for name in near if name != provider]
    bare = [] if provider in providers else alike(provider, everything)
    return [name for name in near if name != provider] + [account.label for account in bare]
