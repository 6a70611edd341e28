"""PROVIDER of a command line, which may also be the name of a provider file that an account remembers."""

from __future__ import annotations

from gumauth import registry
from gumauth.accounts import is_name
from gumauth.cli.seen_files import announce
from gumauth.context import Context
from gumauth.found import Found


def find_provider(context: Context, given: str, cwd: str) -> Found:
    """The provider that was meant; a new or changed file is named before its code runs.

    Args:
        context: Where the accounts are.
        given: A name, or a file.
        cwd: What a relative path starts from; "" where that folder has been deleted.

    Raises:
        UnknownProvider: No provider has that name.
        ProviderFileError: The file or plugin cannot be used, or the file provides another one by now.
    """
    remembered = _remembered(context, given)
    announce(context, remembered or given, cwd)
    return registry.load(remembered, given) if remembered else registry.find(given, cwd=cwd)


def _remembered(context: Context, given: str) -> str | None:
    """The file behind a name that only a connected account knows; None where it is no such name."""
    if registry.is_path(given) or not is_name(given):
        return None
    account = context.accounts.default(given)
    if account is None or not registry.is_path(account.source):
        return None
    return None if given in {listed.name for listed in registry.names()} else account.source
