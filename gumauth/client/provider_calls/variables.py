"""The variables that a provider's code sees: of `--env-file`, and the credentials that `gumauth setup` stored."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable

from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.client.credentials import Credentials
from gumauth.client.provider_calls.environment import Value
from gumauth.oauth2.http import proxies


def for_methods(context: Context, name: str, found: Credentials | None) -> dict[str, str]:
    """The variables for a provider's methods.

    Args:
        context: The environment.
        name: The provider's name.
        found: The provider's client credentials; None where there are none.

    Returns:
        Values by name. Secret.
    """
    variables = _of_everybody(context) | _given(context, name)
    if found is not None:
        id_variable, secret_variable = credentials.variables(name)
        variables[id_variable] = found.client_id
        if found.client_secret is not None:
            variables[secret_variable] = found.client_secret
        elif credentials.given(context, name).get(id_variable, found.client_id) != found.client_id:
            variables[secret_variable] = ""  # the environment's is another client's
    return variables


def for_import(context: Context, names: Iterable[str]) -> dict[str, Value]:
    """The variables for a provider's code while it is imported; the store is read when the code reads a variable.

    Args:
        context: Environment and store.
        names: The names of the providers that this code is known to define. Other providers' secrets are left out.
    """
    variables: dict[str, Value] = {**_of_everybody(context)}
    for name in names:
        variables |= _given(context, name)
        if not credentials.is_given(context, name) and credentials.is_stored(context, name):
            variables |= _stored(context, name)
    return variables


def _stored(context: Context, name: str) -> dict[str, Value]:
    ask = functools.cache(lambda: credentials.stored(context, name))

    def value(attribute: str) -> str | None:
        stored = ask()
        return None if stored is None else getattr(stored, attribute)

    id_variable, secret_variable = credentials.variables(name)
    return {id_variable: lambda: value("client_id"), secret_variable: lambda: value("client_secret")}


def _of_everybody(context: Context) -> dict[str, str]:
    """The variables for every provider: those of `--env-file`, and a NO_PROXY that httpx understands."""
    variables = {}
    if context.environ is not os.environ:
        variables = {key: value for key, value in context.environ.items() if os.environ.get(key) != value}
    return variables | proxies.as_httpx_reads(context.environ)


def _given(context: Context, name: str) -> dict[str, str]:
    """A provider's own variables, without blanks around the values, where there were blanks."""
    values = credentials.given(context, name)
    return {key: value for key, value in values.items() if value != context.environ[key]}
