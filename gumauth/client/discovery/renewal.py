"""Metadata of a discovered service that is read again: after a day, or when an endpoint refuses. Promises D5, D9, M24.

Only the issuer's own metadata, checked as at the connect, moves an endpoint; where it cannot be read, what is
remembered stays.
"""

from __future__ import annotations

import asyncio

from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.client.discovery import own_loop, services
from gumauth.client.discovery.find import with_endpoints, with_former
from gumauth.client.discovery.resolve import resolved as resolved_of
from gumauth.client.registered_clients import RegisteredClients
from gumauth.errors import GumauthError, InvalidGrant, TokenEndpointError
from gumauth.oauth2.discover import server_of
from gumauth.oauth2.discovery import choices
from gumauth.oauth2.discovery.documents import ServerMetadata
from gumauth.oauth2.discovery.service import Service
from gumauth.platform.frozen import replace
from gumauth.registry.resolved import ResolvedProvider

DAY = 86400.0

SECONDS = 5.0
"""How long a refresh waits for metadata, or for another process that keeps a client."""

LATER = 3600.0
"""Seconds until metadata that could not be read is asked for again."""


def renewed(context: Context, resolved: ResolvedProvider) -> ResolvedProvider:
    """The provider with metadata that is not older than a day, where it can be read; any other provider as it is."""
    service = resolved.traits.discovered
    if service is None or 0 <= context.clock() - service.discovered_at < DAY:
        return resolved
    return _again(context, resolved, service)


def after(context: Context, resolved: ResolvedProvider, error: GumauthError) -> ResolvedProvider | None:
    """The provider as it may be asked once more after an error; None where that would not help. Promises D5, D9.

    Without `resource`, where that is refused; with endpoints that have moved, after an error without an OAuth code.
    """
    service = resolved.traits.discovered
    if service is None or isinstance(error, InvalidGrant) or not isinstance(error, TokenEndpointError):
        return None
    if service.resource is not None and choices.refuses_resource(error):
        return _remembered(context, resolved, replace(service, resource=None))
    if error.error:
        return None
    fresh = _again(context, resolved, service)
    moved = fresh.traits.token_endpoint != resolved.traits.token_endpoint
    return fresh if moved else None


def _again(context: Context, resolved: ResolvedProvider, service: Service) -> ResolvedProvider:
    now = context.clock()
    try:
        server = own_loop.run(_within(service.issuer), context.trace)
    except (GumauthError, TimeoutError):
        fresh = replace(_current(context, service), discovered_at=now - DAY + LATER)
    else:
        current = _current(context, service)
        fresh = with_former(with_endpoints(current, server, now), current)
    return _remembered(context, resolved, fresh)


def _remembered(context: Context, resolved: ResolvedProvider, fresh: Service) -> ResolvedProvider:
    try:
        services.write(context, fresh)
    except GumauthError:
        pass  # the next refresh asks again
    return replace(resolved_of(fresh), typed=resolved.typed)


def _current(context: Context, service: Service) -> Service:
    """The service as another process, such as a connect, has remembered it while the metadata was read."""
    try:
        current = services.read(context, service.name)
    except GumauthError:
        return service
    is_same = current is not None and (current.url, current.issuer) == (service.url, service.issuer)
    return current if current is not None and is_same else service


async def _within(issuer: str) -> ServerMetadata:
    async with asyncio.timeout(SECONDS):
        return await server_of(issuer)


def has_lost_client(context: Context, resolved: ResolvedProvider, client_id: str | None, error: GumauthError) -> bool:
    """Whether an error says that the service has forgotten a client that was registered with it; it is dropped then.

    Args:
        context: The kept clients.
        resolved: Any provider.
        client_id: The client in whose name the service was asked.
        error: The service's.
    """
    service = resolved.traits.discovered
    if service is None or client_id is None or not credentials.are_refused(error):
        return False
    kept = RegisteredClients(context, service.issuer, patience=SECONDS)
    try:
        with kept.locked():
            if kept.find(client_id) is None:
                return False
            kept.drop(client_id)
    except GumauthError:
        return False
    return True
