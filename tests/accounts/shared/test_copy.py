"""The copy of the list: brought up to date, found to be damaged, and made anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from gumauth.accounts.record import Record
from gumauth.accounts.shared.keys import MachineKey, new_keys
from gumauth.accounts.shared.mirror import State
from gumauth.errors import NotConnected
from gumauth.platform.frozen import replace
from tests.accounts.contract import connect, person
from tests.accounts.shared.fleet import START, Clock, Fleet, Machine
from tests.accounts.shared.refreshing import KEY, Provider, due, refresh, stored
from tests.accounts.shared.refreshing import connect as connect_at

pytestmark = pytest.mark.requirement("T4")


def files(machine: Machine, pattern: str) -> list[Path]:
    return sorted(path for path in machine.folder.rglob(pattern) if path.is_file())


def copied(fleet: Fleet) -> Machine:
    """A machine that has copied two accounts, a note and a default."""
    first = fleet.machine("first")
    connect(first.process(), person("ada", at=START))
    connect(first.process(), person("bob", at=START + 1))
    first.process().write_note("clients/linear.json", b"{}")
    machine = fleet.machine("a")
    assert labels(machine) == ["linear/ada", "linear/bob"]
    fleet.clock.time += 2.0
    return machine


def labels(machine: Machine) -> list[str]:
    return [account.label for account in machine.process().all()]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"version": 1}', b"\xff", b'{"version": 1, "rows": {"a": [1]}}']
)
@pytest.mark.parametrize("name", ["changes.json", "state.json", "accounts/linear/*.json", "clients/linear.json"])
def test_a_damaged_file_of_the_copy_is_written_again(fleet: Fleet, name: str, content: bytes) -> None:
    machine = copied(fleet)
    for path in files(machine, name):
        path.write_bytes(content)
    assert labels(machine) == ["linear/ada", "linear/bob"]
    assert machine.process().find("linear/bob").nickname == "bob"
    assert machine.notices == []


@pytest.mark.parametrize("name", ["changes.json", "state.json", "accounts/linear/*.json", "clients/linear.json"])
def test_a_lost_file_of_the_copy_is_written_again(fleet: Fleet, name: str) -> None:
    machine = copied(fleet)
    before = {path: path.read_bytes() for path in files(machine, name) if path.name != "state.json"}
    for path in files(machine, name):
        path.unlink()
    assert labels(machine) == ["linear/ada", "linear/bob"]
    assert {path: path.read_bytes() for path in before if path.name != "changes.json"} == {
        path: content for path, content in before.items() if path.name != "changes.json"
    }


@pytest.mark.parametrize(
    "state", [State(last=1 << 70, store="memory"), State(last=-5, store="memory"), State(spread=-1.0, store="memory")]
)
def test_a_state_that_cannot_be_is_found_out_again(fleet: Fleet, state: State) -> None:
    machine = copied(fleet)
    machine.process().know(state)
    accounts = machine.process()
    assert accounts.state == State()
    assert labels(machine) == ["linear/ada", "linear/bob"]


def test_what_has_left_leaves_the_copy_with_its_token_and_its_name(fleet: Fleet) -> None:
    machine = copied(fleet)
    accounts = machine.process()
    bob = accounts.find("linear/bob")
    accounts.read(bob)
    other = fleet.machine("first").process()
    with other.locked(bob) as locked:
        locked.erase(bob)
        locked.forget(bob)
    fleet.clock.time += 2.0
    assert labels(machine) == ["linear/ada"]
    assert machine.process().cache.get(bob) is None
    assert len(files(machine, "*.alias")) == 1


def test_another_store_at_the_same_address_has_a_copy_of_its_own(fleet: Fleet) -> None:
    machine = copied(fleet)
    accounts = machine.process()
    bob = accounts.find("linear/bob")
    accounts.read(bob)
    fleet.memory.store = "another"
    fleet.memory.rows.accounts.clear()
    fleet.memory.rows.notes.clear()
    fleet.memory.rows.sealed_keys.clear()
    fleet.memory.rows.sealed_keys += new_keys(MachineKey(fleet.key_file.read_bytes()), "another")
    assert labels(machine) == []
    assert (files(machine, "clients/*"), machine.process().cache.get(bob)) == ([], None)


def test_a_note_of_a_name_that_is_none_is_not_written(fleet: Fleet, tmp_path: Path) -> None:
    machine = copied(fleet)
    for name in ("accounts/x.json", "clients/../../x.json", "clients/.x", "x.json"):
        fleet.memory.rows.notes[name] = "{}", fleet.memory.change()
    labels(machine)
    assert [path.name for path in tmp_path.rglob("*x*") if path.is_file()] == []


@pytest.mark.parametrize(
    "name", ["../../evil/0000000000000000", "linear/../x", "linear", "linear/a/b", "Linear/" + "0" * 16]
)
def test_an_account_of_a_name_that_is_none_is_not_written(fleet: Fleet, name: str) -> None:
    machine = copied(fleet)
    kept = fleet.memory.rows.accounts[person("ada").key]
    fleet.memory.rows.accounts[name] = type(kept)(**{**vars(kept), "change": fleet.memory.change()})
    assert labels(machine) == ["linear/ada", "linear/bob"]


def test_a_row_whose_content_is_of_another_account_is_not_listed(fleet: Fleet) -> None:
    machine = copied(fleet)
    rows = fleet.memory.rows.accounts
    kept = rows[person("ada").key]
    rows[person("bob").key] = type(kept)(**{**vars(kept), "change": fleet.memory.change()})
    assert labels(machine) == ["linear/ada"]


def test_a_number_is_given_again_on_no_machine_also_not_on_one_that_never_saw_it(fleet: Fleet) -> None:
    first = fleet.machine("first").process()
    connect(first, person("ada"))
    second, _ = connect(first, first.named(replace(person("ada", at=2.0), id="2" * 16)))
    with first.locked(second) as locked:
        locked.mark(renamed := replace(second, alias="work", number=None))
        locked.forget_name(second)
    accounts = fleet.machine("b").process()
    accounts.update_now()
    third = accounts.named(replace(person("ada", at=3.0), id="3" * 16))
    assert (second.label, renamed.label, third.label) == ("linear/2", "linear/work", "linear/3")


def test_the_copy_is_believed_for_a_minute_and_a_disconnect_is_seen_then(fleet: Fleet) -> None:
    machine = copied(fleet)
    machine.process().find("linear/bob")
    bob = person("bob")
    other = fleet.machine("first").process()
    with other.locked(bob) as locked:
        locked.forget(bob)
    fleet.clock.time += 57.0
    assert machine.process().find("linear/bob").nickname == "bob"
    fleet.clock.time += 4.0
    with pytest.raises(NotConnected):
        machine.process().find("linear/bob")


def test_a_refresh_elsewhere_is_seen_with_the_next_look_and_the_token_before_is_forgotten(fleet: Fleet) -> None:
    a, b, provider = fleet.machine("a"), fleet.machine("b"), Provider()
    connect_at(a, provider)
    accounts = b.process()
    account = accounts.find("linear")
    old = accounts.read(account)
    due(fleet)
    new = refresh(a.process(), provider)
    accounts = b.process()
    account = accounts.find("linear")
    assert accounts.read(account).access_token == new.access_token != old.access_token


def test_a_mark_leaves_the_token_that_is_kept(fleet: Fleet) -> None:
    machine = copied(fleet)
    accounts = machine.process()
    ada = accounts.find("linear/ada")
    accounts.read(ada)
    with fleet.machine("first").process().locked(ada) as locked:
        locked.mark(replace(ada, alias="work"))
    fleet.clock.time += 2.0
    assert labels(machine) == ["linear/work", "linear/bob"]
    asked: list[str] = []
    machine.hear = lambda what, _when: asked.append(what)
    accounts = machine.process()
    accounts.read(accounts.find("linear/work"))
    assert asked == []


@pytest.mark.requirement("T6")
def test_a_clock_that_is_set_makes_the_copy_and_its_tokens_anew(fleet: Fleet) -> None:
    connect_at(fleet.machine("first"), Provider())
    machine = fleet.machine("a", ahead=3600.0)
    accounts = machine.process()
    record = accounts.read(accounts.find("linear"))
    assert record.expires_at == START + 3600.0 + 3600.0
    machine.clock = Clock(fleet.clock())
    accounts = machine.process()
    accounts.update_now()
    account = accounts.find("linear")
    assert accounts.cache.get(account) is None
    assert (account.connected_at, accounts.read(account).expires_at) == (START, START + 3600.0)


def test_the_default_of_the_store_is_the_default_of_the_copy(fleet: Fleet) -> None:
    machine = copied(fleet)
    assert machine.process().find("linear").nickname == "ada"
    fleet.machine("first").process().set_default(person("bob"))
    fleet.clock.time += 2.0
    assert labels(machine) == ["linear/ada", "linear/bob"]
    assert machine.process().find("linear").nickname == "bob"
    fleet.memory.rows.defaults.clear()
    fleet.clock.time += 2.0
    labels(machine)
    assert files(machine, "default") == []


def test_the_log_says_what_was_done(fleet: Fleet) -> None:
    machine, provider = fleet.machine("a"), Provider()
    connect_at(machine, provider)
    due(fleet)
    refresh(machine.process(), provider)
    accounts = machine.process()
    account = accounts.find("linear")
    with accounts.locked(account) as locked:
        for state in ("revoking", "ok", "leaving", "revoked", "reconnect", "connecting", "ok"):
            account = replace(account, state=state)
            locked.mark(account)
        locked.mark(account := replace(account, alias="work"))
        locked.mark(account := replace(account, reason="slow"))
        locked.mark(replace(account, grant="new"))
        locked.mark(account)
        locked.erase(account)
        locked.forget(account)
    assert fleet.memory.actions(KEY) == [
        *("connect", "refresh", "revoke begins", "mend", "disconnect begins", "revoke", "dead", "connect begins"),
        *("connect", "rename", "note", "connect", "connect", "erase", "disconnect"),
    ]


def test_the_log_says_what_became_of_a_connect(fleet: Fleet) -> None:
    accounts = fleet.machine("a").process()
    pending = replace(person("ada"), nickname=None, state="connecting")
    with accounts.locked(pending) as locked:
        locked.mark(pending)
        put, _ = locked.put(pending, stored_record(pending.grant))
        locked.mark(put)
        locked.erase(put)
        locked.forget(put)
    assert fleet.memory.actions(pending.key) == ["connect begins", "tokens come", "clear", "clear"]


def stored_record(grant: str) -> Record:
    return Record(access_token="a", grant=grant, account={})


def test_machines_that_read_have_the_token_of_the_store(fleet: Fleet) -> None:
    connect_at(fleet.machine("a"), Provider())
    accounts = fleet.machine("b").process()
    assert accounts.read(accounts.find("linear")).access_token == stored(fleet).access_token
