"""`gumauth doctor` on a machine that shares its accounts: what it says of the database, and of what would go wrong."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path

import pytest

from gumauth.accounts.postgresql.engine import PostgreSQL
from gumauth.accounts.shared.keys import of_kind
from gumauth.cli.commands import doctor_programs
from tests.cli.program import inside
from tests.parts.postgresql import PgBouncer, free_port
from tests.parts.shared_store import SharedStore

pytestmark = pytest.mark.postgresql


def said(environ: dict[str, str], *, clock: float = 0.0) -> list[str]:
    """The lines about the store; numbers of milliseconds and seconds, versions and ports are left out."""
    ended = inside(environ, "doctor", clock=lambda: time.time() + clock)
    assert ended.err == ""
    lines = re.findall(r"^(. )store {5}(.*(?:\n {12}(?!→).*)*)((?:\n {12}→?.*)*)", ended.out, re.MULTILINE)
    joined = [" ".join("".join(line).split()) for line in lines]
    return [re.sub(r"\b127\.0\.0\.1:\d+|(?<=TLSv)1\.\d|\b\d+\.\d+\b|\b\d+ (?=ms|s ago)", "…", line) for line in joined]


@pytest.mark.requirement("T5", "T7")
def test_all_is_well_and_said_so(shared_store: SharedStore) -> None:
    environ = shared_store.machine("a")
    assert said(environ) == [
        "✓ This machine has no copy of the list yet.",
        "✓ The database at … answers: PostgreSQL ….",
        "✓ It is asked by TLSv…, on this machine.",
        "✓ admin may connect, refresh and end accounts, and may administer the store.",
        "✓ Its clock and this machine's agree.",
        "✓ The key file opens access and refresh tokens.",
        "✓ A claim is given and released in …ms.",
        "✓ A sealed value is written, read and deleted.",
    ]
    assert said(environ)[0] == (
        "✓ This machine has a copy of the list, with 0 accounts and tokens of 0; it was brought up to date …s ago."
    )
    assert shared_store.ask("select (select count(*) from gumauth.claim), (select count(*) from gumauth.entry)") == [
        "0|0"
    ]


@pytest.mark.requirement("T5")
def test_a_machine_that_reads_is_told_what_it_may(shared_store: SharedStore, tmp_path: Path) -> None:
    role, key = shared_store.role("gumauth_reader"), tmp_path / "access.key"
    key.touch(mode=0o600)
    key.write_bytes(of_kind(shared_store.key_file.read_bytes(), "access"))
    address = shared_store.address_of(role)
    found = said(shared_store.machine("a", GUMAUTH_STORE=address, GUMAUTH_KEY_FILE=str(key)))
    assert found[3:] == [
        f"✓ {role} may read tokens, and neither connect nor refresh.",
        "✓ Its clock and this machine's agree.",
        "✓ The key file opens access tokens, and no refresh token.",
    ]


def test_what_is_wrong_is_said_with_what_to_do(shared_store: SharedStore, tmp_path: Path) -> None:
    other = tmp_path / "other.key"
    other.touch(mode=0o600)
    other.write_bytes(os.urandom(32))
    wrong = said(shared_store.machine("a", GUMAUTH_KEY_FILE=str(other)))
    assert wrong[-1].startswith("✗ The key of GUMAUTH_KEY_FILE is not the key of this database")
    away = shared_store.machine("b", GUMAUTH_STORE=f"postgresql://ada@127.0.0.1:{free_port()}/x")
    assert said(away)[-1].startswith("✗ The database at … cannot be reached: ")
    assert inside(away, "doctor").status == 1
    stranger = shared_store.machine("c", GUMAUTH_STORE=shared_store.address_of(shared_store.role()))
    assert said(stranger)[-1].startswith("✗ The database at … does not let this role do that. →")


@pytest.mark.requirement("H6")
def test_programs_without_the_address_are_not_said_to_lack_a_keyring_and_get_no_password(
    shared_store: SharedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[dict[str, str]] = []
    monkeypatch.setattr(doctor_programs, "_played", lambda environ, _key: started.append(dict(environ)))
    environ = shared_store.machine("a", PGPASSWORD=shared_store.server.password)
    found = json.loads(inside(environ, "doctor", "--json").out)["checks"]
    (one,) = [check for check in found if check["check"] == "programs"]
    assert one["message"] == (
        "Programs that pass on HOME and PATH alone get no token. They look for accounts on this machine, and not in the"
        " database."
    )
    assert f'`store = "{shared_store.address}"`' in one["hint"]
    assert "PGPASSWORD is a secret, which may not stand in settings.toml. Write the password into" in one["hint"]
    assert not any("PGPASSWORD" in each for each in started)


@pytest.mark.requirement("T6")
def test_a_clock_that_is_off_is_told_and_harms_nothing(
    shared_store: SharedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PostgreSQL, "_offset", lambda _engine: -3600.0)
    assert "✓ Its clock is 3600 s behind this machine's, which is allowed for." in said(shared_store.machine("a"))


@pytest.mark.requirement("T2")
def test_what_a_failure_of_the_database_could_lose_is_a_warning(shared_store: SharedStore) -> None:
    shared_store.ask(f"alter database {shared_store.database} set synchronous_commit = off")
    (line,) = [line for line in said(shared_store.machine("a")) if line.startswith("!")]
    assert line == (
        "! synchronous_commit is off: where the database fails, tokens that it has confirmed may be lost, and with them"
        ' the grant. → Its administrator sets it for this role: `ALTER ROLE "admin" SET synchronous_commit = on;`.'
    )


@pytest.mark.requirement("T7")
def test_a_pooler_in_between_is_noticed(shared_store: SharedStore, pgbouncer: PgBouncer) -> None:
    address = pgbouncer.address_of("admin", shared_store.database)
    found = said(shared_store.machine("a", GUMAUTH_STORE=address))
    assert "✓ There is a pooler in between." in found
    assert found[-1] == "✓ A sealed value is written, read and deleted."
