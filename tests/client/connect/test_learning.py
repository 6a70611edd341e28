"""Whose the accounts are of which that is not known: asked before a new login is kept."""

from __future__ import annotations

import pytest

from gumauth.testing import Fault
from tests.client.world import Walker, World


@pytest.mark.requirement("I1")
def test_a_token_from_before_the_clock_went_back_is_asked_and_not_taken_for_expired(world: World) -> None:
    world.server.refresh_once = True
    world.server.one_grant = True
    world.connect()
    world.clock.move(-1)
    world.server.misbehave("userinfo", Fault.status(503), times=None)
    other = world.connect(Walker(world)).account
    world.server.behave()
    assert (other.refreshable, other.identity) == (False, None)
    world.clock.move(-3600)
    world.connect(Walker(world))
    assert {account.state for account in world.new_context().accounts.all()} == {"ok"}
