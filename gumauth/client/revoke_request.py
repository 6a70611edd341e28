"""The revocation request: a grant is ended at the provider, and its outcome told. Promise I5."""

from __future__ import annotations

import math

from gumauth.accounts.record import Record
from gumauth.client.binding import client_id_of
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.errors import CannotRevoke, GumauthError, ProviderCodeError, TokenEndpointError
from gumauth.oauth2.error_meaning import is_code
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from gumauth.oauth2.provider import TokenKind
    from gumauth.oauth2.traits import Method

    Fate = Literal["gone", "no way"] | TokenEndpointError
    """What became of one token: it is dead; the provider has no way to end it; or it refused, and the token may live.
    """

UNSUPPORTED = "unsupported_token_type"
"""RFC 7009 §2.2.1: the server does not end tokens of this kind. Self-contained access tokens (JWT) are such."""


def end_grant(
    calls: ProviderCalls, record: Record, *, now: float, is_dead: bool = False, can_look: bool = True
) -> float | None:
    """Revoke the refresh token, then the access token; when this returns, no new token can come of the grant.

    The refresh token goes first because most providers end the access tokens with it, and because it lives longer.

    Args:
        calls: The provider.
        record: The tokens.
        now: Seconds since 1970 in UTC.
        is_dead: Whether the provider has said already that the refresh token is dead.
        can_look: Whether the provider has told the account's nickname for a token of this account. Only then does its
            refusal of the token tell anything: a token for another resource is refused there all its life.

    Returns:
        Until when the access token may still work, in seconds since 1970, where that token cannot be ended; infinite
        where its end is not known. None where the access token is dead.

    Raises:
        CannotRevoke: The provider offers no way; the grant is alive.
        Temporary: The provider could not be reached; the grant is still alive there.
        TokenEndpointError: The provider refused, and the tokens may live; `access_token_ended` says which does not.

    Source: RFC 7009 §2.1.
    """
    name = calls.provider.name
    if not calls.traits.takes_tokens_of(record.token_url):
        raise CannotRevoke(
            f"The token endpoint of {name} is not the one with which the account was connected:"
            " its tokens are not sent there, and its grant lives on.",
            hint="End it in the account's settings at the provider.",
        )
    if record.client_id is not None and _client_id(calls) not in (None, record.client_id):
        raise CannotRevoke(
            f"The client id of {name} is not the one with which the account was connected, so its tokens cannot be"
            " ended with it.",
            hint="Set the client id back, or end the grant in the account's settings at the provider.",
        )
    if calls.traits.has("revoke_token"):
        return _end_tokens(calls, record, now, is_dead=is_dead, can_look=can_look)
    if not calls.traits.revokes:
        raise cannot_revoke(name)
    if not _sound(calls, "revoke", calls.call("revoke", record.access_token)):
        raise TokenEndpointError(
            f"{name} did not end the grant.", hint="Try again, or end it in the account's settings there."
        )
    return None


def _client_id(calls: ProviderCalls) -> str | None:
    """The client id with which the provider sends requests now; None where that cannot be told."""
    try:
        return client_id_of(calls) or None
    except GumauthError:
        return None


def _end_tokens(calls: ProviderCalls, record: Record, now: float, *, is_dead: bool, can_look: bool) -> float | None:
    refresh = _fate(calls, record.refresh_token, "refresh_token") if record.refresh_token else "gone"
    access = _fate(calls, record.access_token, "access_token")
    has_life = record.expires_at is None or record.expires_at > now
    can_look = can_look and (refresh == "gone" or has_life) and not _is_unsupported(access)
    if access != "gone" and can_look and is_refused(calls, record.access_token):
        # A token that should have life and is refused was ended together with its grant.
        refresh = access = "gone"
    left = None if record.expires_at is None else record.expires_at - now
    return _outcome(calls.provider.name, record, "gone" if is_dead else refresh, access, left)


def _fate(calls: ProviderCalls, token: str, kind: TokenKind) -> Fate:
    """Revoke one token; raises where the provider cannot be asked now."""
    try:
        return "gone" if _sound(calls, "revoke_token", calls.call("revoke_token", token, kind)) else "no way"
    except TokenEndpointError as error:
        return error


def is_refused(calls: ProviderCalls, access_token: str) -> bool:
    """Whether the service refuses an access token, where it can be asked."""
    if not calls.traits.has("is_active"):
        return False
    try:
        return calls.call("is_active", access_token) is False
    except GumauthError:
        return False


def _outcome(name: str, record: Record, refresh: Fate, access: Fate, left: float | None) -> float | None:
    """What both fates come to; results and errors are those of `end_grant`. `left` are seconds of the access token."""
    if isinstance(refresh, TokenEndpointError):
        raise _refresh_token_lives(name, refresh) if access == "gone" else refresh
    if access == "gone" or (refresh == "gone" and left is not None and left <= 0):
        return None
    if refresh == "gone" and record.refresh_token:
        return math.inf if record.expires_at is None else record.expires_at
    if access == "no way" or (refresh == "no way" and _is_unsupported(access)):
        raise cannot_revoke(name)
    raise _lives_by_itself(name, left) if _is_unsupported(access) else access


def _is_unsupported(fate: Fate) -> bool:
    return isinstance(fate, TokenEndpointError) and is_code(fate.error, [UNSUPPORTED])


def _refresh_token_lives(name: str, refused: TokenEndpointError) -> TokenEndpointError:
    message = f"The access token was revoked, and the refresh token lives on at {name}: {refused.message}"
    error = type(refused)(message, hint=refused.hint, error=refused.error)
    error.access_token_ended = True
    return error


def _lives_by_itself(name: str, left: float | None) -> CannotRevoke:
    how_long = "" if left is None else f" It lives for {minutes(left)} more."
    return CannotRevoke(
        f"{name} cannot end access tokens of this kind before their time, and there is no refresh token.{how_long}",
        hint=f"Wait until it has ended, or end the grant in the account's settings at {name}.",
    )


def minutes(seconds: float) -> str:
    """Seconds as whole minutes in words, rounded up: "5 minutes"."""
    count = max(math.ceil(seconds / 60), 1)
    return "1 minute" if count == 1 else f"{count} minutes"


def _sound(calls: ProviderCalls, method: Method, result: object) -> bool:
    if isinstance(result, bool):
        return result
    where = f"{calls.provider.name} ({one_line(calls.resolved.source)})"
    raise ProviderCodeError(f"`{method}` of {where} returned {type(result).__name__} instead of True or False.")


def cannot_revoke(name: str) -> CannotRevoke:
    """The error for a provider that offers no way."""
    return CannotRevoke(
        f"{name} offers no way to end a grant from here: it lives on until it is ended in the settings there.",
        hint=f"End it in the account's settings at {name}.",
    )
