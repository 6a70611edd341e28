"""What the person wants of a connect."""

from __future__ import annotations

from dataclasses import dataclass

from gumauth.client.connect.client_source import ClientSource
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
        added_scopes: Beside those that the account asked for before, or the provider's own.
        client: Where the client comes from, where that is decided during the connect; None for credentials that are
            there.
        origin: Where client credentials come from that are not kept; None where nothing is to be said of it.
        grant_type: As the account remembers it; None for a flow in which a person consents.
    """

    resolved: ResolvedProvider
    alias: str | None = None
    scopes: tuple[str, ...] = ()
    port: int | None = None
    timeout: float = TIMEOUT
    replace: bool = False
    added_scopes: tuple[str, ...] = ()
    client: ClientSource | None = None
    origin: Origin | None = None
    grant_type: str | None = None
