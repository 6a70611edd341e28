"""`gumauth store`: a database made ready for accounts, from nothing to two machines that share one."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gumauth.testing import AuthorizationServer
from gumauth.testing.person import consent, deliver
from tests.cli.connecting import acme, piped
from tests.cli.program import environment, inside
from tests.parts.postgresql import running
from tests.parts.shared_store import SharedStore

pytestmark = pytest.mark.postgresql

SQL = """\
-- What a role of yours may do, with its name in place of the last word:
GRANT gumauth_reader TO a_role_that_reads_tokens;
GRANT gumauth_connector TO a_role_that_connects_and_refreshes;
GRANT gumauth_admin TO a_role_that_administers;
"""


def without_key(store: SharedStore, name: str = "a", **more: str) -> dict[str, str]:
    """A machine whose key file is not there yet, in a folder that is not there either."""
    return store.machine(name, **{"GUMAUTH_KEY_FILE": str(store.folder / name / "keys" / "store.key"), **more})


@pytest.mark.requirement("T3")
def test_two_commands_lead_from_nothing_to_an_account_of_two_machines(
    empty_store: SharedStore, authorization_server: AuthorizationServer
) -> None:
    provider, credentials = acme(authorization_server, empty_store.folder)
    first = without_key(empty_store, **credentials)
    made = inside(first, "store", "init")
    key = Path(first["GUMAUTH_KEY_FILE"])
    assert (made.status, made.out) == (0, SQL)
    assert made.err.splitlines()[0] == f"The database at 127.0.0.1:{empty_store.server.port} is ready for accounts."
    assert f"A key was made: {key}. Copy it to the other machines" in made.err
    assert (key.stat().st_size, stat.S_IMODE(key.stat().st_mode)) == (32, 0o600)
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
    with piped(first, "connect", str(provider), "--no-browser") as connecting:
        address = connecting.until(re.compile(r"http://127\S+/authorize\?\S+"))[0]
        assert deliver(consent(address, approve=True, login="ada"))[0] == 200
        assert connecting.end()[0] == 0, connecting.shown
    second = empty_store.machine("b", GUMAUTH_KEY_FILE=str(key))
    token = inside(second, "token", "acme")
    assert (token.status, token.out) == (0, inside(first, "token", "acme").out), token.err
    assert len(token.out) > 20


def test_a_second_run_changes_nothing_and_says_what_is_there(empty_store: SharedStore) -> None:
    machine = without_key(empty_store)
    inside(machine, "store", "init")
    before = empty_store.ask("select * from gumauth.sealed_key order by kind")
    again = inside(machine, "store", "init")
    assert (again.status, again.out) == (0, SQL)
    key = machine["GUMAUTH_KEY_FILE"]
    where = f"127.0.0.1:{empty_store.server.port}"
    assert again.err == f"The database at {where} was ready already, and the key in {key} fits.\n"
    assert empty_store.ask("select * from gumauth.sealed_key order by kind") == before


def test_the_answer_for_programs_says_what_was_made(empty_store: SharedStore) -> None:
    machine = without_key(empty_store)
    first, second = (json.loads(inside(machine, "store", "init", "--json").out) for _ in range(2))
    assert first["store"] == second["store"] == empty_store.store_id
    names = ("version_before", "version", "role", "made_keys", "made_key_file", "can_refresh", "missing")
    assert [first[name] for name in names] == [None, 1, "admin", True, True, True, []]
    assert [second[name] for name in names] == [1, 1, "admin", False, False, True, []]
    assert first["grants"][0] == "GRANT gumauth_reader TO a_role_that_reads_tokens;"
    assert first["key_file"] == machine["GUMAUTH_KEY_FILE"]


def test_an_existing_key_file_is_used_and_not_written(empty_store: SharedStore) -> None:
    before = empty_store.key_file.read_bytes()
    ended = inside(empty_store.machine("a"), "store", "init")
    assert f"The key is that in {empty_store.key_file}." in ended.err
    assert empty_store.key_file.read_bytes() == before
    assert inside(empty_store.machine("b"), "list").status == 0


@pytest.mark.requirement("T3")
def test_another_key_is_refused_and_nothing_changes(shared_store: SharedStore) -> None:
    other = shared_store.folder / "other"
    other.touch(mode=0o600)
    other.write_bytes(os.urandom(32))
    count = "select (select count(*) from gumauth.sealed_key), (select count(*) from gumauth.audit)"
    before = shared_store.ask(count)
    ended = inside(shared_store.machine("a", GUMAUTH_KEY_FILE=str(other)), "store", "init")
    assert (ended.status, ended.out) == (6, "")
    assert "The key of GUMAUTH_KEY_FILE is not the key of this database; nothing was changed." in ended.err
    assert shared_store.ask(count) == before


def test_a_missing_key_file_is_not_made_for_a_database_that_has_a_key(shared_store: SharedStore) -> None:
    machine = without_key(shared_store)
    ended = inside(machine, "store", "init")
    assert ended.status == 6
    assert "The database has a key already, and the file that GUMAUTH_KEY_FILE names is not there" in ended.err
    assert not Path(machine["GUMAUTH_KEY_FILE"]).parent.exists()


def test_a_key_file_is_not_made_where_others_can_write(empty_store: SharedStore) -> None:
    folder = empty_store.folder / "open"
    folder.mkdir()
    folder.chmod(0o777)
    ended = inside(empty_store.machine("a", GUMAUTH_KEY_FILE=str(folder / "key")), "store", "init")
    assert ended.status == 6
    assert "is not used" in ended.err
    assert list(folder.iterdir()) == []


def test_of_two_machines_that_begin_at_once_one_has_the_key(empty_store: SharedStore) -> None:
    """Each makes a key file of its own; that of the second one opens nothing, and is removed again."""
    machines = [without_key(empty_store, name) for name in ("a", "b", "c")]
    command = [sys.executable, "-m", "gumauth", "store", "init"]
    started = [subprocess.Popen(command, env=each, stdout=-3, stderr=subprocess.PIPE, text=True) for each in machines]
    said = [(process.communicate(timeout=60)[1], process.returncode) for process in started]
    assert sorted(status for _, status in said) == [0, 6, 6], said
    for machine, (words, status) in zip(machines, said, strict=True):
        assert Path(machine["GUMAUTH_KEY_FILE"]).exists() is (status == 0), words
    assert empty_store.ask("select count(*) from gumauth.data_key") == ["1"]


def test_a_role_that_may_make_nothing_is_told_what_to_ask_for(empty_store: SharedStore) -> None:
    inside(empty_store.machine("a"), "store", "init")  # the three roles are there, whatever was run before
    empty_store.ask("drop schema gumauth cascade")
    role = empty_store.role()
    ended = inside(without_key(empty_store, GUMAUTH_STORE=empty_store.address_of(role)), "store", "init")
    assert ended.status == 6
    assert "does not let this role do that" in ended.err
    grants = f"`GRANT CREATE ON DATABASE {empty_store.database} TO {role}; GRANT gumauth_admin TO {role};`"
    assert f"or let one run {grants} first." in ended.err
    assert not (empty_store.folder / "a" / "keys").exists()
    for statement in grants.strip("`").split("; "):
        empty_store.ask(statement)
    again = inside(without_key(empty_store, GUMAUTH_STORE=empty_store.address_of(role)), "store", "init")
    assert again.status == 0, again.err


def test_a_role_that_only_connects_may_look(shared_store: SharedStore) -> None:
    for granted in ("gumauth_connector", "gumauth_reader"):
        role = shared_store.role(granted)
        ended = inside(shared_store.machine("a", GUMAUTH_STORE=shared_store.address_of(role)), "store", "init")
        assert ended.status == 0, ended.err
        assert "was ready already" in ended.err


@pytest.mark.requirement("T5")
def test_where_roles_cannot_be_made_the_statements_for_an_administrator_are_printed(tmp_path: Path) -> None:
    with running() as server:
        server.ask(f"create role ada login password '{server.password}'")
        server.ask("create database theirs owner ada")
        passwords = str(server.password_file(tmp_path))
        environ = {
            **environment(tmp_path, PGPASSFILE=passwords, GUMAUTH_KEY_FILE=str(tmp_path / "store.key")),
            "GUMAUTH_STORE": server.address_of("ada", "theirs"),
        }
        command = [sys.executable, "-m", "gumauth", "store", "init"]
        ended = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=True)
        assert ended.stderr.splitlines()[-1] == "The roles for other users are missing, and ada may not make them."
        assert ended.stdout.splitlines()[:4] == [
            "-- As a role that may make roles; then run `gumauth store init` again:",
            "CREATE ROLE gumauth_reader NOLOGIN;",
            "CREATE ROLE gumauth_connector NOLOGIN;",
            "CREATE ROLE gumauth_admin NOLOGIN;",
        ]
        server.ask("\n".join(ended.stdout.splitlines()[:4]))
        server.ask(f"create role ci login password '{server.password}'")
        again = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=True)
        server.ask(again.stdout.replace("a_role_that_reads_tokens", "ci").splitlines()[1])
        reader = {**environ, "GUMAUTH_STORE": server.address_of("ci", "theirs"), "GUMAUTH_HOME": str(tmp_path / "r")}
        listed = subprocess.run([*command[:3], "list", "--json"], env=reader, capture_output=True, text=True)
        assert (listed.returncode, listed.stdout) == (0, '{"schema_version": 1, "accounts": []}\n'), listed.stderr


@pytest.mark.parametrize(
    ("words", "setting", "message", "hint"),
    [
        (["store"], {}, "`gumauth store` needs ACTION behind it.", "`gumauth store --help` explains the actions"),
        (["store", "upgrade"], {}, "`gumauth store` has no action 'upgrade'.", "`gumauth store init`"),
        (["store", "lgo"], {}, "`gumauth store` has no action 'lgo'.", "Did you mean `gumauth store log`?"),
        (
            ["store", "init", "x"],
            {},
            "`gumauth store init` takes no FILE; `gumauth store reader-key` and `gumauth store rekey` do.",
            "",
        ),
        (["store", "init", "--limit", "4"], {}, "`gumauth store init` takes no --limit; `gumauth store log` does.", ""),
        (["store", "log", "--limit", "0"], {}, "The value of --limit is '0'", "such as `--limit 20`"),
        (["store", "reader-key"], {}, "needs the FILE that it is to write.", "Write `gumauth store reader-key FILE`."),
        (
            ["store", "init"],
            {"GUMAUTH_STORE": "file"},
            "`gumauth store` is about accounts in a database, and GUMAUTH_STORE names none.",
            "Set GUMAUTH_STORE=postgresql://HOST/DATABASE.",
        ),
    ],
)
def test_a_wrong_line_says_what_to_write(
    tmp_path: Path, words: list[str], setting: dict[str, str], message: str, hint: str
) -> None:
    environ = {
        "HOME": str(tmp_path),
        "GUMAUTH_HOME": str(tmp_path / "g"),
        "GUMAUTH_STORE": "postgresql://h/d",
        **setting,
    }
    ended = inside(environ, *words)
    assert (ended.status, ended.out) == (2, "")
    assert message in ended.err
    assert hint in ended.err


def test_without_a_path_for_the_key_file_nothing_is_made(empty_store: SharedStore) -> None:
    ended = inside(empty_store.machine("a", GUMAUTH_KEY_FILE=""), "store", "init")
    assert ended.status == 6
    assert "GUMAUTH_KEY_FILE is not set" in ended.err
    assert empty_store.ask("select to_regclass('gumauth.store')") == [""]
