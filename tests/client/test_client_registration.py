"""The client for a connect: a kept one that the server still knows, or a new one."""

from __future__ import annotations

import asyncio
import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gumauth.accounts.account import Account
from gumauth.accounts.record import Record
from gumauth.client.client_registration import obtain
from gumauth.client.context import Context
from gumauth.client.registered_clients import RegisteredClients
from gumauth.errors import RegistrationError, StoreError, Temporary
from gumauth.oauth2.registered_client import RegisteredClient
from gumauth.platform.frozen import replace
from gumauth.testing import AuthorizationServer, Fault
from tests.accounts.directly import records_of, save
from tests.store.memory import MemoryStore

BOTH = ("http://localhost:4862/callback", "http://127.0.0.1:4862/callback")
GRANTS = ("authorization_code", "refresh_token")


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock) -> Iterator[AuthorizationServer]:
    with AuthorizationServer(clock=clock) as running:
        yield running


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def context(tmp_path: Path, clock: Clock, store: MemoryStore) -> Context:
    return Context({"GUMAUTH_HOME": str(tmp_path)}, store=store, clock=clock)


@pytest.fixture
def kept(context: Context, server: AuthorizationServer) -> RegisteredClients:
    return RegisteredClients(context, server.issuer)


Get = Callable[..., RegisteredClient]


def wanted(server: AuthorizationServer, **changes: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "issuer": server.issuer,
        "registration_url": server.registration_url,
        "token_url": server.token_url,
        "auth_methods": None,
        "redirect_uris": BOTH,
        "grant_types": GRANTS,
        "anew": False,
        "say": lambda _sentence: None,
    }
    return {**usual, **changes}


@pytest.fixture
def get(context: Context, server: AuthorizationServer) -> Get:
    return lambda **changes: asyncio.run(obtain(context, **wanted(server, **changes)))


def asked(server: AuthorizationServer) -> list[str]:
    """What the server was asked, in order."""
    return [event.kind for event in server.log]


@pytest.mark.requirement("D7", "M28")
def test_a_client_is_registered_once_and_used_again(
    get: Get, server: AuthorizationServer, kept: RegisteredClients
) -> None:
    said: list[str] = []
    first = get(say=said.append)
    assert get(say=said.append) == first
    assert (first.redirect_uris, first.grant_types, first.registered_at) == (BOTH, GRANTS, 1000.0)
    assert (first.auth_method, first.client_secret) == ("none", None)
    assert kept.all() == (first,)
    assert asked(server) == ["register", "client"]
    assert said == ["127.0.0.1 has registered gumauth as a client."]


@pytest.mark.requirement("D7", "M24", "M41")
@pytest.mark.parametrize("managed", [True, False])
def test_a_client_that_the_server_has_forgotten_is_registered_anew_and_the_old_one_kept(
    get: Get, server: AuthorizationServer, kept: RegisteredClients, managed: bool
) -> None:
    server.registration.management = managed
    old = get()
    assert get() == old
    server.forget_clients()
    new = get()
    assert new.client_id != old.client_id
    assert get() == new
    assert server.count("register") == 2
    assert kept.all() == (new, replace(old, doubtful_since=1000.0))


@pytest.mark.requirement("D7", "M20")
def test_a_client_whose_redirect_uris_do_not_fit_any_more_is_registered_anew(
    get: Get, server: AuthorizationServer
) -> None:
    first = get()
    other = ("http://localhost:5000/callback", "http://127.0.0.1:5000/callback")
    assert get(redirect_uris=other).redirect_uris == other
    assert get(redirect_uris=(BOTH[1],)) == first
    assert server.count("register") == 2


@pytest.mark.requirement("M19")
@pytest.mark.parametrize("host", [0, 1])
def test_at_a_server_that_takes_one_host_only_the_client_has_that_one(
    get: Get, server: AuthorizationServer, host: int
) -> None:
    server.registration.redirect_hosts = (("localhost", "127.0.0.1")[host],)
    client = get()
    assert client.redirect_uris == (BOTH[host],)
    assert get() == client


@pytest.mark.requirement("D7", "M23")
def test_a_client_whose_secret_has_expired_is_registered_anew(
    get: Get, server: AuthorizationServer, clock: Clock
) -> None:
    server.registration.auth_method, server.registration.secret_lifetime = "client_secret_post", 200
    first = get()
    assert (first.auth_method, first.secret_expires_at) == ("body", 1200.0)
    clock.now = 1139.0
    assert get() == first
    clock.now = 1141.0
    assert get().secret_expires_at == 1341.0


@pytest.mark.requirement("M23")
def test_a_server_that_hands_out_its_dead_client_again_is_asked_under_another_name(
    get: Get, server: AuthorizationServer, clock: Clock
) -> None:
    server.registration.auth_method, server.registration.secret_lifetime = "client_secret_post", 200
    server.registration.one_per_name = True
    first = get()
    clock.now = 2000.0
    assert get().client_id != first.client_id
    assert server.count("register") == 3


@pytest.mark.requirement("M25")
def test_a_client_that_is_in_doubt_is_registered_anew(get: Get, kept: RegisteredClients) -> None:
    first = get()
    kept.doubt(first.client_id, 1000.0)
    assert get().client_id != first.client_id


def test_a_kept_client_will_not_do_where_a_new_one_is_wanted(get: Get, clock: Clock) -> None:
    first = get()
    clock.now += 1
    second = get(anew=True)
    assert first.client_id != second.client_id
    assert get() == second


@pytest.mark.requirement("D7", "M26", "M27")
def test_the_method_that_is_asked_for_is_the_servers_first_of_ours(get: Get, server: AuthorizationServer) -> None:
    client = get(auth_methods=("private_key_jwt", "client_secret_basic"))
    assert (client.auth_method, client.client_secret is None) == ("basic", False)
    server.registration.secret = "never"
    with pytest.raises(RegistrationError, match="by client_secret_basic, and gave no client secret"):
        get(auth_methods=("client_secret_basic",), anew=True)


@pytest.mark.requirement("M17", "M28")
def test_a_server_that_does_not_register_now_loses_nothing(
    get: Get, server: AuthorizationServer, kept: RegisteredClients
) -> None:
    first = get()
    server.misbehave("register", Fault.status(503))
    with pytest.raises(Temporary):
        get(anew=True)
    server.registration.allowed_names = ("Somebody Else",)
    with pytest.raises(RegistrationError, match="allow-list"):
        get(anew=True)
    assert kept.all() == (first,)
    assert get() == first


def test_a_server_that_does_not_answer_is_no_reason_for_another_client(get: Get, server: AuthorizationServer) -> None:
    server.registration.management = False
    first = get()
    assert get(token_url="http://127.0.0.1:9/token") == first


def test_a_client_that_cannot_be_kept_is_an_error(context: Context, server: AuthorizationServer) -> None:
    class Full(MemoryStore):
        def set(self, key: str, value: str) -> None:
            raise StoreError("The store is full.")

    full = Context(context.environ, store=Full())
    with pytest.raises(StoreError, match="full"):
        asyncio.run(obtain(full, **wanted(server)))


@pytest.mark.requirement("M41")
def test_of_too_many_clients_those_of_accounts_stay(
    get: Get, context: Context, kept: RegisteredClients, store: MemoryStore, clock: Clock
) -> None:
    clients = []
    for at in range(20):
        clock.now = float(at)
        clients.append(get(anew=True))
    clock.now = 20.0
    account = Account(provider="acme", id="0" * 16, source="https://acme.example/mcp", store="memory", grant="g1")
    save(context, account)
    record = Record(access_token="t", client_id=clients[0].client_id, grant="g1", account={})
    records_of(context).put(account, record)
    new = get(anew=True)
    ids = [each.client_id for each in kept.all()]
    assert ids == [each.client_id for each in (new, *reversed(clients[2:]), clients[0])]


def test_the_event_loop_of_the_caller_goes_on_meanwhile(
    server: AuthorizationServer, context: Context, kept: RegisteredClients
) -> None:
    server.misbehave("register", Fault.slow(0.3))
    ticks: list[float] = []

    async def tick() -> None:
        while True:
            ticks.append(time.monotonic())
            await asyncio.sleep(0.01)

    async def both() -> RegisteredClient:
        ticking = asyncio.create_task(tick())
        try:
            with kept.locked():
                obtaining = asyncio.create_task(obtain(context, **wanted(server)))
                await asyncio.sleep(0.2)
                assert not server.log  # the lock is another's
            return await obtaining
        finally:
            ticking.cancel()

    assert asyncio.run(both()).redirect_uris == BOTH
    assert len(ticks) > 20
    assert max(later - earlier for earlier, later in itertools.pairwise(ticks)) < 0.25


PROCESSES = """
import asyncio, os, sys
from gumauth.client.client_registration import obtain
from gumauth.client.context import Context

url, anew, count = sys.argv[1], sys.argv[2] == "anew", int(sys.argv[3])
reading, writing = os.pipe()
children = []
for _ in range(count):
    child = os.fork()
    if child == 0:
        os.close(writing)
        os.read(reading, 1)  # until all have been started
        got = asyncio.run(obtain(
            Context(os.environ), issuer=url, registration_url=url + "/register",
            token_url=url + "/token", auth_methods=None, redirect_uris=("http://localhost:4862/callback",),
            grant_types=("authorization_code",), anew=anew, say=lambda sentence: None,
        ))
        os.write(1, (got.client_id + "\\n").encode())
        os._exit(0)
    children.append(child)
os.close(reading)
os.close(writing)
sys.exit(any(os.waitpid(child, 0)[1] for child in children))
"""


@pytest.mark.requirement("D8")
@pytest.mark.parametrize(("how", "count"), [("any", 50), ("anew", 10)])
def test_processes_that_connect_at_once_register_one_client(
    authorization_server: AuthorizationServer, tmp_path: Path, how: str, count: int
) -> None:
    server, key = authorization_server, tmp_path / "key"
    key.write_bytes(os.urandom(32))
    key.chmod(0o600)
    environ = {"GUMAUTH_HOME": str(tmp_path / "home"), "GUMAUTH_STORE": "file", "GUMAUTH_KEY_FILE": str(key)}
    before = connect(server, environ, "any", 1) if how == "anew" else []
    server.misbehave("register", Fault.slow(0.3))
    got = connect(server, environ, how, count)
    assert len(got) == count
    assert len({*got}) == 1
    assert not {*got} & {*before}
    assert server.count("register") == 1 + len(before)


def connect(server: AuthorizationServer, environ: dict[str, str], how: str, count: int) -> list[str]:
    """The ids of the clients that so many processes got."""
    command = [sys.executable, "-c", PROCESSES, server.url, how, str(count)]
    done = subprocess.run(
        command, env={**os.environ, **environ}, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()
