"""What the person wants of a connect."""

from __future__ import annotations

from dataclasses import dataclass

from gumauth.client.connect.unkept_credentials import Origin
from gumauth.registry.resolved import ResolvedProvider

TIMEOUT = 600.0
"""Seconds that the person has at the provider."""


@dataclass(frozen=True, kw_only=True)
class ConnectRequest:
    """What `gumauth connect` was asked for.

    Args:
        resolved: The provider.
        alias: The person's own name for the account.
        scopes: In place of the provider's own; empty for those.
        port: The port to listen on; None for what the provider says.
        timeout: Seconds to wait for the person.
        replace: Give the alias to this account although another person's account has it.
        origin: Where client credentials come from that are not kept; None where nothing is to be said of it.
        grant_type: As the account remembers it; None for a flow in which a person consents.
    """

    resolved: ResolvedProvider
    alias: str | None = None
    scopes: tuple[str, ...] = ()
    port: int | None = None
    timeout: float = TIMEOUT
    replace: bool = False
    origin: Origin | None = None
    grant_type: str | None = None
