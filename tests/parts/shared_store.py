"""A shared store for a test: a fresh database with the schema and a key, in a server that a worker starts once."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import environment
from tests.parts.need import lacking, need
from tests.parts.postgresql import ADMIN, PgBouncer, PostgreSQL, pooled, programs, running

if TYPE_CHECKING:
    from gumauth.accounts.postgresql.engine import PostgreSQL as Engine


TABLES = ("account", "reader", "default_account", "claim", "note", "entry", "sealed_key", "data_key", "audit")
"""All tables but that of the store's id and version, each before those that it refers to."""

STARTED = "GUMAUTH_TEST_POSTGRESQL"
"""The folder of a server that another process has started, for tests that are run in hundreds of processes."""


class SharedStore:
    """A database of its own in a running server, and machines that use it.

    Args:
        server: Runs; each database of it has its own accounts, but roles belong to all of them.
        folder: For the machines.
        passwords: libpq's password file.
        database: One that is there, with the schema; None for a new one without.
    """

    def __init__(self, server: PostgreSQL, folder: Path, passwords: Path, database: str | None = None) -> None:
        self.server, self.folder, self.passwords = server, folder, passwords
        self.database = database or f"gumauth_{secrets.token_hex(6)}"
        if database is None:
            server.ask(f"create database {self.database}")
        self.key_file = folder / "shared.key"
        self.key_file.touch(mode=0o600)
        self.key_file.write_bytes(os.urandom(32))
        self.address = self.address_of(ADMIN)
        """For GUMAUTH_STORE, as the role that made the schema."""

    def address_of(self, role: str, **more: str) -> str:
        """For GUMAUTH_STORE, as another role; with parameters of libpq."""
        address = self.server.address_of(role, self.database)
        return address + ("?" + "&".join(f"{name}={value}" for name, value in more.items()) if more else "")

    def machine(self, name: str, **more: str) -> dict[str, str]:
        """The environment of a machine: the folders of the same name are the same machine's.

        Args:
            name: What the machine calls itself.
            more: Variables, in place of the usual ones.
        """
        home = self.folder / name
        home.mkdir(exist_ok=True)
        usual = {
            "GUMAUTH_STORE": self.address,
            "GUMAUTH_KEY_FILE": str(self.key_file),
            "GUMAUTH_MACHINE": name,
            "PGPASSFILE": str(self.passwords),
        }
        return environment(home, **{**usual, **more})

    def engine(self, machine: str = "m", **more: str) -> Engine:
        """The store's engine as a machine of this name has it; to be closed."""
        from gumauth.accounts.postgresql.engine import PostgreSQL as Engine

        return Engine(self.machine(machine, **more), machine=machine, holder=f"folder of {machine}")

    def role(self, *granted: str) -> str:
        """A new role that may log in, and is a member of others, such as gumauth_reader."""
        name = f"r_{secrets.token_hex(6)}"
        self.ask(
            f"create role {name} login password '{self.server.password}';"
            + "".join(f"grant {each} to {name};" for each in granted)
        )
        return name

    def ask(self, statement: str) -> list[str]:
        """The lines that psql prints for a statement in this database, as a superuser."""
        return self.server.ask(statement, self.database)

    def cut(self) -> int:
        """End all connections of gumauth to this database; how many there were."""
        return self.server.cut(self.database)

    @cached_property
    def store_id(self) -> str:
        """The id of the store, by which its keys and rows are bound to it."""
        return self.ask("select id from gumauth.store")[0]

    def make(self) -> None:
        """Make the schema and the first key."""
        from gumauth.accounts.postgresql.migrations import migrate

        engine = self.engine()
        migrate(engine.connection)
        engine.close()
        self.add_key()

    def add_key(self) -> None:
        """Make the first key."""
        from gumauth.accounts.shared.keys import MachineKey, new_keys

        engine = self.engine()
        key = MachineKey(self.key_file.read_bytes())
        engine.add_key(new_keys(key, engine.welcome().store))
        engine.close()

    def clean(self) -> None:
        """Be as new: without accounts, keys and claims, and with another id."""
        engine = self.engine()
        deleting = "".join(f"delete from gumauth.{table};" for table in TABLES)  # of few rows faster than to truncate
        engine.connection.ask(f"{deleting} update gumauth.store set id = gen_random_uuid()")
        engine.close()

    def drop(self) -> None:
        """Delete the database, whoever is still there, and the roles that were made for it."""
        self.server.ask(f"drop database {self.database} with (force)")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A server for all tests of this process; who stops, pauses or promotes it starts one of their own instead."""
    need(modules=("psycopg2",))
    if programs() is None:
        lacking("not installed: postgresql")
    if STARTED in os.environ:
        yield PostgreSQL.of_folder(Path(os.environ[STARTED]))
        return
    with running("full_page_writes = off") as server:
        yield server


@pytest.fixture(scope="session")
def pgbouncer(postgresql: PostgreSQL) -> Iterator[PgBouncer]:
    """PgBouncer in transaction mode before that server: `pgbouncer.address_of(role, shared_store.database)`."""
    need(programs=("pgbouncer",))
    with pooled(postgresql) as pooler:
        yield pooler


@pytest.fixture
def passwords(postgresql: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """libpq's password file for that server, which this process reads too."""
    file = postgresql.password_file(tmp_path)
    monkeypatch.setenv("PGPASSFILE", str(file))
    return file


@pytest.fixture
def empty_store(postgresql: PostgreSQL, tmp_path: Path, passwords: Path) -> Iterator[SharedStore]:
    """A new database without a schema; with `make`, one whose schema may be changed."""
    store = SharedStore(postgresql, tmp_path, passwords)
    try:
        yield store
    finally:
        store.drop()


@pytest.fixture
def shared_store(postgresql: PostgreSQL, made_database: list[str], tmp_path: Path, passwords: Path) -> SharedStore:
    """A database with the schema and a first key: `inside(shared_store.machine("a"), "list")`.

    It is emptied for the next test; one that changes tables or functions has to take `empty_store`.
    """
    if not made_database:
        store = SharedStore(postgresql, tmp_path, passwords)
        store.make()
        made_database.append(store.database)
    else:
        store = SharedStore(postgresql, tmp_path, passwords, made_database[0])
        store.clean()
        store.add_key()
    return store


@pytest.fixture(scope="session")
def made_database(postgresql: PostgreSQL) -> Iterator[list[str]]:
    """The name of the database that `shared_store` uses again, once there is one."""
    made: list[str] = []
    yield made
    for database in made:
        postgresql.ask(f"drop database {database} with (force)")
