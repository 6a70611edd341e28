"""A refresh that is killed, cut or stopped at each of its steps: what is left, here and on another machine."""

from __future__ import annotations

import time

import pytest

from gumauth.accounts.shared import held_claim
from gumauth.errors import Busy, ClaimLost, RefreshElsewhere, StoreAway
from tests.accounts.shared.fleet import Fleet, Machine
from tests.accounts.shared.memory_engine import Hear
from tests.accounts.shared.refreshing import KEY, Killed, Provider, connect, due, refresh, rescued, stored

BEFORE_ASKING = [("changes", "before"), ("take", "after"), ("claim", "before"), ("claim", "after")]
AFTER_THE_FILE = [("put", "before")]
STORED = [("put", "after"), ("release", "before"), ("release", "after")]


def killed(machine: Machine, at: tuple[str, str] | None = None) -> Hear:
    """Hears of the questions of a process that is killed at one of them, or was killed before."""

    def hear(what: str, when: str) -> None:
        if hear.is_dead or at in (None, (what, when)):  # type: ignore[attr-defined]
            if not hear.is_dead:  # type: ignore[attr-defined]
                machine.freeze()
            hear.is_dead = True  # type: ignore[attr-defined]
            raise Killed

    hear.is_dead = False  # type: ignore[attr-defined]
    return hear


def kill(machine: Machine, provider: Provider, at: tuple[str, str]) -> None:
    """Let a refresh of the machine be killed at a step."""
    machine.hear = killed(machine, at)
    with pytest.raises(Killed):
        refresh(machine.process(), provider)
    machine.hear = lambda _what, _when: None


@pytest.mark.requirement("T2")
@pytest.mark.parametrize("at", BEFORE_ASKING + AFTER_THE_FILE + STORED, ids=" ".join)
def test_the_same_machine_goes_on_at_once_and_no_token_is_sent_twice(
    fleet: Fleet, provider: Provider, at: tuple[str, str]
) -> None:
    machine = fleet.machine("a")
    connect(machine, provider)
    due(fleet)
    kill(machine, provider, at)
    record = refresh(machine.process(), provider)
    assert (record.refresh_token, provider.reused, len(provider.sent)) == (provider.present, 0, 1)
    assert stored(fleet).refresh_token == provider.present


@pytest.mark.requirement("T2")
@pytest.mark.parametrize("at", BEFORE_ASKING + STORED, ids=" ".join)
def test_another_machine_goes_on_when_the_claim_has_ended(
    fleet: Fleet, provider: Provider, at: tuple[str, str]
) -> None:
    connect(fleet.machine("a"), provider)
    due(fleet)
    kill(fleet.machine("a"), provider, at)
    fleet.clock.time += held_claim.LEASE
    record = refresh(fleet.machine("b").process(), provider)
    assert (record.refresh_token, provider.reused, len(provider.sent)) == (provider.present, 0, 1)


@pytest.mark.requirement("T2")
def test_killed_between_the_answer_and_the_file_the_answer_is_lost_and_the_token_is_sent_again(
    fleet: Fleet, provider: Provider
) -> None:
    machine = fleet.machine("a")
    connect(machine, provider)
    due(fleet)
    provider.answered = lambda: killed(machine)("ask", "after")
    with pytest.raises(Killed):
        refresh(machine.process(), provider)
    provider.answered = lambda: None
    refresh(machine.process(), provider)
    assert (provider.reused, len(provider.sent)) == (1, 2)


@pytest.mark.requirement("T2")
def test_another_machine_waits_for_the_one_with_the_answer_as_long_as_the_token_has_life(
    fleet: Fleet, provider: Provider
) -> None:
    connect(fleet.machine("a"), provider)
    due(fleet, left=100.0)
    fleet.memory.clock = lambda: fleet.clock.time
    a = fleet.machine("a")
    kill_forced(a, provider, ("put", "before"))
    fleet.clock.time += held_claim.LEASE + 1
    with pytest.raises(RefreshElsewhere):
        refresh(fleet.machine("b").process(), provider, force=True)
    assert refresh(a.process(), provider).refresh_token == provider.present
    assert provider.reused == 0


def kill_forced(machine: Machine, provider: Provider, at: tuple[str, str]) -> None:
    machine.hear = killed(machine, at)
    with pytest.raises(Killed):
        refresh(machine.process(), provider, force=True)
    machine.hear = lambda _what, _when: None


@pytest.mark.requirement("T2")
def test_a_living_holder_is_waited_for_once_the_token_has_ended(
    fleet: Fleet, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(fleet.machine("a"), provider)
    due(fleet, left=0.0)
    assert not isinstance(fleet.machine("a").engine().claim(KEY, 45.0, take_over=True), tuple)
    monkeypatch.setattr(held_claim.waited_for, "__kwdefaults__", {**_defaults(), "patience": 0.0})
    with pytest.raises(Busy, match="a has been at linear/ada for 0 s"):
        refresh(fleet.machine("b").process(), provider)
    assert provider.sent == []


def _defaults() -> dict[str, object]:
    return dict(held_claim.waited_for.__kwdefaults__ or {})


@pytest.mark.requirement("T2")
def test_a_holder_that_was_stopped_before_it_asks_does_not_ask(
    fleet: Fleet, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(fleet.machine("a"), provider)
    due(fleet)
    accounts = fleet.machine("a").process()
    account = accounts.find("linear")
    with accounts.locked(account, to_refresh=True) as locked:
        account, record = locked.settle(account)
        with locked.reserve(account, record) as reservation:
            reservation.check()
            now = time.monotonic()
            monkeypatch.setattr(time, "monotonic", lambda: now + held_claim.LATEST_SEND + 0.5)
            with pytest.raises(ClaimLost):
                reservation.check()


@pytest.mark.requirement("T2")
def test_a_holder_that_was_stopped_while_it_was_answered_writes_nothing_over_what_another_wrote(
    fleet: Fleet, provider: Provider
) -> None:
    a, b = fleet.machine("a"), fleet.machine("b")
    connect(a, provider)
    due(fleet)

    def stopped() -> None:
        provider.answered = lambda: None
        fleet.clock.time += held_claim.LEASE
        refresh(b.process(), provider)  # it cannot know: the token is sent twice
        fleet.present = provider.present  # type: ignore[attr-defined]

    provider.answered = stopped
    record = refresh(a.process(), provider)
    assert (record.refresh_token, stored(fleet).refresh_token) == (fleet.present, fleet.present)  # type: ignore[attr-defined]
    assert provider.reused == 1


@pytest.mark.requirement("T2")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("what", ["put", "release"])
def test_a_store_that_is_away_for_a_moment_gets_the_answer_all_the_same(
    fleet: Fleet, provider: Provider, monkeypatch: pytest.MonkeyPatch, what: str, when: str
) -> None:
    monkeypatch.setattr("gumauth.accounts.shared.locked.PAUSE", 0.001)
    machine = fleet.machine("a")
    connect(machine, provider)
    due(fleet)
    machine.hear = once(what, when)
    record = refresh(machine.process(), provider)
    assert record.refresh_token == provider.present == stored(fleet).refresh_token
    assert (provider.reused, fleet.memory.actions(KEY)) == (0, ["connect", "refresh"])


def once(what: str, when: str) -> Hear:
    """Hears of questions; the store is away for one of them."""
    left = [(what, when)]

    def hear(*asked: str) -> None:
        if asked in left:
            left.clear()
            raise StoreAway("It does not answer.")

    return hear


@pytest.mark.requirement("T2")
def test_an_answer_that_was_stored_though_that_could_not_be_heard_is_found_after_another_has_claimed(
    fleet: Fleet, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gumauth.accounts.shared.locked.PAUSE", 0.001)
    machine = fleet.machine("a")
    connect(machine, provider)
    due(fleet)

    def hear(what: str, when: str) -> None:
        if (what, when) == ("put", "after"):
            fleet.clock.time += held_claim.LEASE
            fleet.machine("b").engine().claim(KEY, 45.0, take_over=True)
            raise StoreAway("It does not answer.")

    machine.hear = hear
    record = refresh(machine.process(), provider, force=True)
    assert (record.refresh_token, len(provider.sent)) == (provider.present, 1)


@pytest.mark.requirement("T2")
def test_a_store_that_stays_away_leaves_the_answer_on_this_machine_which_says_so(
    fleet: Fleet, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gumauth.accounts.shared.locked.STORE_SECONDS", 0.0)
    monkeypatch.setattr("gumauth.accounts.shared.locked.PAUSE", 0.001)
    machine = fleet.machine("a")
    connect(machine, provider)
    due(fleet)
    before = stored(fleet)

    def hear(what: str, _when: str) -> None:
        if what == "put":
            raise StoreAway("It does not answer.")

    machine.hear = hear
    accounts = machine.process()
    with pytest.raises(StoreAway):
        refresh(accounts, provider)
    assert "kept on this machine" in machine.notices[-1]
    kept = rescued(machine, accounts, before)
    assert kept is not None
    assert kept.refresh_token == provider.present
    machine.hear = lambda _what, _when: None
    assert refresh(machine.process(), provider).refresh_token == provider.present
    assert provider.reused == 0


@pytest.mark.requirement("T2")
def test_a_write_that_the_store_has_confirmed_and_lost_is_written_again_by_the_machine_that_made_it(
    fleet: Fleet, provider: Provider
) -> None:
    a, b = fleet.machine("a"), fleet.machine("b")
    connect(a, provider)
    before = fleet.memory.copy()
    due(fleet)
    refresh(a.process(), provider)
    refresh(b.process(), provider)
    fleet.memory.set_back(before)
    fleet.clock.time += 2.0
    with pytest.raises(RefreshElsewhere, match="set back"):
        refresh(b.process(), provider, force=True)
    a.notices.clear()
    found = a.process().all("linear")
    assert [account.label for account in found] == ["linear/ada"]
    assert "were stored again" in a.notices[-1]
    assert (stored(fleet).refresh_token, provider.reused) == (provider.present, 0)
    fleet.clock.time += 2.0
    assert b.process().read(b.process().find("linear")).access_token == stored(fleet).access_token


@pytest.mark.requirement("T2")
def test_a_change_between_reading_and_claiming_is_not_lost(fleet: Fleet, provider: Provider) -> None:
    a, b = fleet.machine("a"), fleet.machine("b")
    connect(a, provider)
    due(fleet)
    done: list[bool] = []

    def hear(what: str, when: str) -> None:
        if (what, when) == ("claim", "before") and not done:
            done.append(True)
            accounts = b.process()
            account = accounts.find("linear")
            with accounts.locked(account) as locked:
                from gumauth.platform.frozen import replace

                locked.mark(replace(account, alias="work"))

    a.hear = hear
    refresh(a.process(), provider)
    assert [account.label for account in a.process().all("linear")] == ["linear/work"]
    assert (len(provider.sent), provider.reused) == (1, 0)


@pytest.mark.requirement("T2")
def test_a_lock_file_that_somebody_deleted_does_not_let_two_processes_of_a_machine_refresh(
    fleet: Fleet, provider: Provider
) -> None:
    from gumauth.accounts.interface import RefreshUnderWay

    machine = fleet.machine("a")
    connect(machine, provider)
    due(fleet)

    def answered() -> None:
        provider.answered = lambda: None
        for path in machine.folder.rglob("*.lock"):
            path.unlink()
        with pytest.raises(RefreshUnderWay):
            refresh(machine.process(), provider)

    provider.answered = answered
    assert refresh(machine.process(), provider).refresh_token == provider.present
    assert (len(provider.sent), provider.reused) == (1, 0)


@pytest.mark.requirement("T1")
@pytest.mark.parametrize("ahead", [0.0, 3600.0, -3600.0, 86400.0, -86400.0])
@pytest.mark.requirement("T6")
def test_of_many_machines_one_refreshes_whatever_their_clocks_say(
    fleet: Fleet, provider: Provider, ahead: float
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    connect(fleet.machine("first"), provider)
    due(fleet, left=0.0)
    machines = [fleet.machine(f"m{number}", ahead=ahead if number % 2 else 0.0) for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        records = list(pool.map(lambda machine: refresh(machine.process(), provider), machines))
    assert {record.refresh_token for record in records} == {provider.present}
    assert (len(provider.sent), provider.reused) == (1, 0)
    for machine, record in zip(machines, records, strict=True):
        assert abs((record.expires_at or 0.0) - machine.clock() - 3600.0) < 1.0
