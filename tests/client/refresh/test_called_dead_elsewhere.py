"""A grant that another machine found dead, because this one has the answer to the refresh that it could not store."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gumauth.accounts.postgresql.engine import PostgreSQL
from gumauth.client.context import Context
from gumauth.client.refresh.refresh import refresh_account
from gumauth.errors import ReconnectNeeded, StoreAway
from gumauth.testing import AuthorizationServer, Fault
from tests.cli.program import inside
from tests.client.world import Clock, World
from tests.parts.shared_store import SharedStore

pytestmark = [pytest.mark.postgresql, pytest.mark.requirement("T2")]


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as server:
        yield server


@pytest.fixture
def machines(
    server: AuthorizationServer, shared_store: SharedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[dict[str, str], dict[str, str]]:
    """One that has an answer that the database does not have, and another one."""
    usual = {"GUMAUTH_AHEAD": "0", "GUMAUTH_CACHE_SECONDS": "0"}
    a, b = (shared_store.machine(name, **usual) for name in "ab")
    World(server, tmp_path, Clock(time.time()), store=None, environ=a).connect()  # type: ignore[arg-type]
    b |= {name: value for name, value in a.items() if name.startswith("ACME_")}

    def away(*_arguments: object, **_more: object) -> int:
        raise StoreAway("The database does not answer.")

    with monkeypatch.context() as patched:
        patched.setattr("gumauth.accounts.shared.locked.STORE_SECONDS", 0.0)
        patched.setattr("gumauth.client.refresh.refresh.AWAY_PATIENCE", 0.0)
        patched.setattr(PostgreSQL, "put", away)
        assert inside(a, "refresh", "acme").status == 5
    assert server.count("refresh") == 1
    return a, b


def find_dead(b: dict[str, str], server: AuthorizationServer, *, ends: bool) -> None:
    """Let the machine without the answer refresh; the service only refuses it, or ends the grant for it."""
    if not ends:
        server.misbehave("refresh", Fault.error("invalid_grant"))
    assert inside(b, "refresh", "acme").status == 3
    assert "acme" in inside(b, "list").out
    assert inside(b, "token", "acme").status == 3


@pytest.mark.parametrize("words", [("token", "acme"), ("refresh", "acme"), ("refresh",)], ids=" ".join)
def test_the_machine_with_the_answer_makes_the_account_good_again_with_its_next_command(
    server: AuthorizationServer,
    machines: tuple[dict[str, str], dict[str, str]],
    words: tuple[str, ...],
) -> None:
    a, b = machines
    find_dead(b, server, ends=False)
    ended = inside(a, *words)
    assert ended.status == 0, ended.err
    assert "were stored again" in ended.err
    for machine in (a, b):
        assert server.is_active(inside(machine, "token", "acme").out.strip())
    assert server.count("refresh", "reuse") == 0


def test_a_grant_that_the_service_has_ended_is_told_dead_and_its_token_is_not_handed_out(
    server: AuthorizationServer, machines: tuple[dict[str, str], dict[str, str]], shared_store: SharedStore
) -> None:
    a, b = machines
    find_dead(b, server, ends=True)
    ended = inside(a, "token", "acme")
    assert (ended.status, ended.out) == (3, "")
    asked = shared_store.ask("select count(*) from gumauth.audit where action = 'take'")
    assert inside(a, "token", "acme").status == 3
    assert inside(a, "list").status == 0
    assert shared_store.ask("select count(*) from gumauth.audit where action = 'take'") == asked


def test_an_answer_that_is_stored_already_is_not_looked_for_with_every_command(
    server: AuthorizationServer, shared_store: SharedStore, machines: tuple[dict[str, str], dict[str, str]]
) -> None:
    a, b = machines
    assert inside(a, "refresh", "acme").status == 0
    server.misbehave("refresh", Fault.error("invalid_grant"))
    assert inside(b, "refresh", "acme").status == 3
    taken = "select count(*) from gumauth.audit where action = 'take' and machine = 'a'"
    assert inside(a, "token", "acme").status == 3
    asked = shared_store.ask(taken)
    assert inside(a, "token", "acme").status == 3
    assert shared_store.ask(taken) == asked


def test_a_process_that_hears_of_it_only_once_it_has_the_account_stores_its_answer_first(
    server: AuthorizationServer, machines: tuple[dict[str, str], dict[str, str]]
) -> None:
    a, b = machines
    context = Context(a)
    account = context.accounts.look_up("acme")
    find_dead(b, server, ends=False)
    account, record = refresh_account(context, account, force=True)
    assert account.state == "ok"
    assert server.is_active(record.access_token)
    assert server.count("refresh", "reuse") == 0


def test_without_the_answer_it_stays_dead(
    server: AuthorizationServer, machines: tuple[dict[str, str], dict[str, str]]
) -> None:
    _, b = machines
    context = Context(b)
    account = context.accounts.look_up("acme")
    find_dead(b, server, ends=False)
    with pytest.raises(ReconnectNeeded):
        refresh_account(context, account, force=True)
