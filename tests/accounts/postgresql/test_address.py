"""The address of a database: what is refused in it, what is added to it, and what of it is shown."""

from __future__ import annotations

import pytest

from gumauth.accounts.postgresql.address import (
    check_address,
    checked_hosts,
    connect_seconds,
    is_here,
    one_by_one,
    shown,
    tls,
)
from gumauth.accounts.postgresql.service_file import section
from gumauth.errors import StoreError


@pytest.mark.parametrize("name", ["password", "sslpassword"])
def test_a_secret_in_the_address_is_refused(name: str) -> None:
    with pytest.raises(StoreError, match="has a password in it") as caught:
        check_address({"host": "db", name: "hush"}, "GUMAUTH_STORE")
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


@pytest.mark.parametrize(
    ("parameters", "environ", "seconds"),
    [
        ({}, {}, 5.0),
        ({"connect_timeout": "30"}, {}, 30.0),
        ({}, {"PGCONNECT_TIMEOUT": "3"}, 3.0),
        ({"connect_timeout": "0"}, {}, 5.0),
        ({"connect_timeout": "-1"}, {}, 5.0),
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


SERVICES = """
# ours
[other]
host=elsewhere
[team]
host=db.example.com
port=6432
password=hush=hush
host=later
[last]
host=x
"""


def test_a_service_has_the_parameters_of_its_section() -> None:
    assert section(SERVICES, "team") == {"host": "db.example.com", "port": "6432", "password": "hush=hush"}
    assert section(SERVICES, "none") is None
    assert section("[team]\nldap://directory/x\n", "team") is None
