"""The schema is made once, whole or not at all, by whoever may, and for whoever may."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gumauth.accounts.postgresql.migrations import migrate
from gumauth.errors import StoreAway, StoreError
from tests.parts.postgresql import PostgreSQL, running
from tests.parts.shared_store import SharedStore

pytestmark = [pytest.mark.postgresql, pytest.mark.requirement("T8")]


def test_machines_that_make_it_at_once_make_one(empty_store: SharedStore) -> None:
    engines = [empty_store.engine(f"m{number}") for number in range(4)]
    start = threading.Barrier(len(engines))

    def make(number: int) -> tuple[int, bool]:
        start.wait()
        made = migrate(engines[number].connection)
        engines[number].close()
        return made.version, made.has_roles

    with ThreadPoolExecutor(len(engines)) as pool:
        assert list(pool.map(make, range(4))) == [(1, True)] * 4
    assert empty_store.ask("select count(*), max(version) from gumauth.store") == ["1|1"]


def test_making_it_again_changes_nothing(shared_store: SharedStore) -> None:
    engine = shared_store.engine()
    before = engine.welcome().store
    made = migrate(engine.connection)
    assert (made.before, made.version, engine.welcome().store) == (1, 1, before)
    engine.close()


def test_one_that_is_cut_in_the_middle_leaves_nothing_and_is_made_again(empty_store: SharedStore) -> None:
    empty_store.ask(
        "create function wait() returns event_trigger language plpgsql as $$ begin"
        " perform pg_advisory_xact_lock(42); end $$;"
        " create event trigger middle on ddl_command_end when tag in ('CREATE TRIGGER') execute function wait()"
    )
    holder, engine = empty_store.engine("holder"), empty_store.engine()
    holder.connection.ask("select pg_advisory_lock(42)")
    failures: list[StoreError] = []

    def make() -> None:
        try:
            migrate(engine.connection)
        except StoreError as error:
            failures.append(error)

    thread = threading.Thread(target=make)
    thread.start()
    waiting = (
        "select pg_terminate_backend(pid) from pg_stat_activity"
        f" where datname = '{empty_store.database}' and wait_event = 'advisory'"
    )
    end = time.monotonic() + 30
    while not empty_store.ask(waiting) and time.monotonic() < end:
        time.sleep(0.02)
    thread.join()
    holder.close()
    assert [type(error) for error in failures] == [StoreAway]
    assert empty_store.ask("select to_regclass('gumauth.account') is null, to_regnamespace('gumauth') is null") == [
        "t|t"
    ]
    empty_store.ask("drop event trigger middle")
    assert migrate(engine.connection).version == 1
    engine.close()


def test_a_newer_one_is_left_alone(empty_store: SharedStore) -> None:
    empty_store.make()
    empty_store.ask("update gumauth.store set version = 2")
    engine = empty_store.engine()
    with pytest.raises(StoreError, match="A newer gumauth made the accounts"):
        migrate(engine.connection)
    engine.close()
    assert empty_store.ask("select version from gumauth.store") == ["2"]


def test_a_schema_that_somebody_else_prepared_is_not_used(empty_store: SharedStore) -> None:
    empty_store.ask(f"create schema gumauth authorization {empty_store.role()}; grant all on schema gumauth to public")
    engine = empty_store.engine()
    with pytest.raises(StoreError, match="has a schema gumauth that another role made"):
        migrate(engine.connection)
    engine.close()
    assert empty_store.ask("select to_regclass('gumauth.store') is null") == ["t"]


def test_functions_that_somebody_put_into_public_are_not_used(empty_store: SharedStore) -> None:
    empty_store.ask(
        "create function public.split_part(text, text, int) returns text language sql immutable as $$ select 'x' $$;"
        f" alter database {empty_store.database} set search_path = public, pg_catalog"
    )
    empty_store.make()
    assert empty_store.ask(
        "insert into gumauth.account (name) values ('acme/00000000000000a1') returning provider"
    ) == ["acme"]


@pytest.fixture(scope="module")
def bare(postgresql: PostgreSQL) -> Iterator[PostgreSQL]:
    """A server whose roles are not there yet: they belong to all its databases."""
    with running() as server:
        yield server


class TestByWhom:
    def test_a_role_that_may_make_no_roles_makes_a_schema_for_itself(
        self, bare: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = stored(bare, tmp_path, monkeypatch)
        maker, other = store.role(), store.role()
        store.ask(f"grant create on database {store.database} to {maker}")
        engine = store.engine(GUMAUTH_STORE=store.address_of(maker))
        made = migrate(engine.connection)
        assert (made.version, made.has_roles, made.role) == (1, False, maker)
        welcome = engine.welcome()
        assert (welcome.role, welcome.connects, welcome.administers) == (maker, True, True)
        engine.close()
        outsider = store.engine(GUMAUTH_STORE=store.address_of(other))
        with pytest.raises(StoreError, match="does not let this role do that"):
            outsider.welcome()
        outsider.close()

    def test_a_role_that_may_make_roles_needs_no_superuser(
        self, bare: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = stored(bare, tmp_path, monkeypatch)
        maker = store.role()
        store.ask(f"alter role {maker} createrole noinherit; grant create on database {store.database} to {maker}")
        engine = store.engine(GUMAUTH_STORE=store.address_of(maker))
        assert migrate(engine.connection).has_roles
        engine.close()
        owners = "select distinct pg_get_userbyid(proowner) from pg_proc where pronamespace = 'gumauth'::regnamespace"
        assert store.ask(owners) == ["gumauth_admin"]
        reader = store.engine(GUMAUTH_STORE=store.address_of(store.role("gumauth_reader")))
        assert not reader.welcome().connects
        reader.close()

    def test_a_role_that_may_make_nothing_is_told_what_to_grant(self, empty_store: SharedStore) -> None:
        engine = empty_store.engine(GUMAUTH_STORE=empty_store.address_of(empty_store.role()))
        with pytest.raises(StoreError, match="does not let this role do that") as caught:
            migrate(engine.connection)
        assert caught.value.exit_code == 6
        engine.close()


def stored(server: PostgreSQL, folder: Path, monkeypatch: pytest.MonkeyPatch) -> SharedStore:
    passwords = server.password_file(folder)
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    return SharedStore(server, folder, passwords)
