"""When an account's token ends, however its service says it."""

from __future__ import annotations

import pytest

from gumauth.client.refresh.refresh import refresh
from gumauth.platform.frozen import replace
from gumauth.testing import AuthorizationServer, Fault
from tests.accounts.directly import records_of
from tests.client.connect.test_connect import Returning, write_odd
from tests.client.world import Clock, World

NOW = 1_750_000_000.0


@pytest.mark.requirement("F14")
@pytest.mark.parametrize("members", [("expires_at",), ("expires",), ("expires_in", "expires_at")])
def test_a_token_whose_end_is_told_as_an_instant_is_refreshed_before_it(world: World, members: tuple[str, ...]) -> None:
    world.server.send_expiry = members  # type: ignore[assignment]
    world.connect()
    assert world.account().expires_at == world.clock() + 3600
    first = world.token().access_token
    world.clock.move(3550)
    second = world.token()
    assert second.access_token != first
    assert second.expires_at == world.clock() + 3600


@pytest.mark.requirement("F14", "F9")
@pytest.mark.parametrize(
    ("said", "left"),
    [("expires_at=1750003600", 3600.0), ("expires_in=1750003600", None), ("expires_at='2025-06-15T16:06:40Z'", 3600.0)],
)
def test_a_provider_file_may_say_the_end_too(world: World, said: str, left: float | None) -> None:
    body = f"r = TokenResponse(access_token='t'); vars(r).update(dict({said})); return r"
    world.file = write_odd(world.folder, body, "return 'ada'")
    world.connect(Returning(world))
    expires_at = world.account("odd").expires_at
    assert (expires_at and expires_at - NOW) == left


@pytest.mark.requirement("I7", "F9")
def test_a_life_that_an_older_gumauth_took_an_instant_for_is_not_inherited(world: World) -> None:
    world.connect()
    records, account = records_of(world.context), world.account()
    record = world.token()
    account, _ = records.put(account, replace(record, expires_at=record.obtained_at + 1_795_702_325))
    records.commit(account)
    world.server.misbehave("refresh", Fault.without("expires_in"))
    assert refresh(world.new_context(), ["acme"])[0].refreshed
    assert world.token().expires_at is None


def test_the_server_says_an_end_in_each_way() -> None:
    with AuthorizationServer(clock=Clock()) as server:
        server.send_expiry = ("expires_in", "expires_at", "expires")
        assert server._parts.responses.expiry() == {
            "expires_in": 3600,
            "expires_at": 1_750_003_600,
            "expires": "2025-06-15T16:06:40Z",
        }
