"""Notes: what a machine vouches for, and what nobody does."""

from __future__ import annotations

import hashlib

import pytest

from gumauth.accounts.shared.vouched_notes import edited, forget, is_vouched_for, vouch
from tests.store.memory import MemoryStore

pytestmark = pytest.mark.requirement("T3")

NAME = "services/acme.json"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("before", "digests"),
    [(None, [digest(b"new")]), (b"old", [digest(b"new"), digest(b"old")]), (b"new", [digest(b"new")])],
)
def test_what_a_note_is_to_have_is_vouched_for_and_what_it_has(before: bytes | None, digests: list[str]) -> None:
    entries = MemoryStore()
    vouch(entries, NAME, before, b"new")
    assert entries.get("note/services/acme.json") == " ".join(digests)
    assert is_vouched_for(entries, NAME, b"new")
    assert is_vouched_for(entries, NAME, b"old") is (before == b"old")
    assert not is_vouched_for(entries, "services/other.json", b"new")


def test_a_note_that_is_forgotten_is_vouched_for_by_nobody() -> None:
    entries = MemoryStore()
    vouch(entries, NAME, None, b"new")
    forget(entries, NAME)
    assert (is_vouched_for(entries, NAME, b"new"), entries.keys()) == (False, [])


def test_the_error_names_the_service() -> None:
    assert "says of acme was not written" in edited(NAME).message
