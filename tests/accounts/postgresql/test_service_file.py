"""libpq's service file: what of it is known before connecting."""

from __future__ import annotations

from pathlib import Path

import pytest

from gumauth.accounts.postgresql.service_file import section, with_service

SERVICES = """
# ours
[other]
host=elsewhere
[team]
host=db.example.com
port=6432
password=hush=hush
host=later
[last]
host=x
"""


def test_a_service_has_the_parameters_of_its_section() -> None:
    assert section(SERVICES, "team") == {"host": "db.example.com", "port": "6432", "password": "hush=hush"}
    assert section(SERVICES, "none") is None
    assert section("[team]\nldap://directory/x\n", "team") is None
    assert section("[team]\nhost=db\n\n# port=1\n  port=2\n", "team") == {"host": "db", "port": "2"}
    assert section("[team]\n[team]\nhost=db\n", "team") == {}
    assert section("host=before\n[team]\n", "team") == {}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_what_the_address_says_goes_before_what_its_service_says(home: Path) -> None:
    (home / ".pg_service.conf").write_text("[team]\nhost=db\nport=1\n")
    assert with_service({"service": "team", "port": "2"}, {}) == {"host": "db", "port": "2"}
    assert with_service({"port": "2"}, {"PGSERVICE": "team"}) == {"host": "db", "port": "2"}
    assert with_service({"service": "team"}, {"PGSERVICE": "other"}) == {"host": "db", "port": "1"}


@pytest.mark.parametrize(
    "parameters", [{"host": "db"}, {"service": "none", "host": "db"}, {"service": "", "host": "db"}], ids=str
)
def test_without_a_service_the_address_stays_as_it_is(home: Path, parameters: dict[str, str]) -> None:
    (home / ".pg_service.conf").write_text("[team]\nport=1\n[]\nport=2\n[None]\nport=3\n")
    found = with_service(parameters, {})
    assert found == parameters
    assert found is not parameters


def test_the_persons_file_goes_before_the_systems(home: Path, tmp_path: Path) -> None:
    system, own = tmp_path / "system", tmp_path / "own.conf"
    system.mkdir()
    (system / "pg_service.conf").write_text("[team]\nhost=systems\n[other]\nhost=others\n")
    environ = {"PGSYSCONFDIR": str(system), "PGSERVICEFILE": str(own)}
    (home / ".pg_service.conf").write_text("[team]\nhost=usual\n")
    assert with_service({"service": "team"}, environ) == {"host": "systems"}
    own.write_bytes(b"\xff")
    assert with_service({"service": "team"}, environ) == {"host": "systems"}
    own.write_text("[team]\nhost=own\n")
    assert with_service({"service": "team"}, environ) == {"host": "own"}
    assert with_service({"service": "other"}, environ) == {"host": "others"}
    assert with_service({"service": "team"}, {"PGSYSCONFDIR": str(system)}) == {"host": "usual"}
    assert with_service({"service": "team"}, {}) == {"host": "usual"}


def test_a_file_in_utf_8_is_read_as_that(home: Path) -> None:
    (home / ".pg_service.conf").write_bytes("[team]\nuser=jürgen\n".encode())
    assert with_service({"service": "team"}, {}) == {"user": "jürgen"}
