"""No secret in a database that machines share; `python -m tests.programs.canary --only fleet` plays more of it."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from tests.parts.need import lacking, need
from tests.parts.postgresql import programs
from tests.programs.canary import shown
from tests.programs.canary_database import database
from tests.programs.canary_fleet import play_fleet
from tests.programs.canary_search import Canaries

pytestmark = pytest.mark.postgresql

PLACES = {"pg_stat_activity", "pg_stat_statements", "pg_dump", "pg_dumpall", "pg_waldump"}
LOGS = {"PostgreSQL's log", "PgBouncer's log"}


@pytest.fixture(autouse=True)
def _parts() -> None:
    if programs() is None:
        lacking("not installed: postgresql")
    need(programs=("pgbouncer",))


@pytest.mark.requirement("S1", "T3")
def test_no_secret_is_in_the_database_its_files_its_logs_or_the_poolers(tmp_path: Path) -> None:
    field = play_fleet(tmp_path, quick=True)
    assert [shown(finding) for finding in field.findings] == []
    assert set(field.canaries.kinds()) >= {
        *("access_token", "refresh_token", "id_token", "client_secret", "code", "key"),
        *("key file", "derived key", "data key", "password"),
    }
    assert all(field.searched[place] > 300 for place in PLACES | LOGS)
    assert sum("pg_wal/" in place and size > 100_000 for place, size in field.searched.items()) >= 1


def test_a_secret_that_was_sent_to_the_database_is_found_everywhere(tmp_path: Path) -> None:
    canaries, key, token = Canaries(), secrets.token_bytes(32), secrets.token_urlsafe(32)
    canaries.add_key("data key", key)
    canaries.add("access_token", token)
    with database(tmp_path) as base:
        base.store.ask(
            f"create table planted as select '\\x{key.hex()}'::bytea as key, '{token}' as token; select pg_sleep(0.1)"
        )
        found = [
            (finding.secret, place) for place, text in base.everything() for finding in canaries.search(place, text)
        ]
    for kind in ("data key", "access_token"):
        places = {place for secret, place in found if secret == kind}
        assert {"pg_stat_activity", "pg_dump", "PostgreSQL's log"} <= places
        assert any("pg_wal/" in place for place in places)
        assert any("base/" in place for place in places)
