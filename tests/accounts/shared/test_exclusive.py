"""A block that one process is in, of all machines."""

from __future__ import annotations

import threading

import pytest

from gumauth.errors import Busy, StoreAway
from tests.accounts.shared.fleet import Fleet, Machine
from tests.accounts.shared.memory_engine import away

pytestmark = pytest.mark.requirement("T2")

NAME = "issuers/acme"


def test_within_it_there_is_a_claim_and_a_lock_and_after_it_neither(fleet: Fleet, machine: Machine) -> None:
    asked: list[str] = []
    machine.hear = lambda what, when: asked.append(what) if when == "before" else None
    for _ in range(2):
        asked.clear()
        block = machine.process().exclusive(NAME, patience=0.0, what="acme")
        assert block.has_waited is False
        with block:
            assert asked.count("claim") == 1
            assert (block.has_waited, list(fleet.memory.claims)) == (False, [NAME])
            assert fleet.memory.claims[NAME].until == fleet.clock() + 45.0
            with pytest.raises(Busy), machine.process().exclusive(NAME, patience=0.0, what="acme"):
                pass
            assert list(fleet.memory.claims) == [NAME]
        assert fleet.memory.claims == {}


def test_it_is_for_one_machine_as_long_as_that_one_lives(
    fleet: Fleet, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gumauth.accounts.shared.held_claim.RENEWAL", 0.001)
    renewed = threading.Semaphore(0)
    machine.hear = lambda what, when: renewed.release() if (what, when) == ("renew", "after") else None
    other = fleet.machine("b").process().exclusive(NAME, patience=0.0, what="the clients of acme")
    with machine.process().exclusive(NAME, patience=0.0, what="acme"):
        fleet.clock.time += 44.0
        for _ in range(2):
            assert renewed.acquire(timeout=10)
        fleet.clock.time += 44.0
        with pytest.raises(Busy, match=r"^a has been at the clients of acme for 88 s\."), other:
            pass
    with other:
        assert other.has_waited is False


def test_who_has_waited_for_another_machine_knows_that(fleet: Fleet, machine: Machine) -> None:
    block = machine.process().exclusive(NAME, patience=0.0, what="acme")
    asked: list[str] = []

    def hear(what: str, when: str) -> None:
        asked.append(f"{what} {when}")
        if asked.count("claim after") == 1 and asked[-1] == "claim after":
            block.__exit__()

    other = fleet.machine("b")
    other.hear = hear
    with block, other.process().exclusive(NAME, patience=60.0, what="acme") as waiting:
        assert waiting.has_waited is True
        assert [lent.machine for lent in fleet.memory.claims.values()] == ["b"]
    assert fleet.memory.claims == {}


def test_who_has_waited_for_another_process_of_the_machine_knows_that(machine: Machine) -> None:
    block = machine.process().exclusive(NAME, patience=0.0, what="acme")
    waiting = machine.process().exclusive(NAME, patience=60.0, what="acme")
    waits = threading.Event()
    acquire = waiting._lock.acquire

    def acquired() -> None:
        waits.set()
        acquire()

    waiting._lock.acquire = acquired  # type: ignore[method-assign]

    def enter() -> None:
        with waiting:
            pass

    thread = threading.Thread(target=enter)
    with block:
        thread.start()
        assert waits.wait(10)
        thread.join(0.1)
        assert thread.is_alive()
    thread.join(10)
    assert (thread.is_alive(), waiting.has_waited) == (False, True)


def test_a_machine_that_died_in_it_is_followed_once_its_claim_has_ended(fleet: Fleet, machine: Machine) -> None:
    dead = machine.process().exclusive(NAME, patience=0.0, what="acme")
    dead.__enter__()
    fleet.clock.time += 46.0
    with fleet.machine("b").process().exclusive(NAME, patience=0.0, what="acme") as block:
        assert block.has_waited is False
    dead.__exit__()


def test_within_it_the_notes_are_those_of_all_machines(fleet: Fleet, machine: Machine) -> None:
    accounts = machine.process()
    assert accounts.read_note("clients/acme.json") is None
    fleet.machine("b").process().write_note("clients/acme.json", b'{"version": 1}')
    with accounts.exclusive(NAME, patience=0.0, what="acme"):
        assert accounts.read_note("clients/acme.json") == b'{"version": 1}'


@pytest.mark.parametrize("question", ["claim", "changes"])
def test_where_the_store_is_away_nobody_is_in_it(fleet: Fleet, machine: Machine, question: str) -> None:
    machine.hear = away(question)
    block = machine.process().exclusive(NAME, patience=0.0, what="acme")
    with pytest.raises(StoreAway), block:
        pass
    assert fleet.memory.claims == {}
    machine.hear = lambda _what, _when: None
    with machine.process().exclusive(NAME, patience=0.0, what="acme"):
        assert list(fleet.memory.claims) == [NAME]
