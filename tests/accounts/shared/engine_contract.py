"""What every engine of a shared store must pass: subclass it, with a fixture `engines`, the machines of one store.

The engine sees sealed values only, and so do these tests: bytes that mean nothing.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias

import pytest

from gumauth.accounts.shared.engine import Claim, Engine, Held, Moved, Row, SealedKey
from gumauth.errors import ClaimLost
from gumauth.platform.frozen import replace

ADA = "acme/00000000000000a1"
BOB = "acme/00000000000000b0"

Engines: TypeAlias = Callable[[str], Engine]
"""A machine's name → its engine, on a connection of its own."""


def row(generation: int, access: bytes = b"access", refresh: bytes | None = b"refresh", nickname: str = "ada") -> Row:
    """An account's row, of this generation."""
    content = json.dumps({"provider": "acme", "nickname": nickname, "state": "connected"})
    return Row(content=content, generation=generation, access=access, refresh=refresh, data_key=DATA_KEY)


DATA_KEY = "00000000-0000-4000-8000-000000000001"


def claimed(engine: Engine, name: str = ADA, *, seconds: float = 30.0, generation: int | None = None) -> Claim:
    """A claim that is there to be had."""
    claim = engine.claim(name, seconds, take_over=True, generation=generation)
    assert isinstance(claim, Claim)
    return claim


def connected(engine: Engine, name: str = ADA, *, access: bytes = b"access") -> None:
    """An account in the store, of generation 1."""
    claim = claimed(engine, name)
    assert engine.put(claim, row(1, access), 1, action="connect") == 1
    engine.release(claim)


def taken(engine: Engine, *, whole: bool) -> Row | None:
    """The account's row, but for the number of its change."""
    found = engine.take(ADA, whole=whole)
    return None if found is None else replace(found, change=0)


def ended(engine: Engine, name: str = ADA) -> Claim:
    """A claim that has ended by the engine's clock, and was not released."""
    claim = claimed(engine, name, seconds=0.001)
    time.sleep(0.01)
    return claim


class EngineContract:
    """The promises of `shared.engine.Engine`."""

    @pytest.fixture(autouse=True)
    def data_key(self, engines: Engines) -> None:
        """The data key under which rows are written: under one that is not there, nothing is."""
        engines("keys").add_key([SealedKey(data_key=DATA_KEY, kind="access", key_id="zero", sealed=b"0")])

    def test_a_row_is_given_as_it_was_put(self, engines: Engines) -> None:
        engine = engines("a")
        connected(engine)
        assert taken(engine, whole=True) == row(1)

    def test_there_is_no_row_of_an_account_that_is_not_there(self, engines: Engines) -> None:
        assert engines("a").take(ADA, whole=True) is None

    def test_a_taking_that_is_not_whole_has_no_refresh_token(self, engines: Engines) -> None:
        engine = engines("a")
        connected(engine)
        assert taken(engine, whole=False) == row(1, refresh=None)

    def test_a_row_takes_the_place_of_the_generation_before_it(self, engines: Engines) -> None:
        engine = engines("a")
        connected(engine)
        assert engine.put(claimed(engine), row(2, b"new"), 1, action="refresh") == 2
        assert taken(engine, whole=True) == row(2, b"new")

    @pytest.mark.requirement("T2")
    def test_a_row_of_another_generation_is_not_written(self, engines: Engines) -> None:
        engine = engines("a")
        connected(engine)
        claim = claimed(engine)
        engine.put(claim, row(2, b"second"), 1, action="refresh")
        engine.put(claim, row(3, b"third"), 1, action="refresh")
        assert engine.put(claim, row(2, b"late"), 1, action="refresh") == 3
        assert taken(engine, whole=True) == row(3, b"third")

    @pytest.mark.requirement("T2")
    def test_the_same_write_once_more_is_a_success_because_the_answer_may_have_been_lost(
        self, engines: Engines
    ) -> None:
        engine = engines("a")
        for generation in (1, 2):
            claim = claimed(engine)
            for _ in range(2):
                assert engine.put(claim, row(generation), 1, action="refresh") == generation
        assert taken(engine, whole=True) == row(2)

    @pytest.mark.requirement("T1")
    def test_of_many_machines_one_gets_a_claim(self, engines: Engines) -> None:
        connected(engines("before"))
        machines = [engines(f"m{number}") for number in range(12)]
        for machine in machines:
            machine.welcome()
        start = threading.Barrier(len(machines))

        def race(machine: Engine) -> object:
            start.wait()
            return machine.claim(ADA, 30, take_over=True, generation=1)

        with ThreadPoolExecutor(len(machines)) as pool:
            got = list(pool.map(race, machines))
        assert sorted(type(each).__name__ for each in got) == ["Claim"] + 11 * ["Held"]

    @pytest.mark.requirement("T1")
    def test_no_two_machines_have_a_claim_at_once_however_fast_it_is_released(self, engines: Engines) -> None:
        machines = [engines(f"m{number}") for number in range(4)]
        inside: list[int] = []
        fences: list[int] = []

        def work(machine: Engine) -> int:
            most, got = 0, 0
            while got < 15:
                claim = machine.claim(ADA, 30, take_over=True)
                if isinstance(claim, Claim):
                    inside.append(claim.fence)
                    most, got = max(most, len(inside)), got + 1
                    fences.append(claim.fence)
                    inside.remove(claim.fence)
                    machine.release(claim)
            return most

        with ThreadPoolExecutor(len(machines)) as pool:
            assert list(pool.map(work, machines)) == [1, 1, 1, 1]
        assert fences == sorted(set(fences))
        assert len(fences) == 60

    def test_who_does_not_get_a_claim_hears_who_has_it_and_for_how_long(self, engines: Engines) -> None:
        claimed(engines("a"))
        held = engines("b").claim(ADA, 30, take_over=True)
        assert isinstance(held, Held)
        assert held.machine == "a"
        assert 0 <= held.seconds < 30

    @pytest.mark.requirement("T2")
    def test_the_number_of_a_claim_is_higher_than_that_of_each_before_it_also_when_it_was_released(
        self, engines: Engines
    ) -> None:
        fences = []
        for number in range(3):
            engine = engines(f"m{number}")
            claim = claimed(engine)
            fences.append(claim.fence)
            engine.release(claim)
        assert fences == sorted(set(fences))

    def test_a_released_claim_is_for_anybody(self, engines: Engines) -> None:
        engine = engines("a")
        engine.release(claimed(engine))
        assert isinstance(engines("b").claim(ADA, 30, take_over=False), Claim)

    def test_claims_of_two_names_do_not_meet(self, engines: Engines) -> None:
        claimed(engines("a"), ADA)
        claimed(engines("b"), BOB)

    @pytest.mark.requirement("T2")
    def test_a_machine_takes_over_its_own_claim_at_once(self, engines: Engines) -> None:
        engine = engines("a")
        first = claimed(engine)
        again = engine.claim(ADA, 30, take_over=False)
        assert isinstance(again, Claim)
        assert again.fence > first.fence

    @pytest.mark.requirement("T2")
    def test_a_claim_with_another_text_is_that_of_another_machine(self, engines: Engines) -> None:
        engine, one, other = engines("a"), "1" * 32, "2" * 32
        first = engine.claim(ADA, 30, take_over=True, drawn=one)
        assert isinstance(first, Claim)
        assert isinstance(engine.claim(ADA, 30, take_over=True, drawn=other), Held)
        assert isinstance(engine.claim(ADA, 30, take_over=True), Held)
        again = engine.claim(ADA, 30, take_over=False, drawn=one)
        assert isinstance(again, Claim)
        assert again.fence > first.fence

    @pytest.mark.requirement("T2")
    def test_a_claim_that_ended_is_followed_only_by_who_wants_to_take_over(self, engines: Engines) -> None:
        ended(engines("a"))
        other = engines("b")
        assert isinstance(other.claim(ADA, 30, take_over=False), Held)
        assert isinstance(other.claim(ADA, 30, take_over=True), Claim)

    @pytest.mark.requirement("T2")
    def test_under_a_claim_that_was_followed_nothing_is_written(self, engines: Engines) -> None:
        late, other = engines("a"), engines("b")
        connected(late)
        claim = ended(late)
        claimed(other)
        for write in (
            lambda: late.put(claim, row(2, b"late"), 1, action="refresh"),
            lambda: late.mark(claim, row(1, nickname="late").content, 1, action="rename"),
            lambda: late.erase(claim, whole=True, heir=None, action="disconnect"),
        ):
            with pytest.raises(ClaimLost):
                write()
        assert taken(other, whole=True) == row(1)

    @pytest.mark.requirement("T2")
    def test_under_a_claim_that_was_released_nothing_is_written(self, engines: Engines) -> None:
        engine = engines("a")
        claim = claimed(engine)
        engine.release(claim)
        with pytest.raises(ClaimLost):
            engine.put(claim, row(1), 1, action="connect")
        assert engine.take(ADA, whole=True) is None

    @pytest.mark.requirement("T2")
    def test_a_claim_that_ended_and_was_not_followed_is_still_good_for_a_write(self, engines: Engines) -> None:
        engine = engines("a")
        assert engine.put(ended(engine), row(1), 1, action="connect") == 1

    @pytest.mark.requirement("T2")
    def test_releasing_a_claim_that_was_followed_leaves_the_one_that_follows(self, engines: Engines) -> None:
        late, other = engines("a"), engines("b")
        claim = ended(late)
        following = claimed(other)
        late.release(claim)
        assert other.put(following, row(1), 1, action="connect") == 1

    def test_a_renewed_claim_lasts(self, engines: Engines) -> None:
        engine = engines("a")
        assert engine.renew(ended(engine), 30)
        assert isinstance(engines("b").claim(ADA, 30, take_over=True), Held)

    @pytest.mark.requirement("T2")
    def test_a_claim_that_was_followed_is_not_renewed(self, engines: Engines) -> None:
        late, other = engines("a"), engines("b")
        claim = ended(late)
        following = claimed(other)
        assert not late.renew(claim, 30)
        assert other.renew(following, 30)

    @pytest.mark.requirement("T1")
    def test_an_account_that_has_another_generation_by_now_is_not_claimed(self, engines: Engines) -> None:
        engine = engines("a")
        connected(engine)
        assert engine.claim(ADA, 30, take_over=True, generation=7) == Moved(generation=1)
        assert isinstance(engines("b").claim(ADA, 30, take_over=False, generation=1), Claim)

    def test_a_claim_has_the_generation_of_its_account(self, engines: Engines) -> None:
        engine = engines("a")
        assert claimed(engine).generation == 0
        connected(engine)
        assert claimed(engine).generation == 1

    def test_a_claim_has_the_number_of_the_change_that_was_the_latest(self, engines: Engines) -> None:
        engine, other = engines("a"), engines("b")
        connected(engine)
        before = engine.take(ADA, whole=True)
        claim = claimed(other)
        assert before is not None
        assert claim.change == before.change == engine.changes(0).last
        other.mark(claim, row(1).content, 1, action="note")
        other.release(claim)
        assert claimed(engine).change > before.change

    def test_a_claim_that_ended_after_its_tokens_were_written_is_anybodys(self, engines: Engines) -> None:
        engine = engines("a")
        connected(engine)
        engine.put(ended(engine), row(2), 1, action="refresh")
        assert isinstance(engines("b").claim(ADA, 30, take_over=False), Claim)

    def test_a_change_has_the_generation_of_its_account(self, engines: Engines) -> None:
        engine = engines("a")
        connected(engine)
        engine.erase(claimed(engine), whole=True, heir=None, action="disconnect")
        assert [each.generation for each in engine.changes(0).rows] == [2]

    def test_a_number_stays_taken_when_the_account_has_another_name(self, engines: Engines) -> None:
        engine = engines("a")
        claim = claimed(engine)
        engine.put(claim, row(1), 2, action="connect")
        engine.put(claim, row(2), None, action="refresh")
        engine.mark(claim, row(2).content, None, action="rename")
        assert [each.number for each in engine.changes(0).rows] == [2]

    def test_a_mark_changes_the_content_and_leaves_the_tokens(self, engines: Engines) -> None:
        engine = engines("a")
        connected(engine)
        content = row(1, nickname="countess").content
        engine.mark(claimed(engine), content, 1, action="rename")
        found = engine.take(ADA, whole=True)
        assert found is not None
        assert (json.loads(found.content)["nickname"], found.access, found.generation) == ("countess", b"access", 1)

    def test_erased_tokens_are_gone_and_the_account_is_listed(self, engines: Engines) -> None:
        engine = engines("a")
        connected(engine)
        assert engine.erase(claimed(engine), whole=False, heir=None, action="erase") == 2
        found = engine.take(ADA, whole=True)
        assert found is not None
        assert (found.access, found.refresh, found.generation) == (None, None, 2)

    def test_deleting_what_is_gone_changes_nothing(self, engines: Engines) -> None:
        engine = engines("a")
        connected(engine)
        claim = claimed(engine)
        for _ in range(2):
            assert engine.erase(claim, whole=True, heir=None, action="disconnect") == 2
        assert engine.erase(claimed(engine, BOB), whole=True, heir=None, action="disconnect") == 0

    def test_an_account_that_was_deleted_can_be_connected_again(self, engines: Engines) -> None:
        engine = engines("a")
        connected(engine)
        claim = claimed(engine)
        engine.erase(claim, whole=True, heir=None, action="disconnect")
        assert engine.take(ADA, whole=True) is None
        assert engine.put(claim, row(3), 1, action="connect") == 3
        assert taken(engine, whole=True) == row(3)

    def test_each_machine_hears_once_of_a_change(self, engines: Engines) -> None:
        engine, other = engines("a"), engines("b")
        connected(engine)
        first = other.changes(0)
        assert [(each.kind, each.name, each.number) for each in first.rows] == [("account", ADA, 1)]
        assert other.changes(first.last).rows == ()
        engine.put(claimed(engine), row(2), 1, action="refresh")
        assert [each.name for each in other.changes(first.last).rows] == [ADA]

    def test_a_change_that_deletes_has_no_content_and_keeps_the_number(self, engines: Engines) -> None:
        engine = engines("a")
        connected(engine)
        last = engine.changes(0).last
        engine.erase(claimed(engine), whole=True, heir=None, action="disconnect")
        (change,) = engine.changes(last).rows
        assert (change.name, change.content, change.number) == (ADA, None, 1)

    def test_count_and_sum_are_those_of_all_rows_whatever_was_asked_for(self, engines: Engines) -> None:
        engine = engines("a")
        connected(engine, ADA)
        connected(engine, BOB)
        engine.write_note("clients/acme", "{}")
        everything = engine.changes(0)
        assert everything.count == 3
        assert everything.total == sum(each.change for each in everything.rows)
        nothing = engine.changes(everything.last)
        assert (nothing.count, nothing.total, nothing.rows) == (3, everything.total, ())

    def test_the_first_account_of_a_provider_is_its_default_until_another_is_chosen(self, engines: Engines) -> None:
        engine = engines("a")
        connected(engine, ADA)
        connected(engine, BOB)
        assert engine.changes(0).defaults == {"acme": ADA.partition("/")[2]}
        engine.set_default("acme", BOB.partition("/")[2])
        assert engines("b").changes(0).defaults == {"acme": BOB.partition("/")[2]}

    def test_the_heir_of_a_default_account_is_the_default(self, engines: Engines) -> None:
        engine = engines("a")
        connected(engine, ADA)
        connected(engine, BOB)
        engine.erase(claimed(engine, ADA), whole=True, heir=BOB.partition("/")[2], action="disconnect")
        assert engine.changes(0).defaults == {"acme": BOB.partition("/")[2]}
        engine.erase(claimed(engine, BOB), whole=True, heir=None, action="disconnect")
        assert engine.changes(0).defaults == {}

    def test_a_note_is_copied_by_all_and_its_end_too(self, engines: Engines) -> None:
        engine, other = engines("a"), engines("b")
        engine.write_note("clients/acme", "one")
        engine.write_note("clients/acme", "two")
        seen = other.changes(0)
        assert [(each.kind, each.name, each.content) for each in seen.rows] == [("note", "clients/acme", "two")]
        engine.write_note("clients/acme", None)
        assert [each.content for each in other.changes(seen.last).rows] == [None]

    def test_an_entry_is_given_as_it_was_kept_until_it_is_deleted(self, engines: Engines) -> None:
        engine, other = engines("a"), engines("b")
        assert other.entry("acme/client") is None
        engine.set_entry("acme/client", b"sealed", DATA_KEY)
        assert other.entry("acme/client") == (b"sealed", DATA_KEY)
        for _ in range(2):
            engine.set_entry("acme/client", None, None)
        assert other.entry("acme/client") is None

    def test_sealed_keys_are_given_to_who_has_a_key_for_them(self, engines: Engines) -> None:
        engine = engines("a")
        keys = [
            SealedKey(data_key=DATA_KEY, kind="access", key_id="one", sealed=b"1"),
            SealedKey(data_key=DATA_KEY, kind="refresh", key_id="two", sealed=b"2"),
        ]
        engine.add_key(keys)
        engine.add_key(keys)
        other = engines("b")
        assert other.welcome(["one"]).sealed_keys == (keys[0],)
        assert other.welcome(["two", "three"]).sealed_keys == (keys[1],)
        nothing = other.welcome(["three"])
        assert (nothing.sealed_keys, nothing.data_keys[-1]) == ((), DATA_KEY)

    def test_a_store_has_one_id_and_tells_the_time(self, engines: Engines) -> None:
        first, second = engines("a").welcome(), engines("b").welcome()
        assert first.store == second.store
        assert abs(first.offset) < 5
        assert abs(first.offset - second.offset) < 2

    def test_bytes_of_any_kind_come_back(self, engines: Engines) -> None:
        engine = engines("a")
        everything = bytes(range(256)) * 260
        connected(engine, access=everything)
        found = engine.take(ADA, whole=True)
        assert found is not None
        assert found.access == everything
