"""The programs with a fleet of machines, at the size that the suite has time for."""

from __future__ import annotations

import random

import pytest

from tests.parts.need import need
from tests.parts.postgresql import PgBouncer
from tests.parts.shared_store import SharedStore
from tests.programs import fleet_clocks, fleet_kills, fleet_stops, fleet_storm
from tests.programs.fleet import fleet

pytestmark = pytest.mark.postgresql


@pytest.mark.requirement("T1")
def test_machines_with_one_expired_token_make_one_refresh_each_time(shared_store: SharedStore) -> None:
    with fleet(shared_store, size=8) as scene:
        rounds = fleet_storm.play(scene, 2)
        assert fleet_storm.is_right(scene, rounds), fleet_storm.told(scene, rounds)


@pytest.mark.requirement("T1", "T7")
def test_a_pooler_in_transaction_mode_makes_no_difference(shared_store: SharedStore, pgbouncer: PgBouncer) -> None:
    with fleet(shared_store, size=6, place=f"127.0.0.1:{pgbouncer.port}") as scene:
        rounds = fleet_storm.play(scene, 1)
        assert fleet_storm.is_right(scene, rounds), fleet_storm.told(scene, rounds)


@pytest.mark.requirement("T1")
def test_processes_of_the_command_on_two_machines_make_one_refresh(shared_store: SharedStore) -> None:
    with fleet(shared_store, size=2) as scene:
        rounds = fleet_storm.play(scene, 1, processes=True)
        assert fleet_storm.is_right(scene, rounds), fleet_storm.told(scene, rounds)


@pytest.mark.requirement("T2")
def test_a_machine_that_is_killed_leaves_a_usable_credential_to_itself_and_to_others(shared_store: SharedStore) -> None:
    with fleet(shared_store, size=3) as scene:
        outcomes = fleet_kills.play(scene, ["crowd", "cut"], random.Random(4))
        assert not any("WRONG" in outcome for outcome in outcomes), outcomes


@pytest.mark.requirement("T2")
def test_a_machine_that_stops_while_it_connects_to_the_provider_sends_nothing_when_it_wakes_up(
    shared_store: SharedStore,
) -> None:
    with fleet(shared_store, size=3) as scene:
        found = fleet_stops.play(scene, fleet_stops.CONNECTING)
        assert fleet_stops.is_right(scene, found, refreshes=1), fleet_stops.told(scene, found)


@pytest.mark.requirement("T6")
def test_machines_whose_clocks_are_an_hour_off_make_one_refresh_and_have_one_token(shared_store: SharedStore) -> None:
    need(programs=("faketime",))
    with fleet(shared_store, size=3) as scene:
        assert fleet_clocks.play_herd(scene, (0.0, 3600.0, -3600.0)) == ""
