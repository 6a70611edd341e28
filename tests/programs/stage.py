"""What the programs play on: a strict server, a connected account, and real processes of gumauth on one folder."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gumauth.client.context import Context
from gumauth.platform.frozen import replace
from gumauth.store.interface import Store
from gumauth.testing import AuthorizationServer
from tests.accounts.directly import records_of
from tests.client.world import Clock, World
from tests.parts.secret_service import Session


class RealClock(Clock):
    """The machine's own clock."""

    def __call__(self) -> float:
        return time.time()


class Stage:
    """A connected account that real processes find by their environment.

    Args:
        server: The authorization server, in this process.
        folder: Everything on disk.
        environ: What selects the store, and whatever else the processes need; a key file is made where it is empty.
    """

    def __init__(self, server: AuthorizationServer, folder: Path, environ: Mapping[str, str] | None = None) -> None:
        self.server = server
        environ = dict(file_store(folder) if environ is None else environ)
        self.world = World(server=server, folder=folder, clock=RealClock(), environ=environ)
        self.environ = {**os.environ, **self.world.environ}

    @property
    def context(self) -> Context:
        """A run of gumauth in this process, on the same folder and store."""
        return Context(self.environ)

    def connect(self) -> None:
        """Connect the account, in place of an older one."""
        self.world.context = self.context
        self.world.connect()

    def expire(self) -> None:
        """Make the stored access token due, as an hour's wait would."""
        make_due(self.environ, "acme")

    def store(self) -> Store:
        """The store that the processes use."""
        return self.context.store(self.context.accounts.look_up("acme").store)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A real process of the command."""
        return subprocess.Popen(
            [sys.executable, "-m", "gumauth", *arguments],
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A real process of the command, to its end."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def make_due(environ: Mapping[str, str], reference: str, *, left: float = -1) -> None:
    """Make an account's stored access token due, as an hour's wait would; or leave it so many seconds of that hour."""
    context = Context(environ)
    account = context.accounts.look_up(reference)
    records = records_of(context)
    account, record = records.settle(account)
    end = time.time() + left
    account, _ = records.put(account, replace(record, obtained_at=end - 3600, expires_at=end))
    records.commit(account)


def file_store(folder: Path) -> dict[str, str]:
    """The environment of an encrypted file store with a key of its own."""
    key = folder / "key"
    key.write_bytes(secrets.token_bytes(32))
    key.chmod(0o600)
    return {"GUMAUTH_STORE": "file", "GUMAUTH_KEY_FILE": str(key)}


@contextmanager
def stage(folder: Path, environ: Mapping[str, str] | None = None, kind: type[Stage] = Stage) -> Iterator[Stage]:
    """A stage with an account that has just been connected."""
    with AuthorizationServer() as server:
        play = kind(server, folder, environ)
        play.connect()
        yield play


@contextmanager
def session() -> Iterator[Session]:
    """A person's session with an unlocked gnome-keyring, ended by its pids."""
    with tempfile.TemporaryDirectory(prefix="gumauth-", ignore_cleanup_errors=True) as folder:
        session = Session(Path(folder))
        try:
            session.start_bus()
            session.start_daemon()
            yield session
        finally:
            session.end()


@contextmanager
def chosen_stage(*, keyring: bool) -> Iterator[tuple[Stage, Session | None]]:
    """A stage in a folder of its own: on the encrypted file, or on a real keyring."""
    with tempfile.TemporaryDirectory() as folder:
        if not keyring:
            with stage(Path(folder)) as scene:
                yield scene, None
            return
        with session() as desk, stage(Path(folder), desk.environ) as scene:
            yield scene, desk
