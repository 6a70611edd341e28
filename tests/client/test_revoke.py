"""Revoke and disconnect by the rules."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from gumauth.accounts.list import AccountList
from gumauth.accounts.lock import AccountLock
from gumauth.client.context import Context
from gumauth.client.lookup import still_listed
from gumauth.client.revoke import Outcome
from gumauth.errors import (
    Busy,
    CannotRevoke,
    GumauthError,
    HomeError,
    NotConnected,
    ReconnectNeeded,
    StoreError,
    Temporary,
)
from gumauth.platform.frozen import replace
from gumauth.testing import Fault
from tests.accounts.directly import locked, save
from tests.client.ending import disconnect, revoke
from tests.client.world import World
from tests.store.memory import MemoryStore

End = Callable[[Context, str], Outcome]


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


@pytest.mark.requirement("L1", "L2")
@pytest.mark.parametrize("says_lifetime", [True, False])
@pytest.mark.parametrize("end", [revoke, disconnect])
def test_an_access_token_that_was_ended_without_its_refresh_token_is_not_handed_out_again(
    world: World, end: End, says_lifetime: bool
) -> None:
    if not says_lifetime:
        world.server.misbehave("token", Fault.without("expires_in"))
    world.connect()
    record, before = world.token(), world.account()
    world.server.misbehave("refresh", Fault.without("expires_in"))
    world.server.misbehave("revoke", Fault.error("invalid_client"))
    ended = end(world.new_context(), "acme")
    assert (ended.revoked, ended.forgotten) == (False, False)
    assert ended.error is not None
    assert ended.error.message.startswith("The access token was revoked, and the refresh token lives on")
    assert not world.server.is_active(record.access_token)
    assert (ended.account.state, ended.account.reason) == (before.state, before.reason) == ("ok", None)
    new = world.token()
    assert world.server.is_active(new.access_token)
    assert world.server.count("refresh") == 1
    assert world.token().access_token == new.access_token
    assert (world.account().expires_at is not None) is says_lifetime
    assert end(world.new_context(), "acme").revoked


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


@pytest.mark.requirement("R9")
@pytest.mark.parametrize("end", [revoke, disconnect])
def test_an_account_is_ended_with_its_lock_held(connected: World, monkeypatch: pytest.MonkeyPatch, end: End) -> None:
    monkeypatch.setattr("gumauth.accounts.lock.PATIENCE", 0.05)
    context, before = connected.new_context(), connected.account()
    with AccountLock(context.home, before.key), pytest.raises(Busy):
        end(context, "acme")
    assert connected.server.count("revoke") == 0
    assert connected.account() == before


@pytest.mark.requirement("R9")
def test_an_account_that_went_while_its_lock_was_waited_for_is_not_connected(connected: World) -> None:
    account = connected.account()
    assert still_listed(locked(connected.new_context(), account), replace(account, state="connecting")) == account
    disconnect(connected.new_context(), "acme")
    with pytest.raises(NotConnected, match="disconnected by another process"):
        still_listed(locked(connected.new_context(), account), account)


@pytest.mark.requirement("L1")
def test_a_revoked_account_has_no_end_and_no_reason_and_is_not_revoked_again(connected: World) -> None:
    save(connected.context, replace(connected.account(), reason="It was slow."))
    ended = revoke(connected.new_context(), "acme")
    account = connected.account()
    assert ended.account == account
    assert (account.state, account.reason, account.expires_at) == ("revoked", None, None)
    before = connected.server.log
    again = revoke(connected.new_context(), "acme")
    assert (again.account, again.revoked, again.forgotten, again.error) == (account, True, False, None)
    gone = disconnect(connected.new_context(), "acme")
    assert (gone.account, gone.revoked, gone.forgotten, gone.error) == (account, True, True, None)
    assert connected.server.log == before


@pytest.mark.requirement("L1")
@pytest.mark.parametrize("end", [revoke, disconnect])
def test_where_the_grant_lives_on_the_account_is_as_it_was(connected: World, end: End) -> None:
    before = connected.account()
    connected.server.misbehave("revoke", Fault.status(503), times=None)
    ended = end(connected.new_context(), "acme")
    assert ended.account == before
    assert connected.account() == replace(before, reason=connected.account().reason)
    assert ("503" in str(connected.account().reason)) == (end is disconnect)


@pytest.mark.requirement("L1", "R8")
@pytest.mark.parametrize("end", [revoke, disconnect])
def test_a_failed_end_does_not_rewrite_why_an_account_has_to_be_connected_again(connected: World, end: End) -> None:
    dead = replace(connected.account(), state="reconnect", reason="acme's token endpoint refused: invalid_grant.")
    save(connected.context, dead)
    connected.server.misbehave("revoke", Fault.status(503), times=None)
    assert end(connected.new_context(), "acme").error is not None
    assert connected.account() == dead


@pytest.mark.requirement("L2")
def test_an_account_that_is_being_disconnected_says_no_older_reason(connected: World) -> None:
    dying = Dying()
    for key in keys(connected):
        dying.set(key, connected.store.get(key) or "")
    connected.store = dying
    save(connected.context, replace(connected.account(), reason="It was slow."))
    with pytest.raises(StoreError, match="killed"):
        disconnect(connected.new_context(), "acme")
    assert connected.account().reason is None


@pytest.mark.requirement("L1")
@pytest.mark.parametrize("record", [None, "{", '{"version": 1}'])
def test_an_account_without_a_readable_record_is_forgotten_and_nothing_said_to_be_revoked(
    connected: World, record: str | None
) -> None:
    for key in keys(connected):
        connected.store.delete(key)
        if record is not None:
            connected.store.set(key, record)
    ended = disconnect(connected.new_context(), "acme")
    assert (ended.revoked, ended.forgotten, ended.error) == (False, True, None)
    assert keys(connected) == []
    assert connected.server.count("revoke") == 0


@pytest.mark.requirement("L1", "K1")
@pytest.mark.parametrize("end", [revoke, disconnect])
def test_what_is_ended_is_the_newest_record_also_where_the_list_is_behind(
    connected: World, monkeypatch: pytest.MonkeyPatch, end: End
) -> None:
    def refuse(*_: object) -> None:
        raise HomeError("full")

    connected.clock.move(3601)
    with monkeypatch.context() as full:
        full.setattr(AccountList, "save", refuse)
        newest = connected.token()
    assert len(keys(connected)) == 2
    assert end(connected.new_context(), "acme").revoked
    assert not connected.server.is_active(newest.access_token)
    assert not connected.server.is_active(str(newest.refresh_token))
    assert keys(connected) == []


@pytest.mark.requirement("L1")
@pytest.mark.parametrize("end", [revoke, disconnect])
def test_without_its_provider_file_an_account_is_kept_and_can_be_forgotten(connected: World, end: End) -> None:
    record = connected.token()
    connected.file.unlink()
    ended = end(connected.new_context(), "acme")
    assert (ended.revoked, ended.forgotten) == (False, False)
    assert isinstance(ended.error, GumauthError)
    assert connected.token() == record
    assert disconnect(connected.new_context(), "acme", keep_grant=True).forgotten
    assert keys(connected) == []


@pytest.mark.requirement("L1")
def test_revoke_at_a_provider_that_offers_no_way_is_an_error_and_changes_nothing(connected: World) -> None:
    record, before = connected.token(), connected.account()
    connected.write_provider(revoke_url=None)
    ended = revoke(connected.new_context(), "acme")
    assert isinstance(ended.error, CannotRevoke)
    assert (ended.revoked, ended.forgotten) == (False, False)
    assert connected.account() == before
    assert connected.token() == record
    assert connected.notices == []


@pytest.mark.requirement("L1")
def test_disconnect_at_a_provider_that_offers_no_way_forgets_and_says_that_the_grant_lives_on(
    connected: World,
) -> None:
    record = connected.token()
    connected.write_provider(revoke_url=None)
    ended = disconnect(connected.new_context(), "acme")
    assert (ended.revoked, ended.forgotten, ended.error) == (False, True, None)
    assert len(connected.notices) == 1
    assert connected.notices[0].startswith("acme offers no way to end a grant")
    assert keys(connected) == []
    assert connected.server.is_active(record.access_token)


@pytest.mark.requirement("S4")
def test_why_an_account_could_not_be_ended_is_one_line_in_the_list(connected: World) -> None:
    with connected.file.open("a") as file:
        file.write(
            "\n    async def revoke_token(self, token, kind):\n"
            "        from gumauth.errors import TokenEndpointError\n"
            "        raise TokenEndpointError('Not\\x1b[2J\\r\\nnow.')\n"
        )
    assert not disconnect(connected.new_context(), "acme").forgotten
    assert connected.account().reason == "Not now."


def test_ending_leaves_no_thread_behind(connected: World) -> None:
    connected.server.misbehave("revoke", Fault.status(503))
    for _ in range(2):
        disconnect(connected.new_context(), "acme")
        assert [thread.name for thread in threading.enumerate() if thread.name == "provider"] == []


@pytest.mark.requirement("K1", "L2")
@pytest.mark.parametrize("keep_grant", [False, True])
def test_what_a_connect_that_was_killed_has_left_beside_its_account_is_forgotten_with_it(
    connected: World, keep_grant: bool
) -> None:
    named = connected.account()
    connected.hold()
    assert disconnect(connected.new_context(), named.label, keep_grant=keep_grant).forgotten
    assert list(connected.new_context().accounts.all()) == []
    assert keys(connected) == []
