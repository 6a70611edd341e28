"""A claim: how long it is waited for, how it is kept alive, and when it is too old to ask under it."""

from __future__ import annotations

import threading
import time

import pytest

from gumauth.accounts.shared import held_claim
from gumauth.accounts.shared.engine import Claim, Moved
from gumauth.accounts.shared.held_claim import ENOUGH_LIFE, LATEST_SEND, LEASE, HeldClaim, waited_for
from gumauth.errors import Busy, ClaimLost, RefreshElsewhere, StoreAway, StoreError
from tests.accounts.shared.fleet import Fleet
from tests.accounts.shared.memory_engine import Hear, MemoryEngine, away

pytestmark = pytest.mark.requirement("T2")


def claimed(engine: MemoryEngine) -> Claim:
    claim = engine.claim("x", LEASE, take_over=True)
    assert isinstance(claim, Claim)
    return claim


def test_the_figures_fit_together() -> None:
    assert (held_claim.LEASE, held_claim.LATEST_SEND, held_claim.PATIENCE) == (45.0, 5.0, 60.0)
    assert (held_claim.RENEWAL, held_claim.ENOUGH_LIFE) == (10.0, 20.0)
    assert (held_claim.FIRST_PAUSE, held_claim.LAST_PAUSE) == (0.05, 1.0)


def test_a_free_claim_is_had_at_once_and_for_the_lease(fleet: Fleet) -> None:
    claim = waited_for(fleet.machine("a").engine(), "x")
    assert isinstance(claim, Claim)
    assert fleet.memory.claims["x"].until == fleet.clock() + 45.0


def test_an_account_that_has_moved_on_is_not_claimed(fleet: Fleet) -> None:
    assert waited_for(fleet.machine("a").engine(), "x", generation=1) == Moved(generation=0)


def test_another_machine_is_waited_for(fleet: Fleet) -> None:
    other = fleet.machine("a").engine()
    claim = claimed(other)
    asked: list[str] = []

    def hear(what: str, _when: str) -> None:
        asked.append(what)
        if len(asked) == 5:
            other.release(claim)

    machine = fleet.machine("b")
    machine.hear = hear
    assert isinstance(waited_for(machine.engine(), "x"), Claim)
    assert asked == ["claim"] * 6


def test_the_pauses_grow_to_a_second_and_vary(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    claimed(fleet.machine("a").engine())
    paused: list[float] = []
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + sum(paused))
    monkeypatch.setattr(time, "sleep", paused.append)
    with pytest.raises(Busy, match=r"^a has been at x for 0 s\.\n"):
        waited_for(fleet.machine("b").engine(), "x", patience=10.0)
    assert sum(paused) == pytest.approx(10.0)
    most = [0.05, 0.1, 0.2, 0.4, 0.8]
    assert all(0.5 * each <= pause <= 1.5 * each for each, pause in zip(most, paused, strict=False))
    assert all(0.5 <= pause <= 1.5 for pause in paused[5:-1])
    assert len({pause / each for each, pause in zip(most, paused, strict=False)}) > 1


def test_a_short_patience_is_waited_to_its_end_too(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    claimed(fleet.machine("a").engine())
    paused: list[float] = []
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + sum(paused))
    monkeypatch.setattr(time, "sleep", paused.append)
    with pytest.raises(Busy):
        waited_for(fleet.machine("b").engine(), "x", patience=0.5)
    assert sum(paused) == pytest.approx(0.5)


def test_nobody_waits_for_a_machine_while_the_token_is_good(fleet: Fleet) -> None:
    claimed(fleet.machine("a").engine())
    with pytest.raises(RefreshElsewhere, match=r"^a is refreshing linear/ada\.\n"):
        waited_for(fleet.machine("b").engine(), "x", life=0.1, what="linear/ada")


def test_a_dead_machine_is_followed_once_the_token_has_little_life_left(fleet: Fleet) -> None:
    claimed(fleet.machine("a").engine())
    fleet.clock.time += 46.0
    with pytest.raises(RefreshElsewhere, match=r"^a is refreshing x\.\n"):
        waited_for(fleet.machine("b").engine(), "x", life=ENOUGH_LIFE + 0.1)
    assert isinstance(waited_for(fleet.machine("b").engine(), "x", life=ENOUGH_LIFE), Claim)


def test_who_has_waited_long_enough_hears_who_has_it_and_for_how_long(fleet: Fleet) -> None:
    claimed(fleet.machine("a").engine())
    fleet.clock.time += 30.0
    with pytest.raises(Busy, match=r"^a has been at linear/ada for 30 s\.\n"):
        waited_for(fleet.machine("b").engine(), "x", patience=0.0, what="linear/ada")


@pytest.mark.parametrize(("age", "is_young"), [(LATEST_SEND, True), (LATEST_SEND + 0.001, False)])
def test_a_claim_that_is_too_old_is_not_asked_under(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, age: float, is_young: bool
) -> None:
    engine = fleet.machine("a").engine()
    held = HeldClaim(engine, Claim(name="x", fence=1, generation=0, since=1000.0), is_renewed=False)
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0 + age)
    if is_young:
        held.check_young()
    else:
        with pytest.raises(ClaimLost, match="held up for so long"):
            held.check_young()


@pytest.mark.parametrize("clock", ["since_boot", "time.time"])
@pytest.mark.parametrize(("slept", "is_young"), [(5.0, True), (5.001, False)])
def test_a_claim_that_was_slept_on_is_not_asked_under(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, clock: str, slept: float, is_young: bool
) -> None:
    """Whichever clock goes on while the machine sleeps; the one that says how old a claim is does not."""
    now = {"since_boot": 500.0, "time.time": 1000.0}
    monkeypatch.setattr(held_claim, "since_boot", lambda: now["since_boot"])
    monkeypatch.setattr(time, "time", lambda: now["time.time"])
    engine = fleet.machine("a").engine()
    held = HeldClaim(engine, claimed(engine), is_renewed=False)
    now[clock] += slept
    if is_young:
        held.check_young()
    else:
        with pytest.raises(ClaimLost, match="held up for so long"):
            held.check_young()
        held.renew()
        held.check_young()


def test_a_claim_is_had_anew_for_another_request(fleet: Fleet) -> None:
    engine = fleet.machine("a").engine()
    old = claimed(engine)
    held = HeldClaim(engine, Claim(name="x", fence=old.fence, generation=0, since=0.0), is_renewed=False)
    fleet.clock.time += 40.0
    held.renew()
    held.check_young()
    assert (fleet.memory.claims["x"].until, held.claim.fence) == (fleet.clock() + 45.0, old.fence)
    fleet.clock.time += 46.0
    claimed(fleet.machine("b").engine())
    with pytest.raises(ClaimLost, match="nothing was sent"):
        held.renew()


def test_a_claim_for_one_request_is_renewed_by_nobody(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gumauth.accounts.shared.held_claim.RENEWAL", 0.0)
    engine = fleet.machine("a").engine()
    before = threading.active_count()
    HeldClaim(engine, claimed(engine), is_renewed=False)
    assert threading.active_count() == before


@pytest.mark.parametrize("fault", [None, StoreAway("It does not answer.")])
def test_a_claim_is_kept_alive_until_it_is_released(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, fault: StoreAway | None
) -> None:
    """Also where the store is away for a moment."""
    monkeypatch.setattr("gumauth.accounts.shared.held_claim.RENEWAL", 0.001)
    renewed = threading.Semaphore(0)
    faults = [fault] if fault else []

    def hear(what: str, when: str) -> None:
        if (what, when) == ("renew", "before") and faults:
            raise faults.pop()
        if (what, when) == ("renew", "after"):
            renewed.release()

    machine = fleet.machine("a")
    machine.hear = hear
    engine = machine.engine()
    claim = claimed(engine)
    fleet.clock.time += 44.0  # before the first renewal, which may come at once
    held = HeldClaim(engine, claim, is_renewed=True)
    for _ in range(3):
        assert renewed.acquire(timeout=10)
    assert fleet.memory.claims["x"].until == fleet.clock() + 45.0
    (thread,) = [each for each in threading.enumerate() if each.name == "claim"]
    assert thread.daemon  # the program ends without it
    held.release()
    thread.join(10)
    assert (thread.is_alive(), fleet.memory.claims) == (False, {})


@pytest.mark.parametrize("fault", ["lost", "refused"])
def test_a_claim_that_is_lost_is_not_renewed_any_more(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr("gumauth.accounts.shared.held_claim.RENEWAL", 0.001)
    machine = fleet.machine("a")
    engine = machine.engine()
    claim = claimed(engine)
    if fault == "lost":
        fleet.memory.claims.clear()
    else:
        machine.hear = refusing("renew")
    before = set(threading.enumerate())
    HeldClaim(engine, claim, is_renewed=True)
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
        assert not thread.is_alive()


def refusing(*questions: str) -> Hear:
    def hear(what: str, _when: str) -> None:
        if what in questions:
            raise StoreError("It may not.")

    return hear


@pytest.mark.parametrize("hear", [away("release"), refusing("release")], ids=["away", "refused"])
def test_a_claim_that_cannot_be_released_ends_by_itself(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, hear: Hear
) -> None:
    """Nobody renews it any more."""
    monkeypatch.setattr("gumauth.accounts.shared.held_claim.RENEWAL", 0.001)
    machine = fleet.machine("a")
    engine = machine.engine()
    before = set(threading.enumerate())
    held = HeldClaim(engine, claimed(engine), is_renewed=True)
    (thread,) = set(threading.enumerate()) - before
    machine.hear = hear
    held.release()
    thread.join(10)
    assert (thread.is_alive(), list(fleet.memory.claims)) == (False, ["x"])
