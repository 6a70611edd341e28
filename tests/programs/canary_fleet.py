"""Machines that share accounts in a database, and a search of all that the database keeps, writes and shows.

What it may have, and shows: names of accounts, nicknames, scopes, machines, times, and what is sealed.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from gumauth.accounts.shared.keys import KINDS, DataKeys, MachineKey, of_kind
from tests.parts.postgresql import ADMIN
from tests.programs.canary_database import Database, database
from tests.programs.canary_field import Field


class Fleet:
    """Machines: one with every right, one behind the pooler, one that connects, and one that only reads.

    Args:
        field: The first machine's.
        database: Theirs.
    """

    def __init__(self, field: Field, database: Database) -> None:
        self.field, self.database = field, database
        self.note_keys()
        reader = self.write_reader_key()
        self.behind = self._machine("behind", database.pooler.address_of(ADMIN, database.store.database))
        self.robot = self._machine("robot", database.role("robot", "gumauth_connector"))
        self.runner = self._machine("runner", database.role("runner", "gumauth_reader"), GUMAUTH_KEY_FILE=str(reader))

    @property
    def key(self) -> bytes:
        """What is in the first machine's key file."""
        return Path(self.field.environ["GUMAUTH_KEY_FILE"]).read_bytes()

    def write_reader_key(self) -> Path:
        """The key file of the machine that only reads, as it belongs to the first machine's."""
        file = self.field.outside / "reader.key"
        file.touch(mode=0o600)
        file.write_bytes(of_kind(self.key, "access"))
        return file

    def _machine(self, name: str, address: str, **more: str) -> dict[str, str]:
        """What is other in the environment of another machine; its files are searched as the first one's are."""
        folder = str(self.field.home / name)
        usual = {"GUMAUTH_STORE": address, "GUMAUTH_HOME": folder, "GUMAUTH_CACHE_SECONDS": "0"}
        return {**usual, "GUMAUTH_MACHINE": name, **more}

    def note_keys(self) -> None:
        """Search from now on for what the key file holds, what is derived from it, and what it opens."""
        canaries, environ = self.field.canaries, self.field.environ
        canaries.add("password", self.database.server.password)
        canaries.add_key("key file", self.key)
        for kind in KINDS:
            canaries.add_key("derived key", of_kind(self.key, kind))
        key = MachineKey(self.key)
        engine = self.database.store.engine()
        try:
            welcome = engine.welcome(key.all_ids)
        finally:
            engine.close()
        keys = DataKeys(key, welcome, environ)
        for data_key in welcome.data_keys:
            for kind in KINDS:
                canaries.add_key("data key", keys.get(data_key, kind))

    def search(self) -> None:
        """Search all that there is of the database and the pooler."""
        for place, text in self.database.everything():
            self.field.look(place, "the database", text)


def short(fleet: Fleet) -> None:
    """Each kind of secret, once."""
    field = fleet.field
    assert field.connect().status == 0
    assert field.run("token", "acme", environ=fleet.runner).status == 0
    assert _connect_key(field) == 0
    assert field.run("refresh", "acme", environ=fleet.behind).status == 0
    typed = f"an-app\n{_key(field)}\n"
    assert field.run("setup", "linear", "-", typed=typed, environ=fleet.robot).status == 0
    assert field.run("disconnect", "acme", environ=fleet.robot).status == 0


def everyday(fleet: Fleet) -> None:
    """The life of shared accounts, each step on another machine."""
    field = fleet.field
    assert field.connect("--as", "work").status == 0
    for machine in (fleet.behind, fleet.runner):
        assert field.run("token", "acme", environ=machine).status == 0
    assert field.run("refresh", "acme", environ=fleet.robot).status == 0
    assert field.run("refresh", "acme", environ=fleet.runner).status == 5
    assert field.run("token", "acme", "--json").status == 0
    assert field.run("rename", "acme", "play", environ=fleet.behind).status == 0
    assert field.run("list", "--json", environ=fleet.runner).status == 0
    assert _connect_key(field) == 0
    assert field.run("token", "gong", "--json", environ=fleet.runner).status == 0


def clients(fleet: Fleet) -> None:
    """Client credentials that are kept in the store, and those that an issuer registers; a device."""
    field, url = fleet.field, fleet.field.server.resource_url
    without = {"ACME_CLIENT_ID": None, "ACME_CLIENT_SECRET": None}
    client_id, secret = (field.environ[name] for name in without)
    field.server.registration.auth_method = "client_secret_basic"
    field.server.device.interval = 1
    typed = f"{client_id}\n{secret}\n"
    assert field.run("setup", str(field.file), "-", typed=typed, environ=without).status == 0
    assert field.connect(environ=without).status == 0
    assert field.run("refresh", "acme", environ={**fleet.behind, **without}).status == 0
    assert field.run("connect", url).status == 0
    name = urlsplit(url).netloc.replace(":", ".")
    assert field.run("refresh", name, environ=fleet.robot).status == 0
    field.run("connect", url, "--device", "--timeout", "2.5", environ=fleet.behind)
    assert field.run("setup", url, "--forget", environ=fleet.robot).status == 0


def moved(fleet: Fleet) -> None:
    """From this machine to the database and back, and a new key, with a machine of each key in between."""
    field, store = fleet.field, {"GUMAUTH_STORE": "file"}
    assert field.connect("--as", "own", environ={**store, "GUMAUTH_HOME": str(field.home / "alone")}).status == 0
    alone = {"GUMAUTH_HOME": str(field.home / "alone")}
    for place in ("postgresql", "file", "postgresql"):
        assert field.run("move", "acme/own", "--to", place, environ=alone).status == 0
    assert field.run("refresh", "acme/own", environ=fleet.robot).status == 0
    new = field.outside / "new.key"
    assert field.run("store", "reader-key", str(field.outside / "another.key")).status == 0
    assert field.run("store", "rekey", str(new)).status == 0
    assert field.run("refresh", "acme/own", environ=fleet.behind).status == 0
    field.environ["GUMAUTH_KEY_FILE"] = str(new)
    fleet.note_keys()
    assert field.run("token", "acme/own").status == 0
    assert field.run("store", "rekey", "--finish").status == 0
    fleet.note_keys()
    assert field.run("refresh", "acme/own").status == 0
    fleet.write_reader_key()
    assert field.run("store", "log", "--json").status == 0
    assert field.run("disconnect", "acme/own").status == 0


def refused(fleet: Fleet) -> None:
    """A key of another database, a role that may nothing, a file that is no key, a row that was edited."""
    field, wrong = fleet.field, fleet.field.outside / "wrong.key"
    wrong.touch(mode=0o600)
    wrong.write_bytes(os.urandom(32))
    for environ in (
        {"GUMAUTH_KEY_FILE": str(wrong)},
        {"GUMAUTH_KEY_FILE": None},
        {"PGPASSWORD": secrets.token_hex(8), "PGPASSFILE": "/dev/null"},
        {"GUMAUTH_STORE": fleet.database.store.address_of("nobody")},
        {"GUMAUTH_STORE": fleet.database.store.address_of(ADMIN) + "x"},
    ):
        for words in (("token", "acme"), ("refresh", "acme"), ("doctor",)):
            field.run(*words, environ={**fleet.behind, "GUMAUTH_HOME": str(field.home / "new"), **environ})
    fleet.database.store.ask("update gumauth.account set refresh = access, generation = generation + 1")
    for machine in (fleet.behind, fleet.robot):
        assert field.run("refresh", "acme", environ=machine).status != 0


def ended(fleet: Fleet) -> None:
    """Revoked on one machine, disconnected on another, and what a third is told."""
    field = fleet.field
    assert field.run("revoke", "acme", environ=fleet.robot).status == 0
    assert field.run("token", "acme", environ={**fleet.runner, "GUMAUTH_CACHE_SECONDS": "0"}).status == 3
    assert field.run("disconnect", "acme", environ=fleet.behind).status == 0
    assert field.run("disconnect", "gong").status == 0
    field.run("list")


def _connect_key(field: Field) -> int:
    """Enter a key of two fields: a run that is not traced, as only every other one is."""
    if field.searched["runs"] % 2:
        field.run("list")
    both = ("connect", "gong/work", "--key", "access_key", "--key", "access_key_secret")
    return field.run(*both, typed="\n".join(_key(field) for _ in range(2))).status


def _key(field: Field) -> str:
    value = secrets.token_urlsafe(24)
    field.canaries.add("key", value)
    return value


WHOLE = (everyday, clients, ended, moved, everyday, clients, refused)


@contextmanager
def fleet(folder: Path) -> Iterator[Fleet]:
    """The machines, with a database that has their schema and a key."""
    with database(folder) as base:
        environ = base.store.machine("first")
        os.environ["PGPASSFILE"] = environ["PGPASSFILE"]  # for what asks the database from this process
        base.store.make()
        field = Field(folder, environ)
        try:
            yield Fleet(field, base)
        finally:
            field.close()


def play_fleet(folder: Path, *, quick: bool) -> Field:
    """Play the scenes, and search."""
    with fleet(folder) as machines:
        for scene in (short,) if quick else WHOLE:
            scene(machines)
        machines.search()
        return machines.field
