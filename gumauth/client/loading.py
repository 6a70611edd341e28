"""Loading a provider for a person, who has named it, or for an account, which remembers it.

What its code reads in the environment while it is imported is lent to it: a file may keep its client id at its top.
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
from gumauth.client.provider_calls.environment import Lent, lend
from gumauth.client.provider_calls.lent_credentials import for_import
from gumauth.errors import GumauthError, MissingCredentials, ProviderFileError
from gumauth.oauth2.sent_secrets import is_secret
from gumauth.platform.frozen import replace
from gumauth.platform.text import without_secrets
from gumauth.registry import lookup
from gumauth.registry.resolved import ResolvedProvider, shown_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.account import Account

MADE_UP = "not-kept-yet"
"""Stands for a client id or secret while a provider is imported that they are to be asked for."""

NOT_KEPT = "Set it in the environment, or in a file behind --env-file: `gumauth setup` keeps no such one."

_read: dict[str, dict[str, str | None]] = {}
"""What the code of each file has read of what it was lent: other values, and it is to be run again."""


def find(context: Context, reference: str, *, cwd: str, for_setup: bool = False) -> ResolvedProvider:
    """The provider that PROVIDER of a command line means.

    Args:
        context: Environment, store and accounts.
        reference: A name, or a file.
        cwd: What a relative path starts from.
        for_setup: Whether its client id and secret may be missing, because they are asked for next.

    Raises:
        UnknownProvider: No provider has that name.
        ProviderFileError: The file or plugin cannot be used.
        MissingCredentials: Its code reads a variable that is nowhere.
        StoreError: It reads what is kept, and the store cannot be asked.
    """
    path = _path(reference, cwd) if lookup.is_path(reference) else None
    names = _names(context, path) if path is not None else [reference] if is_name(reference) else []
    with _lending(context, names, path, lambda: shlex.quote(reference), for_setup=for_setup):
        return lookup.find(reference, cwd=cwd)


def of_source(
    context: Context, source: str, name: str, called: Callable[[], str] | None = None, *, for_setup: bool = False
) -> ResolvedProvider:
    """The provider that an account remembers, from any directory.

    Args:
        context: Environment and store.
        source: `ResolvedProvider.source`.
        name: `ResolvedProvider.name`.
        called: Gives what a command line calls it, for a hint; None for its file.
        for_setup: As in `find`.

    Raises:
        UnknownProvider: It is not there any more.
        GumauthError: As `find`; or it is another one by now.
    """
    path = _path(source, os.sep) if lookup.is_path(source) else None
    with _lending(context, [name], path, called, for_setup=for_setup):
        return lookup.load(source, name)


def of_account(context: Context, account: Account) -> ResolvedProvider:
    """The same for an account.

    Raises:
        GumauthError: As `of_source`.
    """

    def called() -> str:
        return context.sources.argument(account)

    return replace(of_source(context, account.source, account.provider, called), typed=called)


def again(context: Context, resolved: ResolvedProvider) -> ResolvedProvider:
    """A provider with the credentials that are there by now.

    Raises:
        GumauthError: As `of_source`.
    """
    return replace(of_source(context, resolved.source, resolved.name, lambda: resolved.argument), typed=resolved.typed)


@contextlib.contextmanager
def _lending(
    context: Context, names: Sequence[str], path: str | None, called: Callable[[], str] | None, *, for_setup: bool
) -> Iterator[None]:
    variables = for_import(context, names)
    with lend(variables, otherwise=_made_up if for_setup else None) as lent:
        _run_again_with_others(path, lent)
        try:
            yield
        except GumauthError as error:
            error = _mended(error, lent, path)
            if isinstance(error, MissingCredentials) and path is not None:
                if any(lent.has_kept(credentials.variables(name)) for name in names):
                    error.hint = NOT_KEPT
                elif called is not None and error.argument == shown_path(path):
                    error.name_provider(called())
            raise error from None
        finally:
            if path is not None and lent.read:
                _read[path] = dict(lent.read)


def _run_again_with_others(path: str | None, lent: Lent) -> None:
    """Let a file's code be run again where what it has read before would be something else now."""
    before = _read.get(path, {}) if path is not None else {}
    if path is not None and any(os.environ.get(name) != value for name, value in before.items()):
        lent.read.clear()
        from gumauth.registry.files import runner

        runner.forget(path)


def _mended(error: GumauthError, lent: Lent, path: str | None) -> GumauthError:
    """The error without what was lent in its words; for a variable that is missing, where the file itself says so."""
    secrets = [value for name, value in lent.read.items() if value and is_secret(name)]
    error.reword(lambda text: without_secrets(text, secrets))
    error.way = tuple(without_secrets(line, secrets) for line in error.way)
    variable = _variable_behind(error, lent)
    if variable is None:
        return error
    from gumauth.registry.files.import_errors import setup_argument

    missing = MissingCredentials.of_import(error.message, variable, setup_argument(path or ""))
    missing.way = error.way
    return missing


def _variable_behind(error: GumauthError, lent: Lent) -> str | None:
    """The variable that a file's own words name, and that it has asked for in vain."""
    if not isinstance(error, ProviderFileError):
        return None
    asked_in_vain = (name for name, value in lent.read.items() if value is None)
    return next(
        (name for name in asked_in_vain if "_" in name and re.search(rf"\b{re.escape(name)}\b", error.message)), None
    )


def _made_up(name: str) -> str | None:
    return MADE_UP if name.endswith(("_CLIENT_ID", "_CLIENT_SECRET")) else None


def _path(reference: str, cwd: str) -> str:
    path = os.path.join(cwd, os.path.expanduser(lookup.split_path(reference)[0]))
    return path if "\0" in path else os.path.realpath(path)


def _names(context: Context, path: str) -> list[str]:
    """The providers that are known to come from a file: by what `gumauth setup` has kept, or by their accounts."""
    accounts = {
        account.provider
        for account in context.accounts.all()
        if lookup.is_path(account.source) and lookup.split_path(account.source)[0] == path
    }
    return sorted(accounts | set(credentials.kept_for(context, path)))
