"""What is said of a shared store: from what is kept here to what works there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gumauth.accounts.shared.engine import Claim, Held, Moved
from gumauth.accounts.shared.examination import examine
from gumauth.accounts.shared.keys import of_kind
from gumauth.errors import PassphraseError, StoreAway, StoreError
from gumauth.platform.frozen import replace
from tests.accounts.contract import connect, person
from tests.accounts.shared.fleet import START, Clock, Fleet, Machine
from tests.accounts.shared.memory_engine import MemoryEngine, away

pytestmark = pytest.mark.requirement("T7")

CONNECTS = "a may connect, refresh and end accounts, and may administer the store."
CLOCKS = "Its clock and this machine's agree."
OPENS = "The key file opens access and refresh tokens."
WRITES = "A sealed value is written, read and deleted."


def said(machine: Machine) -> list[str]:
    accounts = machine.process()
    found = list(accounts.examine())
    assert {mark for mark, _, hint in found if hint is None} == {"ok"}
    return [words for _, words, _ in found]


def test_all_is_said_of_a_machine_that_refreshes_and_nothing_stays(fleet: Fleet) -> None:
    machine, asked = fleet.machine("a"), list[str]()
    machine.hear = lambda what, when: asked.append(what) if when == "after" else None
    words = said(machine)
    assert words[:4] == ["This machine has no copy of the list yet.", CONNECTS, CLOCKS, OPENS]
    assert words[4].startswith("A claim is given and released in ")
    assert words[5:] == [WRITES]
    assert (fleet.memory.claims, fleet.memory.rows.entries) == ({}, {})
    assert asked[-5:].count("set_entry") == 2
    assert (asked.count("claim"), asked.count("release")) == (1, 1)


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (2.0, CLOCKS),
        (-2.0, CLOCKS),
        (3.0, "Its clock is 3 s behind this machine's, which is allowed for."),
        (-2.6, "Its clock is 3 s ahead of this machine's, which is allowed for."),
    ],
)
def test_clocks_that_differ_are_named(fleet: Fleet, ahead: float, words: str) -> None:
    assert said(fleet.machine("a", ahead=ahead))[2] == words


def test_a_role_that_reads_is_asked_for_no_claim(fleet: Fleet) -> None:
    machine, asked = fleet.machine("a", reads_only=True), list[str]()
    machine.hear = lambda what, _when: asked.append(what)
    assert said(machine)[1:] == ["a may read tokens, and neither connect nor refresh.", CLOCKS, OPENS]
    assert set(asked) == {"welcome"}


def test_a_role_that_connects_and_does_not_administer_is_said_to(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    welcome = MemoryEngine.welcome
    monkeypatch.setattr(
        MemoryEngine, "welcome", lambda engine, ids=(): replace(welcome(engine, ids), administers=False)
    )
    assert said(fleet.machine("a"))[1] == "a may connect, refresh and end accounts."


@pytest.mark.parametrize("reads_only", [True, False])
def test_a_key_that_reads_is_enough_for_a_role_that_reads(fleet: Fleet, tmp_path: Path, reads_only: bool) -> None:
    key = tmp_path / "reader"
    key.touch(mode=0o600)
    key.write_bytes(of_kind(fleet.key_file.read_bytes(), "access"))
    machine = fleet.machine("a", key_file=key, reads_only=reads_only)
    if reads_only:
        assert said(machine)[3:] == ["The key file opens access tokens, and no refresh token."]
        return
    observed = machine.process().examine()
    assert [next(observed)[0] for _ in range(3)] == ["ok", "ok", "ok"]
    assert next(observed) == (
        "warn",
        "The key file opens access tokens only: this machine cannot refresh, although its role may.",
        "Take the key file of a machine that refreshes, or a role that reads.",
    )
    assert next(observed)[1].startswith("A claim is given and released in ")


def test_a_key_that_was_edited_is_an_error_whichever_part_it_is(fleet: Fleet) -> None:
    keys = fleet.memory.rows.sealed_keys
    for at in (0, 1):
        before = keys[at]
        keys[at] = type(before)(
            data_key=before.data_key, kind=before.kind, key_id=before.key_id, sealed=keys[1 - at].sealed
        )
        words: list[str] = []
        with pytest.raises(StoreError, match="was edited"):
            words += (each for _, each, _ in fleet.machine("a").process().examine())
        assert words[1:] == [CONNECTS, CLOCKS]
        keys[at] = before
    key = fleet.folder / "other"
    key.touch(mode=0o600)
    key.write_bytes(bytes(32))
    with pytest.raises(PassphraseError, match="not the key of this database"):
        said(fleet.machine("a", key_file=key))


def test_the_copy_and_the_tokens_here_are_counted_also_where_the_store_is_away(fleet: Fleet) -> None:
    machine = fleet.machine("a")
    connect(machine.process(), person("ada", at=START))
    list(machine.process().all())
    fleet.clock.time += 7.0
    assert said(machine)[0] == (
        "This machine has a copy of the list, with 1 account and tokens of 1; it was brought up to date 7 s ago."
    )
    connect(fleet.machine("b").process(), person("bob", at=START))
    list(machine.process().all())
    machine.hear = away()
    fleet.clock.time += 100.0
    list(machine.process().all())
    fleet.clock.time += 3.0
    observed = machine.process().examine()
    assert next(observed)[1] == (
        "This machine has a copy of the list, with 2 accounts and tokens of 1; it was asked in vain 3 s ago."
    )
    with pytest.raises(StoreAway):
        next(observed)
    machine.clock = Clock(fleet.clock() - 1000.0)
    assert next(machine.process().examine())[1].endswith("it was asked in vain 0 s ago.")


def test_what_the_engine_says_of_itself_is_said_before_anything_is_asked(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def observe(_engine: MemoryEngine) -> Iterator[tuple[str, str, None]]:
        yield "ok", "It is in memory.", None

    monkeypatch.setattr(MemoryEngine, "observe", observe, raising=False)
    assert said(fleet.machine("a"))[1:3] == ["It is in memory.", CONNECTS]


def test_a_claim_that_is_not_given_is_an_error(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    def claim(_engine: MemoryEngine, *_arguments: object, **_named: object) -> Claim | Held | Moved:
        return Held(machine="b", seconds=1.0)

    monkeypatch.setattr(MemoryEngine, "claim", claim)
    with pytest.raises(StoreError, match="gave no claim on a new name"):
        said(fleet.machine("a"))


def test_the_claim_is_of_a_new_name_for_ten_seconds_and_its_time_is_said(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine, names, now = fleet.machine("a"), list[str](), [7.0]

    def hear(what: str, when: str) -> None:
        if (what, when) == ("claim", "after"):
            names.extend(fleet.memory.claims)
            now[0] += 2.0
            assert [lent.until - fleet.clock() for lent in fleet.memory.claims.values()] == [10.0]

    machine.hear = hear
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    for _ in range(2):
        words = [words for _, words, _ in examine(machine.process(), [])]
        assert "A claim is given and released in 2000 ms." in words
    first, second = names
    assert first.startswith("probe/")
    assert (len(first), first == second) == (22, False)
