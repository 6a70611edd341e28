"""Grants that have just come."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from gumauth.client.connect.grant import Grant
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.provider import TokenResponse
from tests.client.connect.coming import Coming, Make
from tests.client.world import World


@pytest.fixture
def make(world: World) -> Iterator[Make]:
    """Makes a grant that has just come; options are those of the request."""
    begun: list[ProviderCalls] = []

    def make(*, scope: str | None = None, expires_in: int | None = 3600, **options: object) -> Coming:
        world.context = world.new_context()
        request = world.request(**options)
        begun.append(ProviderCalls(world.context, request.resolved))
        response = TokenResponse(
            access_token=secrets.token_urlsafe(16),
            refresh_token=secrets.token_urlsafe(16),
            expires_in=expires_in,
            token_type="Bot",
            scope=scope,
        )
        grant = Grant(response=response, client_id="acme-app", requested=("read", "write"))
        return Coming(world, begun[-1], grant, request)

    yield make
    for calls in begun:
        calls.close()
