"""The programs with a fleet of machines, at the size that the suite has time for."""

from __future__ import annotations

import pytest

from tests.parts.postgresql import PgBouncer
from tests.parts.shared_store import SharedStore
from tests.programs import fleet_storm
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
