"""The servers that other tests use: a database, a pooler in front, a replica; paused, cut and promoted."""

from __future__ import annotations

import pytest

from gumauth.accounts.shared.engine import Claim
from tests.cli.program import inside
from tests.parts.postgresql import PgBouncer, standby_of
from tests.parts.shared_store import SharedStore

pytestmark = pytest.mark.postgresql


def test_two_machines_see_one_store(shared_store: SharedStore) -> None:
    for name in ("a", "b"):
        ended = inside(shared_store.machine(name), "list", "--json")
        assert (ended.status, ended.out.strip()) == (0, '{"schema_version": 1, "accounts": []}'), ended.err


def test_a_role_of_its_own_gets_in_through_the_pooler(shared_store: SharedStore, pgbouncer: PgBouncer) -> None:
    role = shared_store.role("gumauth_connector")
    engine = shared_store.engine(GUMAUTH_STORE=pgbouncer.address_of(role, shared_store.database))
    assert engine.welcome().role == role
    engine.close()


def test_a_cut_connection_is_one_of_gumauth(shared_store: SharedStore) -> None:
    engine = shared_store.engine()
    engine.welcome()
    assert shared_store.cut() >= 1  # of a test before, one may be there that is just ending
    engine.close()


def test_a_replica_follows_and_is_promoted(shared_store: SharedStore) -> None:
    with standby_of(shared_store.server) as standby:
        assert standby.ask("select version from gumauth.store", shared_store.database) == ["1"]
        standby.promote()
        address = standby.address_of("admin", shared_store.database)
        engine = shared_store.engine(GUMAUTH_STORE=address)
        assert isinstance(engine.claim("acme/connect", 5, take_over=False), Claim)
        engine.close()
