"""Ending a grant at the provider."""

from __future__ import annotations

from gumauth.client.calls import Calls
from gumauth.client.binding import token_endpoint
from gumauth.errors import CannotRevoke, ProviderCodeError, TokenEndpointError
from gumauth.provider import AuthProvider
from gumauth.store.records import Record
from gumauth.text import one_line


def end_grant(calls: Calls, record: Record) -> None:
    """Revoke the refresh token first, then the access token; when this returns, the provider says that they are gone.

    A refresh token goes first because most providers end the access tokens with it, and because it is the one that
    lives on.

    Raises:
        CannotRevoke: The provider offers no way; the grant is alive.
        Temporary: The provider could not be reached; the grant is still alive there.
        TokenEndpointError: The provider refused.

    Source: RFC 7009 §2.1.
    """
    name = calls.provider.name
    if record.token_url not in (None, token_endpoint(calls)):
        raise CannotRevoke(
            f"The token endpoint of {name} is not the one with which the account was connected:"
            " its tokens are not sent there, and its grant lives on.",
            hint="End it in the account's settings at the provider.",
        )
    where = f"{name} ({one_line(calls.source)})"
    if hasattr(calls.provider, "revoke_token"):
        ended = [calls.call("revoke_token", token, kind) for token, kind in _tokens(record)]
        if not any(_sound("revoke_token", where, result) for result in ended):
            raise cannot_revoke(name)
    elif not _revokes(calls.provider):
        raise cannot_revoke(name)
    elif not _sound("revoke", where, calls.call("revoke", record.access_token)):
        raise TokenEndpointError(
            f"{name} did not end the grant.", hint="Try again, or end it in the account's settings there."
        )


def _tokens(record: Record) -> list[tuple[str, str]]:
    access = (record.access_token, "access_token")
    return [(record.refresh_token, "refresh_token"), access] if record.refresh_token else [access]


def _revokes(provider: object) -> bool:
    """Whether a provider file does anything to revoke: not with only the contract's default, which says True."""
    method = getattr(type(provider), "revoke", None)
    return method is not None and not method.__qualname__.startswith(f"{AuthProvider.__name__}.")


def _sound(method: str, where: str, result: object) -> bool:
    if isinstance(result, bool):
        return result
    raise ProviderCodeError(f"`{method}` of {where} returned {type(result).__name__} instead of True or False.")


def cannot_revoke(name: str) -> CannotRevoke:
    """The error for a provider that offers no way."""
    return CannotRevoke(
        f"{name} offers no way to end a grant from here: it lives on until it is ended in the settings there.",
        hint=f"End it in the account's settings at {name}.",
    )
