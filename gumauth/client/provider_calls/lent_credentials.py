"""What a provider's code is lent in `os.environ`: what `--env-file` has, and what `gumauth setup` has kept for it."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable

from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.client.provider_calls.environment import Value
from gumauth.oauth2.http import proxies


def for_methods(context: Context, name: str, argument: Callable[[], str] | None = None) -> dict[str, str]:
    """The variables that a provider's methods are to find.

    Args:
        context: Environment and store.
        name: The provider's.
        argument: Gives what a command line calls it, for an error.

    Raises:
        StoreError: Credentials are kept for it, and the store cannot be asked.
    """
    lent = _of_everybody(context) | _given(context, name)
    stored = credentials.find(context, name, argument)
    if stored is not None:
        id_variable, secret_variable = credentials.variables(name)
        lent[id_variable] = stored.client_id
        if stored.client_secret is not None:
            lent[secret_variable] = stored.client_secret
    return lent


def for_import(context: Context, names: Iterable[str]) -> dict[str, Value]:
    """The variables that a provider's code is to find while it is imported; the store is asked if one is read.

    Args:
        context: Environment and store.
        names: The providers' that are known to come from this code, and no others: these have secrets of their own.
    """
    lent: dict[str, Value] = {**_of_everybody(context)}
    for name in names:
        lent |= _given(context, name)
        if not credentials.is_given(context, name) and credentials.is_stored(context, name):
            lent |= _kept(context, name)
    return lent


def _kept(context: Context, name: str) -> dict[str, Value]:
    ask = functools.cache(lambda: credentials.stored(context, name))

    def value(attribute: str) -> str | None:
        kept = ask()
        return None if kept is None else getattr(kept, attribute)

    id_variable, secret_variable = credentials.variables(name)
    return {id_variable: lambda: value("client_id"), secret_variable: lambda: value("client_secret")}


def _of_everybody(context: Context) -> dict[str, str]:
    """What is lent to every provider: `--env-file`, a sound NO_PROXY."""
    lent = {}
    if context.environ is not os.environ:
        lent = {key: value for key, value in context.environ.items() if os.environ.get(key) != value}
    return lent | proxies.as_httpx_reads(context.environ)


def _given(context: Context, name: str) -> dict[str, str]:
    """A provider's variables without the blanks that were pasted along, where there are such."""
    values = credentials.given(context, name)
    return {key: value for key, value in values.items() if value != context.environ[key]}
