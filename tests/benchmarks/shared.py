"""A token of an account in PostgreSQL: one that this machine keeps, and one that it has to ask for."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gumauth.accounts.account import Account, account_id
from gumauth.accounts.record import Record
from gumauth.client.context import Context
from tests.benchmarks.figures import Figure, Finding, medians, ratios
from tests.benchmarks.scene import BARE, PROVIDER, Scene, compiled, console_script
from tests.benchmarks.turns import Command, in_turn
from tests.benchmarks.work import with_work
from tests.parts.postgresql import programs, running
from tests.parts.shared_store import SharedStore

LOCAL = "an account of one machine"
KEPT, ASKED = "kept here", "asked for"


class Shared:
    """The rows of accounts that machines share.

    Args:
        scene: What they run in.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def token(self) -> Finding:
        """A good token: from this machine's cache beside the encrypted file; without it beside the interpreter."""
        if programs() is None:
            return Finding([Figure(f"times {BARE}", None, 9, missing="PostgreSQL is not installed")])
        with _machine(self.scene) as environ:
            kept = Command((console_script(), "token", PROVIDER), environ)

            def asked() -> float:
                shutil.rmtree(Path(environ["GUMAUTH_HOME"], "shared"))
                return kept()

            local = self.scene.gumauth("token", PROVIDER, environ=self.scene.encrypted())
            times = in_turn({LOCAL: local, BARE: self.scene.bare, ASKED: asked, KEPT: kept})
            figures = [
                *ratios(times, KEPT, {LOCAL: 1.1}, {}).figures,
                *ratios(times, ASKED, {BARE: 9}, {}).figures,
            ]
            return with_work(Finding(figures, medians(times)), {LOCAL: local, KEPT: kept})


@contextmanager
def _machine(scene: Scene) -> Iterator[dict[str, str]]:
    """The variables of a machine with one account in a database, over TLS."""
    with tempfile.TemporaryDirectory(prefix="gumauth-") as folder, running() as server:
        passwords = server.password_file(Path(folder))
        os.environ["PGPASSFILE"] = str(passwords)  # libpq reads this process's own
        store = SharedStore(server, Path(folder), passwords)
        store.make()
        environ = compiled(store.machine("a"), scene.folder)
        accounts = Context(environ).accounts
        account = Account(
            provider=PROVIDER,
            id=account_id("ada", None),
            nickname="ada",
            connected_at=time.time(),
            store="PostgreSQL",
            grant="g",
        )
        with accounts.locked(account) as locked:
            account, _ = locked.put(account, Record(access_token="made-up", grant="g", account={}))
            locked.commit(account)
        yield environ
