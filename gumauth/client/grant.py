"""Ending a grant at the provider."""

from __future__ import annotations

from typing import Any

from gumauth.client.calls import Calls
from gumauth.errors import CannotRevoke, ProviderCodeError, TokenEndpointError
from gumauth.provider import AuthProvider
from gumauth.store.records import Record


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
    if not can_revoke(calls.provider):
        raise CannotRevoke(
            f"{name} offers no way to end a grant from here; it lives on until it is ended in the settings there.",
            hint=f"End it in the account's settings at {name}.",
        )
    if not hasattr(calls.provider, "revoke_token"):
        return _check(name, calls.call("revoke", record.access_token))
    if record.refresh_token:
        _check(name, calls.call("revoke_token", record.refresh_token, "refresh_token"))
    return _check(name, calls.call("revoke_token", record.access_token, "access_token"))


def can_revoke(provider: Any) -> bool:
    """Whether a provider does anything to revoke: not where it has only the contract's default, which says True."""
    if hasattr(provider, "can_revoke"):
        return bool(provider.can_revoke)
    method = getattr(type(provider), "revoke", None)
    return method is not None and method.__qualname__.partition(".")[0] != AuthProvider.__name__


def _check(name: str, result: object) -> None:
    if result is True:
        return
    if result is False:
        raise TokenEndpointError(
            f"{name} did not end the grant.", hint="Try again, or end it in the account's settings there."
        )
    raise ProviderCodeError(
        f"`revoke` of {name} returned {type(result).__name__} instead of True or False.",
        hint="The provider's file has to be mended.",
    )
