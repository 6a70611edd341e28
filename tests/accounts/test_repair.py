"""Damaged files, and connects that were cut short, as the next command finds them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gumauth.accounts.account import Account
from gumauth.accounts.lock import AccountLock
from gumauth.accounts.locked import LockedAccount
from gumauth.client.aliases import rename
from gumauth.client.lookup import find
from gumauth.errors import Busy, NotConnected, ReconnectNeeded, StoreError
from gumauth.platform.frozen import replace
from tests.accounts.directly import forget, records_of, resume, save
from tests.client.world import Walker, World
from tests.store.memory import MemoryStore


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for a lock."""
    monkeypatch.setattr("gumauth.accounts.lock.PATIENCE", 0.05)


def file_of(world: World, identity: str) -> Path:
    return world.folder / "home" / "accounts" / "acme" / f"{identity}.json"


class Unreadable(MemoryStore):
    """Cannot be asked."""

    def get(self, key: str) -> str | None:
        raise StoreError("The keyring is locked.")


@pytest.mark.requirement("K1")
def test_a_connect_that_was_killed_after_its_record_was_written_is_good(connected: World) -> None:
    account, kept = connected.account(), connected.token()
    cut_short = replace(account, state="connecting", reason="?")
    save(connected.context, cut_short)
    assert connected.token() == kept
    assert connected.account() == replace(account, state="ok", reason=None)
    save(connected.context, cut_short)
    assert resume(connected.new_context(), cut_short) == replace(account, state="ok", reason=None)


@pytest.mark.requirement("K1")
def test_another_persons_account_is_not_taken_for_the_one_that_was_cut_short(connected: World) -> None:
    first, kept = connected.account(), connected.token()
    connected.connect(Walker(connected, nickname="grace@example.com"))
    save(connected.context, replace(first, state="connecting"))
    assert connected.token(first.label) == kept
    assert {account.nickname for account in connected.context.accounts.all()} == {
        "ada@example.com",
        "grace@example.com",
    }


@pytest.mark.requirement("K1")
def test_a_connect_that_was_killed_before_its_record_was_written_is_to_be_made_again(connected: World) -> None:
    account = connected.account()
    save(connected.context, replace(account, state="connecting", grant="another"))
    with pytest.raises(ReconnectNeeded, match=r"is dead: The connect was interrupted\."):
        connected.token()
    assert (connected.account().state, connected.account().reason) == ("reconnect", "The connect was interrupted.")


@pytest.mark.requirement("C11", "R9")
@pytest.mark.usefixtures("impatient")
def test_a_connect_that_is_under_way_is_waited_for_and_not_ended(connected: World) -> None:
    account = connected.account()
    connecting = replace(account, state="connecting", grant="another")
    save(connected.context, connecting)
    context = connected.new_context()
    with AccountLock(context.home, account.key), pytest.raises(Busy):
        find(context, "acme")
    assert connected.account().state == "connecting"
    ended = replace(account, state="revoked")  # the connect has ended meanwhile, and more
    save(connected.context, ended)
    assert resume(context, connecting) == ended
    assert connected.account() == ended


@pytest.mark.requirement("K7")
def test_a_connect_that_was_cut_short_stays_so_while_the_store_cannot_be_asked(connected: World) -> None:
    save(connected.context, replace(connected.account(), state="connecting"))
    connected.store, kept = Unreadable(), connected.store
    with pytest.raises(StoreError, match="locked"):
        connected.token()
    connected.store = kept
    assert connected.account().state == "connecting"
    assert connected.server.is_active(connected.token().access_token)


def empty(world: World, account: Account) -> None:
    """Nothing of the account is in the store."""
    records_of(world.context).erase(account)


def listed(world: World) -> list[Account]:
    return list(world.new_context().accounts.all())


@pytest.mark.requirement("K1")
@pytest.mark.parametrize("reference", ["acme/ada@example.com", f"acme/{'0' * 16}"])
def test_a_connect_that_was_killed_when_it_was_known_whose_it_is_is_that_persons(
    connected: World, reference: str
) -> None:
    named, kept = connected.account(), connected.token()
    held = connected.hold()
    empty(connected, named)
    save(connected.context, replace(named, state="connecting", reason="?"))
    found = find(connected.new_context(), reference)
    assert (found.id, found.nickname, found.state, found.reason) == (named.id, "ada@example.com", "ok", None)
    assert listed(connected) == [found]
    assert connected.token().access_token == kept.access_token
    assert isinstance(connected.store, MemoryStore)
    assert [key for key in connected.store.keys() if key.startswith(held.key)] == []  # noqa: SIM118 - not a mapping


@pytest.mark.requirement("K1")
def test_a_connect_of_which_nothing_was_stored_is_to_be_made_again_under_its_persons_name(connected: World) -> None:
    named = connected.account()
    held = connected.hold(stored=False)
    empty(connected, named)
    save(connected.context, replace(named, state="connecting"))
    with pytest.raises(ReconnectNeeded, match=r"is dead: The connect was interrupted\."):
        connected.token(held.label)
    assert listed(connected) == [replace(named, state="reconnect", reason="The connect was interrupted.")]


@pytest.mark.requirement("K1")
def test_a_connect_of_which_nothing_was_stored_and_nobodys_name_is_known_is_forgotten(connected: World) -> None:
    other = connected.account()
    save(connected.context, replace(connected.hold(stored=False), grant="another"))
    with pytest.raises(NotConnected):
        connected.token(f"acme/{'0' * 16}")
    assert listed(connected) == [other]


@pytest.mark.requirement("K1")
def test_a_connect_of_which_nothing_was_stored_and_only_its_alias_is_known_is_to_be_made_again(
    connected: World,
) -> None:
    account = replace(connected.hold(stored=False), grant="another", alias="work")
    save(connected.context, account)
    with pytest.raises(ReconnectNeeded, match=r"acme/work is dead: The connect was interrupted\."):
        connected.token("acme/work")
    assert connected.account("acme/work").state == "reconnect"


@pytest.mark.requirement("L1")
def test_an_account_that_was_revoked_is_not_brought_back_by_what_its_connect_had_left(connected: World) -> None:
    held = connected.hold()
    revoked = replace(connected.account("acme/ada@example.com"), state="revoked")
    save(connected.context, revoked)
    empty(connected, revoked)
    assert find(connected.new_context(), held.label) == revoked
    assert listed(connected) == [revoked]
    assert isinstance(connected.store, MemoryStore)
    assert connected.store.keys() == []


@pytest.mark.requirement("R9")
@pytest.mark.usefixtures("impatient")
def test_what_a_connect_has_left_is_joined_with_the_locks_of_both_accounts_held(connected: World) -> None:
    named, held = connected.account(), connected.hold()
    for account in (named, held):
        context = connected.new_context()
        with AccountLock(context.home, account.key), pytest.raises(Busy):
            find(context, held.label)
    assert {account.id for account in listed(connected)} == {named.id, held.id}


@pytest.mark.requirement("R9", "L2")
def test_an_account_that_was_disconnected_while_its_lock_was_waited_for_is_not_brought_back(
    connected: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    named, held = connected.account(), connected.hold()

    class Late(LockedAccount):
        def acquire(self) -> None:
            if self._key == named.key:
                forget(connected.context, named)
            super().acquire()

    monkeypatch.setattr("gumauth.accounts.locked.LockedAccount", Late)
    assert resume(connected.new_context(), held) is None
    assert named.id not in {account.id for account in listed(connected)}


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
    context.accounts.prepare("acme")
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
    context.accounts.prepare("acme")
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
    with AccountLock(context.home, account.key), pytest.raises(Busy):
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


def test_an_alias_that_was_taken_away_does_not_come_back_with_a_damaged_file(connected: World) -> None:
    """The record in the store was written before the account was called otherwise."""
    context = connected.context
    account, _ = rename(context, "acme", "work")
    records_of(context).mark(connected.account())
    old = connected.account()
    _, record = records_of(context).settle(old)
    records_of(context).commit(records_of(context).put(old, record)[0])
    for alias, name in (("home", "ada@example.com"), (None, "ada@example.com")):
        rename(context, "acme", alias)
        file_of(connected, account.id).write_text("{")
        assert find(connected.new_context(), f"acme/{name}").id == account.id
        assert connected.account().name == name
    rename(context, "acme", "work")
    file_of(connected, account.id).write_text("{")
    assert find(connected.new_context(), "acme/work").alias == "work"
