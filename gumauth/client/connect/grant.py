"""What a provider gave, whatever flow brought it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gumauth.provider import TokenResponse


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What the provider gave.

    Args:
        response: The tokens.
        client_id: The client in whose name the grant was asked for; None where the provider keeps that to itself.
        requested: Scopes asked for.
        extras: What calls need beside the token; perhaps secret.
        refresh_expires_at: When the refresh token ends, in seconds since 1970; None where that is not said.
        notices: What the person should know of the answer, in sentences.
    """

    response: TokenResponse
    client_id: str | None
    requested: tuple[str, ...]
    extras: Mapping[str, str] = field(default_factory=dict, repr=False)
    refresh_expires_at: float | None = None
    notices: tuple[str, ...] = ()
