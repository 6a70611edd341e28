"""Waiting for another process, and what a failed refresh comes to."""

from __future__ import annotations

import time

import pytest

from gumauth.accounts.list import AccountList
from gumauth.accounts.lock import AccountLock
from gumauth.accounts.locked import LockedAccount
from gumauth.client import credentials
from gumauth.client.refresh.refresh import refresh, refresh_account, refresh_unless_other
from gumauth.errors import (
    Busy,
    HomeError,
    MissingCredentials,
    NotConnected,
    ReconnectNeeded,
    Temporary,
    TokenEndpointError,
)
from gumauth.platform.frozen import replace
from gumauth.testing import Fault
from tests.accounts.directly import forget, locked, save
from tests.client.ending import disconnect, revoke
from tests.client.world import Walker, World
from tests.store.memory import MemoryStore


@pytest.fixture
def held(connected: World, monkeypatch: pytest.MonkeyPatch) -> AccountLock:
    """The account's lock as another process holds it, for one who does not wait long."""
    monkeypatch.setattr("gumauth.accounts.lock.PATIENCE", 0.05)
    return AccountLock(connected.new_context().home, connected.account().key)


@pytest.mark.requirement("R3")
def test_without_the_lock_nobody_goes_on_and_the_error_is_busy(connected: World, held: AccountLock) -> None:
    connected.clock.move(3601)
    with held, pytest.raises(Busy) as caught:
        connected.token()
    assert caught.value.exit_code == 5
    assert connected.server.count("refresh") == 0
    assert connected.server.is_active(connected.token().access_token)


@pytest.mark.requirement("R3")
def test_when_the_time_is_up_the_store_is_read_once_more_and_what_is_good_by_then_is_taken(
    connected: World, held: AccountLock
) -> None:
    kept, account = connected.token(), connected.account()
    connected.clock.move(600)
    with held:
        assert refresh_account(connected.new_context(), account, min_valid=3000) == (account, kept)
        assert connected.notices == []
        assert refresh_account(connected.new_context(), account, min_valid=3001) == (account, kept)
        assert "The token that is there is still good and is used." in connected.notices[0]
        connected.clock.move(3600)
        with pytest.raises(Busy):
            refresh_account(connected.new_context(), account)
    assert connected.server.count("refresh") == 0


@pytest.mark.requirement("R2")
def test_a_refused_token_is_replaced_although_it_is_not_due(connected: World) -> None:
    refused = connected.token().access_token
    connected.clock.move(30)
    account, record = refresh_unless_other(connected.new_context(), connected.account(), refused)
    assert record.access_token != refused
    assert connected.server.is_active(record.access_token)
    assert account == connected.account()
    assert connected.server.count("refresh") == 1


@pytest.mark.requirement("R2")
def test_a_refused_token_of_an_account_without_a_name_is_replaced_too(world: World) -> None:
    world.write_provider(nickname_url=None)
    world.connect()
    refused = world.token().access_token
    world.clock.move(30)
    account, record = refresh_unless_other(world.new_context(), world.account(), refused)
    assert (account.nickname, record.access_token != refused) == (None, True)
    assert world.server.is_active(record.access_token)


@pytest.mark.requirement("R2")
def test_where_another_token_than_the_refused_one_is_stored_it_is_fresh_enough(connected: World) -> None:
    kept, account = connected.token(), connected.account()
    assert refresh_unless_other(connected.new_context(), connected.account(), "an older one") == (account, kept)
    assert refresh_account(connected.new_context(), account, force=True, unless="an older one") == (account, kept)
    assert connected.server.count("refresh") == 0


@pytest.mark.requirement("R1")
def test_where_another_token_than_the_refused_one_is_stored_nobody_is_waited_for(connected: World) -> None:
    kept, context = connected.token(), connected.new_context()
    connected.clock.move(30)
    began = time.monotonic()
    with AccountLock(context.home, connected.account().key):
        assert refresh_unless_other(context, connected.account(), "an older one")[1] == kept
    assert time.monotonic() - began < 10


@pytest.mark.requirement("R2")
def test_a_token_that_another_process_stores_while_the_lock_is_waited_for_is_fresh_enough(connected: World) -> None:
    class Racing(MemoryStore):
        """Another process refreshes right after the first read."""

        raced = True

        def get(self, key: str) -> str | None:
            value = super().get(key)
            if not self.raced:
                self.raced = True
                refresh(connected.new_context(), ["acme"])
            return value

    refused, racing = connected.token().access_token, Racing()
    assert isinstance(connected.store, MemoryStore)
    for key in connected.store.keys():  # noqa: SIM118 - not a mapping
        racing.set(key, connected.store.get(key) or "")
    connected.store, racing.raced = racing, False
    connected.clock.move(30)
    record = refresh_unless_other(connected.new_context(), connected.account(), refused)[1]
    assert record.access_token != refused
    assert connected.server.is_active(record.access_token)
    assert connected.server.count("refresh") == 1


@pytest.mark.requirement("R2")
def test_another_processs_token_that_is_due_itself_is_refreshed(connected: World) -> None:
    connected.clock.move(3590)
    record = refresh_account(connected.new_context(), connected.account(), force=True, unless="an older one")[1]
    assert record.expires_at == connected.clock.now + 3600


@pytest.mark.parametrize("missing", ["refresh token", "refreshable"])
def test_a_refused_token_that_cannot_be_refreshed_is_all_there_is(world: World, missing: str) -> None:
    if missing == "refresh token":
        world.server.misbehave("token", Fault.without("refresh_token"))
    world.connect()
    save(world.context, replace(world.account(), refreshable=missing == "refresh token"))
    kept = world.token()
    world.clock.move(30)
    assert refresh_unless_other(world.new_context(), world.account(), kept.access_token)[1] == kept
    assert world.server.count("refresh") == 0


@pytest.mark.parametrize(("age", "refreshes"), [(0, 0), (29.9, 0), (30, 1), (-0.5, 1)])
def test_a_token_that_is_refused_although_it_is_new_is_not_replaced(
    connected: World, age: float, refreshes: int
) -> None:
    """It was not refused for its age, so the next would be refused too; one of the future may be old."""
    kept = connected.token()
    connected.clock.move(age)
    record = refresh_unless_other(connected.new_context(), connected.account(), kept.access_token)[1]
    assert (record == kept) is not refreshes
    assert connected.server.count("refresh") == refreshes


def test_a_refused_token_is_replaced_for_the_same_account_whatever_is_the_default_now(connected: World) -> None:
    ada, refused = connected.account(), connected.token().access_token
    grace = connected.connect(Walker(connected, nickname="grace@example.com")).account
    connected.context.accounts.set_default(grace)
    assert connected.account() == grace
    connected.clock.move(30)
    account, record = refresh_unless_other(connected.new_context(), ada, refused)
    assert account.nickname == "ada@example.com"
    assert record == connected.token("acme/ada@example.com")


def test_where_the_account_of_a_refused_token_is_gone_no_other_stands_in_for_it(connected: World) -> None:
    ada, refused = connected.account(), connected.token().access_token
    connected.connect(Walker(connected, nickname="grace@example.com"))
    disconnect(connected.new_context(), "acme/ada@example.com")
    with pytest.raises(NotConnected) as caught:
        refresh_unless_other(connected.new_context(), ada, refused)
    assert caught.value.message == "acme/ada@example.com has been disconnected."
    assert caught.value.hint == "Run `gumauth connect acme`."


def test_an_alias_that_is_spelled_like_the_id_of_the_account_that_is_gone_does_not_stand_in_for_it(
    connected: World,
) -> None:
    ada, refused = connected.account(), connected.token().access_token
    forget(connected.context, ada)
    connected.connect(Walker(connected, nickname="grace@example.com"), alias=ada.id)
    with pytest.raises(NotConnected, match=r"acme/ada@example\.com has been disconnected"):
        refresh_unless_other(connected.new_context(), ada, refused)


@pytest.mark.parametrize("nickname_url", [None, "as it is"])
def test_an_account_without_a_nickname_that_was_connected_anew_may_be_another_persons(
    world: World, nickname_url: str | None
) -> None:
    if nickname_url is None:
        world.write_provider(nickname_url=None)
    world.connect(alias="work")
    before, refused = world.account(), world.token().access_token
    world.connect(alias="work")
    if nickname_url is None:
        with pytest.raises(NotConnected, match="acme/work has been disconnected"):
            refresh_unless_other(world.new_context(), before, refused)
    else:
        assert refresh_unless_other(world.new_context(), before, refused)[1] == world.token()


def test_an_account_without_a_nickname_that_is_connected_anew_while_the_lock_is_waited_for_is_not_taken(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.write_provider(nickname_url=None)
    world.connect(alias="work")
    before, refused = world.account(), world.token().access_token
    world.clock.move(30)
    plain = LockedAccount.acquire

    def late(locked: LockedAccount) -> None:
        monkeypatch.setattr(LockedAccount, "acquire", plain)
        world.connect(alias="work")
        plain(locked)

    monkeypatch.setattr(LockedAccount, "acquire", late)
    with pytest.raises(NotConnected, match="acme/work has been disconnected"):
        refresh_unless_other(world.new_context(), before, refused)


def test_a_record_without_a_refresh_token_is_told_before_the_provider_is_asked(world: World) -> None:
    world.server.misbehave("token", Fault.without("refresh_token"))
    world.connect()
    save(world.context, replace(world.account(), refreshable=True))
    outcome = refresh(world.new_context(), ["acme"])[0]
    assert outcome.error is not None
    assert outcome.error.message == "acme/ada@example.com has no refresh token."
    assert outcome.error.hint == "Run `gumauth connect acme` for a new one."


@pytest.mark.requirement("R8")
def test_a_refused_token_of_an_account_that_was_revoked_asks_for_a_new_connect(connected: World) -> None:
    refused, account = connected.token().access_token, connected.account()
    revoke(connected.new_context(), "acme")
    with pytest.raises(ReconnectNeeded, match="was revoked"):
        refresh_unless_other(connected.new_context(), connected.account(), refused)
    with pytest.raises(ReconnectNeeded, match="was revoked"):
        refresh_account(connected.new_context(), account, force=True)


@pytest.mark.requirement("R7")
def test_a_refusal_for_another_reason_than_the_grant_leaves_the_old_token_in_use(connected: World) -> None:
    old = connected.token()
    connected.clock.move(3600 - 30)
    connected.server.misbehave("refresh", Fault.error("invalid_client", status=401), times=None)
    assert connected.token() == old
    assert connected.token() == old
    assert connected.server.count("refresh", "fault") == 1
    assert connected.account().failed_at is None
    connected.clock.move(30)
    with pytest.raises(TokenEndpointError):
        connected.token()


@pytest.mark.parametrize("code", ["invalid_client", "incorrect_client_credentials", "BAD_CLIENT_SECRET"])
@pytest.mark.parametrize("kept", [True, False])
def test_a_refused_client_is_told_with_what_enters_it_anew(connected: World, code: str, kept: bool) -> None:
    """The name of a file is enough where an account of it is connected."""
    names = ("ACME_CLIENT_ID", "ACME_CLIENT_SECRET")
    if kept:
        client_id, secret = (connected.environ.pop(name) for name in names)
        credentials.save(connected.new_context(), "acme", client_id, secret)
    connected.clock.move(3601)
    connected.server.misbehave("refresh", Fault.error(code, status=401), times=None)
    with pytest.raises(TokenEndpointError) as caught:
        connected.token()
    setup = "Run `gumauth setup acme` to enter the client id and secret anew."
    variables = "Check ACME_CLIENT_ID and ACME_CLIENT_SECRET, which the environment or --env-file sets."
    assert caught.value.hint == (setup if kept else variables)


@pytest.mark.requirement("R7")
def test_credentials_that_are_gone_leave_the_old_token_in_use(connected: World) -> None:
    old = connected.token()
    connected.clock.move(3600 - 30)
    del connected.environ["ACME_CLIENT_ID"]
    assert connected.token() == old
    connected.clock.move(30)
    with pytest.raises(MissingCredentials):
        connected.token()


@pytest.mark.requirement("R7")
def test_a_failure_is_remembered_for_thirty_seconds(connected: World) -> None:
    connected.clock.move(3601)
    connected.server.misbehave("refresh", Fault.status(503), times=None)
    for _ in range(2):
        with pytest.raises(Temporary):
            connected.token()
    connected.clock.move(29.5)
    with pytest.raises(Temporary, match=r"failed 30 s ago: .*503") as caught:
        connected.token()
    assert caught.value.retry_after == 0.5
    assert connected.server.count("refresh", "fault") == 1
    connected.clock.move(0.5)
    with pytest.raises(Temporary):
        connected.token()
    assert connected.server.count("refresh", "fault") == 2


@pytest.mark.requirement("R7")
def test_a_refresh_for_a_refused_token_heeds_a_failure_of_a_moment_ago(connected: World) -> None:
    """A program whose every request is refused must not ask the provider each time; who runs `refresh` may."""
    refused = connected.token().access_token
    connected.clock.move(100)
    connected.server.misbehave("refresh", Fault.status(503), times=None)
    for _ in range(3):
        with pytest.raises(Temporary):
            refresh_account(connected.new_context(), connected.account(), force=True, unless=refused)
    assert connected.server.count("refresh", "fault") == 1
    with pytest.raises(Temporary):
        refresh_account(connected.new_context(), connected.account(), force=True)
    assert connected.server.count("refresh", "fault") == 2


@pytest.mark.requirement("R7", "S4")
def test_the_reason_of_a_failure_is_one_line_in_the_list(connected: World) -> None:
    connected.clock.move(3601)
    with connected.file.open("a") as file:
        file.write(
            "\n    async def refresh(self, refresh_token):\n"
            "        from gumauth.errors import Temporary\n"
            "        raise Temporary('Not\\x1b[2J\\r\\nnow.')\n"
        )
    with pytest.raises(Temporary):
        connected.token()
    assert connected.account().reason == "Not now."


@pytest.mark.requirement("R7")
def test_with_the_old_token_comes_the_account_as_it_is_listed_now(connected: World) -> None:
    connected.clock.move(3600 - 30)
    connected.server.misbehave("refresh", Fault.status(503))
    account, _ = refresh_account(connected.new_context(), connected.account())
    assert account == connected.account()
    assert account.failed_at == connected.clock.now


@pytest.mark.requirement("R7", "K11")
def test_a_failure_that_cannot_be_noted_is_still_the_failure_that_it_is(
    connected: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise HomeError("The disk is full.")

    monkeypatch.setattr(AccountList, "save", refuse)
    connected.clock.move(3601)
    connected.server.misbehave("refresh", Fault.status(503))
    with pytest.raises(Temporary, match="503"):
        connected.token()


@pytest.mark.requirement("R7", "K11")
def test_an_account_whose_newer_record_cannot_be_listed_is_still_handed_out_with_it(
    connected: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise HomeError("The disk is full.")

    account = connected.account()
    with locked(connected.context, account) as killed:
        newer, _ = killed.put(account, connected.token())
    monkeypatch.setattr(AccountList, "save", refuse)
    connected.clock.move(3600 - 30)
    connected.server.misbehave("refresh", Fault.status(503))
    assert refresh_account(connected.new_context(), account)[0] == newer


@pytest.mark.requirement("R7", "R10")
def test_a_failure_in_the_future_is_not_remembered(connected: World) -> None:
    """The clock went back; the failure may be an hour old."""
    connected.clock.move(3601)
    connected.server.misbehave("refresh", Fault.status(503))
    with pytest.raises(Temporary):
        connected.token()
    connected.clock.move(-5)
    assert connected.server.is_active(connected.token().access_token)
