"""This machine's copy and its tokens: when the store is asked, what is used meanwhile, and what stays here."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from gumauth.accounts.shared.keys import of_kind
from gumauth.accounts.shared.mirror import State
from gumauth.errors import Busy, HomeError, NotConnected, StoreAway, StoreError
from gumauth.platform.frozen import replace
from gumauth.platform.lock import Lock, Queueing
from tests.accounts.contract import person
from tests.accounts.shared.fleet import START, Clock, Fleet, Machine
from tests.accounts.shared.memory_engine import Kept, MemoryEngine, away
from tests.accounts.shared.refreshing import KEY, Provider, connect, due, refresh, stored

pytestmark = pytest.mark.requirement("T4")

USED = "This machine's copy of the list is used."


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    """Machines with one account, which one of them has connected."""
    fleet = Fleet(tmp_path)
    connect(fleet.machine("first"), Provider())
    return fleet


@pytest.fixture
def machine(fleet: Fleet) -> Machine:
    """A machine that has just copied the list, and no token."""
    machine = fleet.machine("a")
    assert labels(machine) == ["linear/ada"]
    return machine


def labels(machine: Machine) -> list[str]:
    return [account.label for account in machine.process().all()]


def heard(machine: Machine) -> list[str]:
    """What the machine's processes ask from now on."""
    asked = list[str]()
    machine.hear = lambda what, when: asked.append(what) if when == "before" else None
    return asked


def refused(machine: Machine, why: str = "The store does not answer.") -> list[str]:
    """What the machine's processes ask from now on, in vain."""
    asked = list[str]()

    def hear(what: str, _when: str) -> None:
        asked.append(what)
        raise StoreAway(why)

    machine.hear = hear
    return asked


@pytest.fixture
def since(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Since which change machines have asked what is new."""
    asked, changes = list[int](), MemoryEngine.changes

    def noted(engine: MemoryEngine, since: int) -> object:
        asked.append(since)
        return changes(engine, since)

    monkeypatch.setattr(MemoryEngine, "changes", noted)
    return asked


def full(path: str, _content: bytes) -> None:
    raise HomeError(f"{os.path.basename(path)} cannot be written.")


@pytest.mark.parametrize(
    ("seconds", "asked"),
    [(0.0, []), (60.0, []), (60.5, ["welcome", "changes"]), (-0.5, ["welcome", "changes"])],
)
def test_a_run_believes_the_copy_for_a_minute_unless_it_is_of_the_future(
    fleet: Fleet, machine: Machine, seconds: float, asked: list[str]
) -> None:
    heard_here = heard(machine)
    fleet.clock.time += seconds
    assert machine.process().find("linear").label == "linear/ada"
    assert (heard_here, machine.notices) == (asked, [])


@pytest.mark.parametrize(("seconds", "more"), [(0.0, []), (1.0, []), (1.5, ["changes"])])
def test_a_list_is_asked_for_by_each_run_and_again_after_a_second(
    fleet: Fleet, machine: Machine, seconds: float, more: list[str]
) -> None:
    asked, accounts = heard(machine), machine.process()
    list(accounts.all())
    fleet.clock.time += seconds
    list(accounts.all())
    assert asked == ["welcome", "changes", *more]


def test_who_asks_for_what_is_new_now_asks_each_time(machine: Machine) -> None:
    asked, accounts = heard(machine), machine.process()
    accounts.update_now()
    accounts.update_now()
    assert asked == ["welcome", "changes", "changes"]


@pytest.mark.parametrize(("seconds", "times"), [(0.0, 1), (10.0, 1), (10.5, 2)])
def test_a_store_that_was_away_is_asked_again_after_ten_seconds_and_each_run_says_so_once(
    fleet: Fleet, machine: Machine, seconds: float, times: int
) -> None:
    fleet.clock.time += 70.0
    asked = refused(machine)
    assert labels(machine) == ["linear/ada"]
    fleet.clock.time += seconds
    accounts = machine.process()
    assert len(list(accounts.all())) == 1
    assert accounts.find("linear").label == "linear/ada"
    assert asked == ["welcome"] * times
    assert machine.notices == [f"The store does not answer. {USED}"] * 2


def test_without_a_copy_a_store_that_is_away_is_asked_each_time_and_is_the_error(fleet: Fleet) -> None:
    machine = fleet.machine("new")
    asked = refused(machine)
    for _ in range(2):
        with pytest.raises(StoreAway, match="The store does not answer"):
            list(machine.process().all())
    assert (asked, machine.notices) == (["welcome", "welcome"], [])


def test_without_a_copy_a_folder_that_cannot_be_written_is_the_error(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gumauth.accounts.shared.mirror.write_file", full)
    machine = fleet.machine("new")
    with pytest.raises(HomeError, match="cannot be written"):
        list(machine.process().all())
    assert machine.notices == []


@pytest.mark.parametrize(
    ("why", "kept"), [("It is off.", "It is off."), ("x" * 300, "x" * 300), ("x" * 301, "x" * 299 + "…")]
)
def test_the_reason_is_remembered_in_one_line(machine: Machine, why: str, kept: str) -> None:
    refused(machine, why)
    labels(machine)
    assert machine.process().state.why == kept


def test_what_the_copy_does_not_have_is_unknown_only_where_the_store_was_asked(fleet: Fleet, machine: Machine) -> None:
    with pytest.raises(NotConnected):
        machine.process().find("linear/bob")
    fleet.clock.time += 70.0
    refused(machine)
    with pytest.raises(StoreAway) as raised:
        machine.process().find("linear/bob")
    assert raised.value.message == "The store does not answer."
    machine.process().know(replace(machine.process().state, why=""))
    with pytest.raises(StoreAway) as raised:
        machine.process().find("linear/bob")
    assert raised.value.message == "The database does not answer."


def lock(machine: Machine, name: str) -> Lock:
    """What a process of this machine holds while it writes the copy, or a token."""
    return Lock(os.path.join(machine.process().home.data, "locks", name), timeout=0.0, what=name)


def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all patience be over at once."""
    monkeypatch.setattr(Queueing, "ends_within", lambda _queueing, _seconds: False)


def test_a_process_that_is_at_it_for_half_a_minute_is_waited_for_no_longer(
    fleet: Fleet, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_patience(monkeypatch)
    fleet.clock.time += 70.0
    asked, busy = heard(machine), "Another process has been busy with the copy of the list for 30 s."
    with lock(machine, "copy.lock"):
        assert machine.process().find("linear").label == "linear/ada"
    assert (asked, machine.notices) == ([], [f"{busy} {USED}"])
    new = fleet.machine("new")
    with lock(new, "copy.lock"), pytest.raises(Busy) as raised:
        new.process().find("linear")
    assert (raised.value.message, new.notices) == (busy, [])


def while_waited_for(monkeypatch: pytest.MonkeyPatch, machine: Machine, act: Callable[[], object]) -> None:
    """Hold the lock of the copy until somebody waits for it, and act then before it is released."""
    held, ends_within = lock(machine, "copy.lock"), Queueing.ends_within

    def waiting(queueing: Queueing, seconds: float) -> bool:
        act()
        held.release()
        return ends_within(queueing, seconds)

    held.acquire()
    monkeypatch.setattr(Queueing, "ends_within", waiting)


@pytest.mark.parametrize(("later", "asked"), [(0.0, []), (-0.5, ["welcome", "changes"]), (0.5, ["welcome", "changes"])])
def test_who_has_waited_for_another_process_does_not_ask_what_that_has_asked_meanwhile(
    fleet: Fleet, machine: Machine, monkeypatch: pytest.MonkeyPatch, later: float, asked: list[str]
) -> None:
    fleet.clock.time += 70.0
    accounts, heard_here = machine.process(), heard(machine)
    known = replace(accounts.state, at=fleet.clock() + later)
    while_waited_for(monkeypatch, machine, lambda: machine.process().know(known))
    assert accounts.find("linear").label == "linear/ada"
    list(accounts.all())
    assert (heard_here, machine.notices) == (asked, [])


@pytest.mark.parametrize(
    ("why", "said"), [("It is off.", "It is off."), ("", "The database at memory does not answer.")]
)
def test_who_has_waited_for_another_process_that_asked_in_vain_does_not_ask_either(
    fleet: Fleet, machine: Machine, monkeypatch: pytest.MonkeyPatch, why: str, said: str
) -> None:
    fleet.clock.time += 70.0
    accounts, asked = machine.process(), heard(machine)
    known = replace(accounts.state, at=fleet.clock(), is_away=True, why=why)
    while_waited_for(monkeypatch, machine, lambda: machine.process().know(known))
    assert accounts.find("linear").label == "linear/ada"
    assert (asked, machine.notices) == ([], [f"{said} {USED}"])


def test_only_what_is_new_is_asked_for_unless_the_copy_is_not_whole(fleet: Fleet, since: list[int]) -> None:
    machine = fleet.machine("a", ahead=3600.0)
    for asked in ([0], [0, 1]):
        assert [account.connected_at for account in machine.process().all()] == [START + 3600.0]
        assert since == asked
    for path in machine.folder.rglob("accounts/linear/*.json"):
        path.unlink()
    assert [account.connected_at for account in machine.process().all()] == [START + 3600.0]
    assert since == [0, 1, 1, 0]


def test_what_is_outdated_is_asked_for_though_it_is_young(machine: Machine, since: list[int]) -> None:
    accounts = machine.process()
    list(accounts.all())
    accounts.outdate()
    assert (accounts.state.at, accounts.state.last) == (0.0, 1)
    list(accounts.all())
    accounts.outdate()
    machine.process().find("linear")
    assert since == [1, 1, 1]
    accounts.outdate(whole=True)
    assert (accounts.state.at, accounts.state.last) == (0.0, 0)
    machine.process().find("linear")
    assert since == [1, 1, 1, 0]


def test_an_account_that_the_store_has_lost_without_a_trace_leaves_the_copy(fleet: Fleet, machine: Machine) -> None:
    fleet.memory.rows.accounts.clear()
    assert labels(machine) == []


@pytest.mark.requirement("T6")
@pytest.mark.parametrize(("ahead", "is_kept"), [(4.5, True), (-4.5, True), (5.0, False), (-5.0, False)])
def test_a_clock_that_was_set_by_five_seconds_makes_the_copy_and_its_tokens_anew(
    fleet: Fleet, since: list[int], ahead: float, is_kept: bool
) -> None:
    machine = fleet.machine("a", ahead=ahead)
    accounts = machine.process()
    accounts.read(account := accounts.find("linear"))
    machine.clock = Clock(fleet.clock())
    accounts = machine.process()
    accounts.update_now()
    assert since == [0, 1 if is_kept else 0]
    assert (accounts.cache.get(account) is not None) is is_kept


def test_a_lost_state_costs_no_token(fleet: Fleet) -> None:
    machine = fleet.machine("a", ahead=3600.0)
    accounts = machine.process()
    accounts.read(account := accounts.find("linear"))
    next(machine.folder.rglob("state.json")).unlink()
    accounts = machine.process()
    accounts.update_now()
    assert accounts.cache.get(account) is not None


def test_the_stores_keys_are_remembered_with_the_copy(machine: Machine) -> None:
    assert [path.name for path in machine.folder.rglob("keys.json")] == ["keys.json"]


def test_each_machine_draws_once_when_it_begins_to_refresh_ahead(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = fleet.machine("new")
    for byte in (b"\x33", b"\xff"):
        with monkeypatch.context() as patched:
            patched.setattr(os, "urandom", lambda count, byte=byte: byte if count == 1 else bytes(count))
            machine.process().update_now()
        assert machine.process().spread == 6.0


def test_who_may_not_refresh_never_begins(fleet: Fleet, tmp_path: Path) -> None:
    key = tmp_path / "reader"
    key.touch(mode=0o600)
    key.write_bytes(of_kind(fleet.key_file.read_bytes(), "access"))
    for machine in (fleet.machine("a", reads_only=True), fleet.machine("b", key_file=key)):
        machine.process().update_now()
        assert machine.process().spread == float("inf")


def test_what_a_machine_writes_it_has_at_once(fleet: Fleet) -> None:
    machine, asked = fleet.machine("first"), list[str]()
    accounts = machine.process()
    (account,) = accounts.at_hand()
    machine.hear = lambda what, _when: asked.append(what)
    assert accounts.read(account).access_token == stored(fleet).access_token
    assert asked == []
    with accounts.locked(account) as locked:
        locked.mark(replace(account, alias="work"))
        assert [each.label for each in machine.process().at_hand()] == ["linear/work"]
        locked.erase(account)
        locked.forget(account)
        assert list(machine.process().at_hand()) == []


@pytest.mark.parametrize("change", ["a mark", "a refresh"])
def test_what_others_change_is_heard_of_without_a_look_at_tokens(fleet: Fleet, machine: Machine, change: str) -> None:
    accounts = fleet.machine("first").process()
    account = accounts.find("linear")
    if change == "a mark":
        with accounts.locked(account) as locked:
            locked.mark(replace(account, alias="work"))
    else:
        due(fleet)
        provider = Provider()
        provider.present = stored(fleet).refresh_token or ""
        refresh(accounts, provider)
    asked = heard(machine)
    labels(machine)
    assert asked == ["welcome", "changes"]


def refreshed(fleet: Fleet, name: str) -> Provider:
    """What has refreshed the account on a machine, which has the answer in its file."""
    provider = Provider()
    provider.present = stored(fleet).refresh_token or ""
    refresh(fleet.machine(name).process(), provider, force=True)
    fleet.clock.time += 2.0
    return provider


@pytest.mark.requirement("T2")
def test_an_answer_that_is_stored_is_not_looked_for(fleet: Fleet) -> None:
    refreshed(fleet, "a")
    machine = fleet.machine("a")
    assert len(list(machine.folder.rglob("rescue/*"))) == 1
    for _ in range(2):
        asked = heard(machine)
        labels(machine)
        assert asked == ["welcome", "changes"]


@pytest.mark.requirement("T2")
def test_a_store_that_was_set_back_gets_the_answer_also_where_its_token_is_not_kept(fleet: Fleet) -> None:
    before = fleet.memory.copy()
    provider, machine = refreshed(fleet, "a"), fleet.machine("a")
    labels(machine)
    machine.process().cache.drop(KEY)
    fleet.memory.set_back(before)
    fleet.clock.time += 2.0
    labels(machine)
    assert stored(fleet).refresh_token == provider.present
    assert provider.reused == 0


@pytest.mark.requirement("T2")
def test_a_grant_that_was_found_dead_elsewhere_gets_the_answer_that_could_not_be_stored(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gumauth.accounts.shared.locked.STORE_SECONDS", 0.0)
    monkeypatch.setattr("gumauth.accounts.shared.locked.PAUSE", 0.001)
    provider, machine = Provider(), fleet.machine("a")
    provider.present = stored(fleet).refresh_token or ""
    machine.hear = away("put")
    with pytest.raises(StoreAway):
        refresh(machine.process(), provider, force=True)
    machine.hear = lambda _what, _when: None
    accounts = fleet.machine("first").process()
    account = accounts.find("linear")
    with accounts.locked(account) as locked:
        locked.mark(replace(account, state="reconnect"))
    fleet.clock.time += 2.0
    labels(machine)
    assert machine.process().find("linear").state == "ok"
    assert stored(fleet).refresh_token == provider.present


def test_files_in_the_folder_of_answers_that_belong_to_no_account_are_passed_over(machine: Machine) -> None:
    folder = Path(machine.process().home.data) / "rescue"
    folder.mkdir()
    for name in ("stray", "Stray.file", "linear." + "0" * 16):
        (folder / name).touch()
    assert labels(machine) == ["linear/ada"]


def test_a_record_is_taken_with_its_refresh_token_or_without(fleet: Fleet) -> None:
    machine = fleet.machine("a", ahead=3600.0)
    accounts = machine.process()
    account = accounts.find("linear")
    token = stored(fleet).access_token
    taken = accounts.take(account)
    assert (taken.access_token, taken.refresh_token, taken.expires_at) == (token, None, START + 7200.0)
    listed, record, change = accounts.take_whole(account)
    assert (listed, change) == (account, 1)
    assert (record.access_token, record.refresh_token) == (token, stored(fleet).refresh_token)
    assert machine.notices == []


def test_a_record_is_not_taken_of_what_is_no_account_any_more(fleet: Fleet, machine: Machine) -> None:
    accounts, kept = machine.process(), fleet.memory.rows.accounts[KEY]
    account = accounts.find("linear")
    for content in ("{}", None):
        fleet.memory.rows.accounts[KEY] = Kept(**{**vars(kept), "content": content})
        with pytest.raises(NotConnected, match="linear/ada has been disconnected") as raised:
            accounts.take(account)
        assert raised.value.account == "linear/ada"


def test_the_latest_generation_is_that_of_the_token_or_of_the_copy(fleet: Fleet, machine: Machine) -> None:
    account = machine.process().find("linear")
    assert fleet.machine("new").process().seen(account) == 0
    assert machine.process().seen(account) == 1
    machine.process().read(account)
    assert machine.process().seen(account) == 1
    refreshed(fleet, "a")
    assert machine.process().seen(account) == 2
    machine.process().cache.drop(KEY)
    assert machine.process().seen(account) == 1  # what the copy knows
    labels(machine)
    assert machine.process().seen(account) == 2


def test_a_later_token_takes_the_place_of_one_that_has_life(fleet: Fleet, machine: Machine) -> None:
    accounts = machine.process()
    before = accounts.read(account := accounts.find("linear"))
    refreshed(fleet, "first")
    taken = accounts.take(account)
    kept = accounts.cache.get(account)
    assert kept is not None
    assert kept.access_token == taken.access_token != before.access_token


def test_the_same_token_is_kept_with_its_end_by_the_present_clock(fleet: Fleet) -> None:
    machine = fleet.machine("a", ahead=3.0)
    accounts = machine.process()
    accounts.read(account := accounts.find("linear"))
    machine.clock = Clock(fleet.clock())
    accounts = machine.process()
    accounts.take(account)
    kept = accounts.cache.get(account)
    assert kept is not None
    assert kept.expires_at == START + 3600.0


@pytest.mark.parametrize(("end", "generation"), [(None, 9), (START + 0.5, 9), (START, 1), (START - 1.0, 1)])
def test_a_later_token_than_the_stores_stays_as_long_as_it_has_life(
    machine: Machine, end: float | None, generation: int
) -> None:
    accounts = machine.process()
    record = accounts.take(account := accounts.find("linear"))
    accounts.cache.keep(account, replace(record, generation=9, expires_at=end))
    accounts.take(account)
    kept = accounts.cache.get(account)
    assert kept is not None
    assert kept.generation == generation
    (notice,) = machine.notices
    assert notice.startswith("The database has older tokens of linear/ada than this machine has seen")


def test_a_token_is_not_kept_where_another_process_has_seen_a_later_one_meanwhile(
    fleet: Fleet, machine: Machine
) -> None:
    accounts = machine.process()
    account = accounts.find("linear")

    def hear(what: str, when: str) -> None:
        if (what, when) == ("take", "after"):
            machine.hear = lambda _what, _when: None
            refreshed(fleet, "first")
            labels(machine)

    machine.hear = hear
    assert accounts.take(account).generation == 1
    assert accounts.cache.get(account) is None


@pytest.mark.parametrize("fault", ["another process", "a folder in its place"])
def test_a_token_is_handed_out_also_where_it_cannot_be_kept(
    fleet: Fleet, machine: Machine, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    no_patience(monkeypatch)
    accounts = machine.process()
    account, held = accounts.find("linear"), lock(machine, "kept.lock")
    if fault == "another process":
        held.acquire()
    else:
        (Path(accounts.home.data) / "locks" / "kept.lock").mkdir()
    token = accounts.read(account).access_token
    held.release()
    assert token == stored(fleet).access_token
    assert accounts.cache.get(account) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(None, 60.0), ("", 60.0), ("0", 0.0), ("7", 7.0), ("86400", 86400.0), ("0" * 20 + "7", 7.0)],
)
def test_how_long_the_copy_is_believed_can_be_set(fleet: Fleet, value: str | None, seconds: float) -> None:
    machine = fleet.machine("a")
    machine.environ = {} if value is None else {"GUMAUTH_CACHE_SECONDS": value}
    believed = machine.process().believed
    assert (believed, type(believed)) == (seconds, float)


@pytest.mark.parametrize("value", ["86401", "1.5", "-1", "x", "²", "0" * 20 + "99999", "9" * 5000], ids=range(7))
def test_what_is_no_number_of_seconds_is_refused(fleet: Fleet, value: str) -> None:
    with pytest.raises(StoreError, match=r"^GUMAUTH_CACHE_SECONDS is '.+', and no number from 0 to 86400") as raised:
        fleet.machine("a", GUMAUTH_CACHE_SECONDS=value).process().find("linear")
    assert raised.value.hint == "Set GUMAUTH_CACHE_SECONDS=60, or unset it."


def test_the_store_is_named_by_its_host_or_else_by_its_kind(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.process().where == "memory"
    connection = SimpleNamespace(where="db.example:5432")
    monkeypatch.setattr(MemoryEngine, "connection", connection, raising=False)
    assert machine.process().where == "db.example:5432"


def test_a_new_machine_knows_nothing_of_the_store(fleet: Fleet) -> None:
    assert fleet.machine("new").process().state == State()
    assert fleet.machine("new").process().known(person("ada").key) is None
