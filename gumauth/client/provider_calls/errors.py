"""Turns an exception of a provider's method into an error that names the method and its file, without secrets."""

from __future__ import annotations

import traceback
from collections.abc import Collection

from gumauth.client import credentials
from gumauth.errors import (
    GumauthError,
    MissingCredentials,
    NetworkError,
    NotRefreshable,
    ProviderCodeError,
    TokenEndpointError,
)
from gumauth.platform.text import one_line, without_secrets
from gumauth.registry.foreign_code import raised
from gumauth.registry.resolved import ResolvedProvider

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.client.provider_calls.last_response import LastResponse
    from gumauth.oauth2.traits import Method


def translated(
    resolved: ResolvedProvider,
    method: Method,
    error: BaseException,
    secrets: Collection[str],
    last: LastResponse | None = None,
) -> GumauthError:
    """The error that stands for a method's exception.

    Args:
        resolved: The provider.
        method: The method's name.
        error: The exception that the method raised.
        secrets: The secrets that the method knows; they are removed from the words.
        last: The last response to the method's HTTP client. If it is a refusal, the method raised because of it.
    """
    from gumauth.client.provider_calls import failed_response

    own = failed_response.narrowed(error, method) if isinstance(error, GumauthError) else None
    known = own or failed_response.error_behind(resolved, method, error, secrets, last)
    if known is not None:
        known.reword(lambda text: raised.cleaned(text, error, secrets))
        if isinstance(known, TokenEndpointError):
            known.error = known.error and raised.cleaned(known.error, error, secrets)
        if isinstance(known, MissingCredentials) and known.argument == resolved.name:
            known.name_provider(resolved.argument)
        known.way = known.way or (() if known is own else raised.way(error, secrets))
        return known
    if isinstance(error, NotImplementedError):
        return NotRefreshable(
            f"{resolved.name}'s tokens cannot be refreshed.",
            hint=f"When one has ended, run `gumauth connect {resolved.argument}` again.",
        )
    if isinstance(error, KeyError) and error.args:
        return _missing_key(resolved, method, error, secrets)
    if isinstance(error, AttributeError) and isinstance(error.obj, resolved.provider_class):
        name = raised.cleaned_name(error.name, error, secrets)
        return contract_error(resolved, method, f"needs `{name}`, which the class does not have")
    return _own_mistake(resolved, method, error, secrets)


def _own_mistake(
    resolved: ResolvedProvider, method: Method, error: BaseException, secrets: Collection[str]
) -> ProviderCodeError:
    """The error for a fault of the file itself, with the exception's words."""
    text = raised.message(error, secrets)
    what = f"raised {type(error).__name__}{_place(resolved, error)}"
    known = contract_error(resolved, method, f"{what}: {text}" if text else what)
    known.hint = raised.advice(error) or known.hint
    known.way = raised.way(error, secrets)
    return known


def _missing_key(resolved: ResolvedProvider, method: Method, error: KeyError, secrets: Collection[str]) -> GumauthError:
    from gumauth.client.provider_calls.failed_response import VARIABLE

    key = without_secrets(one_line(error.args[0]), secrets)
    if key in credentials.variables(resolved.name):
        return credentials.missing(resolved.name, resolved.argument)
    if VARIABLE.fullmatch(key):
        return MissingCredentials(
            f"{resolved.name} needs the environment variable {one_line(key, 80)}, which is not set.",
            hint=f"Set {one_line(key, 80)}, or name a file that does with --env-file.",
        )
    key = raised.cleaned_name(error.args[0], error, secrets)
    return contract_error(resolved, method, f"found no `{key}` in the provider's answer{_place(resolved, error)}")


def contract_error(resolved: ResolvedProvider, method: Method, what: str) -> ProviderCodeError:
    """The error for a method that does not keep the contract."""
    return ProviderCodeError(f"`{method}` of {resolved.name} ({one_line(resolved.source)}) {what}.")


def deadline_error(resolved: ResolvedProvider, method: Method, seconds: float) -> NetworkError:
    """The error for a method that did not end."""
    return NetworkError(
        f"`{method}` of {resolved.name} ({one_line(resolved.source)}) did not end within {seconds:.0f} s.",
        hint="Try again.",
    )


def _place(resolved: ResolvedProvider, error: BaseException) -> str:
    """The last line of the provider's own file in the traceback of an error."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == resolved.origin]
    return f" in line {lines[-1]}" if lines else ""
