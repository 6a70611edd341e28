"""One account that nobody else changes: what is waited for, written, taken back and left."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gumauth.accounts.account import Account
from gumauth.accounts.record import Record, encode
from gumauth.accounts.rescue import RescueFile
from gumauth.accounts.shared import locked as module
from gumauth.accounts.shared.held_claim import PATIENCE
from gumauth.accounts.shared.keeper import SharedAccounts
from gumauth.accounts.shared.keys import MachineKey, new_keys
from gumauth.accounts.shared.locked import SharedLocked
from gumauth.errors import Busy, ClaimLost, KeyReplaced, NotConnected, StoreAway
from gumauth.platform.frozen import replace
from tests.accounts.shared.fleet import START, Fleet, Machine
from tests.accounts.shared.refreshing import KEY, LIFE, Provider, connect, due, refresh, stored

pytestmark = pytest.mark.requirement("T2")


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return Fleet(tmp_path)


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

    with pytest.raises(KeyError), SharedLocked(machine.process(), KEY, after=wrong):
        pass
    assert fleet.memory.claims == {}
    locked = SharedLocked(machine.process(), KEY)
    with pytest.raises(KeyError), locked:
        assert locked.held is not None
        locked.held.release = wrong  # type: ignore[method-assign]
        raise ValueError
    fleet.memory.claims.clear()
    with SharedLocked(machine.process(), KEY, patience=0.0):
        assert list(fleet.memory.claims) == [KEY]


@pytest.mark.parametrize("who", ["a", "b"])
def test_others_are_waited_for_as_long_as_is_said(fleet: Fleet, machine: Machine, who: str) -> None:
    with (
        SharedLocked(fleet.machine(who).process(), KEY),
        pytest.raises(Busy),
        SharedLocked(machine.process(), KEY, patience=0.0),
    ):
        pass


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


def test_what_is_put_has_the_next_generation_and_a_key_of_its_own(machine: Machine) -> None:
    accounts = machine.process()
    account = known(accounts)
    with accounts.locked(account) as locked:
        account, before = locked.settle(account)
        new = replace(before, expires_at=START + 9.0, grant="new", kept_apart=True)
        put, record = locked.put(account, new)
        assert (put.grant, put.expires_at, put.store) == ("new", START + 9.0, "memory")
        assert (record.generation, record.kept_apart) == (before.generation + 1, None)
        assert record.rescue not in (None, before.rescue)
        assert locked.newest(put) == record
        locked.mark(replace(put, grant="another"))
        assert locked.newest(put) == record
        locked.mark(put)
        assert locked.generation == record.generation
        assert locked.newest(put).generation == record.generation
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
    assert stored(fleet).access_token == "answered"
    assert scene.settled()[1].generation == 2


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
    with accounts.locked(account) as locked:
        account, record = locked.settle(account)
        fleet.clock.time += 40.0
        with locked.reserve(account, record) as reservation:
            assert reservation.left is None
            assert fleet.memory.claims[KEY].until == fleet.clock() + 45.0
        with locked.reserve(account, replace(record, generation=0)) as reservation:
            assert reservation.left is not None
            assert reservation.left[1].generation == record.generation


def test_a_refresh_elsewhere_leaves_its_answer(fleet: Fleet, machine: Machine) -> None:
    provider = Provider()
    accounts = machine.process()
    account = known(accounts)
    with accounts.locked(account, to_refresh=True) as locked:
        account, record = locked.settle(account)
        due(fleet)
        newest = refresh(fleet.machine("b").process(), provider)
        with locked.reserve(account, record) as reservation:
            assert reservation.left is not None
            assert reservation.left[1].access_token == newest.access_token
