"""PROVIDER of a command line, which may also be the name of a provider file that an account remembers."""

from __future__ import annotations

from gumauth import registry
from gumauth.accounts import is_name
from gumauth.context import Context


def provider_reference(context: Context, given: str) -> str:
    """What was given; for a name that only a connected account knows, the file that the account remembers."""
    if registry.is_path(given) or not is_name(given):
        return given
    account = context.accounts.default(given)
    if account is None or not registry.is_path(account.source):
        return given
    return given if given in {listed.name for listed in registry.names()} else account.source
