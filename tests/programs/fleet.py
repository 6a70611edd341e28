"""A fleet: machines with folders and key files of their own, one PostgreSQL, and a server that punishes reuse."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gumauth.accounts.postgresql.connection import Connection
from gumauth.accounts.record import Record
from gumauth.accounts.rescue import RescueFile
from gumauth.accounts.shared.keeper import SharedAccounts
from gumauth.client.context import Context
from gumauth.errors import StoreAway
from gumauth.testing import AuthorizationServer
from tests.client.world import Clock, World
from tests.parts.postgresql import ADMIN, PostgreSQL
from tests.parts.shared_store import SharedStore
from tests.programs.fleet_machine import Answer, Errand, Process

HOUR = 3600.0
PATIENCE = 60.0
"""Seconds for which a database that does not answer is asked again, when it is only looked at."""


class Hours(Clock):
    """The time of all machines and of the provider, which hours are added to."""

    def __init__(self) -> None:
        super().__init__(0.0)

    def __call__(self) -> float:
        return time.time() + self.now


@dataclass(frozen=True)
class Machine:
    """A machine.

    Args:
        name: What it calls itself.
        environ: What its processes are given.
    """

    name: str
    environ: dict[str, str] = field(repr=False)


class Fleet:
    """Machines that have one account together.

    Args:
        server: The authorization server, in this process, with the clock `hours`.
        hours: The time.
        store: The database.
        address: For GUMAUTH_STORE.
        size: How many machines there are.
    """

    def __init__(
        self, server: AuthorizationServer, hours: Hours, store: SharedStore, *, address: str, size: int
    ) -> None:
        self.server, self.hours, self.store = server, hours, store
        self._processes: dict[str, list[Process]] = {}
        self._looking = Connection({"GUMAUTH_STORE": store.address})
        self.world = World(server=server, folder=store.folder, clock=hours)
        self.machines = [self._machine(f"machine-{number}", address) for number in range(size)]
        self.connect()

    def _machine(self, name: str, address: str) -> Machine:
        environ = self.store.machine(name, GUMAUTH_STORE=address, GUMAUTH_AHEAD="0")
        key = Path(shutil.copy2(self.store.key_file, self.store.folder / name / "key"))
        return Machine(name, {**self.world.environ, **environ, "GUMAUTH_KEY_FILE": str(key)})

    def context(self, machine: Machine) -> Context:
        """A run of gumauth in this process, on one of the machines."""
        return Context(machine.environ, clock=self.hours)

    def connect(self) -> None:
        """Connect the account on the first machine, in place of an older grant."""
        self.world.context = self.context(self.machines[0])
        self.world.connect()

    def pass_time(self, seconds: float = HOUR) -> None:
        """Let the account's token end, as an hour's wait does."""
        self.hours.move(seconds)

    def begin(self, machine: Machine, **options: Any) -> Process:
        """Let a machine ask for a token; the options are those of `Errand`."""
        processes = self._processes.setdefault(machine.name, [])
        processes[:] = [process for process in processes if process.is_alive]
        free = next((process for process in processes if not process.is_busy), None)
        if free is None:
            free = Process()
            processes.append(free)
        return free.begin(Errand(machine.environ, self.hours.now, **options))

    def ask(self, machine: Machine, **options: Any) -> Answer:
        """What a machine gets that asks for a token."""
        return self.begin(machine, **options).answer()

    def move(self, server: PostgreSQL) -> None:
        """Look at the database in another server from now on."""
        self.store.server = server
        self._looking.close()
        self._looking = Connection({"GUMAUTH_STORE": self.store.address_of(ADMIN)})

    def end(self) -> None:
        """End all processes."""
        for process in (each for processes in self._processes.values() for each in processes):
            process.end()
        self._looking.close()

    def holder(self) -> str | None:
        """The name of the machine that has a claim now."""
        rows = self._looking.ask("select machine from gumauth.claim where until > clock_timestamp()")
        return str(rows[0][0]) if rows else None

    def is_good(self, answer: Answer) -> bool:
        """Whether it is a token that the provider accepts."""
        return answer.status == 0 and self.server.is_active(answer.token)

    @property
    def lives(self) -> bool:
        """Whether the latest grant has not ended."""
        return self.server.families[-1].ended is None

    @property
    def reuse(self) -> int:
        """How many refresh tokens were sent a second time."""
        return self.server.count("reuse", "refused")

    @property
    def refreshes(self) -> int:
        """How many refreshes the provider has answered."""
        return self.server.count("refresh")

    def stored(self) -> Record:
        """The account's record in the database."""
        return _stored(self.context(self.machines[0]))

    def can_go_on(self) -> bool:
        """Whether the database has the refresh token that the provider expects next."""
        kept = self.stored().refresh_token
        return kept is not None and self.server.is_active(kept)

    def has_kept(self, machine: Machine) -> bool:
        """Whether a machine has the answer on its disk that follows the record in the database."""
        context = self.context(machine)
        record = _stored(context)
        key = context.accounts.look_up("acme").key
        return record.rescue is not None and RescueFile(context.home, key).find([record.rescue]) is not None


def _stored(context: Context) -> Record:
    accounts, end = context.accounts, time.monotonic() + PATIENCE
    assert isinstance(accounts, SharedAccounts)
    while True:
        try:
            return accounts.take_whole(accounts.look_up("acme"))[1]
        except StoreAway:
            if time.monotonic() > end:
                raise
        finally:
            accounts.engine.close()


@contextmanager
def new_store(server: PostgreSQL) -> Iterator[SharedStore]:
    """A new database in a server, with the schema, for a program."""
    with tempfile.TemporaryDirectory(prefix="gumauth-fleet-") as folder:
        passwords = server.password_file(Path(folder))
        os.environ["PGPASSFILE"] = str(passwords)  # libpq looks into this process's environment
        store = SharedStore(server, Path(folder), passwords)
        store.make()
        yield store


@contextmanager
def fleet(store: SharedStore, *, size: int, place: str | None = None, grace: float = 0.0) -> Iterator[Fleet]:
    """A fleet with an account that its first machine has connected.

    Args:
        store: Has no accounts.
        size: How many machines there are.
        place: HOST:PORT, or several with commas between, where the machines find the database, if not at the server.
        grace: Seconds during which the provider takes a refresh token again.
    """
    hours, role = Hours(), store.role("gumauth_connector")
    several = "?target_session_attrs=read-write" if place and "," in place else ""
    address = f"postgresql://{role}@{place or f'127.0.0.1:{store.server.port}'}/{store.database}{several}"
    with AuthorizationServer(clock=hours, grace=grace) as server:
        scene = Fleet(server, hours, store, address=address, size=size)
        try:
            yield scene
        finally:
            scene.end()
