"""Refreshing ahead where several machines share the account: each hands out what it has, and one of them refreshes."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gumauth.client.context import Context
from gumauth.platform.frozen import replace
from gumauth.testing import AuthorizationServer, deliver
from tests.cli.connecting import acme, piped
from tests.cli.program import inside
from tests.parts.shared_store import SharedStore
from tests.programs.left_behind import processes, until

pytestmark = pytest.mark.postgresql


def nearly_due(environ: dict[str, str]) -> str:
    """Leave the stored token five minutes of its hour; gives it."""
    accounts = Context(environ).accounts
    with accounts.locked(accounts.look_up("acme")) as locked:
        account, record = locked.settle(accounts.look_up("acme"))
        end = time.time() + 300
        account, record = locked.put(account, replace(record, obtained_at=end - 3600, expires_at=end))
        locked.commit(account)
    return record.access_token


@pytest.mark.requirement("T1", "H8")
def test_of_two_machines_that_meet_a_token_that_is_nearly_due_one_refreshes_it(
    shared_store: SharedStore, tmp_path: Path
) -> None:
    with AuthorizationServer() as server:
        file, client = acme(server, tmp_path)
        a, b = (shared_store.machine(name, GUMAUTH_AHEAD="1", **client) for name in "ab")
        with piped(a, "connect", str(file), "--no-browser") as run:
            deliver(server.follow(run.address))
            assert run.end()[0] == 0, run.shown
        old = nearly_due(a)
        assert [inside(machine, "token", "acme").out for machine in (b, a)] == [f"{old}\n"] * 2
        until(lambda: server.count("refresh") > 0)
        until(lambda: not processes(a) and not processes(b))
        assert server.count("refresh") == 1
        assert server.count("refresh", "reuse") == 0
        for machine in (a, b):
            assert inside(machine, "list").status == 0
            new = inside(machine, "token", "acme").out.strip()
            assert new != old
            assert server.is_active(new)
        until(lambda: not processes(a) and not processes(b))
