"""The client for a connect: a kept one that the server still knows, or a new one."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from gumauth.client.client_registration import obtain
from gumauth.client.context import Context
from gumauth.client.registered_clients import RegisteredClients
from gumauth.errors import RegistrationError, Temporary
from gumauth.oauth2.registered_client import RegisteredClient
from gumauth.platform.frozen import replace
from tests.store.memory import MemoryStore

ISSUER = "https://issuer.example"
BOTH = ("http://localhost:4862/callback", "http://127.0.0.1:4862/callback")
GRANTS = ("authorization_code", "refresh_token")


class Server(ThreadingHTTPServer):
    """Registers clients, and knows those that it has not forgotten at its token endpoint."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.known: dict[str, dict[str, Any]] = {}
        self.paths: list[str] = []
        self.registrations = 0
        self.delay = 0.0
        self.status = 201
        self.more: dict[str, Any] = {}
        self.guard = threading.Lock()

    def register(self, asked: dict[str, Any]) -> dict[str, Any]:
        time.sleep(self.delay)
        with self.guard:
            self.registrations += 1
            name = f"client-{self.registrations}"
            self.known[name] = asked
        return {**asked, "client_id": name, **self.more}


class Handler(BaseHTTPRequestHandler):
    server: Server
    timeout = 30

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.paths.append(self.path)
        if self.path == "/register":
            self.reply(self.server.status, self.server.register(json.loads(body)) if self.server.status == 201 else {})
        elif parse_qs(body.decode())["client_id"][0] in self.server.known:
            self.reply(400, {"error": "invalid_grant"})
        else:
            self.reply(401, {"error": "invalid_client"})

    def reply(self, status: int, data: dict[str, Any]) -> None:
        content = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing is printed."""


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def context(tmp_path: Path, clock: Clock) -> Context:
    return Context({"GUMAUTH_HOME": str(tmp_path)}, store=MemoryStore(), clock=clock)


Get = Callable[..., RegisteredClient]


@pytest.fixture
def get(context: Context, server: Server) -> Get:
    def get(**changes: Any) -> RegisteredClient:
        wanted: dict[str, Any] = {
            "issuer": ISSUER,
            "registration_url": f"{server.url}/register",
            "token_url": f"{server.url}/token",
            "auth_methods": None,
            "redirect_uris": BOTH,
            "grant_types": GRANTS,
            "anew": False,
            "say": lambda _sentence: None,
        }
        return asyncio.run(obtain(context, **{**wanted, **changes}))

    return get


@pytest.mark.requirement("D7", "M28")
def test_a_client_is_registered_once_and_used_again(get: Get, server: Server, context: Context) -> None:
    said: list[str] = []
    first = get(say=said.append)
    assert get(say=said.append) == first
    assert first == RegisteredClient(client_id="client-1", redirect_uris=BOTH, grant_types=GRANTS, registered_at=1000.0)
    assert RegisteredClients(context, ISSUER).all() == (first,)
    assert server.paths == ["/register", "/token"]
    assert said == ["issuer.example has registered gumauth as a client."]


@pytest.mark.requirement("D7", "M24", "M41")
def test_a_client_that_the_server_has_forgotten_is_registered_anew_and_the_old_one_kept(
    get: Get, server: Server, context: Context
) -> None:
    get()
    server.known.clear()
    assert get().client_id == "client-2"
    assert get().client_id == "client-2"
    assert server.registrations == 2
    kept = RegisteredClients(context, ISSUER)
    assert [(each.client_id, each.doubtful_since) for each in kept.all()] == [("client-2", None), ("client-1", 1000.0)]


@pytest.mark.requirement("D7", "M20")
def test_a_client_whose_redirect_uris_do_not_fit_any_more_is_registered_anew(get: Get, server: Server) -> None:
    get()
    other = ("http://localhost:5000/callback", "http://127.0.0.1:5000/callback")
    assert get(redirect_uris=other).redirect_uris == other
    assert get(redirect_uris=(BOTH[1],)).client_id == "client-1"
    assert server.registrations == 2


@pytest.mark.requirement("D7", "M23")
def test_a_client_whose_secret_has_expired_is_registered_anew(get: Get, server: Server, clock: Clock) -> None:
    server.more = {
        "client_secret": "s",
        "client_secret_expires_at": 1200,
        "token_endpoint_auth_method": "client_secret_post",
    }
    get()
    clock.now = 1139.0
    assert get().client_id == "client-1"
    server.more["client_secret_expires_at"] = 5000
    clock.now = 1141.0
    assert get().client_id == "client-2"


@pytest.mark.requirement("M25")
def test_a_client_that_is_in_doubt_is_registered_anew(get: Get, context: Context) -> None:
    get()
    RegisteredClients(context, ISSUER).doubt("client-1", 1000.0)
    assert get().client_id == "client-2"


def test_a_kept_client_will_not_do_where_a_new_one_is_wanted(get: Get) -> None:
    assert [get(anew=True).client_id, get(anew=True).client_id, get().client_id] == ["client-1", "client-2", "client-2"]


@pytest.mark.requirement("D7", "M26")
def test_the_method_that_is_asked_for_is_the_servers_first_of_ours(get: Get, server: Server) -> None:
    server.more = {"client_secret": "s"}
    assert get(auth_methods=("private_key_jwt", "client_secret_basic")).auth_method == "basic"
    assert server.known["client-1"]["token_endpoint_auth_method"] == "client_secret_basic"


@pytest.mark.requirement("M28")
def test_a_server_that_cannot_register_now_loses_nothing(get: Get, server: Server, context: Context) -> None:
    kept = get()
    server.status = 503
    with pytest.raises(Temporary):
        get(anew=True)
    server.status = 403
    with pytest.raises(RegistrationError):
        get(anew=True)
    assert RegisteredClients(context, ISSUER).all() == (kept,)
    assert get() == kept


def test_a_token_endpoint_that_does_not_answer_is_no_reason_for_another_client(get: Get, server: Server) -> None:
    get()
    assert get(token_url="http://127.0.0.1:9/token").client_id == "client-1"


def test_what_the_server_changes_of_a_kept_client_is_kept(get: Get, server: Server, context: Context) -> None:
    get()
    clients = RegisteredClients(context, ISSUER)
    (kept,) = clients.all()
    clients.update(replace(kept, worked_at=5.0))
    assert get().worked_at == 5.0


def test_the_event_loop_of_the_caller_goes_on_meanwhile(get: Get, server: Server, context: Context) -> None:
    server.delay = 0.3
    ticks: list[float] = []

    async def tick() -> None:
        while True:
            ticks.append(time.monotonic())
            await asyncio.sleep(0.01)

    async def both() -> RegisteredClient:
        ticking = asyncio.create_task(tick())
        try:
            with RegisteredClients(context, ISSUER).locked():
                obtaining = asyncio.create_task(
                    obtain(
                        context,
                        issuer=ISSUER,
                        registration_url=f"{server.url}/register",
                        token_url=f"{server.url}/token",
                        auth_methods=None,
                        redirect_uris=BOTH,
                        grant_types=GRANTS,
                        anew=False,
                        say=lambda _sentence: None,
                    )
                )
                await asyncio.sleep(0.2)
                assert not server.paths  # the lock is another's
            return await obtaining
        finally:
            ticking.cancel()

    assert asyncio.run(both()).client_id == "client-1"
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
            Context(os.environ), issuer="https://issuer.example", registration_url=url + "/register",
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
    server: Server, tmp_path: Path, how: str, count: int
) -> None:
    key = tmp_path / "key"
    key.write_bytes(os.urandom(32))
    key.chmod(0o600)
    server.delay = 0.2
    environ = {"GUMAUTH_HOME": str(tmp_path / "home"), "GUMAUTH_STORE": "file", "GUMAUTH_KEY_FILE": str(key)}
    before = {"any": 0, "anew": 1}[how]
    if how == "anew":
        ask(server, environ, "any", 1)
    assert ask(server, environ, how, count) == [f"client-{before + 1}"] * count
    assert server.registrations == before + 1


def ask(server: Server, environ: dict[str, str], how: str, count: int) -> list[str]:
    command = [sys.executable, "-c", PROCESSES, server.url, how, str(count)]
    done = subprocess.run(
        command, env={**os.environ, **environ}, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()
