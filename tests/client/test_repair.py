"""Damaged files, and connects that were cut short, as the next command finds them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gumauth.client.locks import account_lock
from gumauth.client.repair import repair, resume
from gumauth.client.token import find
from gumauth.errors import Busy, NotConnected, ReconnectNeeded, StoreError
from gumauth.store.memory import MemoryStore
from gumauth.values import replace
from tests.client.world import Walker, World


@pytest.fixture
def connected(world: World) -> World:
    world.connect()
    return world


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for a lock."""
    monkeypatch.setattr(account_lock, "__defaults__", (0.05,))


def file_of(world: World, identity: str) -> Path:
    return world.folder / "home" / "accounts" / "acme" / f"{identity}.json"


class Unreadable(MemoryStore):
    """Cannot be asked."""

    def get(self, key: str) -> str | None:
        raise StoreError("The keyring is locked.")


@pytest.mark.requirement("K1")
def test_a_connect_that_was_killed_after_its_record_was_written_is_good(connected: World) -> None:
    account, kept = connected.account(), connected.token()
    connected.context.accounts.save(replace(account, state="connecting", reason="?"))
    assert connected.token() == kept
    assert connected.account() == replace(account, state="ok", reason=None)


@pytest.mark.requirement("K1")
def test_another_persons_account_is_not_taken_for_the_one_that_was_cut_short(connected: World) -> None:
    first, kept = connected.account(), connected.token()
    connected.connect(Walker(connected, nickname="grace@example.com"))
    connected.context.accounts.save(replace(first, state="connecting"))
    assert connected.token(first.label) == kept
    assert {account.nickname for account in connected.context.accounts.all()} == {
        "ada@example.com",
        "grace@example.com",
    }


@pytest.mark.requirement("K1")
def test_a_connect_that_was_killed_before_its_record_was_written_is_to_be_made_again(connected: World) -> None:
    account = connected.account()
    connected.context.accounts.save(replace(account, state="connecting", grant="another"))
    with pytest.raises(ReconnectNeeded, match=r"is dead: The connect was interrupted\."):
        connected.token()
    assert (connected.account().state, connected.account().reason) == ("reconnect", "The connect was interrupted.")


@pytest.mark.requirement("C11", "R9")
@pytest.mark.usefixtures("impatient")
def test_a_connect_that_is_under_way_is_waited_for_and_not_ended(connected: World) -> None:
    account = connected.account()
    connecting = replace(account, state="connecting", grant="another")
    connected.context.accounts.save(connecting)
    context = connected.new_context()
    with account_lock(context, account.key), pytest.raises(Busy):
        find(context, "acme")
    assert connected.account().state == "connecting"
    ended = replace(account, state="revoked")  # the connect has ended meanwhile, and more
    connected.context.accounts.save(ended)
    assert resume(context, connecting) == ended
    assert connected.account() == ended


@pytest.mark.requirement("K7")
def test_a_connect_that_was_cut_short_stays_so_while_the_store_cannot_be_asked(connected: World) -> None:
    connected.context.accounts.save(replace(connected.account(), state="connecting"))
    connected.store, kept = Unreadable(), connected.store
    with pytest.raises(StoreError, match="locked"):
        connected.token()
    connected.store = kept
    assert connected.account().state == "connecting"
    assert connected.server.is_active(connected.token().access_token)


@pytest.mark.requirement("K3")
def test_a_broken_file_without_a_record_is_set_aside_and_said_once(connected: World) -> None:
    account = connected.account()
    file_of(connected, account.id).write_text("{}")
    connected.store = MemoryStore()
    context = connected.new_context()
    with pytest.raises(NotConnected):
        find(context, "acme")
    assert context.accounts.unreadable == []
    assert not file_of(connected, account.id).exists()
    [aside] = file_of(connected, account.id).parent.glob("*.broken")
    assert connected.notices == [
        f"An account file could not be read and its record is not in the store; it was moved to {aside}."
    ]


@pytest.mark.requirement("K3")
def test_every_broken_file_is_mended_and_the_other_accounts_never_notice(connected: World) -> None:
    connected.connect(Walker(connected, nickname="grace@example.com"))
    connected.connect(Walker(connected, nickname="joan@example.com"))
    before = list(connected.context.accounts.all())
    for account in before[:2]:
        file_of(connected, account.id).write_bytes(b"\xff")
    context = connected.new_context()
    assert [account.nickname for account in context.accounts.all()] == [before[2].nickname]
    repair(context)
    assert list(context.accounts.all()) == before
    assert context.accounts.unreadable == []
    assert len(connected.notices) == 2


@pytest.mark.requirement("K3")
def test_a_file_that_another_process_has_mended_is_left_as_it_is(connected: World) -> None:
    account = connected.account()
    good = file_of(connected, account.id).read_bytes()
    file_of(connected, account.id).write_bytes(b"\xff")
    context = connected.new_context()
    assert list(context.accounts.all()) == []
    file_of(connected, account.id).write_bytes(good)
    repair(context)
    assert file_of(connected, account.id).read_bytes() == good
    assert list(file_of(connected, account.id).parent.glob("*.broken")) == []
    assert connected.notices == []
    assert context.accounts.unreadable == []


@pytest.mark.requirement("K3", "R9")
@pytest.mark.usefixtures("impatient")
def test_a_file_is_mended_with_the_accounts_lock_held(connected: World) -> None:
    account = connected.account()
    file_of(connected, account.id).write_bytes(b"\xff")
    context = connected.new_context()
    with account_lock(context, account.key), pytest.raises(Busy):
        find(context, "acme")
    assert file_of(connected, account.id).read_bytes() == b"\xff"


@pytest.mark.requirement("K7")
def test_a_broken_file_is_left_while_the_store_cannot_be_asked(connected: World) -> None:
    account = connected.account()
    file_of(connected, account.id).write_bytes(b"\xff")
    connected.store = Unreadable()
    with pytest.raises(StoreError, match="locked"):
        connected.token()
    assert file_of(connected, account.id).read_bytes() == b"\xff"
