"""A new grant and its account, step by step."""

from __future__ import annotations

import json

import pytest

from gumauth.accounts.account import account_id
from gumauth.accounts.lock import AccountLock
from gumauth.client.context import Context
from gumauth.client.identity_request import UNASKED
from gumauth.errors import Busy, StoreError
from gumauth.platform.frozen import replace
from tests.accounts.directly import forget, records_of, save
from tests.client.connect.coming import Make, called
from tests.client.world import World
from tests.store.memory import MemoryStore


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for a lock."""
    monkeypatch.setattr("gumauth.accounts.lock.PATIENCE", 0.05)


@pytest.mark.requirement("K1", "K2")
@pytest.mark.parametrize("saved", [True, False])
def test_an_account_is_listed_as_cut_short_with_its_grant_before_its_record_is_written(
    world: World, make: Make, saved: bool
) -> None:
    seen: list[tuple[str, str | None, bool]] = []

    class Looking(MemoryStore):
        """Looks into the list at every write."""

        def set(self, key: str, value: str) -> None:
            [account] = world.new_context().accounts.all()
            assert key.startswith(account.key)
            seen.append((account.state, account.nickname, account.grant == json.loads(value)["grant"]))
            super().set(key, value)

    world.store = Looking()
    coming = make()
    if saved:
        coming.save()
        coming.pending.release()
        assert seen == [("connecting", None, True)]
    else:
        coming.commit(called("ada@example.com"))
        assert seen == [("connecting", "ada@example.com", True)]


@pytest.mark.requirement("K1")
def test_what_is_saved_can_be_read_and_goes_when_it_is_discarded(world: World, make: Make) -> None:
    coming = make()
    coming.save()
    [saved] = world.new_context().accounts.all()
    assert (saved.state, saved.nickname, saved.alias, saved.slot) == ("connecting", None, None, "b")
    record = records_of(world.new_context()).read(saved)
    assert record.access_token == coming.grant.response.access_token
    coming.discard()
    assert list(world.new_context().accounts.all()) == []
    assert isinstance(world.store, MemoryStore)
    assert world.store.keys() == []


@pytest.mark.requirement("C11")
@pytest.mark.usefixtures("impatient")
def test_the_account_without_a_name_is_locked_until_it_is_discarded(world: World, make: Make) -> None:
    coming = make()
    lock = AccountLock(world.context.home, coming.key)
    coming.save()
    with pytest.raises(Busy):
        lock.acquire()
    coming.discard()
    with lock:
        pass


@pytest.mark.requirement("K4")
@pytest.mark.usefixtures("impatient")
def test_where_nothing_can_be_saved_nothing_is_left_and_the_account_is_committed_all_the_same(
    world: World, make: Make
) -> None:
    class Refusing(MemoryStore):
        refuses = True

        def set(self, key: str, value: str) -> None:
            if self.refuses:
                raise StoreError("not now")
            super().set(key, value)

    world.store = store = Refusing()
    coming = make()
    coming.save()
    assert list(world.new_context().accounts.all()) == []
    with AccountLock(world.context.home, coming.key):
        pass
    store.refuses = False
    coming.commit(called("ada@example.com"))
    coming.discard()
    assert world.token().access_token == coming.grant.response.access_token


@pytest.mark.usefixtures("impatient")
def test_where_the_account_without_a_name_is_locked_by_somebody_else_the_account_is_committed_without_it(
    world: World, make: Make
) -> None:
    coming = make()
    with AccountLock(world.context.home, coming.key):
        coming.save()
        assert list(world.new_context().accounts.all()) == []
        coming.commit(called("ada@example.com"))
        coming.discard()
    assert world.account().nickname == "ada@example.com"


@pytest.mark.requirement("R9")
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("saved", [True, False])
def test_a_grant_is_committed_with_its_accounts_lock_held(world: World, make: Make, saved: bool) -> None:
    coming = make()
    if saved:
        coming.save()
    identity = account_id("ada@example.com", None)
    with AccountLock(world.context.home, f"acme/{identity}"), pytest.raises(Busy):
        coming.commit(called("ada@example.com"))
    assert world.new_context().accounts.get("acme", identity) is None
    coming.discard()


@pytest.mark.usefixtures("impatient")
def test_an_account_that_nobody_could_name_is_the_one_without_a_name_made_good(world: World, make: Make) -> None:
    coming = make()
    coming.save()
    coming.commit(UNASKED)
    coming.discard()
    [account] = world.new_context().accounts.all()
    assert account == coming.pending.account
    assert (account.state, account.nickname, account.label) == ("ok", None, "acme/1")
    assert account.expires_at == world.clock.now + 3600
    record = records_of(world.new_context()).read(account)
    assert record.access_token == coming.grant.response.access_token


def test_an_account_that_nobody_could_name_is_known_by_its_alias(world: World, make: Make) -> None:
    coming = make(alias="work")
    coming.save()
    coming.commit(UNASKED)
    coming.discard()
    [account] = world.new_context().accounts.all()
    assert (account.id, account.alias, account.nickname) == (account_id(None, "work"), "work", None)


@pytest.mark.requirement("F11")
@pytest.mark.parametrize(("scope", "scopes"), [(None, ("read", "write")), ("", ("read", "write")), ("a b", ("a", "b"))])
def test_the_scopes_are_the_granted_ones_or_where_none_are_named_the_requested(
    world: World, make: Make, scope: str | None, scopes: tuple[str, ...]
) -> None:
    make(scope=scope).commit(called("ada@example.com"))
    assert (world.account().scopes, world.account().requested_scopes) == (scopes, ("read", "write"))


@pytest.mark.parametrize(("expires_in", "left"), [(1800, 1800), (None, None)])
def test_the_record_is_what_came(world: World, make: Make, expires_in: int | None, left: float | None) -> None:
    coming = make(expires_in=expires_in)
    coming.commit(called("ada@example.com"))
    record, now = world.token(), world.clock.now
    assert (record.access_token, record.refresh_token) == (
        coming.grant.response.access_token,
        coming.grant.response.refresh_token,
    )
    assert (record.token_type, record.obtained_at) == ("Bot", now)
    assert record.expires_at == (None if left is None else now + left)
    assert (record.token_url, record.client_id) == (world.server.token_url, "acme-app")


@pytest.mark.requirement("L3")
@pytest.mark.usefixtures("impatient")
def test_an_alias_whose_account_is_busy_is_said_to_stay_with_it(world: World, make: Make) -> None:
    make(alias="work").commit(called("ada@example.com"))
    ada = world.account("acme/work")
    coming = make(alias="work", replace=True)
    with AccountLock(world.context.home, ada.key):
        coming.commit(called("grace@example.com"))
    assert len([notice for notice in coming.notices if "could not be taken from its account" in notice]) == 1
    assert world.new_context().accounts.get("acme", ada.id) == ada


@pytest.mark.requirement("L3")
def test_an_alias_that_was_taken_over_stands_with_one_account(world: World, make: Make) -> None:
    make(alias="work").commit(called("ada@example.com"))
    coming = make(alias="work", replace=True)
    coming.commit(called("grace@example.com"))
    aliases = {account.nickname: account.alias for account in world.new_context().accounts.all()}
    assert aliases == {"ada@example.com": None, "grace@example.com": "work"}
    assert not any("could not be taken" in notice for notice in coming.notices)


@pytest.mark.requirement("L3")
def test_an_account_that_is_connected_again_keeps_its_alias_and_counts_on(world: World, make: Make) -> None:
    make(alias="work").commit(called("ada@example.com"))
    first = world.token("acme/work")
    again = make()
    again.commit(called("ada@example.com"))
    second = world.token("acme/work")
    assert second.access_token == again.grant.response.access_token
    assert second.generation > first.generation
    assert isinstance(world.store, MemoryStore)
    assert len(world.store.keys()) == 1


@pytest.mark.requirement("L3")
@pytest.mark.parametrize("another", [None, "home"])
def test_an_account_that_has_lost_the_alias_by_itself_meanwhile_is_left_as_it_is(
    world: World, make: Make, another: str | None
) -> None:
    make(alias="work").commit(called("ada@example.com"))
    ada = world.account("acme/work")

    class Meanwhile(MemoryStore):
        """While the new record is written, the other account is disconnected, or gets another alias."""

        def set(self, key: str, value: str) -> None:
            context = world.new_context()
            save(context, replace(ada, alias=another)) if another else forget(context, ada)
            super().set(key, value)

    world.store = Meanwhile()
    coming = make(alias="work", replace=True)
    coming.commit(called("grace@example.com"))
    aliases = {account.nickname: account.alias for account in world.new_context().accounts.all()}
    assert aliases == {"grace@example.com": "work"} | ({"ada@example.com": another} if another else {})
    assert not any("could not be taken" in notice for notice in coming.notices)


@pytest.mark.requirement("L3")
def test_an_account_that_is_connected_again_into_another_store_leaves_nothing_in_the_first(
    world: World, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Second(MemoryStore):
        """Answers from now on."""

        name = "second"

    make().commit(called("ada@example.com"))
    first, second = world.store, Second()
    monkeypatch.setattr(Context, "store", lambda _, name="second": {"memory": first, "second": second}[name])
    again = make()
    again.commit(called("ada@example.com"))
    assert world.account().store == "second"
    assert world.token().access_token == again.grant.response.access_token
    assert isinstance(first, MemoryStore)
    assert first.keys() == []


@pytest.mark.requirement("L3")
def test_an_account_is_kept_although_the_older_record_cannot_be_deleted(world: World, make: Make) -> None:
    class Sticky(MemoryStore):
        """Gives nothing up."""

        def delete(self, key: str) -> None:
            raise StoreError("not now")

    world.store = Sticky()
    make().commit(called("ada@example.com"))
    again = make()
    again.commit(called("ada@example.com"))
    assert world.token().access_token == again.grant.response.access_token


def test_an_account_that_is_disconnected_as_soon_as_it_is_listed_is_no_failure(world: World, make: Make) -> None:
    class Meanwhile(MemoryStore):
        """Another process forgets every account, right after the older record has gone."""

        def delete(self, key: str) -> None:
            super().delete(key)
            context = world.new_context()
            for account in list(context.accounts.all()):
                forget(context, account)

    world.store = Meanwhile()
    make().commit(called("ada@example.com"))
    again = make()
    again.commit(called("ada@example.com"))
    assert list(world.new_context().accounts.all()) == []
    assert not any("default" in notice for notice in again.notices)


@pytest.mark.requirement("I6", "R9")
def test_an_account_whose_connect_is_under_way_is_nobodys_default(world: World, make: Make) -> None:
    """It may leave again, and take the provider's name with it."""
    coming = make()
    coming.pending.begin(())
    world.connect()
    coming.discard()
    assert world.new_context().accounts.look_up("acme").nickname == "ada@example.com"


@pytest.mark.requirement("R9", "C10")
def test_two_accounts_stay_locked_until_they_are_one_also_where_ctrl_c_releases_the_pending_account(
    world: World, make: Make
) -> None:
    locks: list[AccountLock] = []

    class Interrupted(MemoryStore):
        def set(self, key: str, value: str) -> None:
            for lock in locks:
                second.pending.release()  # by the event loop, while the work goes on in its thread
                with pytest.raises(Busy):
                    lock.acquire()
            super().set(key, value)

    world.store = Interrupted()
    first, second = make(), make()
    first.commit(called("ada@example.com"))
    second.commit(called("grace@example.com"))
    old, own = first.pending.account, second.pending.account
    locks += [AccountLock(world.context.home, account.key, 0.0) for account in (old, own)]
    second.pending.merge_into(old)
    assert [account.id for account in world.new_context().accounts.all()] == [old.id]
