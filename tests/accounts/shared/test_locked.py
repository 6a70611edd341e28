"""One account that nobody else changes: what is waited for, written, taken back and left."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gumauth.accounts import lock
from gumauth.accounts.account import Account
from gumauth.accounts.interface import NotReserved
from gumauth.accounts.record import Record, encode
from gumauth.accounts.rescue import RescueFile
from gumauth.accounts.shared import locked as module
from gumauth.accounts.shared.held_claim import PATIENCE
from gumauth.accounts.shared.keeper import SharedAccounts
from gumauth.accounts.shared.keys import MachineKey, new_keys, of_kind
from gumauth.accounts.shared.locked import SharedLocked
from gumauth.accounts.shared.sealed import sealed
from gumauth.errors import Busy, ClaimLost, KeyReplaced, MayNotRefresh, NotConnected, RefreshElsewhere, StoreAway
from gumauth.platform.frozen import replace
from gumauth.platform.json import loads
from tests.accounts.contract import connect as connect_at
from tests.accounts.contract import person
from tests.accounts.shared.fleet import START, Fleet, Machine
from tests.accounts.shared.memory_engine import away
from tests.accounts.shared.refreshing import KEY, LIFE, Provider, connect, due, refresh, stored

pytestmark = pytest.mark.requirement("T2")


@pytest.fixture
def machine(fleet: Fleet) -> Machine:
    """A machine that has connected the account."""
    machine = fleet.machine("a")
    connect(machine, Provider())
    return machine


def known(accounts: SharedAccounts) -> Account:
    account = accounts.known(KEY)
    assert account is not None
    return account


def questions(machine: Machine) -> list[str]:
    """What the processes of a machine ask the store from now on."""
    asked: list[str] = []

    def hear(what: str, when: str) -> None:
        if when == "before":
            asked.append(what)

    machine.hear = hear
    return asked


def renewing() -> set[threading.Thread]:
    """The threads that renew a claim."""
    return {each for each in threading.enumerate() if each.name == "claim"}


def rescue_path(machine: Machine) -> Path:
    return Path(machine.process().home.data, "rescue", KEY.replace("/", "."))


class Waited(Exception):
    """Somebody is waited for."""


@pytest.fixture
def _nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    def wait(_seconds: float) -> None:
        raise Waited("Somebody is waited for.")

    monkeypatch.setattr(time, "sleep", wait)


def test_the_figures_fit_together() -> None:
    """Who waits for a process of this machine waits longer than that one may wait for another machine."""
    assert (PATIENCE, module.LOCK_PATIENCE, module.STORE_SECONDS, module.PAUSE) == (60.0, 90.0, 60.0, 0.25)


def test_what_is_done_before_and_after_is_done_there(fleet: Fleet, machine: Machine) -> None:
    done: list[tuple[str, list[str]]] = []

    def note(what: str) -> Callable[[], None]:
        return lambda: done.append((what, list(fleet.memory.claims)))

    with SharedLocked(machine.process(), KEY, before=note("before"), after=note("after")) as locked:
        assert locked.held is not None
        assert locked.generation == 1
        assert fleet.memory.claims[KEY].until == fleet.clock() + 45.0
    with SharedLocked(machine.process(), KEY, to_refresh=True, after=note("never")) as locked:
        assert (locked.held, locked.generation, fleet.memory.claims) == (None, 0, {})
    assert (done, fleet.memory.claims) == ([("before", []), ("after", [KEY])], {})


def test_claim_and_lock_are_released_whatever_goes_wrong(fleet: Fleet, machine: Machine) -> None:
    def wrong() -> None:
        raise KeyError

    with pytest.raises(KeyError), SharedLocked(machine.process(), KEY, patience=0.0, after=wrong):
        pass
    assert fleet.memory.claims == {}
    locked = SharedLocked(machine.process(), KEY, patience=0.0)
    with pytest.raises(KeyError), locked:
        assert locked.held is not None
        locked.held.release = wrong  # type: ignore[method-assign]
        raise ValueError
    fleet.memory.claims.clear()
    with SharedLocked(machine.process(), KEY, patience=0.0):
        assert list(fleet.memory.claims) == [KEY]


@pytest.mark.usefixtures("_nobody_waits")
@pytest.mark.parametrize(
    ("who", "words"),
    [("a", "^Another process has been busy with linear for 0 s"), ("b", f"^b has been at {KEY} for 0 s")],
    ids=["of this machine", "of another machine"],
)
def test_others_are_waited_for_as_long_as_is_said(
    fleet: Fleet, machine: Machine, monkeypatch: pytest.MonkeyPatch, who: str, words: str
) -> None:
    monkeypatch.setattr(module, "LOCK_PATIENCE", 1.0)
    with (
        SharedLocked(fleet.machine(who).process(), KEY),
        pytest.raises(Busy, match=words),
        SharedLocked(machine.process(), KEY, patience=0.0),
    ):
        pass


@pytest.mark.usefixtures("_nobody_waits")
def test_a_process_of_this_machine_is_waited_for_longer_than_one_of_a_machine_alone(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOCK_PATIENCE", 0.0)
    monkeypatch.setattr(lock, "PATIENCE", 1.0)
    with (
        SharedLocked(machine.process(), KEY),
        pytest.raises(Busy, match="busy with linear for 0 s"),
        SharedLocked(machine.process(), KEY),
    ):
        pass


@pytest.mark.parametrize("kind", ["role", "key"])
def test_a_machine_that_may_only_read_has_the_newest_token_and_changes_nothing(
    fleet: Fleet, machine: Machine, tmp_path: Path, kind: str
) -> None:
    key = tmp_path / "reader"
    key.touch(mode=0o600)
    key.write_bytes(of_kind(fleet.key_file.read_bytes(), "access"))
    reader = fleet.machine("r", reads_only=True) if kind == "role" else fleet.machine("r", key_file=key)
    account = reader.process().find("linear")
    refresh(machine.process(), Provider(), force=True)
    asked, accounts = questions(reader), reader.process()
    with (
        pytest.raises(MayNotRefresh, match=r"^r at memory may read tokens, and not change accounts"),
        accounts.locked(account),
    ):
        pass
    assert "claim" not in asked
    kept = accounts.cache.get(account)
    assert kept is not None
    assert kept.access_token == stored(fleet).access_token
    with pytest.raises(MayNotRefresh), SharedLocked(accounts, "linear/0000000000000000"):
        pass


def test_a_block_has_one_claim_which_is_renewed_until_its_end(machine: Machine) -> None:
    accounts = machine.process()
    account, asked, before = known(accounts), questions(machine), renewing()
    with accounts.locked(account) as locked:
        assert len(renewing() - before) == 1
        account, record = locked.settle(account)
        account, _ = locked.put(account, record)
        locked.commit(account)
        locked.mark(account)
        locked.erase(account)
    assert (asked.count("claim"), asked.count("release")) == (1, 1)


def test_to_put_a_record_is_to_claim_the_account(machine: Machine) -> None:
    accounts = machine.process()
    account = known(accounts)
    with accounts.locked(account, to_refresh=True) as locked:
        account, record = locked.settle(account)
        assert locked.held is None
        assert (locked.put(account, record)[1].generation, locked.held is None) == (2, False)


def test_an_account_that_was_changed_after_it_was_read_is_not_claimed(fleet: Fleet, machine: Machine) -> None:
    accounts = machine.process()
    account = known(accounts)
    with accounts.locked(account, to_refresh=True) as locked:
        account, record = locked.settle(account)
        with fleet.machine("b").process().locked(account) as other:
            other.mark(replace(account, alias="work"))
        with pytest.raises(ClaimLost, match="Another machine has changed the account meanwhile"):
            locked.reserve(account, record)
        assert (locked.held, fleet.memory.claims) == (None, {})
        found = locked.listed()
        assert found is not None
        assert (found.label, known(accounts).label) == ("linear/work", "linear/work")


def test_a_key_that_was_replaced_meanwhile_is_asked_for_and_the_row_sealed_again(
    fleet: Fleet, machine: Machine
) -> None:
    accounts = machine.process()
    account = known(accounts)
    assert accounts.session.keys.newest == fleet.memory.rows.accounts[KEY].data_key
    made = new_keys(MachineKey(fleet.key_file.read_bytes()), "memory")
    refused: list[str] = []

    def hear(what: str, when: str) -> None:
        if (what, when, refused) == ("put", "before", []):
            refused.append(what)
            fleet.memory.rows.sealed_keys += made
            raise KeyReplaced("The key was replaced.")

    machine.hear = hear
    with accounts.locked(account) as locked:
        account, record = locked.settle(account)
        account, _ = locked.put(account, replace(record, access_token="another"))
        locked.commit(account)
    assert fleet.memory.rows.accounts[KEY].data_key == made[0].data_key
    assert (refused, stored(fleet).access_token) == (["put"], "another")


@pytest.mark.parametrize(("seconds", "tries"), [(60.0, 241), (0.0, 1)])
def test_an_answer_is_offered_to_a_store_that_is_away_for_a_minute(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, seconds: float, tries: int
) -> None:
    monkeypatch.setattr(module, "STORE_SECONDS", seconds)
    tried, now = list[float](), [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def sleep(pause: float) -> None:
        assert pause == 0.25
        now[0] += pause

    monkeypatch.setattr(time, "sleep", sleep)

    def hear(what: str, when: str) -> None:
        if what == "put":
            tried.append(now[0])
            assert len(tried) < 1000
            raise StoreAway("It does not answer.")

    accounts = machine.process()
    account = known(accounts)
    with accounts.locked(account) as locked:
        account, record = locked.settle(account)
        account, _ = locked.put(account, record)
        machine.hear = hear
        with pytest.raises(StoreAway):
            locked.commit(account)
        machine.hear = lambda _what, _when: None
    assert len(tried) == tries + 1


def test_a_later_row_of_another_machine_is_not_written_over(fleet: Fleet, machine: Machine) -> None:
    accounts = machine.process()
    account = known(accounts)
    with accounts.locked(account) as locked:
        account, record = locked.settle(account)
        account, _ = locked.put(account, record)
        kept = fleet.memory.rows.accounts[KEY]
        fleet.memory.rows.accounts[KEY] = type(kept)(**{**vars(kept), "generation": 7})
        with pytest.raises(ClaimLost, match="linear/ada has been written by another machine meanwhile"):
            locked.commit(account)


def test_what_is_put_has_the_next_generation_and_a_key_of_its_own(fleet: Fleet, machine: Machine) -> None:
    accounts = machine.process()
    account = known(accounts)
    with accounts.locked(account) as locked:
        account, before = locked.settle(account)
        new = replace(before, expires_at=START + 9.0, grant="new", kept_apart=True)
        put, record = locked.put(replace(account, store="another"), new)
        assert (put.grant, put.expires_at, put.store) == ("new", START + 9.0, "memory")
        assert (record.generation, record.kept_apart) == (before.generation + 1, None)
        assert record.rescue not in (None, before.rescue)
        assert locked.newest(put) == record
        locked.mark(replace(put, grant="another"))
        assert locked.newest(put) == record
        locked.mark(put)
        assert locked.generation == record.generation
        assert locked.newest(put).generation == record.generation
        locked.mark(replace(put, alias="work"))
        assert loads(fleet.memory.rows.accounts[KEY].content or "")["alias"] == "work"
        locked.put(put, record)
        locked.erase(put)
        assert locked.generation == record.generation + 1
        with pytest.raises(NotConnected):
            locked.forget(put)
            locked.newest(put)


@pytest.mark.parametrize(("grant", "is_left"), [("grant", False), ("another", True)])
def test_a_record_is_taken_back_where_it_is_of_the_grant(
    fleet: Fleet, machine: Machine, grant: str, is_left: bool
) -> None:
    accounts = machine.process()
    account = known(accounts)
    with accounts.locked(account) as locked:
        locked.put(account, locked.settle(account)[1])
        locked.take_back(replace(account, grant=grant))
        assert locked._staged is None
    assert (fleet.memory.rows.accounts[KEY].access is not None) is is_left
    assert ("take back" in fleet.memory.actions(KEY)) is not is_left
    assert fleet.memory.rows.accounts[KEY].content is not None


def test_of_what_is_gone_nothing_is_taken_back(fleet: Fleet, machine: Machine) -> None:
    accounts = machine.process()
    account = known(accounts)
    with accounts.locked(account) as locked:
        locked.erase(account)
        locked.take_back(account)
        locked.forget(account)
        locked.take_back(account)
    assert fleet.memory.actions(KEY) == ["connect", "erase", "disconnect"]
    assert fleet.memory.rows.accounts[KEY].content is None


def test_what_is_written_is_here_too_without_another_question(machine: Machine) -> None:
    accounts = machine.process()
    account = known(accounts)
    with accounts.locked(account) as locked:
        account, record = locked.settle(account)
        account, _ = locked.put(account, replace(record, access_token="another"))
        locked.mark(replace(account, alias="work"))
        assert known(accounts).label == "linear/work"
        kept = accounts.cache.get(account)
        assert kept is not None
        assert kept.access_token == "another"
        locked.mark(replace(account, alias="home"))
        assert known(accounts).label == "linear/home"
        locked.erase(account)
        assert (accounts.cache.get(account), known(accounts).label) == (None, "linear/home")
        locked.forget(account)
        assert accounts.known(KEY) is None


def test_what_a_refresh_brings_is_here_too_and_its_own_answer_has_another_key(fleet: Fleet, machine: Machine) -> None:
    before = stored(fleet)
    due(fleet)
    accounts = machine.process()
    record = refresh(accounts, Provider())
    kept = accounts.cache.get(known(accounts))
    assert kept is not None
    assert (kept.access_token, known(accounts).refreshed_at) == (record.access_token, fleet.clock())
    assert stored(fleet).rescue not in (None, before.rescue)
    assert fleet.memory.actions(KEY) == ["connect", "refresh"]


@pytest.mark.parametrize("step", ["mark", "forget"])
def test_after_a_change_the_store_is_asked_which_account_is_the_default(machine: Machine, step: str) -> None:
    accounts = machine.process()
    account, asked = accounts.find("linear"), questions(machine)
    machine.process().update(60.0)
    assert asked == []
    with accounts.locked(account) as locked:
        getattr(locked, step)(account)
    asked.clear()
    machine.process().update(60.0)
    assert "changes" in asked


@pytest.mark.parametrize("has_heir", [True, False])
def test_the_heir_of_a_default_account_is_the_default(fleet: Fleet, machine: Machine, has_heir: bool) -> None:
    accounts = machine.process()
    account = known(accounts)
    bob, _ = connect_at(accounts, person("bob"))
    with accounts.locked(account) as locked:
        locked.forget(account, heir=bob if has_heir else None)
    assert fleet.memory.rows.defaults == {"linear": bob.id if has_heir else "-"}


def test_a_name_that_is_let_go_has_no_hint(machine: Machine) -> None:
    accounts = machine.process()
    with accounts.locked(known(accounts)) as locked:
        assert len(list(machine.folder.rglob("*.alias"))) == 1
        locked.forget_name(known(accounts))
        assert list(machine.folder.rglob("*.alias")) == []


def test_the_log_says_what_each_change_was(fleet: Fleet, machine: Machine) -> None:
    accounts = machine.process()
    account = known(accounts)
    with accounts.locked(account) as locked:
        for state in ("moving", "ok", "connecting", "connecting", "ok", "revoking", "ok", "leaving", "revoked"):
            account = replace(account, state=state)
            locked.mark(account)
        locked.mark(account := replace(account, state="reconnect"))
        locked.mark(account := replace(account, state="ok"))
        locked.mark(account := replace(account, alias="work"))
        locked.mark(account := replace(account, reason="slow"))
        locked.mark(account := replace(account, grant="new"))
        locked.mark(account := replace(account, grant="newer", state="connecting"))
        locked.erase(account)
    assert fleet.memory.actions(KEY) == [
        *("connect", "move begins", "move", "connect begins", "tokens come", "connect", "revoke begins", "mend"),
        *("disconnect begins", "revoke", "dead", "mend", "rename", "note", "connect", "connect begins", "clear"),
    ]


def test_with_the_records_goes_the_answer_that_was_not_stored(machine: Machine) -> None:
    accounts = machine.process()
    account = known(accounts)
    file = RescueFile(accounts.home, KEY)
    with accounts.locked(account) as locked:
        record = locked.settle(account)[1]
        assert record.rescue is not None
        with file:
            file.keep(encode(record), record.rescue)
        assert file.find([record.rescue]) is not None
        locked.erase(account)
    assert file.find([record.rescue]) is None


@pytest.mark.parametrize(("state", "action"), [("ok", "disconnect"), ("connecting", "clear"), ("moving", "move")])
def test_the_log_says_why_an_account_left(fleet: Fleet, machine: Machine, state: str, action: str) -> None:
    accounts = machine.process()
    account = known(accounts)
    with accounts.locked(account) as locked:
        locked.forget(replace(account, state=state))  # type: ignore[arg-type]
    assert fleet.memory.actions(KEY)[-1] == action
    assert accounts.known(KEY) is None


class Rescued:
    """A machine with an answer that it could not store."""

    def __init__(self, machine: Machine, **changes: object) -> None:
        self.accounts = machine.process()
        self.account = known(self.accounts)
        with self.accounts.locked(self.account) as locked:
            self.record = locked.settle(self.account)[1]
        assert self.record.rescue is not None
        self.file = RescueFile(self.accounts.home, KEY)
        fields = {"access_token": "answered", "rescue": "1" * 64, **changes}
        self.answer: Record = replace(self.record, **fields)  # type: ignore[arg-type]
        with self.file:
            self.file.keep(encode(self.answer), self.record.rescue)

    def settled(self) -> tuple[Account, Record]:
        with self.accounts.locked(self.account, to_refresh=True) as locked:
            return locked.settle(self.account)


def test_an_answer_that_was_not_stored_is_stored_with_its_own_key(fleet: Fleet, machine: Machine) -> None:
    scene = Rescued(machine)
    _, record = scene.settled()
    assert (record.access_token, record.generation, record.rescue) == ("answered", 2, "1" * 64)
    assert record.expires_at == START + LIFE
    assert stored(fleet).access_token == "answered"
    assert scene.settled()[1].generation == 2


@pytest.mark.parametrize(("to_refresh", "renewals"), [(True, 0), (False, 1)])
def test_an_answer_that_was_not_stored_is_stored_under_the_claim_of_its_block(
    fleet: Fleet, machine: Machine, to_refresh: bool, renewals: int
) -> None:
    scene = Rescued(machine)
    asked, before = questions(machine), renewing()
    with scene.accounts.locked(scene.account, to_refresh=to_refresh) as locked:
        account, _ = locked.settle(scene.account)
        assert len(renewing() - before) == renewals
        locked.mark(replace(account, alias="work"))
    assert asked.count("claim") == 1
    assert loads(fleet.memory.rows.accounts[KEY].content or "")["alias"] == "work"
    assert stored(fleet).access_token == "answered"


def test_an_answer_without_a_key_gets_one(machine: Machine) -> None:
    assert Rescued(machine, rescue=None).settled()[1].rescue is not None


def test_a_record_without_a_key_has_no_answer(fleet: Fleet, machine: Machine) -> None:
    scene = Rescued(machine)
    row = sealed(scene.accounts.session.keys, scene.account, replace(scene.record, rescue=None), 0.0)
    kept = fleet.memory.rows.accounts[KEY]
    fleet.memory.rows.accounts[KEY] = type(kept)(**{**vars(kept), "access": row.access, "refresh": row.refresh})
    assert scene.settled()[1].access_token == scene.record.access_token


def test_an_answer_under_the_key_that_opened_it_gets_another(machine: Machine) -> None:
    scene = Rescued(machine)
    assert scene.record.rescue is not None
    with scene.file:
        scene.file.keep(encode(replace(scene.answer, rescue=scene.record.rescue)), scene.record.rescue)
    _, record = scene.settled()
    assert record.access_token == "answered"
    assert record.rescue not in (None, scene.record.rescue, "1" * 64)


@pytest.mark.parametrize("kind", ["of another grant", "no record", "none"])
def test_what_is_no_answer_of_this_account_is_not_stored(fleet: Fleet, machine: Machine, kind: str) -> None:
    scene = Rescued(machine, grant="another" if kind == "of another grant" else "grant")
    assert scene.record.rescue is not None
    if kind == "no record":
        with scene.file:
            scene.file.keep("{}", scene.record.rescue)
    elif kind == "none":
        scene.file.drop()
    assert scene.settled()[1].access_token == scene.record.access_token
    assert stored(fleet).generation == 1


@pytest.mark.parametrize(("left", "expires_at"), [(100.0, 0.0), (-100.0, -100.0)])
def test_an_account_that_another_machine_found_dead_is_good_again_and_its_token_not_handed_out(
    fleet: Fleet, machine: Machine, left: float, expires_at: float
) -> None:
    scene = Rescued(machine)
    with scene.accounts.locked(scene.account) as locked:
        locked.mark(replace(scene.account, state="reconnect", reason="dead"))
    due(fleet, left=left)
    scene.account = known(scene.accounts)
    account, record = scene.settled()
    assert (account.state, account.reason, record.access_token) == ("ok", None, "answered")
    assert (record.expires_at or 0.0) - fleet.clock() == expires_at
    assert START + LIFE - fleet.clock() == left


def test_the_times_of_a_token_without_an_end_stay_as_they_are(machine: Machine) -> None:
    scene = Rescued(machine, expires_at=None)
    with scene.accounts.locked(scene.account) as locked:
        locked.mark(replace(scene.account, state="reconnect", reason="dead"))
    scene.account = known(scene.accounts)
    account, record = scene.settled()
    assert (account.state, record.expires_at, record.obtained_at) == ("ok", None, START)


def test_an_account_that_moved_on_while_it_was_claimed_is_read_anew(fleet: Fleet, machine: Machine) -> None:
    scene = Rescued(machine)
    other = fleet.machine("b")

    def hear(what: str, when: str) -> None:
        if (what, when) == ("claim", "before"):
            machine.hear = lambda _what, _when: None
            accounts = other.process()
            account = accounts.find("linear")
            with accounts.locked(account) as locked:
                account, record = locked.settle(account)
                account, _ = locked.put(account, replace(record, access_token="later"))
                locked.commit(account)

    machine.hear = hear
    assert scene.settled()[1].access_token == "later"
    assert stored(fleet).access_token == "later"


@pytest.mark.usefixtures("_nobody_waits")
def test_who_is_sent_away_hears_the_label_and_the_answer_is_kept(fleet: Fleet, machine: Machine) -> None:
    scene = Rescued(machine)
    fleet.machine("b").engine().claim(KEY, 45.0, take_over=True)
    with (
        pytest.raises(Busy, match=r"^b has been at linear/ada for 0 s"),
        scene.accounts.locked(scene.account, to_refresh=True, patience=0.0) as locked,
    ):
        locked.settle(scene.account)
    assert scene.file.find([scene.record.rescue or ""]) is not None


def test_a_refresh_within_a_block_has_its_claim_for_the_whole_time_again(fleet: Fleet, machine: Machine) -> None:
    accounts = machine.process()
    account = known(accounts)
    asked = questions(machine)
    with accounts.locked(account) as locked:
        account, record = locked.settle(account)
        fleet.clock.time += 40.0
        with locked.reserve(account, record) as reservation:
            assert reservation.left is None
            assert fleet.memory.claims[KEY].until == fleet.clock() + 45.0
        with locked.reserve(account, replace(record, generation=0)) as reservation:
            assert reservation.left is not None
            assert reservation.left[1].generation == record.generation
    assert (asked.count("claim"), asked.count("renew")) == (1, 1)


def test_a_refresh_elsewhere_leaves_its_answer_and_the_one_on_disk(fleet: Fleet, machine: Machine) -> None:
    provider, first = Provider(), stored(fleet)
    refresh(machine.process(), provider, force=True)
    accounts = machine.process()
    account = known(accounts)
    with accounts.locked(account, to_refresh=True) as locked:
        account, record = locked.settle(account)
        due(fleet)
        newest = refresh(fleet.machine("b").process(), provider)
        with locked.reserve(account, record) as reservation:
            assert reservation.left is not None
            assert reservation.left[1].access_token == newest.access_token
            reservation.check()
    assert RescueFile(accounts.home, KEY).find([first.rescue or ""]) is not None


def test_there_is_room_on_disk_for_the_answer_before_the_provider_is_asked(machine: Machine) -> None:
    accounts = machine.process()
    account, before = known(accounts), renewing()
    with accounts.locked(account, to_refresh=True) as locked:
        account, record = locked.settle(account)
        accounts.cache.drop(KEY)  # as where no token can be kept
        with locked.reserve(account, record) as reservation:
            assert reservation.left is None
            assert (rescue_path(machine).stat().st_size, renewing() - before) == (16384, set())
        assert not rescue_path(machine).exists()


def test_a_file_that_cannot_be_made_is_told_before_the_account_is_claimed(fleet: Fleet, machine: Machine) -> None:
    accounts = machine.process()
    account = known(accounts)
    with accounts.locked(account, to_refresh=True) as locked:
        account, record = locked.settle(account)
        rescue_path(machine).parent.write_text("")
        with pytest.raises(NotReserved):
            locked.reserve(account, record)
        assert fleet.memory.claims == {}


def test_a_full_disk_is_told_before_the_provider_is_asked(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    accounts = machine.process()
    account = known(accounts)
    with accounts.locked(account, to_refresh=True) as locked:
        account, record = locked.settle(account)
        with pytest.raises(NotReserved):
            locked.reserve(account, record)
        assert not rescue_path(machine).exists()


@pytest.mark.usefixtures("_nobody_waits")
@pytest.mark.parametrize(
    ("expires_at", "error", "words"),
    [
        (START + 1.0, RefreshElsewhere, "^b is refreshing linear/ada"),
        (START, Waited, "waited for"),
        (None, Waited, "waited for"),
    ],
)
def test_another_machine_is_waited_for_once_the_token_has_ended(
    fleet: Fleet, machine: Machine, expires_at: float | None, error: type[Exception], words: str
) -> None:
    fleet.machine("b").engine().claim(KEY, 45.0, take_over=True)
    accounts = machine.process()
    account = known(accounts)
    with accounts.locked(account, to_refresh=True) as locked:
        account, record = locked.settle(account)
        with pytest.raises(error, match=words):
            locked.reserve(account, replace(record, expires_at=expires_at))
        assert not rescue_path(machine).exists()


@pytest.mark.parametrize(("left", "is_refused"), [(20.5, True), (20.0, False), (None, False)])
def test_an_older_token_is_not_sent_while_the_one_that_is_kept_here_is_good(
    fleet: Fleet, machine: Machine, left: float | None, is_refused: bool
) -> None:
    before, accounts = fleet.memory.copy(), machine.process()
    account = known(accounts)
    with accounts.locked(account, to_refresh=True) as locked:
        account, record = locked.settle(account)
        with locked.reserve(account, record) as reservation:
            reservation.commit(account, replace(record, expires_at=None if left is None else START + LIFE))
    rescue_path(machine).unlink()
    fleet.memory.set_back(before)
    with accounts.locked(account, to_refresh=True) as locked:
        account, record = locked.settle(account)
        assert record.generation == 1
        due(fleet, left=left or LIFE)
        if is_refused:
            with pytest.raises(RefreshElsewhere, match="older tokens of linear/ada than this machine"):
                locked.reserve(account, record)
        else:
            with locked.reserve(account, record) as reservation:
                assert reservation.left is None


def test_an_answer_that_comes_after_that_of_another_machine_is_not_stored(fleet: Fleet, machine: Machine) -> None:
    due(fleet, left=45.0)
    accounts = machine.process()
    account = known(accounts)
    with accounts.locked(account, to_refresh=True) as locked:
        account, record = locked.settle(account)
        with locked.reserve(account, record) as reservation:
            fleet.clock.time += 45.0
            newest = refresh(fleet.machine("b").process(), Provider())
            with pytest.raises(ClaimLost):
                reservation.commit(account, replace(record, access_token="late"))
    assert (stored(fleet).access_token, machine.notices) == (newest.access_token, [])


@pytest.mark.parametrize(("has_key", "notices", "token"), [(True, 1, "late"), (False, 0, "first")])
def test_where_the_store_stays_away_the_person_hears_whether_the_answer_is_kept_here(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, has_key: bool, notices: int, token: str
) -> None:
    monkeypatch.setattr(module, "STORE_SECONDS", -1.0)
    accounts = machine.process()
    account = known(accounts)
    with accounts.locked(account, to_refresh=True) as locked:
        account, record = locked.settle(account)
        first, record = record.access_token, record if has_key else replace(record, rescue=None)
        with locked.reserve(account, record) as reservation:
            machine.hear = away("put")
            with pytest.raises(StoreAway):
                reservation.commit(replace(account, refreshed_at=START + 1.0), replace(record, access_token="late"))
    machine.hear = lambda _what, _when: None
    assert [notice[:40] for notice in machine.notices] == ["The new tokens are kept on this machine,"] * notices
    with accounts.locked(account, to_refresh=True) as locked:
        account, record = locked.settle(account)
    assert record.access_token == {"late": "late", "first": first}[token]
    assert account.refreshed_at == (START + 1.0 if has_key else START)
