"""The keeper of shared accounts passes the contract of all keepers, on an engine in memory, and asks when it must."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import pytest

from gumauth.accounts.account import Account, account_id
from gumauth.accounts.interface import Accounts
from gumauth.accounts.lock import AccountLock
from gumauth.accounts.shared.keeper import SharedAccounts
from gumauth.accounts.shared.keys import of_kind
from gumauth.errors import (
    AmbiguousAccount,
    HomeError,
    NotConnected,
    PassphraseError,
    RecordCorrupt,
    StoreAway,
    UsageError,
)
from gumauth.platform.folders import Home
from gumauth.platform.frozen import replace
from tests.accounts.contract import AccountsContract, Again, connect, person
from tests.accounts.shared.fleet import START, Fleet, Machine
from tests.accounts.shared.memory_engine import away
from tests.accounts.shared.refreshing import Provider, refresh, stored
from tests.accounts.shared.refreshing import connect as connect_at


@pytest.mark.requirement("T1")
class TestOneMachine(AccountsContract):
    """Each process is one of the same machine."""

    @pytest.fixture
    def again(self, tmp_path: Path) -> Again:
        return Fleet(tmp_path).machine("a").process

    @pytest.fixture
    def keeper(self, again: Again) -> Accounts:
        return again()

    @pytest.fixture
    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("gumauth.accounts.shared.locked.PATIENCE", 0.05)
        monkeypatch.setattr("gumauth.accounts.shared.locked.LOCK_PATIENCE", 0.05)


class TestTwoMachines(TestOneMachine):
    """Each process is on another machine than the one before, and two seconds later."""

    @pytest.fixture
    def again(self, tmp_path: Path) -> Again:
        fleet = Fleet(tmp_path)
        machines = [fleet.machine(name, GUMAUTH_CACHE_SECONDS="0") for name in ("a", "b")]

        def another() -> Accounts:
            machines.reverse()
            fleet.clock.time += 2.0
            return machines[0].process()

        return another


@pytest.fixture
def other(fleet: Fleet) -> SharedAccounts:
    """Another machine, with the accounts ada, the default, and bob."""
    accounts = fleet.machine("other").process()
    connect(accounts, person("ada", at=START))
    connect(accounts, person("bob", at=START + 1))
    accounts.set_default(person("ada"))
    return accounts


@pytest.fixture
def machine(fleet: Fleet, other: SharedAccounts) -> Machine:
    """A machine whose copy was brought up to date two seconds ago."""
    machine = fleet.machine("a")
    machine.process().update_now()
    fleet.clock.time += 2.0
    return machine


def listening(machine: Machine) -> list[str]:
    """What the machine's processes ask from now on."""
    asked: list[str] = []
    machine.hear = lambda what, when: asked.append(what) if when == "before" else None
    return asked


def damage(machine: Machine, nickname: str) -> None:
    (file,) = machine.folder.rglob(f"{account_id(nickname, None)}.json")
    file.write_bytes(b"{")


def changed(accounts: SharedAccounts, account: Account, **values: object) -> Account:
    """An account, written with other values."""
    account = replace(account, **values)  # type: ignore[arg-type]
    with accounts.locked(account) as locked:
        locked.mark(account)
    return account


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long processes are waited for that have the lock of an account."""
    seconds: list[float] = []

    def lock(home: Home, key: str, patience: float) -> AccountLock:
        seconds.append(patience)
        return AccountLock(home, key, min(patience, 0.1))

    monkeypatch.setattr("gumauth.accounts.shared.locked.AccountLock", lock)
    return seconds


@pytest.mark.requirement("T4")
class TestLookingUp:
    """What the copy says is believed, unless it is of no use."""

    def test_an_account_that_is_good_costs_no_question(self, machine: Machine) -> None:
        accounts, asked = machine.process(), listening(machine)
        assert accounts.is_shared
        assert accounts.find("linear/bob").nickname == "bob"
        assert [each.nickname for each in accounts.at_hand()] == ["ada", "bob"]
        assert list(accounts.at_hand(where=lambda name: name == "acme")) == []
        assert asked == []

    def test_one_that_is_to_be_connected_again_is_looked_up_anew(self, machine: Machine, other: SharedAccounts) -> None:
        dead = changed(other, other.find("linear/bob"), state="reconnect")
        accounts = machine.process()
        accounts.update_now()
        assert accounts.find("linear/bob") == dead
        again = changed(other, dead, state="ok")
        assert machine.process().find("linear/bob") == again

    def test_one_that_was_connected_just_now_is_found_with_one_question_for_what_is_new(
        self, machine: Machine, other: SharedAccounts
    ) -> None:
        connect(other, person("cat", at=START + 2))
        assert machine.process().find("linear/cat").nickname == "cat"
        asked = listening(machine)
        with pytest.raises(NotConnected):
            machine.process().find("linear/nobody")
        assert asked.count("changes") == 1

    def test_without_the_store_nobody_says_that_an_account_is_not_connected(
        self, machine: Machine, other: SharedAccounts
    ) -> None:
        dead = changed(other, other.find("linear/bob"), state="reconnect")
        machine.process().update_now()
        machine.hear = away()
        with pytest.raises(StoreAway):
            machine.process().find("linear/nobody")
        assert machine.process().find("linear/bob") == dead
        with pytest.raises(UsageError):
            machine.process().find("Linear/")

    def test_what_cannot_name_an_account_is_suggested_too(self, machine: Machine) -> None:
        bob = machine.process().find("linear/bob")
        assert machine.process().find("Linear/", lambda _error, _accounts: bob) == bob

    def test_where_the_file_of_the_default_is_damaged_no_other_account_is_meant(
        self, fleet: Fleet, machine: Machine
    ) -> None:
        damage(machine, "ada")
        machine.hear = away()
        for seconds in (0.0, 100.0):
            fleet.clock.time += seconds
            with pytest.raises(StoreAway):
                machine.process().find("linear")
        machine.hear = lambda _what, _when: None
        assert machine.process().find("linear").nickname == "ada"

    def test_of_two_of_one_name_none_is_meant_where_the_file_of_one_is_damaged(
        self, machine: Machine, other: SharedAccounts
    ) -> None:
        """As an older gumauth allowed."""
        cat = replace(person("cat"), alias="eve")
        connect(other, cat)
        connect(other, person("eve"))
        machine.process().update_now()
        with pytest.raises(AmbiguousAccount):
            machine.process().find("linear/eve")
        damage(machine, "cat")
        with pytest.raises(AmbiguousAccount):
            machine.process().find("linear/eve")

    def test_an_interrupted_connect_of_which_nothing_is_there_is_not_found(self, machine: Machine) -> None:
        pending = replace(person("cat"), nickname=None, state="connecting")
        changed(machine.process(), pending)
        with pytest.raises(NotConnected):
            machine.process().find(pending.key)

    def test_every_other_look_is_at_what_is_there_now(self, machine: Machine, other: SharedAccounts) -> None:
        bob = changed(other, other.find("linear/bob"), alias="work")
        assert machine.process().get(bob.provider, bob.id) == bob
        other.set_default(bob)
        listed = list(machine.process().at_hand())
        assert machine.process().default("linear", listed) == bob

    def test_a_default_that_is_set_is_that_of_the_same_process(self, machine: Machine) -> None:
        accounts = machine.process()
        accounts.update_now()
        bob = accounts.find("linear/bob")
        accounts.set_default(bob)
        assert accounts.default("linear") == bob

    def test_the_list_is_read_once_and_once_more_where_a_file_is_damaged(
        self, machine: Machine, other: SharedAccounts
    ) -> None:
        connect(other, replace(person("cat"), provider="acme"))
        looked: list[str] = []

        def is_linear(provider: str) -> bool:
            looked.append(provider)
            return provider == "linear"

        assert next(machine.process().all(where=is_linear)).nickname == "ada"
        assert looked == ["acme", "linear"]
        damage(machine, "ada")
        looked.clear()
        assert [each.nickname for each in machine.process().all(where=is_linear)] == ["ada", "bob"]
        assert looked == ["acme", "linear"] * 2

    def test_a_file_that_stays_damaged_is_named_once(self, machine: Machine) -> None:
        damage(machine, "ada")
        machine.hear = away()
        accounts = machine.process()
        assert [each.nickname for each in accounts.all()] == ["bob"]
        assert accounts.unreadable == [("linear", account_id("ada", None))]


@pytest.mark.requirement("T2")
class TestLocking:
    """Who wants what of an account, and for how long others are waited for."""

    def test_an_account_is_claimed_at_once_unless_it_is_to_be_refreshed(
        self, fleet: Fleet, machine: Machine, waits: list[float]
    ) -> None:
        accounts = machine.process()
        ada, asked = accounts.find("linear/ada"), listening(machine)
        with accounts.locked(ada, patience=0.5):
            assert list(fleet.memory.claims) == [ada.key]
        with accounts.locked(ada, to_refresh=True, patience=0.25):
            assert fleet.memory.claims == {}
        with accounts.locked(ada):
            assert list(fleet.memory.claims) == [ada.key]
        assert (asked.count("claim"), waits) == (2, [0.5, 0.25, 90.0])

    def test_a_connect_that_was_interrupted_is_resumed_before_its_account_is_ended(self, machine: Machine) -> None:
        accounts = machine.process()
        cat, _ = connect(accounts, replace(person("cat"), state="connecting"))
        with machine.process().locked(cat, to_end=True) as locked:
            assert locked.listed() == replace(cat, state="ok")

    def test_who_names_accounts_knows_those_of_all_machines(
        self, fleet: Fleet, machine: Machine, other: SharedAccounts
    ) -> None:
        accounts = machine.process()
        accounts.update_now()
        connect(other, person("cat", at=START + 2))
        with accounts.naming("linear"):
            assert [each.nickname for each in accounts.at_hand()] == ["ada", "bob", "cat"]
            assert list(fleet.memory.claims) == ["linear/connect"]


@pytest.mark.requirement("T2")
class TestStoringAgain:
    """What this machine has, and a store that was set back has not."""

    def test_a_person_is_told_what_was_stored_again(self, fleet: Fleet) -> None:
        machine, provider = fleet.machine("a"), Provider()
        connect_at(machine, provider)
        before = fleet.memory.copy()
        refresh(machine.process(), provider, force=True)
        for times in (1, 2):
            fleet.memory.set_back(before)
            fleet.clock.time += 2.0
            list(machine.process().all())
            assert stored(fleet).refresh_token == provider.present
            said = "The latest tokens of linear/ada, which this machine has kept, were stored again."
            assert (machine.notices.count(said), machine.notices[-1]) == (times, said)

    def test_nothing_is_said_where_this_machine_has_only_read_them(self, fleet: Fleet) -> None:
        machine, reader, provider = fleet.machine("a"), fleet.machine("b"), Provider()
        connect_at(machine, provider)
        before = fleet.memory.copy()
        refresh(machine.process(), provider, force=True)
        reader.process().read(reader.process().find("linear"))
        fleet.memory.set_back(before)
        fleet.clock.time += 2.0
        assert [each.nickname for each in reader.process().all()] == ["ada"]
        assert "stored again" not in " ".join(reader.notices)

    def test_a_process_that_is_at_it_is_not_waited_for(self, fleet: Fleet, waits: list[float]) -> None:
        machine, provider = fleet.machine("a"), Provider()
        connect_at(machine, provider)
        before = fleet.memory.copy()
        refresh(machine.process(), provider, force=True)
        account = machine.process().find("linear")
        with machine.process().locked(account, to_refresh=True):
            fleet.memory.set_back(before)
            waits.clear()
            fleet.clock.time += 2.0
            assert [each.nickname for each in machine.process().all()] == ["ada"]
        assert (waits, machine.notices) == ([0.0], [])

    def test_an_answer_to_an_earlier_refresh_of_a_dead_account_is_looked_at_once(self, fleet: Fleet) -> None:
        machine, other, provider = fleet.machine("a"), fleet.machine("b"), Provider()
        connect_at(machine, provider)
        for each in (machine, other):
            fleet.clock.time += 2.0
            refresh(each.process(), provider, force=True)
        changed(other.process(), other.process().find("linear"), state="reconnect")
        fleet.clock.time += 2.0
        assert len(list(machine.folder.rglob("rescue/*"))) == 1
        assert [each.state for each in machine.process().all()] == ["reconnect"]
        assert list(machine.folder.rglob("rescue/*")) == []

    def test_an_account_that_was_disconnected_in_the_earlier_state_stays_so(self, fleet: Fleet) -> None:
        machine = fleet.machine("a")
        accounts = machine.process()
        ada, _ = connect(accounts, person("ada"))
        with accounts.locked(ada) as locked:
            locked.erase(ada)
            locked.forget(ada)
        before = fleet.memory.copy()
        connect(accounts, ada)
        accounts.update_now()
        fleet.memory.set_back(before)
        fleet.clock.time += 2.0
        assert list(machine.process().all()) == []
        assert machine.notices == []


@pytest.mark.requirement("T4")
def test_who_may_refresh_has_its_place_in_the_spread_and_who_may_not_has_none(fleet: Fleet, machine: Machine) -> None:
    accounts = machine.process()
    assert accounts.spread == accounts.state.spread <= 30.0
    reader = fleet.machine("reader", reads_only=True).process()
    reader.update_now()
    assert reader.spread == math.inf


def reader_of(fleet: Fleet) -> Machine:
    """A machine with a key that reads, whose role may not more either."""
    key = fleet.folder / "reader's key"
    key.touch(mode=0o600)
    key.write_bytes(of_kind(fleet.key_file.read_bytes(), "access"))
    return fleet.machine("reader", key_file=key, reads_only=True)


@pytest.mark.requirement("T3")
class TestConfirming:
    """Where tokens are sent is what the store's sealed record says."""

    def test_a_token_that_is_kept_confirms_its_account_without_a_question(self, machine: Machine) -> None:
        accounts = machine.process()
        ada = accounts.find("linear/ada")
        accounts.read(ada)
        asked = listening(machine)
        accounts.confirm(ada)
        assert asked == []

    @pytest.mark.parametrize("name", ["source", "issuer", "grant_type"])
    def test_an_account_of_which_no_token_is_kept_is_compared_with_its_record(self, fleet: Fleet, name: str) -> None:
        connect(fleet.machine("other").process(), person("ada"))
        reader = reader_of(fleet)
        accounts = reader.process()
        ada, asked = accounts.find("linear"), listening(reader)
        with pytest.raises(RecordCorrupt, match="was edited"):
            accounts.confirm(replace(ada, **{name: "another"}))  # type: ignore[arg-type]
        assert asked == ["take"]
        reader.process().confirm(ada)
        accounts.cache.drop(ada.key)
        reader.process().confirm(ada)


@pytest.mark.requirement("T3")
class TestPreparing:
    """Before anybody is asked to allow anything."""

    def test_a_folder_that_cannot_be_is_refused(self, machine: Machine) -> None:
        accounts = machine.process()
        Path(accounts.home.data, "accounts", "acme").touch()
        with pytest.raises(HomeError):
            accounts.prepare("acme")

    def test_a_store_that_is_away_is_told(self, machine: Machine) -> None:
        machine.hear = away("changes")
        with pytest.raises(StoreAway):
            machine.process().prepare("linear")

    def test_a_key_that_only_reads_is_refused(self, fleet: Fleet) -> None:
        with pytest.raises(PassphraseError, match="refresh tokens are sealed under another key"):
            reader_of(fleet).process().prepare("linear")


NOTE = "clients/linear.json"
OLD, NEW, EDITED = b'{"version": 1}', b'{"version": 1, "new": 1}', b'{"version": 1, "edited": 1}'


@pytest.mark.requirement("T3")
class TestNotes:
    """What all machines know, and only a machine with the key may say."""

    def test_a_note_is_every_machines_from_then_on_and_its_digest_with_it(
        self, fleet: Fleet, machine: Machine, other: SharedAccounts
    ) -> None:
        accounts = machine.process()
        accounts.update_now()
        for content in (OLD, NEW, None):
            accounts.write_note(NOTE, content)
            assert accounts.read_note(NOTE) == content
            fleet.clock.time += 2.0
            assert other.read_note(NOTE) == content
            assert fleet.machine("b").process().read_note(NOTE) == content
        assert fleet.memory.rows.entries == {}
        assert fleet.memory.rows.notes[NOTE][0] is None

    def test_the_note_before_is_vouched_for_until_the_next_is_written(self, machine: Machine) -> None:
        accounts = machine.process()
        accounts.write_note(NOTE, OLD)
        accounts.write_note(NOTE, NEW)
        entry = accounts.entries.get(f"note/{NOTE}")
        assert entry == f"{hashlib.sha256(NEW).hexdigest()} {hashlib.sha256(OLD).hexdigest()}"

    def test_nobody_vouches_for_what_somebody_has_edited(self, fleet: Fleet, machine: Machine) -> None:
        machine.process().write_note(NOTE, OLD)
        fleet.memory.rows.notes[NOTE] = EDITED.decode(), fleet.memory.change()
        fleet.clock.time += 2.0
        accounts = machine.process()
        with pytest.raises(RecordCorrupt, match="somebody has edited it"):
            accounts.read_note(NOTE)
        accounts.write_note(NOTE, NEW)
        assert accounts.entries.get(f"note/{NOTE}") == hashlib.sha256(NEW).hexdigest()
        assert accounts.read_note(NOTE) == NEW

    def test_a_note_whose_copy_is_damaged_is_copied_again(self, machine: Machine) -> None:
        machine.process().write_note(NOTE, OLD)
        machine.process().update_now()
        (file,) = machine.folder.rglob(NOTE)
        file.write_bytes(EDITED)
        assert machine.process().read_note(NOTE) == OLD
        assert file.read_bytes() == OLD

    def test_a_note_that_is_removed_between_two_questions_is_none(
        self, machine: Machine, other: SharedAccounts
    ) -> None:
        machine.process().write_note(NOTE, OLD)
        removals = [other]

        def hear(what: str, when: str) -> None:
            if (what, when) == ("entry", "before") and removals:
                removals.pop().write_note(NOTE, None)

        machine.hear = hear
        assert machine.process().read_note(NOTE) is None

    def test_who_only_reads_believes_it_and_who_refreshes_asks_who_vouches(
        self, fleet: Fleet, machine: Machine, other: SharedAccounts
    ) -> None:
        other.write_note(NOTE, OLD)
        for each, questions in ((machine, ["entry"]), (reader_of(fleet), [])):
            asked = listening(each)
            assert each.process().read_note(NOTE) == OLD
            assert asked == ["welcome", "changes", *questions]

    def test_without_the_store_nobody_says_that_there_is_no_note(self, machine: Machine) -> None:
        machine.hear = away()
        with pytest.raises(StoreAway):
            machine.process().read_note(NOTE)
