"""`gumauth.get_access_token`: what a library wants to know of a token beside the token."""

from __future__ import annotations

import asyncio

import pytest

import gumauth
from gumauth.errors import NotConnected
from tests.client.world import Walker, World
from tests.handout.test_python import world as world


def test_the_token_comes_with_its_end_type_and_scopes(world: World) -> None:
    held = gumauth.get_access_token("acme")
    assert held.access_token == gumauth.get_token("acme")
    assert held.token_type == "Bearer"
    assert held.expires_at == pytest.approx(world.clock() + 3600, abs=60)
    assert held.scopes == world.account().scopes
    assert asyncio.run(gumauth.aget_access_token("acme")) == held


def test_it_is_as_good_as_it_has_to_be(world: World) -> None:
    first = gumauth.get_access_token("acme")
    world.clock.move(2000)
    assert gumauth.get_access_token("acme") == first
    assert gumauth.get_access_token("acme", min_valid=2500).access_token != first.access_token
    assert world.server.count("refresh") == 1


def test_where_the_service_does_not_say_when_a_token_ends_neither_is_it_said(world: World) -> None:
    world.server.send_expiry = ()
    world.connect(Walker(world, nickname="grace@example.com"))
    assert gumauth.get_access_token("acme/grace@example.com").expires_at is None


def test_an_unknown_account_is_the_same_error_as_in_the_command(world: World) -> None:
    with pytest.raises(NotConnected):
        gumauth.get_access_token("acme/nobody")
    with pytest.raises(NotConnected):
        asyncio.run(gumauth.aget_access_token("acme/nobody"))


@pytest.mark.requirement("H9", "S2")
def test_it_holds_no_refresh_token_and_its_repr_no_token(world: World) -> None:
    held = gumauth.get_access_token("acme")
    kept = world.token()
    assert kept.refresh_token
    assert kept.refresh_token not in vars(held).values()
    assert held.access_token not in repr(held)
