"""PostgreSQL as the engine of a shared store, asked directly and through PgBouncer in transaction mode."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gumauth.accounts.postgresql.engine import PostgreSQL as Engine
from tests.accounts.shared.engine_contract import EngineContract, Engines
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


def _machines(store: SharedStore, more: dict[str, str]) -> Iterator[Engines]:
    made: list[Engine] = []

    def machine(name: str) -> Engine:
        made.append(store.engine(name, **more))
        return made[-1]

    yield machine
    for engine in made:
        engine.close()
