"""Who may do what is decided by the database's roles, and each handing out is a row of its log. Promises T3 and T5."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from gumauth.accounts.postgresql.engine import PostgreSQL as Engine
from gumauth.accounts.shared.engine import SealedKey
from gumauth.accounts.shared.keys import MachineKey
from gumauth.errors import StoreError
from tests.accounts.shared.engine_contract import ADA, BOB, DATA_KEY, claimed, connected, row, taken
from tests.parts.shared_store import SharedStore

pytestmark = [pytest.mark.postgresql, pytest.mark.requirement("T5")]

CAT = "bolt/00000000000000ca"
READER, CONNECTOR, ADMIN = "gumauth_reader", "gumauth_connector", "gumauth_admin"


class Roles:
    """Engines of roles of their own."""

    def __init__(self, store: SharedStore) -> None:
        self.store, self.made = store, list[Engine]()

    def __call__(self, *granted: str) -> Engine:
        return self.of(self.store.role(*granted))

    def of(self, role: str) -> Engine:
        engine = self.store.engine(f"machine of {role}", GUMAUTH_STORE=self.store.address_of(role))
        self.made.append(engine)
        return engine


@pytest.fixture
def roles(shared_store: SharedStore) -> Iterator[Roles]:
    roles = Roles(shared_store)
    keys = shared_store.engine("keys")
    keys.add_key([SealedKey(data_key=DATA_KEY, kind="access", key_id="zero", sealed=b"0")])
    keys.close()
    yield roles
    for engine in roles.made:
        engine.close()


def names(engine: Engine) -> list[str]:
    return sorted(change.name for change in engine.changes(0).rows)


def test_a_reader_takes_the_access_token_and_nothing_else(roles: Roles) -> None:
    connector, reader = roles(CONNECTOR), roles(READER)
    connected(connector)
    assert taken(reader, whole=False) == row(1, refresh=None)
    assert names(reader) == [ADA]
    refused: list[Callable[[], object]] = [
        lambda: reader.take(ADA, whole=True),
        lambda: reader.claim(ADA, 5, take_over=True),
        lambda: reader.entry("acme/client"),
        lambda: reader.set_entry("acme/client", b"x", None),
        lambda: reader.write_note("clients/acme", "x"),
        lambda: reader.add_key([SealedKey(data_key=DATA_KEY, kind="access", key_id="one", sealed=b"1")]),
        lambda: reader.connection.ask("select * from gumauth.log(1, null)"),
        lambda: reader.connection.ask("select gumauth.put('a', 1, 'm', 'a', 1, '{}', 1, null, null, null)"),
    ]
    for call in refused:
        with pytest.raises(StoreError, match="does not let this role do that") as caught:
            call()
        assert caught.value.exit_code == 6


@pytest.mark.requirement("T3")
@pytest.mark.parametrize("granted", [READER, CONNECTOR])
def test_no_table_can_be_read_or_written(roles: Roles, granted: str) -> None:
    engine = roles(granted)
    tables = roles.store.ask(
        "select relname from pg_class where relnamespace = 'gumauth'::regnamespace and relkind = 'r'"
    )
    assert "account" in tables
    for table in tables:
        for statement in ("select * from gumauth.{}", "delete from gumauth.{}", "truncate gumauth.{}"):
            with pytest.raises(StoreError, match="does not let this role do that"):
                engine.connection.ask(statement.format(table))


@pytest.mark.requirement("T3")
def test_a_reader_gets_no_key_for_refresh_tokens_even_with_the_key_file_of_a_machine_that_refreshes(
    roles: Roles,
) -> None:
    ids = MachineKey(roles.store.key_file.read_bytes()).all_ids
    kinds = {granted: {key.kind for key in roles(granted).welcome(ids).sealed_keys} for granted in (READER, CONNECTOR)}
    assert kinds == {READER: {"access"}, CONNECTOR: {"access", "refresh"}}


def test_every_taking_is_a_row_of_the_log_with_the_role_that_came_in(roles: Roles) -> None:
    connected(roles(CONNECTOR))
    role = roles.store.role(READER)
    reader = roles.of(role)
    reader.connection.ask(f"set role {READER}")
    reader.take(ADA, whole=False)
    assert roles.store.ask("select role, machine, name, generation from gumauth.audit where action = 'take'") == [
        f"{role}|machine of {role}|{ADA}|1"
    ]


def test_a_role_that_was_granted_nothing_may_nothing(roles: Roles) -> None:
    with pytest.raises(StoreError, match="does not let this role do that"):
        roles().welcome()


def test_an_account_that_names_its_readers_is_for_them_only(roles: Roles) -> None:
    connector = roles(CONNECTOR)
    connected(connector, ADA)
    connected(connector, BOB)
    ours = roles.store.role(READER)
    mine, other = roles.of(ours), roles(READER)
    roles.store.ask(f"insert into gumauth.reader (name, role) values ('{ADA}', '{ours}')")
    assert (names(mine), names(other)) == ([ADA, BOB], [BOB])
    assert taken(mine, whole=False) == row(1, refresh=None)
    assert other.take(ADA, whole=False) is None


def test_a_provider_that_names_its_readers_is_for_them_only_with_accounts_that_are_still_to_come(roles: Roles) -> None:
    group = roles.store.role()
    roles.store.ask(f"insert into gumauth.reader (name, role) values ('acme', '{group}')")
    insider, outsider, administrator = roles(CONNECTOR, group), roles(CONNECTOR), roles(ADMIN)
    connected(insider, ADA)
    connected(outsider, CAT)
    assert (names(insider), names(outsider), names(administrator)) == ([ADA, CAT], [CAT], [ADA, CAT])
    calls: list[Callable[[], object]] = [
        lambda: outsider.claim(ADA, 5, take_over=True),
        lambda: outsider.connection.ask(f"select gumauth.put('{ADA}', 1, 'm', 'a', 0, '{{}}', 1, null, null, null)"),
    ]
    for call in calls:
        with pytest.raises(StoreError, match="does not let this role do that"):
            call()
    insider.erase(claimed(insider, ADA), whole=True, heir=None, action="disconnect")
    assert names(outsider) == [CAT]  # nor does its end make it theirs


def test_a_role_chooses_defaults_among_the_accounts_that_it_may_use_and_writes_nothing_else(roles: Roles) -> None:
    connector, reader = roles(CONNECTOR), roles(READER)
    connected(connector, ADA)
    connected(connector, BOB)
    connected(connector, CAT)
    roles.store.ask(f"insert into gumauth.reader (name, role) values ('{BOB}', '{ADMIN}')")
    connector.erase(claimed(connector, CAT), whole=True, heir=None, action="disconnect")
    reader.set_default(*ADA.split("/"))
    for provider, identity in (BOB.split("/"), CAT.split("/"), ("acme", "x" * 1000), ("nothing", "-")):
        with pytest.raises(StoreError, match="does not let this role do that"):
            reader.set_default(provider, identity)
    mine = "select provider || '/' || id from gumauth.default_account where role <> ''"
    assert roles.store.ask(mine) == [ADA]
    assert roles.store.ask("select name from gumauth.audit where action = 'default'") == [ADA]


def test_an_administrator_reads_the_log_and_a_connector_does_not(roles: Roles) -> None:
    connector, administrator = roles(CONNECTOR), roles(ADMIN)
    connected(connector)
    assert administrator.connection.ask("select action, name from gumauth.log(1, null)") == [("connect", ADA)]
    assert administrator.welcome().administers
    with pytest.raises(StoreError, match="does not let this role do that"):
        connector.connection.ask("select * from gumauth.log(1, null)")


def test_objects_of_a_session_are_not_taken_for_the_systems(roles: Roles) -> None:
    connected(roles(CONNECTOR))
    reader = roles(READER)
    reader.connection.ask(
        "create temp view pg_roles as select 'gumauth_connector'::name as rolname, oid from pg_catalog.pg_roles"
        " where rolname = session_user;"
        " grant select on pg_temp.pg_roles to public;"
        " create function pg_temp.pg_has_role(name, oid, text) returns boolean language sql as $$ select true $$;"
        " set search_path = pg_temp, gumauth, public, pg_catalog"
    )
    assert not reader.welcome().connects
    with pytest.raises(StoreError, match="does not let this role do that"):
        reader.take(ADA, whole=True)


def test_each_function_is_owned_and_looks_only_where_the_system_has_its_own(shared_store: SharedStore) -> None:
    odd = (
        "select proname from pg_proc where pronamespace = 'gumauth'::regnamespace and (not prosecdef"
        " or pg_get_userbyid(proowner) <> 'gumauth_admin' or not proconfig @> array['search_path=pg_catalog, pg_temp'])"
    )
    assert shared_store.ask(odd) == []


def test_nobody_may_call_a_function_who_was_not_granted_it(shared_store: SharedStore) -> None:
    role = shared_store.role()
    callable_ = (
        "select proname from pg_proc where pronamespace = 'gumauth'::regnamespace"
        f" and has_function_privilege('{role}', oid, 'execute')"
    )
    assert shared_store.ask(callable_) == []
