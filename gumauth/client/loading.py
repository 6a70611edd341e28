"""Loads a provider that a person names, or that an account remembers.

While the provider's code is imported, it sees the client credentials in its environment: a provider file may read its
client id at module level. Promise P5.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
from collections.abc import Callable, Iterator, Sequence

from gumauth.accounts.account import is_name
from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.client.provider_calls.environment import Overlay, overlay
from gumauth.client.provider_calls.variables import for_import
from gumauth.errors import GumauthError, MissingCredentials, ProviderFileError
from gumauth.oauth2.secret_fields import SECRET
from gumauth.platform.frozen import replace
from gumauth.platform.text import one_line, without_secrets
from gumauth.registry import lookup
from gumauth.registry.resolved import ResolvedProvider, shown_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.account import Account

MADE_UP = "not-kept-yet"
"""In place of a client id or secret, while a provider is imported to ask the person for both."""

NOT_KEPT = "Set it in the environment, or in a file behind --env-file: `gumauth setup` keeps no such one."

_read: dict[str, dict[str, str | None]] = {}
"""The variables that each file's code read while it was imported, by path. With other values, the code runs again."""


def find(context: Context, reference: str, *, cwd: str, for_setup: bool = False) -> ResolvedProvider:
    """The provider that PROVIDER of a command line means.

    Args:
        context: Environment, store and accounts.
        reference: A name, a file, or an address.
        cwd: What a relative path starts from.
        for_setup: Whether the client id and secret may be missing, because the person is asked for both next.

    Raises:
        UnknownProvider: No provider has that name.
        ProviderFileError: The file or plugin cannot be used.
        MissingCredentials: The provider's code reads a variable that is set nowhere.
        StoreError: The provider's code reads a stored credential, and the store cannot be read.
    """
    if lookup.is_url(reference):
        from gumauth.client.discovery import resolve

        return resolve.of_reference(context, reference)
    path = _path(reference, cwd) if lookup.is_path(reference) else None
    names = _names(context, path) if path is not None else [reference] if is_name(reference) else []
    with _overlay(context, names, path, lambda: shlex.quote(reference), for_setup=for_setup):
        return lookup.find(reference, cwd=cwd)


def of_source(
    context: Context,
    source: str,
    name: str,
    called: Callable[[], str] | None = None,
    *,
    for_setup: bool = False,
    issuer: str | None = None,
) -> ResolvedProvider:
    """The provider that an account remembers, whatever the working directory is.

    Args:
        context: Environment and store.
        source: `ResolvedProvider.source`.
        name: `ResolvedProvider.name`.
        called: Gives the provider as a command line names it, for a hint; None for the provider's file.
        for_setup: As in `find`.
        issuer: The issuer that the account remembers; None where it remembers none.

    Raises:
        UnknownProvider: The provider is not installed any more.
        ProviderFileError: As for `find`; or the file holds another provider now.
        GumauthError: As for `find`.
    """
    if lookup.is_url(source):
        from gumauth.client.discovery import resolve

        return resolve.of_source(context, source, name, issuer=issuer)
    path = _path(source, os.sep) if lookup.is_path(source) else None
    if path is not None and _is_below(path, context.own_home.data):
        raise ProviderFileError(
            f"{one_line(path, 300)} is in gumauth's own folder, where no provider file is.",
            hint="Put it elsewhere, and connect with it there.",
        )
    with _overlay(context, [name], path, called, for_setup=for_setup):
        return lookup.load(source, name)


def _is_below(path: str, folder: str) -> bool:
    """Whether a file is in a folder; what a database can have written there is no code."""
    real, top = os.path.realpath(path), os.path.realpath(folder)
    return os.path.commonpath([real, top]) == top


def of_account(context: Context, account: Account) -> ResolvedProvider:
    """The provider of an account.

    Raises:
        GumauthError: As `of_source`.
    """

    def called() -> str:
        return context.sources.argument(account)

    confirm(context, account)
    try:
        found = of_source(context, account.source, account.provider, called, issuer=account.issuer)
    except ProviderFileError as error:
        if context.accounts.is_shared and not os.path.exists(lookup.split_path(account.source)[0]):
            error.hint = (
                "Put it there: every machine that refreshes the account needs the file that it was connected with, at"
                " the same path."
            )
        raise
    return replace(found, typed=called)


def confirm(context: Context, account: Account) -> None:
    """Stop where somebody has edited the list of a shared store, before code is run or a server asked that it names.

    Raises:
        RecordCorrupt: The account's tokens were stored for another source.
        StoreError: That cannot be known.
    """
    if context.accounts.is_shared and account.source != lookup.BUILT_IN:
        context.accounts.confirm(account)


def again(context: Context, resolved: ResolvedProvider) -> ResolvedProvider:
    """A provider, loaded again with the credentials that are stored by now.

    Raises:
        GumauthError: As `of_source`.
    """
    return replace(of_source(context, resolved.source, resolved.name, lambda: resolved.argument), typed=resolved.typed)


@contextlib.contextmanager
def _overlay(
    context: Context, names: Sequence[str], path: str | None, called: Callable[[], str] | None, *, for_setup: bool
) -> Iterator[None]:
    variables = for_import(context, names)
    with overlay(variables, otherwise=_made_up if for_setup else None) as current:
        _run_again_with_others(path, current)
        try:
            yield
        except GumauthError as error:
            error = _cleaned(error, current, path)
            if isinstance(error, MissingCredentials) and path is not None:
                if any(current.computes(credentials.variables(name)) for name in names):
                    error.hint = NOT_KEPT
                elif called is not None and error.argument == shown_path(path):
                    error.name_provider(called())
            raise error from None
        finally:
            if path is not None and current.read:
                _read[path] = dict(current.read)


def _run_again_with_others(path: str | None, current: Overlay) -> None:
    """Make a file's code run again where a variable that the code has read has another value now."""
    before = _read.get(path, {}) if path is not None else {}
    if path is not None and any(os.environ.get(name) != value for name, value in before.items()):
        current.read.clear()
        from gumauth.registry.files import runner

        runner.forget(path)


def _cleaned(error: GumauthError, current: Overlay, path: str | None) -> GumauthError:
    """The error without the secrets of the overlay; `MissingCredentials` where the file's own words name a variable."""
    secrets = [value for name, value in current.read.items() if value and SECRET.search(name)]
    error.reword(lambda text: without_secrets(text, secrets))
    error.way = tuple(without_secrets(line, secrets) for line in error.way)
    variable = _variable_behind(error, current)
    if variable is None:
        return error
    from gumauth.registry.files.import_errors import setup_argument

    missing = MissingCredentials.of_import(error.message, variable, setup_argument(path or ""))
    missing.way = error.way
    return missing


def _variable_behind(error: GumauthError, current: Overlay) -> str | None:
    """The unset variable that a file's code has read, and that the code's own error names."""
    if not isinstance(error, ProviderFileError):
        return None
    unset = (name for name, value in current.read.items() if value is None)
    return next((name for name in unset if "_" in name and re.search(rf"\b{re.escape(name)}\b", error.message)), None)


def _made_up(name: str) -> str | None:
    return MADE_UP if name.endswith(("_CLIENT_ID", "_CLIENT_SECRET")) else None


def _path(reference: str, cwd: str) -> str:
    path = os.path.join(cwd, os.path.expanduser(lookup.split_path(reference)[0]))
    return path if "\0" in path else os.path.realpath(path)


def _names(context: Context, path: str) -> list[str]:
    """The names of the providers that a file is known to define, from its accounts and from `gumauth setup`."""
    accounts = {account.provider for account in context.accounts.all() if lookup.file_in(account.source) == path}
    return sorted(accounts | set(credentials.kept_for(context, path)))
