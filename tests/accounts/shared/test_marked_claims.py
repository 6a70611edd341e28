"""The text of a claim in the lock file: there from before the claim until its release, and read where it was left."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gumauth.accounts.shared.engine import Claim, Held, Moved
from gumauth.accounts.shared.marked_claims import MarkedClaims
from tests.accounts.shared.fleet import Fleet

pytestmark = pytest.mark.requirement("T2")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "lock").touch()
    return tmp_path / "lock"


@pytest.fixture
def handle(file: Path) -> Iterator[int]:
    opened = os.open(file, os.O_RDWR)
    yield opened
    os.close(opened)


def claimed(claims: MarkedClaims) -> Claim:
    claim = claims.claim("x", 45.0, take_over=True)
    assert isinstance(claim, Claim)
    return claim


def test_a_text_that_was_left_is_that_of_the_next_claim_and_is_not_written_again(
    fleet: Fleet, file: Path, handle: int
) -> None:
    first = claimed(MarkedClaims(fleet.machine("a").engine(), handle))
    text = file.read_text()
    os.utime(file, ns=(0, 0))
    second = claimed(MarkedClaims(fleet.machine("a").engine(), handle))
    assert (len(text), text.isalnum(), second.fence) == (32, True, first.fence + 1)
    assert (file.read_text(), file.stat().st_mtime_ns) == (text, 0)
    assert fleet.memory.claims["x"].holder == f"folder of a {text}"


def test_a_claim_is_renewed_and_released_with_its_text(fleet: Fleet, file: Path, handle: int) -> None:
    claims = MarkedClaims(fleet.machine("a").engine(), handle)
    claim = claimed(claims)
    fleet.clock.time += 40.0
    assert claims.renew(claim, 45.0) is True
    assert fleet.memory.claims["x"].until == fleet.clock() + 45.0
    claims.release(claim)
    assert (fleet.memory.claims, file.read_bytes()) == ({}, b"")
    assert claims.renew(claim, 45.0) is False


@pytest.mark.parametrize("left", ["", "a" * 32])
def test_where_another_machine_has_the_claim_the_file_stays_as_it_was(
    fleet: Fleet, file: Path, handle: int, left: str
) -> None:
    file.write_text(left)
    fleet.machine("b").engine().claim("x", 45.0, take_over=True)
    got = MarkedClaims(fleet.machine("a").engine(), handle).claim("x", 45.0, take_over=True)
    assert (got, file.read_text()) == (Held(machine="b", seconds=0.0), left)


def test_an_account_that_has_moved_on_is_not_claimed_and_leaves_no_text(fleet: Fleet, file: Path, handle: int) -> None:
    claims = MarkedClaims(fleet.machine("a").engine(), handle)
    assert claims.claim("x", 45.0, take_over=True, generation=1) == Moved(generation=0)
    assert (fleet.memory.claims, file.read_bytes()) == ({}, b"")


def test_without_a_file_that_can_be_read_or_written_there_is_a_claim_all_the_same(fleet: Fleet) -> None:
    claims = MarkedClaims(fleet.machine("a").engine(), -1)
    claims.release(claimed(claims))
    assert fleet.memory.claims == {}
