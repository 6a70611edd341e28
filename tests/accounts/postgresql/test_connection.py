"""One connection to a real server: its deadlines, TLS, and what is said where the server refuses."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gumauth.accounts.postgresql.connection import Connection
from gumauth.cli.check.authority import Authority
from gumauth.errors import StoreAway, StoreError
from tests.cli.program import inside
from tests.parts.postgresql import ADMIN, HOST, PgBouncer, PostgreSQL, free_port, running, standby_of
from tests.parts.shared_store import SharedStore

pytestmark = [pytest.mark.postgresql, pytest.mark.usefixtures("passwords")]


def asked(address: str, statement: str = "select 1", **environ: str) -> object:
    connection = Connection({"GUMAUTH_STORE": address, **environ})
    try:
        return connection.ask(statement)[0][0]
    finally:
        connection.close()


def refused(address: str, statement: str = "select 1", **environ: str) -> StoreError:
    with pytest.raises(StoreError) as caught:
        asked(address, statement, **environ)
    return caught.value


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSQL]:
    """A server that tests here may stop."""
    with running() as server:
        yield server


class TestDeadlines:
    @pytest.mark.requirement("T2")
    def test_a_stopped_server_is_not_waited_for_and_asked_again_when_it_goes_on(
        self, own: PostgreSQL, passwords: Path, tmp_path: Path
    ) -> None:
        file = own.password_file(tmp_path)
        connection = Connection({"GUMAUTH_STORE": f"{own.address}?connect_timeout=1&passfile={file}"})
        connection.ask("select 1")
        own.pause()
        try:
            for seconds in (0.3, 1.0):  # the statement's deadline, then that of connecting
                begin = time.monotonic()
                with pytest.raises(StoreAway, match="does not answer"):
                    connection.ask("select 1", seconds=0.3)
                assert seconds - 0.05 <= time.monotonic() - begin < seconds + 5
        finally:
            own.resume()
        assert connection.ask("select 2") == [(2,)]
        connection.close()

    def test_a_host_that_says_nothing_is_left_for_the_next_one(self, postgresql: PostgreSQL) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            silent_port = silent.getsockname()[1]
            address = f"postgresql://{ADMIN}@127.0.0.1:{silent_port},127.0.0.1:{postgresql.port}/postgres"
            assert asked(f"{address}?connect_timeout=1") == 1

    def test_after_a_statement_that_was_given_up_another_ones_answer_is_its_own(self, postgresql: PostgreSQL) -> None:
        connection = Connection({"GUMAUTH_STORE": postgresql.address})
        with pytest.raises(StoreAway):
            connection.ask("select 'late', pg_sleep(1)", seconds=0.1)
        assert connection.ask("select 'own'") == [("own",)]
        connection.close()

    def test_a_connection_that_was_cut_is_made_anew(self, postgresql: PostgreSQL) -> None:
        connection = Connection({"GUMAUTH_STORE": postgresql.address})
        connection.ask("select 1")
        postgresql.cut()
        with pytest.raises(StoreAway, match="has ended the connection"):
            connection.ask("select 1")
        assert connection.ask("select 1") == [(1,)]
        connection.close()

    @pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
    def test_a_child_process_leaves_the_connection_to_its_parent(self, postgresql: PostgreSQL) -> None:
        connection = Connection({"GUMAUTH_STORE": postgresql.address})
        (parent,) = connection.ask("select pg_backend_pid()")
        read, write = os.pipe()
        child = os.fork()
        if child == 0:  # pragma: no cover - another process
            os.write(write, str(connection.ask("select pg_backend_pid()")[0][0]).encode())
            os._exit(0)
        os.waitpid(child, 0)
        os.close(write)
        assert os.read(read, 20).decode() not in ("", str(parent[0]))
        os.close(read)
        assert connection.ask("select pg_backend_pid()") == [parent]
        connection.close()

    def test_threads_share_a_connection_and_get_their_own_answers(self, postgresql: PostgreSQL) -> None:
        connection = Connection({"GUMAUTH_STORE": postgresql.address})
        got: dict[int, object] = {}

        def ask(number: int) -> None:
            for _ in range(5):
                got[number] = connection.ask("select %s", (number,))[0][0]

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert got == {0: 0, 1: 1, 2: 2, 3: 3}
        connection.close()


@pytest.mark.requirement("T7")
class TestTls:
    def test_a_certificate_of_a_trusted_authority_for_this_name_is_good(self, postgresql: PostgreSQL) -> None:
        address = by_name(postgresql, f"sslmode=verify-full&sslrootcert={postgresql.authority}")
        connection = Connection({"GUMAUTH_STORE": address})
        assert connection.tls == "TLSv1.3"
        connection.close()

    def test_the_systems_certificates_are_those_of_its_file(self, postgresql: PostgreSQL) -> None:
        address = by_name(postgresql, "sslmode=verify-full&sslrootcert=system")
        assert asked(address, SSL_CERT_FILE=str(postgresql.authority)) == 1
        assert "certificate verify failed" in str(refused(address))

    def test_another_name_in_the_certificate_is_refused(self, postgresql: PostgreSQL) -> None:
        error = refused(f"{postgresql.address}?sslmode=verify-full&sslrootcert={postgresql.authority}")
        assert 'does not match host name "127.0.0.1"' in str(error)
        assert error.exit_code == 6

    def test_a_certificate_of_a_foreign_authority_is_refused(self, postgresql: PostgreSQL, tmp_path: Path) -> None:
        foreign = Authority(tmp_path).certificate
        error = refused(by_name(postgresql, f"sslmode=verify-full&sslrootcert={foreign}"))
        assert "cannot be reached safely: SSL error: certificate verify failed" in str(error)
        assert error.exit_code == 6

    def test_a_server_without_tls_is_refused_where_tls_is_wanted(self, pgbouncer: PgBouncer) -> None:
        error = refused(f"{pgbouncer.address_of(ADMIN)}?sslmode=require")
        assert "server does not support SSL, but SSL was required" in str(error)
        assert error.exit_code == 6

    def test_a_service_of_another_machine_is_asked_with_tls_that_is_checked(self, tmp_path: Path) -> None:
        services = tmp_path / "services"
        services.write_text("[team]\nhost=db.invalid\nhostaddr=192.0.2.1\ndbname=x\n")
        connection = Connection({"GUMAUTH_STORE": "postgresql://?service=team", "PGSERVICEFILE": str(services)})
        (target,) = connection._targets()
        assert (target["host"], target["sslmode"]) == ("db.invalid", "verify-full")


def by_name(server: PostgreSQL, more: str) -> str:
    return f"postgresql://{ADMIN}@{HOST}:{server.port}/postgres?{more}"


class TestWhatIsRefused:
    """Each is a sentence with host and port, a hint, and a status; never the address, a password or a value."""

    def test_a_password_that_is_wrong(self, shared_store: SharedStore, tmp_path: Path) -> None:
        wrong = tmp_path / "wrong"
        wrong.touch(mode=0o600)
        wrong.write_text("*:*:*:*:hush\n")
        machine = shared_store.machine("a", GUMAUTH_STORE=f"{shared_store.address}?passfile={wrong}")
        ended = inside(machine, "list")
        assert (ended.status, ended.out) == (6, "")
        assert f"The database at 127.0.0.1:{shared_store.server.port} does not let this role in." in ended.err
        assert "hush" not in ended.err
        assert "passfile=" not in ended.err

    @pytest.mark.parametrize("role", ["nobody-of-that-name", "ö;'\""])
    def test_a_role_that_is_unknown(self, postgresql: PostgreSQL, role: str) -> None:
        error = refused(f"postgresql://{quote(role)}@127.0.0.1:{postgresql.port}/postgres?password=")
        assert "does not let this role in" in str(error)
        assert error.exit_code == 6

    def test_a_database_that_is_unknown(self, postgresql: PostgreSQL, pgbouncer: PgBouncer) -> None:
        for address in (postgresql.address_of(ADMIN, "nowhere"), pgbouncer.address_of(ADMIN, "nowhere")):
            error = refused(address)
            assert "does not have that database" in str(error)
            assert error.exit_code == 6

    @pytest.mark.requirement("T5")
    def test_a_role_without_rights(self, shared_store: SharedStore) -> None:
        role = shared_store.role()
        ended = inside(shared_store.machine("a", GUMAUTH_STORE=shared_store.address_of(role)), "list")
        assert ended.status == 6
        assert "does not let this role do that" in ended.err
        assert "gumauth store init" in ended.err

    def test_a_database_without_a_schema(self, empty_store: SharedStore) -> None:
        ended = inside(empty_store.machine("a"), "list")
        assert ended.status == 6
        assert "has no accounts of gumauth yet" in ended.err
        assert "gumauth store init" in ended.err

    @pytest.mark.requirement("T8")
    @pytest.mark.parametrize(("version", "words"), [(0, "An older gumauth"), (2, "A newer gumauth")])
    def test_a_schema_of_another_version_is_left_as_it_is(
        self, shared_store: SharedStore, version: int, words: str
    ) -> None:
        shared_store.ask(f"update gumauth.store set version = {version}")
        try:
            before = shared_store.ask("select max(change) from gumauth.account")
            for command in (["list"], ["token", "acme"], ["disconnect", "acme"]):
                ended = inside(shared_store.machine("a"), *command)
                assert ended.status == 6
                assert f"{words} made the accounts at" in ended.err
            assert shared_store.ask("select max(change) from gumauth.account") == before
            assert shared_store.ask("select count(*) from gumauth.audit where action <> 'key'") == ["0"]
        finally:
            shared_store.ask("update gumauth.store set version = 1")

    def test_a_standby(self, shared_store: SharedStore) -> None:
        with standby_of(shared_store.server) as standby:
            address = standby.address_of(ADMIN, shared_store.database)
            engine = shared_store.engine(GUMAUTH_STORE=address)
            with pytest.raises(StoreError, match="is a standby, and can only be read") as caught:
                engine.take("acme/00000000000000a1", whole=False)
                engine.claim("acme/connect", 5, take_over=True)
            assert caught.value.exit_code == 6
            engine.close()
            both = f"127.0.0.1:{standby.port},127.0.0.1:{shared_store.server.port}"
            assert asked(f"postgresql://{ADMIN}@{both}/postgres", "select pg_is_in_recovery()") is False
            away = refused(f"postgresql://{ADMIN}@127.0.0.1:{standby.port},127.0.0.1:{free_port()}/postgres")
            assert away.exit_code == 5

    def test_a_server_that_is_not_there(self) -> None:
        port = free_port()
        error = refused(f"postgresql://{ADMIN}@127.0.0.1:{port}/postgres")
        assert str(error) == f"The database at 127.0.0.1:{port} cannot be reached: nothing answers there."
        assert error.exit_code == 5

    def test_a_server_that_has_no_connection_left(self, shared_store: SharedStore) -> None:
        role = shared_store.role("gumauth_reader")
        shared_store.ask(f"alter role {role} connection limit 0")
        error = refused(shared_store.address_of(role))
        assert "has no connection left" in str(error)
        assert error.exit_code == 5

    def test_a_disk_that_is_full(self, postgresql: PostgreSQL) -> None:
        error = refused(
            postgresql.address, "do $$ begin raise exception using errcode = '53100', message = 'hush'; end $$"
        )
        assert "has no room left on its disk" in str(error)
        assert (error.exit_code, "hush" in str(error)) == (5, False)

    def test_a_value_that_does_not_fit_is_not_repeated(self, shared_store: SharedStore) -> None:
        engine = shared_store.engine()
        for name in ("hush" * 100, "hush\0"):
            with pytest.raises(StoreError, match="does not take a name that is so long, or has such letters") as caught:
                engine.claim(name, 5, take_over=True)
            assert "hush" not in str(caught.value)
            assert caught.value.exit_code == 6
        engine.close()

    @pytest.mark.parametrize(
        "address", ["postgresql://ada:hu%zzsh@h/db", "postgresql://h/db?hush=1", "postgresql://[h"]
    )
    def test_an_address_that_cannot_be_read_is_not_repeated(self, address: str) -> None:
        with pytest.raises(StoreError, match=r"^GUMAUTH_STORE cannot be read") as caught:
            Connection({"GUMAUTH_STORE": address})
        assert caught.value.__cause__ is None


def quote(role: str) -> str:
    return "".join(f"%{byte:02x}" for byte in role.encode())
