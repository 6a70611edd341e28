"""Machines that go on from one copy of a memory: the same names of host, boot and disk, and the same files at first."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gumauth.accounts.shared.marked_claims import MarkedClaims
from gumauth.errors import RefreshElsewhere, StoreAway
from tests.accounts.shared.fleet import Fleet, Machine
from tests.accounts.shared.memory_engine import away
from tests.accounts.shared.refreshing import KEY, Provider, connect, due, refresh

pytestmark = pytest.mark.requirement("T2")


def clone(machine: Machine) -> Machine:
    """Another machine with the same names, and what is on disk now."""
    folder = machine.folder.with_name(f"clone of {machine.name}")
    shutil.copytree(machine.folder, folder)
    return Machine(machine.name, folder, machine.memory, machine.key_file, machine.clock, machine.environ)


def mark(machine: Machine) -> str:
    (file,) = machine.folder.rglob("linear.*.lock")
    return file.read_text()


def test_a_clone_does_not_take_the_claim_of_its_twin_for_that_of_a_dead_process(fleet: Fleet) -> None:
    machine, provider = fleet.machine("a"), Provider()
    connect(machine, provider)
    due(fleet)
    twin = clone(machine)

    def answered() -> None:
        provider.answered = lambda: None
        with pytest.raises(RefreshElsewhere):
            refresh(twin.process(), provider)

    provider.answered = answered
    assert refresh(machine.process(), provider).refresh_token == provider.present
    assert refresh(twin.process(), provider).refresh_token == provider.present
    assert (len(provider.sent), provider.reused) == (1, 0)


def test_a_claim_that_was_released_leaves_nothing_that_a_clone_would_have_too(fleet: Fleet) -> None:
    machine, provider = fleet.machine("a"), Provider()
    connect(machine, provider)
    due(fleet)
    assert mark(machine) == ""
    during: list[str] = []
    provider.answered = lambda: during.append(mark(machine))
    refresh(machine.process(), provider)
    refresh(machine.process(), provider, force=True)
    assert [len(text) for text in during] == [32, 32]
    assert len(set(during)) == 2
    assert mark(machine) == ""


def test_a_claim_that_another_machine_has_leaves_nothing_either(fleet: Fleet) -> None:
    machine, provider = fleet.machine("a"), Provider()
    connect(machine, provider)
    due(fleet)
    fleet.machine("b").engine().claim(KEY, 45.0, take_over=True)
    with pytest.raises(RefreshElsewhere):
        refresh(machine.process(), provider)
    assert mark(machine) == ""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_claim_of_which_nothing_was_heard_is_followed_at_once(fleet: Fleet, when: str) -> None:
    machine, provider = fleet.machine("a"), Provider()
    connect(machine, provider)
    due(fleet)
    machine.hear = away("claim", when=when)
    with pytest.raises(StoreAway):
        refresh(machine.process(), provider)
    machine.hear = lambda _what, _when: None
    assert refresh(machine.process(), provider).refresh_token == provider.present


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 33, b"\xff" * 32, b" " * 32])
def test_what_is_no_text_of_a_claim_is_drawn_anew(fleet: Fleet, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "lock"
    file.write_bytes(content)
    with file.open("r+b", buffering=0) as opened:
        MarkedClaims(fleet.machine("a").engine(), opened.fileno()).claim("x", 45.0, take_over=True)
    assert len(file.read_text()) == 32
    assert file.read_bytes() != content
