"""Revoke and disconnect by the rules."""

from __future__ import annotations

import pytest

from gumauth.client.ending import disconnect, revoke
from gumauth.errors import NotConnected, ReconnectNeeded, StoreError, Temporary
from gumauth.store.memory import MemoryStore
from gumauth.testing import Fault
from tests.client.world import World


@pytest.fixture
def connected(world: World) -> World:
    world.connect()
    return world


def keys(world: World) -> list[str]:
    assert isinstance(world.store, MemoryStore)
    return world.store.keys()


@pytest.mark.requirement("L1")
def test_revoke_ends_the_refresh_token_first_then_the_access_token(connected: World) -> None:
    record = connected.token()
    ended = revoke(connected.new_context(), "acme")
    assert (ended.revoked, ended.forgotten) == (True, False)
    assert not connected.server.is_active(record.access_token)
    assert not connected.server.is_active(str(record.refresh_token))
    kinds = [event.details.get("token") for event in connected.server.log if event.kind == "revoke"]
    assert kinds == ["refresh token", "access token"]


@pytest.mark.requirement("L1")
def test_a_revoked_account_stays_listed_and_hands_out_nothing(connected: World) -> None:
    revoke(connected.new_context(), "acme")
    assert connected.account().state == "revoked"
    assert keys(connected) == []
    with pytest.raises(ReconnectNeeded, match="was revoked") as caught:
        connected.token()
    assert caught.value.exit_code == 3
    assert revoke(connected.new_context(), "acme").revoked


@pytest.mark.requirement("L1")
@pytest.mark.parametrize("end", [revoke, disconnect])
def test_what_is_still_alive_at_the_provider_is_kept_for_another_try(connected: World, end: object) -> None:
    assert callable(end)
    record = connected.token()
    connected.server.misbehave("revoke", Fault.status(503), times=None)
    ended = end(connected.new_context(), "acme")
    assert (ended.revoked, ended.forgotten) == (False, False)
    assert isinstance(ended.error, Temporary)
    assert connected.token().access_token == record.access_token
    connected.server.behave()
    assert end(connected.new_context(), "acme").revoked
    assert not connected.server.is_active(record.access_token)


@pytest.mark.requirement("L1")
def test_keep_grant_only_forgets(connected: World) -> None:
    record = connected.token()
    ended = disconnect(connected.new_context(), "acme", keep_grant=True)
    assert (ended.revoked, ended.forgotten) == (False, True)
    assert connected.server.is_active(record.access_token)
    assert connected.server.count("revoke") == 0
    assert keys(connected) == []


def test_disconnect_revokes_and_forgets(connected: World) -> None:
    record = connected.token()
    ended = disconnect(connected.new_context(), "acme")
    assert (ended.revoked, ended.forgotten) == (True, True)
    assert not connected.server.is_active(record.access_token)
    assert keys(connected) == []
    with pytest.raises(NotConnected):
        connected.token()


class Dying(MemoryStore):
    """Stops working after so many deletes, as if the process had been killed there."""

    deletes = 0

    def delete(self, key: str) -> None:
        if self.deletes == 0:
            raise StoreError("killed")
        self.deletes -= 1
        super().delete(key)


@pytest.mark.requirement("L2")
@pytest.mark.parametrize("deletes", [0, 1])
def test_an_interrupted_disconnect_can_be_run_again(connected: World, deletes: int) -> None:
    dying = Dying()
    for key in keys(connected):
        dying.set(key, connected.store.get(key) or "")
    dying.deletes = deletes
    connected.store = dying
    with pytest.raises(StoreError, match="killed"):
        disconnect(connected.new_context(), "acme")
    assert connected.account().state == "leaving"
    with pytest.raises(ReconnectNeeded, match="being disconnected"):
        connected.token()
    dying.deletes = 10
    assert disconnect(connected.new_context(), "acme").forgotten
    assert dying.keys() == []
    assert list(connected.context.accounts.all()) == []


@pytest.mark.requirement("L2")
def test_a_delete_is_checked_by_a_read(connected: World) -> None:
    class Clinging(MemoryStore):
        """Says that it has deleted, and has not."""

        def delete(self, key: str) -> None:
            pass

    clinging = Clinging()
    for key in keys(connected):
        clinging.set(key, connected.store.get(key) or "")
    connected.store = clinging
    with pytest.raises(StoreError, match="still holds"):
        disconnect(connected.new_context(), "acme")
    assert connected.account().state == "leaving"
