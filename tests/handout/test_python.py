"""The door for Python programs, on an encrypted file store and a strict server."""

from __future__ import annotations

import asyncio
import math
import os
import subprocess
import sys
import time
import timeit
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
import requests

import gumauth
from gumauth import gumstack
from gumauth.accounts.account import Account
from gumauth.accounts.record import Record
from gumauth.client.context import Context
from gumauth.client.token import usable
from gumauth.errors import AmbiguousAccount, GumauthError, NotConnected, ReconnectNeeded
from gumauth.handout import python
from gumauth.platform.frozen import replace
from gumauth.store.open import choose
from gumauth.testing import AuthorizationServer, Fault
from tests.accounts.directly import records_of
from tests.client.ending import disconnect, revoke
from tests.client.world import Clock, Walker, World
from tests.programs.left_behind import processes, until
from tests.programs.stage import make_due

REAL = time.time


class Moving(Clock):
    """The wall clock, moved on by what a test says."""

    def __init__(self) -> None:
        super().__init__(0.0)

    def __call__(self) -> float:
        return REAL() + self.now


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A connected account in an encrypted file, which the door finds by the environment alone."""
    key = tmp_path / "key"
    key.write_bytes(os.urandom(32))
    key.chmod(0o600)
    with AuthorizationServer() as server:
        world = World(
            server=server,
            folder=tmp_path,
            clock=Moving(),
            environ={"GUMAUTH_STORE": "file", "GUMAUTH_KEY_FILE": str(key)},
        )
        world.store = choose(world.context, None)
        world.context = world.new_context()
        world.connect()
        for name, value in world.environ.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.setattr("time.time", world.clock)
        python._cache.clear()
        yield world
        python._cache.clear()


def test_get_token_gives_a_token_that_the_server_accepts(world: World) -> None:
    assert world.server.is_active(gumauth.get_token("acme"))
    assert gumauth.get_token("acme/ada@example.com") == gumauth.get_token("acme")


def test_aget_token_gives_the_same_token(world: World) -> None:
    assert asyncio.run(gumauth.aget_token("acme")) == gumauth.get_token("acme")


def test_get_token_works_inside_a_running_event_loop(world: World) -> None:
    async def inside() -> str:
        return gumauth.get_token("acme", min_valid=3001)

    world.clock.move(600)
    assert world.server.is_active(asyncio.run(inside()))
    assert world.server.count("refresh") == 1


def test_a_cached_token_needs_neither_store_nor_list(world: World) -> None:
    token = gumauth.get_token("acme")
    for file in (world.folder / "home" / "secrets").iterdir():
        file.unlink()
    assert gumauth.get_token("acme") == token
    assert asyncio.run(gumauth.aget_token("acme")) == token


def test_a_cached_token_costs_about_a_microsecond(world: World) -> None:
    """A bound that holds on a busy machine; the benchmark measures the figure."""
    gumauth.get_token("acme")
    assert min(timeit.repeat(lambda: gumauth.get_token("acme"), number=1000, repeat=5)) / 1000 < 20e-6


@pytest.mark.requirement("R4")
def test_min_valid_refreshes_a_cached_token_that_is_not_good_for_long_enough(world: World) -> None:
    first = gumauth.get_token("acme")
    assert gumauth.get_token("acme", min_valid=3000) == first
    world.clock.move(600)
    second = gumauth.get_token("acme", min_valid=3000)
    assert second != first
    assert world.server.count("refresh") == 1
    assert gumauth.get_token("acme", min_valid=3000) == gumauth.get_token("acme") == second


def test_a_min_valid_that_no_token_can_satisfy_does_not_refresh_at_every_call(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    looked = []
    for _ in range(4):
        world.clock.move(600)
        looked += [gumauth.get_token("acme", min_valid=7200), asyncio.run(gumauth.aget_token("acme", min_valid=7200))]
    assert world.server.count("refresh") == 2
    assert len(set(looked)) == 3
    assert {record.message for record in caplog.records} == {
        "A token of acme/ada@example.com lives for 3600 s only, and cannot be good for as long as asked."
    }
    assert len(caplog.records) == 3


@pytest.fixture
def ahead(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file that says for which token a process was started last; such processes are allowed."""
    monkeypatch.setenv("GUMAUTH_AHEAD", "1")
    monkeypatch.setenv("HOME", str(world.folder))
    yield world.folder / "home" / "locks" / f"{world.account().key.replace('/', '.')}.ahead.lock"
    until(lambda: not processes(os.environ))


@pytest.mark.requirement("H8")
@pytest.mark.parametrize("get", [gumauth.get_token, lambda account: asyncio.run(gumauth.aget_token(account))])
def test_a_cached_token_that_is_nearly_due_is_handed_out_without_a_look_at_the_store(
    world: World, ahead: Path, get: Callable[[str], str]
) -> None:
    token = get("acme")
    assert not ahead.exists()
    for file in (world.folder / "home" / "secrets").iterdir():
        file.unlink()
    world.clock.move(3600 - 500)
    assert get("acme") == token
    until(lambda: ahead.exists() and bool(ahead.read_text()))
    noted = ahead.read_text()
    world.clock.move(200)  # longer than a run waits that starts one again
    assert get("acme") == token
    assert [held.ahead for held in python._cache.values()] == [math.inf]
    assert ahead.read_text() == noted


@pytest.mark.requirement("H8")
def test_a_token_that_is_nearly_due_when_it_is_read_is_new_in_the_store_when_it_is_due(
    world: World, ahead: Path
) -> None:
    make_due(os.environ, "acme", left=300)
    token = gumauth.get_token("acme")
    until(lambda: world.token().access_token != token)
    assert gumauth.get_token("acme") == token
    world.clock.move(250)
    assert gumauth.get_token("acme") == world.token().access_token != token
    assert world.server.count("refresh") == 1


@pytest.mark.requirement("H8")
def test_a_data_folder_that_has_become_unusable_costs_nothing_while_the_token_is_good(
    world: World, ahead: Path
) -> None:
    token = gumauth.get_token("acme")
    world.clock.move(3600 - 500)
    (world.folder / "home").chmod(0o777)
    assert gumauth.get_token("acme") == gumauth.get_token("acme") == token
    (world.folder / "home").chmod(0o700)


@pytest.mark.requirement("H8")
def test_a_program_that_can_start_no_thread_has_its_token(
    world: World, ahead: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: Thread) -> None:
        raise RuntimeError("can't start new thread")

    token = gumauth.get_token("acme")
    world.clock.move(3600 - 500)
    monkeypatch.setattr(Thread, "start", fails)
    assert gumauth.get_token("acme") == token
    assert not ahead.exists()


def test_what_is_cached_does_not_grow_with_every_other_min_valid(world: World) -> None:
    for number in range(20):
        gumauth.get_token("acme", min_valid=100 + number)
    assert [key[0] for key in python._cache] == ["acme"]


@pytest.mark.requirement("Y5")
def test_another_data_folder_has_other_tokens(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = gumauth.get_token("acme")
    (tmp_path / "other").mkdir()
    other = World(server=world.server, folder=tmp_path / "other", clock=world.clock, store=world.store)
    monkeypatch.setenv("GUMAUTH_HOME", str(tmp_path / "elsewhere"))
    with pytest.raises(NotConnected):
        gumauth.get_token("acme")
    secret = other.environ["ACME_CLIENT_SECRET"]
    monkeypatch.setenv("ACME_CLIENT_SECRET", secret)
    other.environ |= {**world.environ, "GUMAUTH_HOME": str(tmp_path / "elsewhere"), "ACME_CLIENT_SECRET": secret}
    other.store = choose(other.new_context(), None)
    other.context = other.new_context()
    other.connect()
    second = gumauth.get_token("acme")
    assert second != first
    monkeypatch.setenv("GUMAUTH_HOME", world.environ["GUMAUTH_HOME"])
    assert gumauth.get_token("acme") == first
    python.forget("acme")
    monkeypatch.setenv("GUMAUTH_HOME", str(tmp_path / "elsewhere"))
    assert gumauth.get_token("acme") == second


@pytest.mark.requirement("Y5")
@pytest.mark.parametrize("name", ["GUMAUTH_HOME", "XDG_DATA_HOME", "HOME"])
def test_the_cache_looks_at_every_variable_that_moves_the_data_folder(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    gumauth.get_token("acme")
    monkeypatch.delenv("GUMAUTH_HOME")
    monkeypatch.setenv(name, str(tmp_path / "nothing"))
    with pytest.raises(NotConnected):
        gumauth.get_token("acme")


@pytest.mark.requirement("Y5")
def test_an_environment_of_another_kind_is_looked_at_too(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gumauth.get_token("acme")
    monkeypatch.setattr(os, "environ", {**os.environ, "GUMAUTH_HOME": str(tmp_path / "nothing")})
    with pytest.raises(NotConnected):
        gumauth.get_token("acme")


@pytest.mark.requirement("R4")
def test_a_token_of_unknown_lifetime_is_cached_for_a_minute(world: World) -> None:
    disconnect(world.new_context(), "acme")
    world.server.misbehave("token", Fault.without("expires_in"))
    world.connect()
    token = gumauth.get_token("acme", min_valid=7200)
    disconnect(world.new_context(), "acme", keep_grant=True)
    world.clock.move(59)
    assert gumauth.get_token("acme") == gumauth.get_token("acme", min_valid=7200) == token
    world.clock.move(2)
    with pytest.raises(NotConnected):
        gumauth.get_token("acme")


def test_an_account_that_is_found_gone_is_cached_no_more(world: World) -> None:
    gumauth.get_token("acme")
    disconnect(world.new_context(), "acme")
    world.clock.move(600)
    assert gumauth.get_token("acme")
    with pytest.raises(NotConnected):
        gumauth.get_token("acme", min_valid=3600 - 300)
    with pytest.raises(NotConnected):
        gumauth.get_token("acme")


def test_a_grant_that_is_found_dead_is_cached_no_more(world: World) -> None:
    gumauth.get_token("acme")
    revoke(world.new_context(), "acme")
    world.clock.move(600)
    for min_valid in (3300, None):
        with pytest.raises(ReconnectNeeded):
            gumauth.get_token("acme", min_valid=min_valid)


def test_tasks_that_wait_for_a_thread_find_what_the_first_has_put_into_the_cache(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[object] = []

    def counted(context: Context, reference: str, *, min_valid: float | None) -> tuple[Account, Record]:
        looked.append(reference)
        return usable(context, reference, min_valid=min_valid)

    async def ask() -> list[str]:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        return await asyncio.gather(*(gumauth.aget_token("acme") for _ in range(5)))

    monkeypatch.setattr("gumauth.handout.python.usable", counted)
    assert len(set(asyncio.run(ask()))) == 1
    assert looked == ["acme"]


@pytest.mark.requirement("R10")
def test_a_clock_that_goes_back_makes_the_cache_look_again(world: World) -> None:
    gumauth.get_token("acme")
    world.clock.move(-100_000)
    gumauth.get_token("acme")
    assert world.server.count("refresh") == 1


@pytest.mark.requirement("S2", "S5")
@pytest.mark.parametrize("odd", ["a b", "a\r\nX: y", "a\x00", "a\x7f", "é", "€"])
@pytest.mark.parametrize("member", ["access_token", "token_type"])
def test_what_no_header_may_hold_is_not_handed_out(world: World, odd: str, member: str) -> None:
    """Else requests would send some of it, and httpx raises an error with the header's whole value in it."""
    accounts = world.context.accounts
    account = accounts.look_up("acme")
    changed: dict[str, Any] = {member: f"secret{odd}"}
    account, _ = records_of(world.context).put(account, replace(accounts.read(account), **changed))
    records_of(world.context).mark(account)
    url = f"{world.server.issuer}/userinfo"
    prepared = requests.Request("GET", url).prepare()
    ways: tuple[Callable[[], object], ...] = (
        lambda: gumauth.get_token("acme"),
        lambda: asyncio.run(gumauth.aget_token("acme")),
        lambda: gumauth.get_access_token("acme"),
        lambda: next(gumauth.Auth("acme").sync_auth_flow(httpx.Request("GET", url))),
        lambda: gumauth.RequestsAuth("acme")(prepared),
    )
    for hand_out in ways:
        with pytest.raises(GumauthError, match="characters in it that no header may hold") as raised:
            hand_out()
        assert "secret" not in str(raised.value)
    assert "Authorization" not in prepared.headers


def test_an_unknown_account_is_the_same_error_as_in_the_command(world: World) -> None:
    with pytest.raises(NotConnected):
        gumauth.get_token("acme/nobody")


def test_a_gumstack_servers_own_helper_finds_the_connected_account(world: World) -> None:
    code = (
        "import asyncio, sys\n"
        "from gumauth import gumstack; gumstack.install()\n"
        "from mcp.gumstack import get_credentials\n"
        "print(asyncio.run(get_credentials('acme'))['access_token'])\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == gumauth.get_token("acme")
    assert gumstack is not None


class Api:
    """A service that takes some tokens and refuses the others with 401.

    `/never` refuses all; `/done` sends on to `/` whatever comes, `/checked` whom it takes, and `/then` whom it takes
    to `/never`, and `/away` all to `/never` of another host.
    """

    def __init__(self, world: World) -> None:
        self.seen: list[str] = []
        self.asked: list[str] = []
        self.bodies: list[bytes] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                token = (self.headers["Authorization"] or "").removeprefix("Bearer ")
                api.seen.append(token)
                api.asked.append(f"{self.command} {self.path}")
                api.bodies.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
                to = {"/done": "/", "/away": f"http://localhost:{api.server.server_port}/never"}.get(self.path)
                good = self.path in ("/", "/checked", "/then") and world.server.is_active(token)
                to = {"/checked": "/", "/then": "/never"}.get(self.path) if good else to
                self.send_response(303 if to else 200 if good else 401)
                if to:
                    self.send_header("Location", to)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_GET  # noqa: N815 - the name is the base class's

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        self.thread = Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def api(world: World) -> Iterator[Api]:
    api = Api(world)
    yield api
    api.close()


Ask = Callable[..., httpx.Response]


@pytest.fixture(params=["Client", "AsyncClient"])
def ask(request: pytest.FixtureRequest, api: Api) -> Ask:
    """A request with `gumauth.Auth("acme")`, by either client of httpx."""

    def once(method: str, path: str = "", **content: object) -> httpx.Response:
        with httpx.Client(auth=gumauth.Auth("acme"), trust_env=False, follow_redirects=True) as client:
            return client.request(method, api.url + path, **content)  # type: ignore[arg-type]

    async def in_a_loop(method: str, path: str = "", **content: object) -> httpx.Response:
        if "content" in content:
            content["content"] = _slowly(content["content"])
        async with httpx.AsyncClient(auth=gumauth.Auth("acme"), trust_env=False, follow_redirects=True) as client:
            return await client.request(method, api.url + path, **content)  # type: ignore[arg-type]

    return once if request.param == "Client" else lambda *a, **content: asyncio.run(in_a_loop(*a, **content))


async def _slowly(parts: object) -> AsyncIterator[bytes]:
    assert isinstance(parts, list)
    for part in parts:
        yield part


@pytest.fixture
def stale(world: World) -> str:
    """The token in the cache, a minute after it was obtained; its service does not take it any more."""
    token = gumauth.get_token("acme")
    world.clock.move(60)
    world.server.expire(token)
    return token


def test_auth_puts_the_token_on_a_request(api: Api, ask: Ask) -> None:
    assert ask("GET").status_code == 200
    assert api.seen == [gumauth.get_token("acme")]


def test_auth_refreshes_once_after_a_401_and_sends_the_request_again(
    world: World, api: Api, ask: Ask, stale: str
) -> None:
    assert ask("POST", json={"a": 1}).status_code == 200
    assert ask("GET").status_code == 200
    assert api.seen[0] == stale
    assert api.seen[1] == api.seen[2] == gumauth.get_token("acme") != stale
    assert world.server.count("refresh") == 1


def test_auth_gives_up_after_one_try(world: World, api: Api, ask: Ask, stale: str) -> None:
    """A service that refuses every token is not asked for ever."""
    world.server.end_grant(1)
    with pytest.raises(gumauth.GumauthError):
        ask("GET")
    assert api.seen == [stale]


@pytest.mark.parametrize(
    "content",
    [{"content": [b"once"], "headers": {"Content-Length": "4"}}, {"files": {"file": b"once"}}],
    ids=["stream", "multipart"],
)
def test_a_body_that_cannot_be_sent_again_is_not_but_the_next_request_has_a_new_token(
    world: World, api: Api, ask: Ask, stale: str, content: dict[str, object]
) -> None:
    assert ask("POST", **content).status_code == 401
    assert api.seen == [stale]
    assert world.server.count("refresh") == 1
    assert ask("POST", **content).status_code == 200
    assert world.server.count("refresh") == 1


def test_a_service_that_refuses_every_token_does_not_lead_to_a_refresh_at_every_request(
    world: World, api: Api, ask: Ask, stale: str
) -> None:
    for _ in range(5):
        assert ask("GET", "never").status_code == 401
    assert world.server.count("refresh") == 1
    assert len(api.seen) == 6
    world.clock.move(30)
    assert ask("GET", "never").status_code == 401
    assert world.server.count("refresh") == 2


def test_a_request_is_not_sent_again_as_another_person_when_the_account_is_gone(
    world: World, api: Api, ask: Ask, stale: str
) -> None:
    world.connect(Walker(world, nickname="grace@example.com"))
    disconnect(world.new_context(), "acme/ada@example.com")
    with pytest.raises(NotConnected, match=r"acme/ada@example\.com has been disconnected"):
        ask("POST", json={"a": 1})
    assert api.seen == [stale]
    with pytest.raises(AmbiguousAccount, match="acme has no default account any more"):
        ask("POST", json={"a": 1})
    grace = world.token("acme/grace@example.com").access_token
    world.context.accounts.set_default(world.account("acme/grace@example.com"))
    assert ask("POST", json={"a": 1}).status_code == 200
    assert api.seen == [stale, grace]


def test_a_request_is_not_sent_again_as_another_person_when_the_default_has_changed(
    world: World, api: Api, ask: Ask, stale: str
) -> None:
    grace = world.connect(Walker(world, nickname="grace@example.com")).account
    world.context.accounts.set_default(grace)
    assert ask("POST", json={"a": 1}).status_code == 200
    assert api.seen == [stale, world.token("acme/ada@example.com").access_token]
    assert gumauth.get_token("acme") == world.token("acme/grace@example.com").access_token


def test_a_refused_token_is_in_the_cache_no_more_under_any_name(world: World, ask: Ask, stale: str) -> None:
    world.connect(Walker(world, nickname="grace@example.com"))
    grace = gumauth.get_token("acme/grace@example.com")
    gumauth.get_token("acme/ada@example.com")
    assert ask("GET").status_code == 200
    assert {key[0]: held.record.access_token for key, held in python._cache.items()} == {
        "acme/grace@example.com": grace
    }


def test_a_request_that_was_done_is_not_sent_again_because_the_look_at_its_result_is_refused(
    world: World, api: Api, ask: Ask, stale: str
) -> None:
    """POST, then 303 to where the result is, and that says 401: sent again, it would be done twice."""
    assert ask("POST", "done", json={"a": 1}).status_code == 401
    assert api.seen == [stale, stale]
    assert ask("POST", "done", json={"a": 1}).status_code == 200
    assert world.server.count("refresh") == 1


def test_another_hosts_401_after_a_redirect_says_nothing_about_the_token(
    world: World, api: Api, ask: Ask, stale: str
) -> None:
    assert ask("GET", "away").status_code == 401
    assert api.seen == [stale, ""]
    assert world.server.count("refresh") == 0
    assert gumauth.get_token("acme") == stale


@pytest.mark.requirement("S2")
def test_the_token_is_not_in_the_repr_of_auth(world: World) -> None:
    auth = gumauth.Auth("acme")
    token = gumauth.get_token("acme")
    assert repr(auth) == "Auth('acme')"
    assert token not in repr(vars(auth))


def test_importing_gumauth_imports_nothing_else_of_it() -> None:
    code = (
        "import sys, gumauth; print(sorted(m for m in sys.modules if m.startswith('gumauth.')), 'httpx' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[] False"
    assert dir(gumauth) == sorted(gumauth.__all__)
    with pytest.raises(AttributeError, match="nothing_such"):
        _ = gumauth.nothing_such
