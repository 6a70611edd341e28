"""PROVIDER of a command line: a provider's name or file or, for `connect`, an account; or the choice from a list.

A new or changed provider file is named before its code runs. Promise P3.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection

from gumauth.accounts.account import Account, is_name
from gumauth.accounts.references import alike, bearers, joined, meant
from gumauth.client import loading
from gumauth.client.context import Context
from gumauth.client.credentials import kept_place
from gumauth.client.lookup import look_up
from gumauth.client.own_places import check_complete
from gumauth.client.provider_sources import Sources
from gumauth.errors import UnknownProvider, UsageError
from gumauth.platform.files import read_file, write_file
from gumauth.platform.frozen import frozen, replace
from gumauth.platform.text import one_line
from gumauth.registry import lookup
from gumauth.registry.resolved import ResolvedProvider
from gumauth.registry.told import told
from gumauth.registry.variant import Variant, is_variant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.cli.terminal.terminal import Terminal

QUESTION = "Which provider? The arrow keys, a number or a part of a name, and Enter."
PROMPT = "Number, name, file or address"


@frozen
class Wanted:
    """What is to be connected.

    Args:
        resolved: The provider.
        account: The account that is to be connected again; None for a new account.
        alias: The account's new alias; None where no alias was given.
        like: The accounts whose names are nearly the new account's name, and which may have been meant.
    """

    resolved: ResolvedProvider
    account: Account | None
    alias: str | None
    like: tuple[Account, ...] = ()


def find_wanted(context: Context, given: str, alias: str | None, cwd: str) -> Wanted:
    """The provider and account that `connect` is to connect.

    Args:
        context: Where the accounts are listed.
        given: A provider's name or file, or PROVIDER/NAME: an existing account, or the alias of a new account.
        alias: The value of `--as`.
        cwd: The folder from which a relative path starts.

    Raises:
        UsageError: No provider has that name, or two different aliases are given.
        AmbiguousAccount: Two accounts could be meant.
        NotConnected: A nickname is given that no account has.
        ProviderFileError: The file or plugin cannot be used.
    """
    provider, name = split_account(given, cwd)
    if name is None:
        return Wanted(resolved=find_provider(context, given, cwd, alias), account=None, alias=alias)
    accounts = list(context.accounts.all(provider))
    account = meant(provider, one_line(name), accounts)
    if account is not None:
        return Wanted(resolved=_found_again(context, account, cwd), account=account, alias=alias or account.alias)
    try:
        resolved = find_provider(context, provider, cwd)
    except UnknownProvider as error:
        if "." in provider and not accounts:
            raise lookup.unknown(provider, f"https://{one_line(given, 300)}") from error
        raise
    if alias not in (None, name):
        raise UsageError(
            f"{one_line(given)} and `--as {alias}` are two names for one account.",
            hint=f"Leave one away: `gumauth connect {resolved.argument} --as {alias}`.",
        )
    if "@" in name:
        look_up(context, given)  # raises: a nickname that no account has does not become an alias
    return Wanted(resolved=resolved, account=None, alias=name, like=tuple(alike(name, accounts)))


def split_account(given: str, cwd: str) -> tuple[str, str | None]:
    """The provider and the account's name of `linear/work`; for anything else, the text as it stands, and None."""
    provider, _, name = given.partition("/")
    path, _ = lookup.split_path(given)
    is_file = path.endswith(".py") or os.path.lexists(os.path.join(cwd, path))
    return (provider, name) if name and is_name(provider) and not is_file else (given, None)


def _found_again(context: Context, account: Account, cwd: str) -> ResolvedProvider:
    if not any(is_of(account.source) for is_of in (_is_built_in, lookup.is_path, lookup.is_url, is_variant)):
        return find_provider(context, account.provider, cwd)
    _announce_remembered(context, account.source)
    resolved = loading.of_account(context, account)
    return _said(context, resolved, account.label)


def _is_built_in(source: str) -> bool:
    return source == lookup.BUILT_IN


def _confirmed(context: Context, sources: Sources, given: str, alias: str | None) -> str:
    """The source that a name means, once it is known that nobody has edited it in a list that machines share."""
    source = sources.meant(given, alias) or lookup.BUILT_IN
    if (account := sources.of(given, source)) is not None:
        loading.confirm(context, account)
    return source


def find_provider(
    context: Context, given: str, cwd: str, alias: str | None = None, *, for_setup: bool = False
) -> ResolvedProvider:
    """The provider that PROVIDER means; a new or changed file is named before its code runs.

    While a provider's accounts come from a file, the provider's name means that file, also where gumauth or an
    installed package brings a provider of that name; the person is told which of the two is used. Promise P2.

    A name under which nothing is connected, and for which `gumauth setup` has kept credentials of a host of one's own,
    means that host.

    Args:
        context: Where the accounts are listed, and whom to tell.
        given: A name, a file, or the words of `Variant.source`.
        cwd: The folder from which a relative path starts; "" where that folder has been deleted.
        alias: The alias of the account that is to be connected: an account of that alias says which file is meant.
        for_setup: Whether the client id and secret may be missing, because the caller asks for them next.

    Raises:
        UnknownProvider: No provider has that name.
        ProviderFileError: The file or plugin cannot be used, or the file provides another provider by now.
        UsageError: The accounts of that name come from several files, and none of them is the default account; or the
            service has no usual host or tenant.
    """
    given, _ = split_account(given, cwd)
    if lookup.is_path(given) or not is_name(given):
        _announce(context, given, cwd)
        return _said(context, _find(context, given, cwd, for_setup=for_setup), given)
    sources = Sources(context.accounts)
    source = _confirmed(context, sources, given, alias)
    if lookup.is_url(source):
        return _said(context, loading.of_source(context, source, given, lambda: given), given, sources.all(given))
    if is_variant(source):
        resolved = loading.of_source(context, source, given, lambda: given)
        usual = f"{source} is used, as for the account that is there." if lookup.is_installed(given) else None
        return _said(context, resolved, given, sources.all(given), notice=usual)
    if lookup.is_path(source):
        _announce_remembered(context, source)
        resolved = loading.of_source(context, source, given, lambda: given, for_setup=for_setup)
    elif len(sources.all(given)) > 1 and not lookup.is_installed(given):
        raise UsageError(
            f"{given} could mean {one_line(' or '.join(sorted(sources.all(given))), 500)}.",
            hint="Name the file; or choose one of the accounts with `gumauth default`.",
        )
    elif not sources.all(given) and not lookup.is_installed(given) and (place := kept_place(context, given)):
        resolved = loading.find(context, f"{place} --name {given}", cwd=cwd)
    else:
        resolved = _find(context, given, cwd, for_setup=for_setup)
        if resolved.source == lookup.BUILT_IN:
            check_complete(resolved.provider_class, Variant(service=resolved.name))
    return _said(context, resolved, given, sources.all(given))


def _announce(context: Context, reference: str, cwd: str) -> None:
    """Name the provider file whose code is about to run, if the file is new or has changed since it last ran.

    Raises:
        ProviderFileError: The file cannot be read, or others can write it.
    """
    if not lookup.is_path(reference):
        return
    path = os.path.abspath(lookup.full_path(lookup.split_path(reference)[0], cwd))
    now = lookup.fingerprint(path).encode()
    note = os.path.join(context.home.data, "files", hashlib.sha256(path.encode()).hexdigest()[:32])
    before = read_file(note)
    if before == now:
        return
    why = "is new to gumauth" if before is None else "has changed since it last ran"
    context.notify(f"Running the code of {one_line(path, 500)}, which {why}.")
    write_file(note, now)


def _announce_remembered(context: Context, source: str) -> None:
    """As `_announce`, for an account's file; where the file is gone, loading it raises an error that advises."""
    if os.path.exists(lookup.split_path(source)[0]):
        _announce(context, source, os.sep)


def _find(context: Context, given: str, cwd: str, *, for_setup: bool) -> ResolvedProvider:
    try:
        return loading.find(context, given, cwd=cwd, for_setup=for_setup)
    except UnknownProvider:
        if is_name(given) and (held := [a for a in context.accounts.all(given) if a.is_key]):
            raise _no_provider(held[0]) from None
        if "." in given and not given.endswith(".py"):
            raise lookup.unknown(given, f"https://{one_line(given, 300)}") from None
        named = bearers(given, context.accounts.all())
        if not named and not os.path.isfile(os.path.join(cwd, f"{given}.py")):
            raise
    raise lookup.unknown(given, joined([account.argument for account in named]) if named else f"./{given}.py")


def _no_provider(key: Account) -> UnknownProvider:
    """The error for the name of a key, where a provider is wanted."""
    return UnknownProvider(
        f"{key.provider} is no provider: {key.label} is a key, which was entered by hand.",
        hint=f"`gumauth connect {key.argument}` enters it again; a login wants the provider's address or file.",
    )


def _said(
    context: Context,
    resolved: ResolvedProvider,
    typed: str,
    sources: Collection[str] = (),
    *,
    notice: str | None = None,
) -> ResolvedProvider:
    """The provider, after the person was told which provider it is where the name could mean another one too."""
    others = sorted({*sources} - {resolved.source})
    notice = notice or lookup.instead_of(resolved)
    if notice is not None:
        context.notify(notice)
    elif others:
        which = (
            f"The {resolved.name} that gumauth brings"
            if resolved.source == lookup.BUILT_IN
            else one_line(resolved.source)
        )
        context.notify(f"{which} is used; other accounts come from {one_line(', '.join(others), 500)}.")
    return replace(resolved, typed=typed)


def choose_provider(terminal: Terminal, context: Context) -> str:
    """The provider that the person chooses from a list, or types.

    Raises:
        UsageError: Nobody can be asked, or the person chose nothing.
    """
    if not terminal.can_ask:
        from gumauth.cli.parsing.mistakes import without_argument
        from gumauth.cli.parsing.table import COMMANDS

        raise without_argument(COMMANDS["connect"])
    from gumauth.cli.terminal.chooser import choose

    return choose(terminal, _connectable(context), question=QUESTION, prompt=PROMPT, refusal=_refusal)


def _refusal(typed: str) -> str | None:
    """Why a text that is in no line of the list can be no provider; None for an address and what could be a file."""
    typed = typed.strip()
    if lookup.is_url(typed) or lookup.is_path(typed) or is_variant(typed):
        return None
    number = typed.isascii() and typed.isdigit()
    return f"No line has {'the number ' if number else ''}{one_line(typed, 40)}. Press Backspace, or an arrow key."


def _connectable(context: Context) -> tuple[tuple[str, str], ...]:
    """Every provider that can be connected by name, with its title and the names of its connected accounts."""
    connected: dict[str, list[str]] = {}
    files = set()
    for account in context.accounts.all():
        connected.setdefault(account.provider, []).append(one_line(account.name, 64))
        if lookup.is_path(account.source) or is_variant(account.source):
            files.add(account.provider)
    names = sorted({listed.name for listed in lookup.names()} | files)

    def note(name: str) -> str:
        accounts = f"connected: {', '.join(connected[name])}" if name in connected else ""
        return ", ".join(filter(None, (told(name).title, accounts)))

    return tuple((name, note(name)) for name in names)
