"""The address of a database: what is refused in it, what is added to it, and what of it is shown."""

from __future__ import annotations

import pytest

from gumauth.accounts.postgresql.address import (
    BUNDLES,
    check_address,
    checked_hosts,
    connect_seconds,
    is_here,
    one_by_one,
    shown,
    system_certificates,
    tls,
)
from gumauth.errors import StoreError


@pytest.mark.parametrize("name", ["password", "sslpassword"])
def test_a_secret_in_the_address_is_refused(name: str) -> None:
    with pytest.raises(StoreError, match="has a password in it") as caught:
        check_address({"host": "db", name: "hush"}, "GUMAUTH_STORE")
    check_address({"host": "db", name: ""}, "GUMAUTH_STORE")
    assert "hush" not in str(caught.value) + str(caught.value.hint)


@pytest.mark.parametrize("host", ["", "/run/postgresql", "@socket", "localhost", "127.0.0.1", "127.1", "::1"])
def test_these_hosts_are_this_machine(host: str) -> None:
    assert is_here(host)


@pytest.mark.parametrize(
    "host", ["db.example.com", "10.0.0.1", "127.example.com", "127.0.0.1.nip.io", "localhost.example.com"]
)
def test_these_hosts_are_others(host: str) -> None:
    assert not is_here(host)


DEBIAN = "/etc/ssl/certs/ca-certificates.crt"
OWN = "~/.postgresql/root.crt"


@pytest.mark.requirement("T7")
@pytest.mark.parametrize(
    ("parameters", "environ", "there", "added"),
    [
        ({"host": "db"}, {}, [DEBIAN], {"sslmode": "verify-full", "sslrootcert": DEBIAN}),
        ({"host": "db"}, {}, [DEBIAN, OWN], {"sslmode": "verify-full"}),
        ({"host": "db"}, {}, [], {"sslmode": "verify-full", "sslrootcert": "system"}),
        ({"host": "db"}, {"SSL_CERT_FILE": "/mine"}, [DEBIAN], {"sslmode": "verify-full", "sslrootcert": "/mine"}),
        ({"host": "db", "sslrootcert": "/ca"}, {}, [DEBIAN], {"sslmode": "verify-full"}),
        ({"host": "db"}, {"PGSSLROOTCERT": "/ca"}, [DEBIAN], {"sslmode": "verify-full"}),
        ({"host": "db", "sslrootcert": "system"}, {}, [DEBIAN], {"sslmode": "verify-full", "sslrootcert": DEBIAN}),
        (
            {"host": "db", "sslrootcert": "system"},
            {},
            [DEBIAN, OWN],
            {"sslmode": "verify-full", "sslrootcert": DEBIAN},
        ),
        ({"host": "db", "sslmode": "verify-full"}, {}, [DEBIAN], {"sslrootcert": DEBIAN}),
        ({}, {"PGHOST": "db"}, [DEBIAN], {"sslmode": "verify-full", "sslrootcert": DEBIAN}),
        ({"host": "localhost,db"}, {}, [OWN], {"sslmode": "verify-full"}),
        ({"host": "localhost", "hostaddr": "10.0.0.1"}, {}, [OWN], {"sslmode": "verify-full"}),
        ({"host": "db", "sslmode": "verify-ca"}, {}, [DEBIAN], {}),
        ({"host": "db", "sslmode": "require"}, {}, [DEBIAN], {}),
        ({"host": "db"}, {"PGSSLMODE": "require"}, [DEBIAN], {}),
        ({"host": "localhost"}, {}, [DEBIAN], {}),
        ({}, {}, [DEBIAN], {}),
    ],
)
def test_tls_is_used_and_checked_beyond_this_machine_unless_the_person_says_otherwise(
    parameters: dict[str, str], environ: dict[str, str], there: list[str], added: dict[str, str]
) -> None:
    assert tls(parameters, environ, is_there=there.__contains__) == added


def test_of_several_hosts_the_one_is_asked_that_can_be_written_to() -> None:
    assert checked_hosts({"host": "a,b"}, {}) == {"target_session_attrs": "read-write"}
    assert checked_hosts({"host": "a"}, {}) == {}
    assert checked_hosts({}, {"PGHOST": "a,b,c"}) == {"target_session_attrs": "read-write"}
    assert checked_hosts({"host": "a,b", "target_session_attrs": "any"}, {}) == {}
    assert checked_hosts({"host": "a,b"}, {"PGTARGETSESSIONATTRS": "primary"}) == {}


def test_each_of_several_hosts_is_asked_by_itself() -> None:
    assert one_by_one({"host": "a,b", "port": "1,2", "dbname": "d"}, {}) == [
        {"host": "a", "port": "1", "dbname": "d"},
        {"host": "b", "port": "2", "dbname": "d"},
    ]
    assert one_by_one({"host": "a,b", "port": "1"}, {}) == [{"host": "a", "port": "1"}, {"host": "b", "port": "1"}]
    assert one_by_one({"host": "a,b", "hostaddr": "10.0.0.1,10.0.0.2"}, {}) == [
        {"host": "a", "hostaddr": "10.0.0.1"},
        {"host": "b", "hostaddr": "10.0.0.2"},
    ]
    assert one_by_one({}, {}) == [{}]
    assert one_by_one({"host": "a,b,c"}, {"PGHOSTADDR": ""}) == [{"host": "a"}, {"host": "b"}, {"host": "c"}]
    one = {"host": "a"}
    assert one_by_one(one, {}) == [one]
    assert one_by_one(one, {})[0] is not one


@pytest.mark.parametrize(
    ("parameters", "environ", "seconds"),
    [
        ({}, {}, 5.0),
        ({"connect_timeout": "30"}, {}, 30.0),
        ({}, {"PGCONNECT_TIMEOUT": "3"}, 3.0),
        ({"connect_timeout": "0"}, {}, 5.0),
        ({"connect_timeout": "-1"}, {}, 5.0),
        ({"connect_timeout": "1"}, {}, 1.0),
        ({"connect_timeout": "30"}, {"PGCONNECT_TIMEOUT": "3"}, 30.0),
    ],
)
def test_a_host_has_five_seconds_to_take_a_connection_or_what_the_address_says(
    parameters: dict[str, str], environ: dict[str, str], seconds: float
) -> None:
    assert connect_seconds(parameters, environ, 5.0) == seconds


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"host": "db", "user": "ada", "dbname": "d"}, "db:5432"),
        ({"host": "a,b", "port": "1,2"}, "a:1 and b:2"),
        ({"host": "a,b", "port": "1"}, "a:1 and b:1"),
        ({}, "this machine's socket:5432"),
        ({"service": "team"}, "the service team"),
    ],
)
def test_host_and_port_are_shown(parameters: dict[str, str], text: str) -> None:
    assert shown(parameters, {}) == text


def test_libpqs_variables_are_read_as_libpq_reads_them() -> None:
    assert shown({}, {"PGHOST": "a,b", "PGPORT": "1,2"}) == "a:1 and b:2"
    assert shown({"port": "3"}, {"PGHOST": "a", "PGPORT": "1"}) == "a:3"
    assert shown({"host": "c"}, {"PGHOST": "a"}) == "c:5432"
    assert shown({"host": "c"}, {"PGHOSTADDR": "10.0.0.1"}) == "10.0.0.1:5432"
    assert shown({"hostaddr": "10.0.0.2"}, {"PGHOSTADDR": "10.0.0.1"}) == "10.0.0.2:5432"
    assert one_by_one({"host": "a,b"}, {"PGPORT": "1,2"}) == [{"host": "a", "port": "1"}, {"host": "b", "port": "2"}]
    assert one_by_one({"host": "a,b", "port": "3"}, {"PGPORT": "1,2"}) == [
        {"host": "a", "port": "3"},
        {"host": "b", "port": "3"},
    ]
    assert one_by_one({}, {"PGHOST": "a,b"}) == [{"host": "a"}, {"host": "b"}]
    assert one_by_one({"host": "a,b", "port": ",2"}, {}) == [{"host": "a", "port": ""}, {"host": "b", "port": "2"}]
    assert shown({"host": "a,b", "port": ",2"}, {}) == "a:5432 and b:2"
    both = [{"host": "a", "hostaddr": "10.0.0.1"}, {"host": "b", "hostaddr": "10.0.0.2"}]
    assert one_by_one({"host": "a,b"}, {"PGHOSTADDR": "10.0.0.1,10.0.0.2", "PGHOST": "c"}) == both
    assert one_by_one({"hostaddr": "10.0.0.1,10.0.0.2"}, {"PGHOST": "a,b"}) == both
    assert one_by_one({"hostaddr": "10.0.0.1,10.0.0.2"}, {}) == [{"hostaddr": "10.0.0.1"}, {"hostaddr": "10.0.0.2"}]
    assert one_by_one({"host": "a", "hostaddr": "10.0.0.1,10.0.0.2"}, {}) == [
        {"host": "a", "hostaddr": "10.0.0.1"},
        {"host": "a", "hostaddr": "10.0.0.2"},
    ]


@pytest.mark.requirement("T7")
def test_a_service_without_a_host_that_is_known_is_another_machine() -> None:
    there = [OWN].__contains__
    assert tls({"service": "team"}, {}, is_there=there) == {"sslmode": "verify-full"}
    assert tls({"service": "team", "host": "localhost"}, {}, is_there=there) == {}
    assert tls({"service": "team", "hostaddr": "127.0.0.1"}, {}, is_there=there) == {}


@pytest.mark.parametrize("there", BUNDLES)
def test_the_certificates_of_each_system_are_found(there: str) -> None:
    assert system_certificates({}, [there].__contains__) == there
    assert system_certificates({}, BUNDLES[BUNDLES.index(there) :].__contains__) == there


def test_they_are_where_systems_have_them() -> None:
    assert BUNDLES == (
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    )
