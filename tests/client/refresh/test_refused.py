"""A token that a service refused is refreshed by the next one who asks, once."""

from __future__ import annotations

import pytest

from gumauth.client.refresh.refused import make_due
from gumauth.errors import Temporary
from gumauth.testing import Fault
from tests.client.world import World


def refuse(world: World, token: str) -> bool:
    return make_due(world.new_context(), world.account(), token)


@pytest.mark.requirement("H3")
def test_the_next_who_asks_gets_another_token_and_the_one_after_that_the_same(connected: World) -> None:
    refused = connected.token().access_token
    connected.clock.move(60)
    assert refuse(connected, refused)
    assert connected.server.count("refresh") == 0
    fresh = connected.token()
    assert fresh.access_token != refused
    assert (connected.server.count("refresh"), fresh.expires_at) == (1, connected.clock.now + 3600)
    assert connected.token() == fresh


@pytest.mark.requirement("H3")
def test_any_other_token_changes_nothing(connected: World) -> None:
    kept, account = connected.token(), connected.account()
    connected.clock.move(60)
    assert not refuse(connected, kept.access_token[:-1])
    assert not refuse(connected, kept.refresh_token or "")
    assert (connected.token(), connected.account()) == (kept, account)


@pytest.mark.requirement("H3")
def test_a_service_that_refuses_every_token_does_not_cause_a_refresh_each_time(connected: World) -> None:
    for _ in range(5):
        refuse(connected, connected.token().access_token)
        connected.clock.move(3)
    assert connected.server.count("refresh") == 0


def test_a_refused_token_is_not_handed_out_where_no_other_can_be_had(connected: World) -> None:
    connected.clock.move(60)
    refuse(connected, connected.token().access_token)
    connected.server.misbehave("refresh", Fault.status(503))
    with pytest.raises(Temporary):
        connected.token()


def test_a_token_that_nothing_can_replace_stays_as_it_is(world: World) -> None:
    world.write_provider(scopes=("read",))
    world.server.misbehave("token", Fault.without("refresh_token"))
    world.connect()
    kept = world.token()
    world.clock.move(60)
    assert not refuse(world, kept.access_token)
    assert world.token() == kept


def test_a_token_of_unknown_life_is_made_due_and_the_next_one_has_no_end_either(world: World) -> None:
    for where in ("token", "refresh"):
        world.server.misbehave(where, Fault.without("expires_in"), times=None)
    world.connect()
    refused = world.token().access_token
    world.clock.move(60)
    assert refuse(world, refused)
    fresh = world.token()
    assert (fresh.access_token != refused, fresh.expires_at) == (True, None)
