"""PostgreSQL as the engine of a shared store, asked directly and through PgBouncer in transaction mode."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gumauth.accounts.postgresql.engine import PostgreSQL as Engine
from gumauth.errors import ClaimLost
from tests.accounts.shared.engine_contract import EngineContract, Engines, claimed, row
from tests.parts.postgresql import ADMIN, PgBouncer
from tests.parts.shared_store import SharedStore

pytestmark = pytest.mark.postgresql


class TestPostgreSQL(EngineContract):
    @pytest.fixture
    def engines(self, shared_store: SharedStore) -> Iterator[Engines]:
        yield from _machines(shared_store, {})


@pytest.mark.requirement("T7")
class TestThroughPgBouncer(EngineContract):
    @pytest.fixture
    def engines(self, shared_store: SharedStore, pgbouncer: PgBouncer) -> Iterator[Engines]:
        yield from _machines(shared_store, {"GUMAUTH_STORE": pgbouncer.address_of(ADMIN, shared_store.database)})


@pytest.mark.requirement("T2")
def test_a_claim_that_a_failover_lost_is_not_taken_for_the_one_that_is_counted_again(shared_store: SharedStore) -> None:
    late, other = shared_store.engine("a"), shared_store.engine("b")
    lost = claimed(late)
    shared_store.ask("delete from gumauth.claim; select setval('gumauth.fence', last_value, false) from gumauth.fence")
    following = claimed(other)
    with pytest.raises(ClaimLost):
        late.put(lost, row(1), 1, action="refresh")
    assert other.renew(following, 5)
    for engine in (late, other):
        engine.close()


def _machines(store: SharedStore, more: dict[str, str]) -> Iterator[Engines]:
    made: list[Engine] = []

    def machine(name: str) -> Engine:
        made.append(store.engine(name, **more))
        return made[-1]

    yield machine
    for engine in made:
        engine.close()
