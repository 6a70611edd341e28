"""Refreshing by the rules, against a strict server that rotates and punishes reuse."""

from __future__ import annotations

import threading

import pytest

from gumauth.client.provider_calls import calls
from gumauth.client.refresh.refresh import refresh
from gumauth.errors import (
    EnvironmentFault,
    NotConnected,
    NotRefreshable,
    ReconnectNeeded,
    StoreError,
    Temporary,
)
from gumauth.platform.frozen import replace
from gumauth.testing import Fault
from tests.accounts.directly import records_of, save
from tests.client.world import World
from tests.store.memory import MemoryStore


@pytest.mark.requirement("R1")
def test_a_good_token_is_returned_without_asking_anybody(connected: World) -> None:
    before = connected.server.log
    first, second = connected.token(), connected.token()
    assert first.access_token == second.access_token
    assert connected.server.is_active(first.access_token)
    assert connected.server.log == before


@pytest.mark.requirement("R2", "R5", "M39")
def test_a_due_token_is_refreshed_once_and_the_new_refresh_token_replaces_the_old(connected: World) -> None:
    old = connected.token()
    connected.clock.move(3600 - 59)
    new = connected.token()
    assert new.access_token != old.access_token
    assert new.refresh_token != old.refresh_token
    assert connected.token() == new
    assert connected.server.count("refresh") == 1
    assert connected.server.is_active(new.access_token)
    assert connected.server.count("reuse") == 0


@pytest.mark.requirement("R5", "M38")
def test_where_no_refresh_token_comes_the_old_one_is_kept(connected: World) -> None:
    old = connected.token()
    connected.server.misbehave("refresh", Fault.without("refresh_token"))
    connected.clock.move(3600)
    new = connected.token()
    assert new.refresh_token == old.refresh_token
    assert new.access_token != old.access_token


@pytest.mark.requirement("K2")
def test_after_a_refresh_there_is_one_entry_in_the_store(connected: World) -> None:
    store = connected.store
    assert isinstance(store, MemoryStore)
    before = store.keys()
    connected.clock.move(3600)
    connected.token()
    after = store.keys()
    assert len(before) == len(after) == 1
    assert before != after


@pytest.mark.requirement("R7")
@pytest.mark.parametrize(
    "fault",
    [
        Fault.status(408),
        Fault.status(425),
        Fault.status(429),
        Fault.status(500),
        Fault.status(502),
        Fault.status(503),
        Fault.captive_portal(),
    ],
    ids=lambda fault: fault.name,
)
def test_a_passing_failure_loses_nothing_and_the_next_try_works(connected: World, fault: Fault) -> None:
    connected.clock.move(3601)
    connected.server.misbehave("refresh", fault)
    with pytest.raises(Temporary) as caught:
        connected.token()
    assert caught.value.exit_code == 5
    assert connected.account().state == "ok"
    connected.clock.move(31)
    assert connected.server.is_active(connected.token().access_token)


@pytest.mark.requirement("R7")
def test_while_the_old_token_has_life_it_is_returned_with_a_warning(connected: World) -> None:
    old = connected.token()
    connected.clock.move(3600 - 30)
    connected.server.misbehave("refresh", Fault.status(503))
    assert connected.token() == old
    assert any("still good" in notice for notice in connected.notices)


@pytest.mark.requirement("R7")
def test_a_failure_is_remembered_so_that_a_loop_does_not_hammer(connected: World) -> None:
    connected.clock.move(3601)
    connected.server.misbehave("refresh", Fault.status(503), times=None)
    for _ in range(5):
        with pytest.raises(Temporary):
            connected.token()
        connected.clock.move(5)
    assert connected.server.count("refresh", "fault") == 1
    connected.clock.move(6)
    with pytest.raises(Temporary):
        connected.token()
    assert connected.server.count("refresh", "fault") == 2


@pytest.mark.requirement("R7", "Y10")
def test_retry_after_is_honoured_by_a_forced_refresh_for_a_minute(connected: World) -> None:
    """Anything in between could ask for more, and end the session with it."""
    connected.server.misbehave("refresh", Fault.status(429, retry_after=86400))
    outcome = refresh(connected.new_context(), ["acme"])[0]
    assert isinstance(outcome.error, Temporary)
    connected.clock.move(59)
    again = refresh(connected.new_context(), ["acme"])[0].error
    assert isinstance(again, Temporary)
    assert again.hint == "Try again in 1 s."
    assert connected.server.count("refresh", "fault") == 1
    connected.clock.move(1)
    assert refresh(connected.new_context(), ["acme"])[0].refreshed


@pytest.mark.requirement("R7", "Y10")
def test_retry_after_is_honoured_by_everything_else_for_an_hour(connected: World) -> None:
    connected.clock.move(3601)
    connected.server.misbehave("refresh", Fault.status(503, retry_after=86400))
    for wait in (0, 3599):
        connected.clock.move(wait)
        with pytest.raises(Temporary):
            connected.token()
    assert connected.server.count("refresh", "fault") == 1
    connected.clock.move(1)
    assert connected.server.is_active(connected.token().access_token)


@pytest.mark.requirement("R7", "Y10")
@pytest.mark.parametrize(("forced", "seconds"), [(True, 60), (False, 3600)])
def test_a_day_that_an_older_gumauth_noted_is_no_longer_one(connected: World, forced: bool, seconds: int) -> None:
    connected.clock.move(3601)
    now = connected.clock()
    account = replace(connected.account(), failed_at=now, retry_at=now + 86400, told_to_wait=True)
    save(connected.context, account)
    connected.clock.move(seconds - 1)
    if forced:
        assert isinstance(refresh(connected.new_context(), ["acme"])[0].error, Temporary)
    else:
        with pytest.raises(Temporary):
            connected.token()
    connected.clock.move(1)
    if forced:
        assert refresh(connected.new_context(), ["acme"])[0].refreshed
    else:
        assert connected.server.is_active(connected.token().access_token)


@pytest.mark.requirement("Y10")
@pytest.mark.parametrize(
    ("said", "noted"),
    [("86400", 3600), ("float('inf')", 3600), ("5", 5), ("-1", 30), ("float('nan')", 30), ("'soon'", 30)],
)
def test_what_a_providers_own_file_says_of_a_wait_is_bounded_too(connected: World, said: str, noted: float) -> None:
    """And what means nothing cannot make the account's file one that cannot be read."""
    connected.clock.move(3601)
    with connected.file.open("a") as file:
        file.write(
            "\n    async def refresh(self, refresh_token):\n"
            "        from gumauth.errors import Temporary\n"
            f"        raise Temporary('Not now.', retry_after={said})\n"
        )
    with pytest.raises(Temporary):
        connected.token()
    assert connected.account().retry_at == connected.clock.now + noted


@pytest.mark.requirement("Y10")
def test_the_seconds_to_wait_are_not_rounded_to_a_time_that_is_too_early(connected: World) -> None:
    connected.clock.move(3601)
    connected.server.misbehave("refresh", Fault.status(503), times=None)
    with pytest.raises(Temporary):
        connected.token()
    for moved, hint in ((0.0, "Try again in 30 s."), (0.75, "Try again in 30 s."), (29.0, "Try again in 1 s.")):
        connected.clock.move(moved)
        with pytest.raises(Temporary) as caught:
            connected.token()
        assert caught.value.hint == hint


@pytest.mark.requirement("Y10", "R10")
@pytest.mark.parametrize("moved", [-86400, -3600, -1, 3600, 86400])
@pytest.mark.parametrize("forced", [False, True])
def test_a_clock_that_has_moved_makes_no_wait_longer(connected: World, moved: float, forced: bool) -> None:
    connected.clock.move(3601)
    now = connected.clock()
    account = replace(connected.account(), failed_at=now, retry_at=now + 86400, told_to_wait=True)
    save(connected.context, account)
    connected.clock.move(moved)
    if forced:
        assert refresh(connected.new_context(), ["acme"])[0].refreshed
    else:
        assert connected.server.is_active(connected.token(min_valid=3600).access_token)


@pytest.mark.requirement("R7")
def test_a_short_retry_after_is_honoured_too(connected: World) -> None:
    connected.server.misbehave("refresh", Fault.status(503, retry_after=5))
    assert not refresh(connected.new_context(), ["acme"])[0].refreshed
    assert isinstance(refresh(connected.new_context(), ["acme"])[0].error, Temporary)
    assert connected.server.count("refresh", "fault") == 1
    connected.clock.move(6)
    assert refresh(connected.new_context(), ["acme"])[0].refreshed


@pytest.mark.requirement("R7")
def test_a_forced_refresh_may_follow_a_failure_at_once(connected: World) -> None:
    connected.server.misbehave("refresh", Fault.status(503))
    assert not refresh(connected.new_context(), ["acme"])[0].refreshed
    assert refresh(connected.new_context(), ["acme"])[0].refreshed


@pytest.mark.requirement("R8")
@pytest.mark.parametrize("status", [200, 400, 401, 403])
def test_a_dead_grant_is_marked_with_the_reason_and_its_record_kept(connected: World, status: int) -> None:
    store = connected.store
    assert isinstance(store, MemoryStore)
    connected.clock.move(3601)
    connected.server.misbehave("refresh", Fault.error("invalid_grant", status=status, description="It is over."))
    with pytest.raises(ReconnectNeeded, match=r"It is over\.") as caught:
        connected.token()
    assert caught.value.exit_code == 3
    assert "gumauth connect" in str(caught.value.hint)
    account = connected.account()
    assert account.state == "reconnect"
    assert account.reason is not None
    assert "It is over." in account.reason
    assert store.keys()
    asked = len(connected.server.log)
    with pytest.raises(ReconnectNeeded):
        connected.token()
    assert len(connected.server.log) == asked


@pytest.mark.requirement("R8")
def test_invalid_grant_because_somebody_else_refreshed_gives_theirs(connected: World) -> None:
    """A copy of the home on another machine has no lock in common: only the store tells."""
    context = connected.new_context()
    account = connected.account()
    old = connected.token()

    class Racing(MemoryStore):
        """Another writer's record appears between the read and the answer."""

        def get(self, key: str) -> str | None:
            if connected.server.count("refresh", "fault") and not self.done:
                self.done = True
                records = records_of(context)
                theirs = replace(
                    old, access_token="theirs", refresh_token="other", expires_at=connected.clock.now + 999
                )
                records.put(account, theirs)
            return super().get(key)

        done = False

    racing = Racing()
    assert isinstance(connected.store, MemoryStore)
    for key in connected.store.keys():  # noqa: SIM118 - not a mapping
        racing.set(key, connected.store.get(key) or "")
    connected.store = racing
    context = connected.new_context()
    connected.clock.move(3601)
    connected.server.misbehave("refresh", Fault.error("invalid_grant"))
    assert connected.token().access_token == "theirs"
    assert connected.account().state == "ok"


@pytest.mark.requirement("R6")
def test_an_answer_that_the_store_does_not_give_back_is_an_error_and_not_handed_out(connected: World) -> None:
    class Forgetful(MemoryStore):
        """Says that it has kept, and has not."""

        def set(self, key: str, value: str) -> None:
            super().set(key, value[:-20] if self.forgets and '"generation": 2' in value else value)

        forgets = True

    forgetful = Forgetful()
    assert isinstance(connected.store, MemoryStore)
    for key in connected.store.keys():  # noqa: SIM118 - not a mapping
        forgetful.set(key, connected.store.get(key) or "")
    connected.store = forgetful
    connected.clock.move(3601)
    with pytest.raises(StoreError, match="did not give back"):
        connected.token()
    assert connected.account().state == "ok"


@pytest.mark.requirement("K4", "R6")
def test_a_store_that_cannot_be_written_is_noticed_before_the_refresh_token_is_spent(connected: World) -> None:
    class Full(MemoryStore):
        """Reads, and takes nothing new."""

        def set(self, key: str, value: str) -> None:
            if self.full:
                raise StoreError("full")
            super().set(key, value)

        full = False

    full = Full()
    assert isinstance(connected.store, MemoryStore)
    for key in connected.store.keys():  # noqa: SIM118 - not a mapping
        full.set(key, connected.store.get(key) or "")
    full.full = True
    connected.store = full
    connected.clock.move(3601)
    with pytest.raises(StoreError, match="full"):
        connected.token()
    assert connected.server.count("refresh") == 0
    full.full = False
    assert connected.server.is_active(connected.token().access_token)


class DyingAfterReserve(MemoryStore):
    """Takes the reservation, and nothing after it: the keyring's daemon has died in between."""

    writes: int | None = None

    def set(self, key: str, value: str) -> None:
        if self.writes is not None:
            if self.writes == 0:
                raise StoreError("The daemon is gone.")
            self.writes -= 1
        super().set(key, value)


def dies_after_reserve(world: World) -> DyingAfterReserve:
    """The world's store from now on: with what it had, and room for one write."""
    dying = DyingAfterReserve()
    assert isinstance(world.store, MemoryStore)
    for key in world.store.keys():  # noqa: SIM118 - not a mapping
        dying.set(key, world.store.get(key) or "")
    world.store, dying.writes = dying, 1
    return dying


@pytest.mark.requirement("K13", "K1", "R6")
def test_an_answer_that_the_store_cannot_take_is_kept_encrypted_and_stored_later(connected: World) -> None:
    dying = dies_after_reserve(connected)
    connected.clock.move(3601)
    with pytest.raises(StoreError, match="daemon is gone"):
        connected.token()
    assert connected.server.count("refresh") == 1
    kept = list((connected.folder / "home" / "rescue").iterdir())
    assert len(kept) == 1
    assert kept[0].stat().st_mode & 0o777 == 0o600
    assert b"access_token" not in kept[0].read_bytes()
    dying.writes = None
    record = connected.token()
    assert connected.server.is_active(record.access_token)
    assert (connected.server.count("refresh"), connected.server.count("reuse", "refused")) == (1, 0)
    assert list((connected.folder / "home" / "rescue").iterdir()) == []
    assert len(dying.keys()) == 1


@pytest.mark.requirement("K13")
def test_a_rescued_answer_of_an_older_connect_is_not_taken_for_this_ones(connected: World) -> None:
    dying = dies_after_reserve(connected)
    connected.clock.move(3601)
    with pytest.raises(StoreError):
        connected.token()
    dying.writes = None
    connected.context = connected.new_context()
    connected.connect()
    assert connected.server.is_active(connected.token().access_token)


@pytest.mark.requirement("F12")
def test_a_refresh_token_is_not_sent_to_another_token_endpoint(connected: World) -> None:
    connected.clock.move(3601)
    connected.write_provider(token_url=connected.server.url + "/elsewhere")
    with pytest.raises(ReconnectNeeded, match="token endpoint"):
        connected.token()
    connected.write_provider(token_url=connected.server.token_url)
    assert connected.server.is_active(connected.token().access_token)


@pytest.mark.requirement("D9", "F12")
def test_a_token_endpoint_that_has_moved_gets_the_refresh_token_and_is_remembered(connected: World) -> None:
    token_url = connected.server.token_url
    moved = connected.new_context()
    with moved.accounts.locked(connected.account()) as locked:
        account, record = locked.settle(connected.account())
        locked.commit(locked.put(account, replace(record, token_url="http://127.0.0.1:9/token"))[0])
    connected.write_provider(token_url=token_url, former_token_urls=("http://127.0.0.1:9/token",))
    connected.clock.move(3601)
    assert connected.server.is_active(connected.token().access_token)
    assert connected.token().token_url == token_url


@pytest.mark.requirement("F12")
def test_a_refresh_token_is_not_sent_in_another_clients_name(connected: World) -> None:
    connected.clock.move(3601)
    connected.environ["ACME_CLIENT_ID"] = "another-app"
    before = connected.server.log
    with pytest.raises(ReconnectNeeded, match="client id"):
        connected.token()
    assert connected.server.log == before


@pytest.mark.requirement("R10")
def test_a_clock_that_went_back_leads_to_a_refresh(connected: World) -> None:
    old = connected.token()
    connected.clock.move(-100_000)
    new = connected.token()
    assert new.access_token != old.access_token


def test_refresh_without_a_name_passes_over_what_cannot_be_refreshed(connected: World) -> None:
    account = connected.account()
    save(connected.context, replace(account, refreshable=False))
    outcome = refresh(connected.new_context(), [])
    assert [(o.refreshed, o.error) for o in outcome] == [(False, None)]
    named = refresh(connected.new_context(), ["acme"])[0]
    assert isinstance(named.error, NotRefreshable)
    assert named.error.exit_code == 1


def test_refresh_without_a_name_fails_once_where_a_grant_has_died(connected: World) -> None:
    connected.server.end_grant(1)
    died = refresh(connected.new_context(), [])
    assert [type(o.error) for o in died] == [ReconnectNeeded]
    known = refresh(connected.new_context(), [])
    assert [(o.refreshed, o.error) for o in known] == [(False, None)]


def test_a_token_that_lives_shorter_than_was_asked_for_comes_with_a_warning(connected: World) -> None:
    warning = "A token of acme/ada@example.com lives for 3600 s only, and cannot be good for as long as asked."
    connected.clock.move(2)
    connected.token(min_valid=3599)
    assert connected.notices == []
    connected.token(min_valid=3600)
    assert connected.notices == [warning]
    connected.clock.move(721)
    connected.token(min_valid=3600)
    assert connected.notices == [warning, warning]


def test_a_token_that_lives_shorter_than_was_asked_for_is_not_refreshed_at_every_call(connected: World) -> None:
    for _ in range(4):
        connected.clock.move(600)
        connected.token(min_valid=7200)
        connected.token(min_valid=7200)
    assert connected.server.count("refresh") == 2


def test_an_unknown_lifetime_comes_without_a_warning(world: World) -> None:
    world.server.misbehave("token", Fault.without("expires_in"))
    world.connect()
    world.token(min_valid=7200)
    assert world.notices == []


def test_an_expired_token_that_cannot_be_refreshed_asks_for_a_new_connect(connected: World) -> None:
    save(connected.context, replace(connected.account(), refreshable=False))
    connected.clock.move(3600 - 10)
    assert connected.token()
    assert any("cannot be refreshed" in notice for notice in connected.notices)
    connected.clock.move(11)
    with pytest.raises(ReconnectNeeded, match="has expired"):
        connected.token()


def test_an_unknown_account_is_not_connected(connected: World) -> None:
    with pytest.raises(NotConnected):
        connected.token("acme/nobody")


@pytest.mark.requirement("K3")
def test_a_broken_account_file_is_set_aside_named_and_rebuilt_from_the_store(connected: World) -> None:
    before = connected.account()
    file = connected.folder / "home" / "accounts" / "acme" / f"{before.id}.json"
    file.write_bytes(b'{"version": 1, "provi')
    assert connected.server.is_active(connected.token().access_token)
    assert connected.account() == before
    assert any(".broken" in notice and "written again" in notice for notice in connected.notices)
    assert len(list(file.parent.glob("*.broken"))) == 1


@pytest.mark.requirement("R9")
def test_a_refresh_cannot_bring_back_a_disconnected_account(connected: World) -> None:
    from gumauth.client.refresh.refresh import refresh_account
    from tests.client.ending import disconnect

    account = connected.account()
    disconnect(connected.new_context(), "acme")
    with pytest.raises(NotConnected, match="disconnected"):
        refresh_account(connected.new_context(), account, force=True)
    assert isinstance(connected.store, MemoryStore)
    assert connected.store.keys() == []


@pytest.mark.requirement("P4", "R3")
def test_a_refresh_that_blocks_for_ever_is_left_at_its_deadline(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it cannot be cancelled: the account's lock must not be held for ever."""
    monkeypatch.setitem(calls.ProviderCalls.__init__.__kwdefaults__ or {}, "deadline", 0.3)
    world.connect()
    body = "\n    async def refresh(self, token):\n        import time\n        time.sleep(3)\n"
    world.file.write_text(world.file.read_text() + body)
    world.clock.move(4000)
    with pytest.raises(Temporary, match=r"`refresh` of acme .* did not end"):
        world.token()
    world.write_provider()
    world.clock.move(31)
    assert world.server.is_active(world.token().access_token)
    for thread in threading.enumerate():
        if thread.name == "provider":
            thread.join(10)  # what hangs keeps the variables that it was lent


def test_a_fault_of_the_environment_is_not_remembered(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once it is mended, the next call asks at once."""
    world.connect()
    first = world.token()
    world.clock.move(3610)
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such.pem")
    with pytest.raises(EnvironmentFault, match="SSL_CERT_FILE"):
        world.token()
    monkeypatch.delenv("SSL_CERT_FILE")
    assert world.token().access_token != first.access_token
