"""What becomes of the provider's answer to a refresh, and of everything that was begun for it."""

from __future__ import annotations

import os
import secrets
import threading
import time

import pytest

from gumauth.accounts.interface import RefreshUnderWay
from gumauth.accounts.record import decode, encode
from gumauth.client import signals
from gumauth.client.refresh.refresh import refresh
from gumauth.client.refresh.request import request
from gumauth.errors import HomeError, ProviderCodeError, ReconnectNeeded, StoreError, Temporary
from gumauth.platform.frozen import replace
from gumauth.store.open import ENCRYPTED_FILE, choose
from gumauth.testing import Fault
from tests.accounts.directly import locked, records_of
from tests.client.world import World
from tests.store.memory import MemoryStore


@pytest.fixture
def connected(world: World) -> World:
    world.connect(scopes=("read", "write"))
    return world


def keep_in(world: World, store: MemoryStore) -> None:
    """Take another store, with what is in the present one."""
    assert isinstance(world.store, MemoryStore)
    for key in world.store.keys():  # noqa: SIM118 - not a mapping
        store.set(key, world.store.get(key) or "")
    world.store = store


def refresh_by(world: World, *lines: str) -> None:
    """Let the provider's file refresh in its own way."""
    with world.file.open("a") as file:
        file.write("\n    async def refresh(self, refresh_token):\n")
        file.writelines(f"        {line}\n" for line in lines)


def interrupt(world: World, then: str) -> None:
    """Press Ctrl-C at the moment at which the provider is asked for a new token."""
    refresh_by(world, "import asyncio, os, signal", "os.kill(os.getpid(), signal.SIGINT)", then)


def test_the_answer_is_what_is_kept(connected: World) -> None:
    connected.clock.move(3601)
    connected.server.misbehave("refresh", Fault.fields(expires_in=1800, scope="read"))
    now = connected.clock.now
    record, account = connected.token(), connected.account()
    assert (record.obtained_at, record.expires_at) == (now, now + 1800)
    assert (account.refreshed_at, account.expires_at, account.scopes) == (now, now + 1800, ("read",))


@pytest.mark.requirement("I7")
def test_where_the_answer_names_no_scopes_and_no_lifetime_both_are_as_they_were(connected: World) -> None:
    connected.clock.move(3601)
    connected.server.misbehave("refresh", Fault.without("scope", "expires_in"))
    assert connected.token().expires_at == connected.clock.now + 3600
    assert connected.account().scopes == ("read", "write")
    assert connected.account().expires_at == connected.clock.now + 3600
    connected.clock.move(3601)
    again = connected.token()
    assert connected.server.count("refresh") == 2
    assert connected.server.is_active(again.access_token)


@pytest.mark.requirement("F9")
def test_what_is_odd_about_an_answer_is_said_at_a_refresh_too(connected: World) -> None:
    connected.clock.move(3601)
    connected.server.misbehave("refresh", Fault.fields(expires_in=-5))
    assert connected.token().expires_at == connected.clock.now + 3600
    assert len(connected.notices) == 1
    assert "'-5' seconds" in connected.notices[0]


def test_the_type_of_the_new_token_takes_the_place_of_the_old_ones(connected: World) -> None:
    connected.clock.move(3601)
    refresh_by(connected, "answer = await super().refresh(refresh_token)", "answer.token_type = 'mac'", "return answer")
    assert connected.token().token_type == "mac"


@pytest.mark.requirement("R7")
def test_a_refresh_that_worked_forgets_the_failure_before(connected: World) -> None:
    connected.clock.move(3601)
    connected.server.misbehave("refresh", Fault.status(503))
    with pytest.raises(Temporary):
        connected.token()
    failed = connected.account()
    assert failed.failed_at == connected.clock.now
    assert failed.retry_at == connected.clock.now + 30
    assert "503" in str(failed.reason)
    connected.clock.move(30)
    connected.token()
    account = connected.account()
    assert (account.failed_at, account.retry_at, account.reason) == (None, None, None)


@pytest.mark.requirement("C10")
def test_ctrl_c_during_a_refresh_is_heard_after_the_answer_is_stored(connected: World) -> None:
    connected.clock.move(3601)
    interrupt(connected, "return await super().refresh(refresh_token)")
    with pytest.raises(KeyboardInterrupt):
        connected.token()
    assert any("Interrupted" in notice for notice in connected.notices)
    assert connected.server.count("refresh") == 1
    assert connected.server.is_active(connected.token().access_token)
    assert connected.server.count("refresh") == 1


@pytest.mark.requirement("C10")
def test_ctrl_c_during_a_refresh_that_does_not_answer_ends_it_after_the_grace(
    connected: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signals, "GRACE", 0.05)
    connected.clock.move(3601)
    interrupt(connected, "await asyncio.sleep(20)")
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        connected.token()
    assert time.monotonic() - began < 5
    connected.write_provider()
    assert connected.server.is_active(connected.token().access_token)


def test_a_refresh_leaves_no_thread_behind(connected: World) -> None:
    connected.clock.move(3601)
    connected.server.misbehave("refresh", Fault.error("invalid_client"))
    for _ in range(2):
        refresh(connected.new_context(), ["acme"])
        assert [thread.name for thread in threading.enumerate() if thread.name == "provider"] == []


def test_a_store_that_is_slow_to_write_to_is_warmed_while_the_provider_is_asked(connected: World) -> None:
    class Slow(MemoryStore):
        """Says when it was warmed."""

        warmed = threading.Event()

        def warm(self) -> None:
            self.warmed.set()

    keep_in(connected, Slow())
    connected.token()
    assert not Slow.warmed.is_set()
    connected.clock.move(3601)
    connected.token()
    assert Slow.warmed.wait(5)


@pytest.mark.requirement("K11")
def test_a_list_that_cannot_be_written_costs_no_token_and_no_record(
    connected: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new record is found by its generation; the old entry is left, because the list still points at it."""
    from gumauth.accounts.list import AccountList
    from gumauth.errors import HomeError

    def refuse(*_: object) -> None:
        raise HomeError("The disk is full.")

    before = connected.account()
    connected.clock.move(3601)
    with monkeypatch.context() as full:
        full.setattr(AccountList, "save", refuse)
        new = connected.token()
    assert connected.server.is_active(new.access_token)
    assert connected.notices == ["The new token is stored, but the list could not be written: The disk is full."]
    assert connected.account() == before
    assert isinstance(connected.store, MemoryStore)
    assert len(connected.store.keys()) == 2
    assert connected.token() == new
    assert connected.server.count("refresh") == 1


@pytest.mark.requirement("K2")
def test_an_old_record_that_cannot_be_deleted_costs_no_token(connected: World) -> None:
    class Clinging(MemoryStore):
        """Deletes nothing."""

        def delete(self, key: str) -> None:
            raise StoreError("no")

    keep_in(connected, Clinging())
    connected.clock.move(3601)
    new = connected.token()
    assert connected.server.is_active(new.access_token)
    assert connected.token() == new
    assert connected.notices == []


@pytest.mark.requirement("S4", "R8")
def test_the_reason_in_the_list_is_one_line_of_printable_text(connected: World) -> None:
    connected.clock.move(3601)
    connected.server.misbehave("refresh", Fault.error("invalid_grant", description="It is\x1b[2J over.\r\n\u202eNow."))
    with pytest.raises(ReconnectNeeded):
        connected.token()
    assert str(connected.account().reason).isprintable()


@pytest.mark.requirement("R5")
@pytest.mark.parametrize("none", ["None", "''"])
def test_where_a_provider_file_gives_no_refresh_token_the_old_one_is_kept(connected: World, none: str) -> None:
    old = connected.token()
    connected.clock.move(3601)
    answer = "answer = await super().refresh(refresh_token)"
    refresh_by(connected, answer, f"answer.refresh_token = {none}", "return answer")
    new = connected.token()
    assert new.access_token != old.access_token
    assert new.refresh_token == old.refresh_token


@pytest.mark.requirement("P4")
def test_a_refresh_that_gives_something_else_is_named(connected: World) -> None:
    connected.clock.move(3601)
    refresh_by(connected, "return 7")
    with pytest.raises(ProviderCodeError, match=r"^`refresh` of .*acme\.py"):
        connected.token()


@pytest.mark.requirement("S4", "R8")
def test_a_reason_that_a_provider_file_gives_is_one_line_in_the_list_too(connected: World) -> None:
    connected.clock.move(3601)
    refresh_by(connected, "from gumauth.errors import InvalidGrant", "raise InvalidGrant('Over\\x1b[2J.\\r\\nGone.')")
    with pytest.raises(ReconnectNeeded):
        connected.token()
    assert connected.account().reason == "Over. Gone."


class Failing(MemoryStore):
    """Takes so many writes, and no more."""

    writes = 1

    def set(self, key: str, value: str) -> None:
        if self.writes == 0:
            raise StoreError("The daemon is gone.")
        self.writes -= 1
        super().set(key, value)


@pytest.mark.requirement("K13")
@pytest.mark.parametrize("rescued", [True, False])
def test_that_an_answer_is_kept_elsewhere_is_said_only_where_it_is(connected: World, rescued: bool) -> None:
    """An older gumauth gave its records no key for the answer."""
    store = Failing()
    store.writes = 100
    keep_in(connected, store)
    if not rescued:
        [key] = store.keys()
        store.set(key, encode(replace(decode(str(store.get(key)), "acme"), rescue=None)))
    store.writes = 1
    connected.clock.move(3601)
    with pytest.raises(StoreError, match="daemon is gone"):
        connected.token()
    said = "The new tokens are kept, encrypted, until the store answers again."
    assert connected.notices == ([said] if rescued else [])
    assert len(list((connected.folder / "home" / "rescue").iterdir())) == (1 if rescued else 0)


@pytest.mark.requirement("Y2", "K3")
def test_a_disk_without_room_for_the_answer_is_known_before_the_refresh_token_is_spent(connected: World) -> None:
    """A file in the place of the folder stands in for it here; tests of real disks are elsewhere."""
    (connected.folder / "home" / "rescue").touch()
    connected.clock.move(3601)
    before = connected.server.log
    with pytest.raises(HomeError, match="cannot be used"):
        connected.token()
    assert connected.server.log == before


@pytest.mark.requirement("Y2")
def test_a_token_that_still_has_life_is_handed_out_where_the_next_could_not_be_kept(connected: World) -> None:
    first = connected.token()
    (connected.folder / "home" / "rescue").touch()
    connected.clock.move(3590)
    assert connected.token() == first
    assert connected.notices[-1].endswith("The token that is there is still good and is used.")
    assert connected.server.count("refresh") == 0


@pytest.mark.requirement("Y2")
@pytest.mark.parametrize("large", ["scopes", "token", "both tokens"])
def test_what_an_answer_brings_can_be_read_again_however_large_it_is(connected: World, large: str) -> None:
    """The largest answers that are taken: what is written and cannot be read is a session that is lost."""
    key = connected.folder / "key"
    key.touch(mode=0o600)
    key.write_bytes(os.urandom(32))
    connected.environ |= {"GUMAUTH_STORE": "file", "GUMAUTH_KEY_FILE": str(key)}
    file = choose(connected.new_context(), ENCRYPTED_FILE)
    assert isinstance(connected.store, MemoryStore)
    for name in connected.store.keys():  # noqa: SIM118 - not a mapping
        file.set(name, connected.store.get(name) or "")
    connected.store = file
    connected.clock.move(3601)
    half = secrets.token_hex(250_000)
    members = {
        "scopes": {"scope": " ".join(f"scope-{number}" for number in range(80_000))},
        "token": {"access_token": 2 * half},
        "both tokens": {"access_token": half, "refresh_token": half},
    }[large]
    connected.server.misbehave("refresh", Fault.fields(**members))
    first = connected.token()
    assert connected.token() == first
    assert len(connected.account().scopes) <= 2000
    assert first.access_token == members.get("access_token", first.access_token)
    connected.store = choose(connected.new_context(), ENCRYPTED_FILE)
    assert connected.new_context().accounts.read(connected.account()) == first


@pytest.mark.requirement("Y1", "K13")
def test_an_answer_that_another_process_has_left_meanwhile_is_used_and_not_asked_for_again(connected: World) -> None:
    """It was asking under a lock file that somebody deleted, and was killed before the store had its answer."""
    context, account = connected.new_context(), connected.account()
    old = context.accounts.read(account)
    new = replace(old, access_token=secrets.token_urlsafe(16), refresh_token=secrets.token_urlsafe(16))
    with locked(context, account) as mine:
        with mine.rescue_file(account) as file:
            file.fill(1000)
            assert mine.rescue(account, old, new, file)
        _, record = request(context, mine, account, old)
    assert (record.access_token, record.refresh_token) == (new.access_token, new.refresh_token)
    assert connected.server.count("refresh") == 0
    assert connected.token() == record


@pytest.mark.requirement("Y1", "K13")
def test_what_a_killed_process_has_left_without_an_answer_is_written_over(connected: World) -> None:
    context, account = connected.new_context(), connected.account()
    with records_of(context).rescue_file(account) as file:
        file.fill(1000)
        file.is_used = True
    connected.clock.move(3601)
    assert connected.server.is_active(connected.token().access_token)
    assert list((connected.folder / "home" / "rescue").iterdir()) == []


@pytest.mark.requirement("Y1", "K13")
@pytest.mark.parametrize("content", [b"", b"an answer"])
def test_waiting_for_another_ones_answer_deletes_nothing_of_it(connected: World, content: bytes) -> None:
    account = connected.account()
    records = records_of(connected.context)
    path = connected.folder / "home" / "rescue" / account.key.replace("/", ".")
    with records.rescue_file(account), pytest.raises(RefreshUnderWay) as taken, records.rescue_file(account):
        pytest.fail("two have it")
    if content:
        path.write_bytes(content)
    taken.value.wait()
    assert (path.read_bytes() if path.exists() else b"") == content
