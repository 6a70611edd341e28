"""A database with every log on, behind a pooler with its log on, and everything that it keeps, writes and shows."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2

from tests.parts.postgresql import ADMIN, PgBouncer, PostgreSQL, pooled, running
from tests.parts.shared_store import SharedStore

BLOCK = 8192
"""Bytes of a page of PostgreSQL's files."""

LOGS = (
    "log_statement = 'all'",
    "log_min_duration_statement = 0",
    "log_error_verbosity = verbose",
    "log_connections = on",
    "log_disconnections = on",
    "log_parameter_max_length_on_error = -1",
    "shared_preload_libraries = 'pg_stat_statements'",
    "track_activity_query_size = '100kB'",
    "wal_level = logical",
)
POOLER_LOGS = ("log_connections = 1", "log_disconnections = 1", "log_pooler_errors = 1")
"""With `verbose` it writes the passwords of its own users into its log, whoever connects."""


class Database:
    """The server, its pooler, and what was seen of them.

    Args:
        server: It runs, with `LOGS`.
        pooler: It runs before it, with `POOLER_LOGS`.
        folder: For the password file.
    """

    def __init__(self, server: PostgreSQL, pooler: PgBouncer, folder: Path) -> None:
        self.server, self.pooler = server, pooler
        server.ask("create extension pg_stat_statements")
        self.store = SharedStore(server, folder, server.password_file(folder))
        server.ask("checkpoint")
        (self._begin,) = server.ask("select pg_current_wal_lsn()")
        self._before = {hash(block) for path in self._files() for block in _blocks(path)}
        self._seen: set[str] = set()
        self._watches = True
        self._watch = threading.Thread(target=self._look_at_activity)
        self._watch.start()

    def role(self, name: str, granted: str) -> str:
        """The address of a new role, with the password of the others; the log gets no password from this."""
        self.store.ask(
            f"create role {name} login in role {granted}; update pg_authid set rolpassword ="
            f" (select rolpassword from pg_authid where rolname = '{ADMIN}') where rolname = '{name}'"
        )
        return self.store.address_of(name)

    def close(self) -> None:
        """Look at the server's activity no longer."""
        self._watches = False
        self._watch.join()

    def _look_at_activity(self) -> None:
        address, password = self.server.address, self.server.password
        with closing(psycopg2.connect(address, password=password)) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            while self._watches:
                cursor.execute("select usename, application_name, query from pg_stat_activity")
                self._seen.update(map(str, cursor.fetchall()))
                time.sleep(0.005)

    def everything(self) -> Iterator[tuple[str, str]]:
        """Each place, and what is in it, each byte as one character."""
        self.close()
        self.server.ask("checkpoint")
        address = self.store.address
        yield "pg_stat_activity", "\n".join(self._seen)
        yield "pg_stat_statements", "\n".join(self.server.ask("select query from pg_stat_statements"))
        yield "pg_dump", self._run("pg_dump", "--inserts", "--dbname", address)
        yield "pg_dumpall", self._run("pg_dumpall", "--globals-only", "--dbname", address)
        wal = str(self.server.folder / "data" / "pg_wal")
        yield "pg_waldump", self._run("pg_waldump", "--path", wal, "--start", self._begin, fails=True)
        for path in self._files():
            if changed := b"".join(block for block in _blocks(path) if hash(block) not in self._before):
                yield f"files: {path.relative_to(self.server.folder)}", changed.decode("latin-1")
        yield "PostgreSQL's log", (self.server.folder / "log").read_bytes().decode("latin-1")
        yield "PgBouncer's log", self.pooler.log.read_bytes().decode("latin-1")

    def _files(self) -> list[Path]:
        """Those of the data folder, the write-ahead log's among them."""
        return sorted(path for path in (self.server.folder / "data").rglob("*") if path.is_file())

    def _run(self, program: str, *words: str, fails: bool = False) -> str:
        """What a program prints; pg_waldump fails at the end of what has been written."""
        environ = {"PGPASSWORD": self.server.password, "LC_ALL": "C.UTF-8"}
        command = [f"{self.server.bin}/{program}", *words]
        done = subprocess.run(command, env=environ, capture_output=True, check=not fails)
        return (done.stdout + done.stderr).decode("latin-1")


def _blocks(path: Path) -> list[bytes]:
    """A file in pieces: what was in some file before anything happened is told by them from what is new."""
    content = path.read_bytes()
    return [content[at : at + BLOCK] for at in range(0, len(content), BLOCK)]


@contextmanager
def database(folder: Path) -> Iterator[Database]:
    """A database without a schema.

    Args:
        folder: For the password file.
    """
    with running(*LOGS) as server, pooled(server, 3, *POOLER_LOGS) as pooler:
        made = Database(server, pooler, folder)
        try:
            yield made
        finally:
            made.close()
