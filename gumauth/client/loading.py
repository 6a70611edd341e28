"""Loading a provider for a person, who has named it, or for an account, which remembers it.

What its code reads in the environment while it is imported is lent to it: a file may keep its client id at its top.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator

from gumauth import registry
from gumauth.client import credentials
from gumauth.client.lent import Lent, lend
from gumauth.client.lent_credentials import for_import
from gumauth.client.sources import sources_of
from gumauth.context import Context
from gumauth.errors import GumauthError, MissingCredentials, ProviderFileError
from gumauth.found import Found
from gumauth.secret_looks import SECRET
from gumauth.text import without_secrets
from gumauth.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts import Account

MADE_UP = "not-kept-yet"
"""Stands for a client id or secret while a provider is imported that they are to be asked for."""

_read: dict[str, dict[str, str | None]] = {}
"""What the code of each file has read of what it was lent: other values, and it is to be run again."""


def find(context: Context, reference: str, *, cwd: str, for_setup: bool = False) -> Found:
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
    path = _path(reference, cwd) if registry.is_path(reference) else None
    names = [reference] if path is None else _names(context, path)
    with _lending(context, names, path, for_setup=for_setup):
        return registry.find(reference, cwd=cwd)


def of_source(context: Context, source: str, name: str, *, for_setup: bool = False) -> Found:
    """The provider that an account remembers, from any directory.

    Args:
        context: Environment and store.
        source: `Found.source`.
        name: `Found.name`.
        for_setup: As in `find`.

    Raises:
        UnknownProvider: It is not there any more.
        GumauthError: As `find`; or it is another one by now.
    """
    path = _path(source, os.sep) if registry.is_path(source) else None
    with _lending(context, [name], path, for_setup=for_setup):
        return registry.load(source, name)


def of_account(context: Context, account: Account) -> Found:
    """The same for an account.

    Raises:
        GumauthError: As `of_source`.
    """
    found = of_source(context, account.source, account.provider)
    return replace(found, typed=lambda: sources_of(context).argument(account))


def again(context: Context, found: Found) -> Found:
    """A provider with the credentials that are there by now.

    Raises:
        GumauthError: As `of_source`.
    """
    return replace(of_source(context, found.source, found.name), typed=found.typed)


@contextlib.contextmanager
def _lending(context: Context, names: Iterable[str], path: str | None, *, for_setup: bool) -> Iterator[None]:
    lent_names = list(names)
    variables = for_import(context, lent_names)
    with lend(variables, otherwise=_made_up if for_setup else None) as lent:
        _run_again_with_others(path, lent)
        try:
            yield
        except GumauthError as error:
            _mend(error, lent, lent_names)
            if (missing := _variable_behind(error, lent)) is not None:
                from gumauth.import_failure import ways_to_give

                hint = ways_to_give(missing, path or "")
                raise MissingCredentials(error.message, hint=hint) from None
            raise
        finally:
            if path is not None and lent.read:
                _read[path] = dict(lent.read)


def _run_again_with_others(path: str | None, lent: Lent) -> None:
    """Let a file's code be run again where what it has read before would be something else now."""
    before = _read.get(path, {}) if path is not None else {}
    if path is not None and any(os.environ.get(name) != value for name, value in before.items()):
        lent.read.clear()
        from gumauth import provider_file

        provider_file.forget(path)


def _mend(error: GumauthError, lent: Lent, names: Iterable[str]) -> None:
    """Take what was lent out of an error's words; and give no advice that was followed already."""
    secrets = [value for name, value in lent.read.items() if value and SECRET.search(name)]
    error.message = without_secrets(error.message, secrets)
    error.args = (error.message,)
    error.way = tuple(without_secrets(line, secrets) for line in error.way)
    if isinstance(error, MissingCredentials) and any(lent.has_kept(credentials.variables(name)) for name in names):
        error.hint = "Set it in the environment, or in a file behind --env-file: `gumauth setup` keeps no such one."


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
    path = os.path.join(cwd, os.path.expanduser(registry.split_path(reference)[0]))
    return path if "\0" in path else os.path.realpath(path)


def _names(context: Context, path: str) -> list[str]:
    """The providers that are known to come from a file: by what `gumauth setup` has kept, or by their accounts."""
    accounts = {
        account.provider
        for account in context.accounts.all()
        if registry.is_path(account.source) and registry.split_path(account.source)[0] == path
    }
    return sorted(accounts | set(credentials.kept_for(context, path)))
