"""Every command and statement of the page about machines that share accounts, and of the README's section on it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.program import environment
from tests.parts.linear import Linear
from tests.parts.postgresql import ADMIN, PostgreSQL
from tests.parts.standin import StandIn
from tests.reading import PAGES, README_OF_MACHINES, Reader, commands_of

PAGE = PAGES["machines.md"]
SHARED, BEGIN = commands_of(README_OF_MACHINES)
STATEMENTS = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
pytestmark = pytest.mark.postgresql

ROLES = ("ci", "agents", "ada")


class Fleet:
    """Linear, and machines that find db.example.com on this one.

    Args:
        server: Runs; has an empty database of the page's name.
        folder: For everything.
        linear: The service.
    """

    def __init__(self, server: PostgreSQL, folder: Path, linear: Linear) -> None:
        self.server, self.folder, self.linear = server, folder, linear
        self.ran: list[str] = []
        passwords = folder / "pgpass"
        passwords.touch(mode=0o600)
        passwords.write_text(f"*:*:*:*:{server.password}\n")
        self._libpq = {
            "PGHOSTADDR": "127.0.0.1",
            "PGPORT": str(server.port),
            "PGPASSFILE": str(passwords),
            "PGSSLMODE": "verify-ca",
            "PGSSLROOTCERT": str(server.authority),
            "PATH": f"{server.bin}:{os.environ['PATH']}",
        }

    def machine(self, name: str, role: str = ADMIN) -> Machine:
        """A new machine, whose person is a role of the database."""
        home = self.folder / name
        home.mkdir()
        environ = environment(home, **self.linear.environment, **self._libpq, PGUSER=role, GUMAUTH_MACHINE=name)
        del environ["GUMAUTH_KEY_FILE"]
        return Machine(self, Reader(home, environ, self.linear.follow))

    def sql(self, statements: str, role: str = ADMIN) -> list[str]:
        """What psql prints."""
        environ = {**os.environ, **self._libpq, "PGUSER": role}
        command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statements, "postgresql://db.example.com/gumauth"]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()


class Machine:
    """A machine on which somebody types what the page says."""

    def __init__(self, fleet: Fleet, reader: Reader) -> None:
        self.fleet, self.reader, self.home = fleet, reader, reader.folder

    def take_key(self, source: Path, name: str = "fleet.key") -> None:
        """Have a copy of a key file."""
        self.reader.save(name, "")
        (self.home / name).write_bytes(source.read_bytes())

    def run(self, command: str, before: str = SHARED) -> str:
        """What a command prints, which has to work."""
        self.fleet.ran.append(command)
        done = self.reader.run(f"{before}\n{command}")
        assert done.returncode == 0, done.stderr
        return done.stdout

    def connect(self, command: str, before: str = SHARED) -> str:
        """What a command prints in which a person consents."""
        self.fleet.ran.append(command)
        done = self.reader.connect(f"{before}\n{command}")
        assert done.returncode == 0, done.stderr
        return done.stdout

    def fails(self, command: str) -> tuple[int, str]:
        """Status and words of a command that does not work."""
        done = self.reader.run(f"{SHARED}\n{command}")
        return done.returncode, done.stderr


@pytest.fixture
def fleet(postgresql: PostgreSQL, tmp_path: Path) -> Iterator[Fleet]:
    """Machines, and a database without a schema."""
    postgresql.ask("create database gumauth")
    (tmp_path / "standin").mkdir(mode=0o700)
    standin = StandIn(tmp_path / "standin")
    try:
        with Linear("a-client-secret") as linear:
            standin.answer_for("linear.app", linear.site)
            standin.answer_for("api.linear.app", linear.api)
            linear.environment.update(standin.environment)
            yield Fleet(postgresql, tmp_path, linear)
    finally:
        standin.close()
        postgresql.ask("drop database gumauth with (force)")
        for role in ROLES:
            postgresql.ask(f"drop role if exists {role}")


@pytest.mark.requirement("T1", "T3")
def test_two_commands_of_the_readme_make_two_machines_that_share_an_account(fleet: Fleet) -> None:
    first, second = fleet.machine("first"), fleet.machine("second")
    assert "Connected linear as " in first.connect(BEGIN)
    second.take_key(first.home / "fleet.key")
    assert "`gumauth token linear`" in README_OF_MACHINES
    token = second.run("gumauth token linear")
    assert token == first.run("gumauth token linear")
    assert fleet.linear.server.is_active(token.strip())
    assert fleet.linear.server.count("token") == 1


@pytest.mark.requirement("T5")
def test_every_command_and_every_statement_of_the_page_does_what_it_says(fleet: Fleet) -> None:
    shared, init, connect, *_ = commands_of(PAGE)
    first, second = fleet.machine("first"), fleet.machine("second")
    assert first.run(shared, before="") == ""
    assert "GRANT gumauth_reader TO " in first.run(init)
    assert "Connected linear as " in first.connect(connect)
    second.take_key(first.home / "fleet.key")
    assert "linear" in second.run("gumauth list")
    ada = second.run("gumauth token linear")

    fleet.linear.server.person = "grace@example.com"
    alone = f"{SHARED}; export GUMAUTH_STORE=file"
    second.connect("gumauth connect linear --as work", before=alone)
    fleet.ran.remove("gumauth connect linear --as work")
    second.run("gumauth move linear/work --to postgresql")
    grace = first.run("gumauth token linear/work")
    fleet.ran.remove("gumauth token linear/work")
    second.run("gumauth move linear/work --to file")
    assert first.fails("GUMAUTH_CACHE_SECONDS=0 gumauth token linear/work")[0] == 3
    second.run("gumauth move linear/work --to postgresql")

    roles, readers, policy, tidied = STATEMENTS
    fleet.sql(roles)
    for role in ROLES:
        fleet.server.ask(f"alter role {role} password '{fleet.server.password}'")
    fleet.sql(readers)
    first.run("gumauth store reader-key ~/reader.key")
    runner, agent = fleet.machine("runner", "ci"), fleet.machine("agent", "agents")
    runner.take_key(first.home / "reader.key")
    agent.take_key(first.home / "fleet.key")
    runner.run("export GUMAUTH_MACHINE=runner-7")
    assert runner.run("gumauth token linear/work", before=f"{SHARED}; export GUMAUTH_MACHINE=runner-7") == grace
    assert agent.run("gumauth token linear") == ada
    assert runner.fails("gumauth refresh linear/work")[0] == 5
    assert runner.fails("gumauth store log")[0] != 0

    fleet.server.ask("insert into gumauth.account (name, content) values ('google/0123456789abcdef', '{}')", "gumauth")
    seen = "select count(*) from gumauth.changes(0) where name like 'google/%'"
    assert fleet.sql(seen, "ci") == ["1"]
    fleet.sql(policy)
    assert (fleet.sql(seen, "ci"), fleet.sql(seen, "agents")) == (["0"], ["1"])
    fleet.server.ask("delete from gumauth.account where name = 'google/0123456789abcdef'", "gumauth")

    assert "Refreshed linear" in first.run("gumauth refresh")
    assert "take" in first.run("gumauth store log --limit 20")
    fleet.sql("update gumauth.audit set at = at - interval '91 days'")
    fleet.sql(tidied)
    assert fleet.sql("select count(*) from gumauth.audit") == ["0"]

    begin, finish = (command for command in commands_of(PAGE) if "rekey" in command)
    first.run(begin)
    newest = second.run("gumauth token linear", before=f"{SHARED}; export GUMAUTH_CACHE_SECONDS=0")
    assert newest == first.run("gumauth token linear")
    agent.take_key(first.home / "new.key")
    first.run(finish)
    agent.run("gumauth refresh")
    assert "is not the key of this database" in second.fails("gumauth refresh")[1]

    first.run(next(command for command in commands_of(PAGE) if command.startswith("pg_dump")))
    dumped = (first.home / "gumauth.sql").read_text()
    assert "ada@example.com" in dumped
    assert ada.strip() not in dumped
    assert [command for command in commands_of(PAGE) if command not in fleet.ran] == []
