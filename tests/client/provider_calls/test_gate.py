"""A request that must not be sent any more, because getting there has taken too long."""

from __future__ import annotations

from pathlib import Path

import pytest

from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.errors import ClaimLost
from gumauth.testing import AuthorizationServer
from tests.client.world import Clock, World


@pytest.mark.requirement("T2")
def test_the_last_look_before_a_request_is_sent_comes_when_its_connection_is_there(tmp_path: Path) -> None:
    looks = 0

    def check() -> None:
        nonlocal looks
        looks += 1
        if looks == 3:  # before the method, before the request, and before its first byte
            raise ClaimLost("late")

    with AuthorizationServer() as server:
        world = World(server=server, folder=tmp_path, clock=Clock())
        calls = ProviderCalls(world.context, world.request().resolved)
        try:
            with pytest.raises(ClaimLost):
                calls.wait("refresh", calls.start("refresh", "a-refresh-token", before_sending=check))
        finally:
            calls.close()
        assert (looks, server.log) == (3, [])
