"""The door for Python programs, on an encrypted file store and a strict server."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import timeit
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

import gumauth
from gumauth import door, gumstack
from gumauth.errors import NotConnected
from gumauth.store import choose
from gumauth.testing import AuthorizationServer
from tests.client.world import World


class Moving:
    """The wall clock, moved on by what a test says."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        import time

        return time.time() + self.ahead


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
            clock=Moving(),  # type: ignore[arg-type]
            environ={"GUMAUTH_STORE": "file", "GUMAUTH_KEY_FILE": str(key)},
        )
        world.store = choose(world.context, None)
        world.context = world.new_context()
        world.connect()
        for name, value in world.environ.items():
            monkeypatch.setenv(name, value)
        door._cache.clear()
        yield world
        door._cache.clear()


def test_get_token_gives_a_token_that_the_server_accepts(world: World) -> None:
    assert world.server.is_active(gumauth.get_token("acme"))
    assert gumauth.get_token("acme/ada@example.com") == gumauth.get_token("acme")


def test_aget_token_gives_the_same_token(world: World) -> None:
    assert asyncio.run(gumauth.aget_token("acme")) == gumauth.get_token("acme")


def test_get_token_works_inside_a_running_event_loop(world: World) -> None:
    async def inside() -> str:
        return gumauth.get_token("acme", min_valid=3601)

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
    second = gumauth.get_token("acme", min_valid=3601)
    assert second != first
    assert world.server.count("refresh") == 1


@pytest.mark.requirement("R10")
def test_a_clock_that_goes_back_makes_the_cache_look_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    real = time.time
    gumauth.get_token("acme")
    monkeypatch.setattr("time.time", lambda: real() - 100_000)
    gumauth.get_token("acme")
    assert world.server.count("refresh") == 1


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
    """A service that takes some tokens and refuses the others with 401."""

    def __init__(self, world: World) -> None:
        self.seen: list[str] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                token = self.headers["Authorization"].removeprefix("Bearer ")
                api.seen.append(token)
                length = int(self.headers.get("Content-Length") or 0)
                self.rfile.read(length)
                self.send_response(200 if world.server.is_active(token) else 401)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_GET  # noqa: N815 - the name is the base class's

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        self.thread = Thread(target=self.server.serve_forever)
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


def test_auth_puts_the_token_on_a_request(world: World, api: Api) -> None:
    with httpx.Client(auth=gumauth.Auth("acme"), trust_env=False) as client:
        assert client.get(api.url).status_code == 200
    assert api.seen == [gumauth.get_token("acme")]


def test_auth_refreshes_once_after_a_401_and_sends_the_request_again(world: World, api: Api) -> None:
    with httpx.Client(auth=gumauth.Auth("acme"), trust_env=False) as client:
        old = gumauth.get_token("acme")
        world.server.expire(old)
        assert client.post(api.url, json={"a": 1}).status_code == 200
        assert client.get(api.url).status_code == 200
    assert api.seen[0] == old
    assert api.seen[1] == api.seen[2] == gumauth.get_token("acme") != old
    assert world.server.count("refresh") == 1


def test_auth_works_with_an_async_client(world: World, api: Api) -> None:
    async def ask() -> int:
        async with httpx.AsyncClient(auth=gumauth.Auth("acme"), trust_env=False) as client:
            return (await client.get(api.url)).status_code

    world.server.expire(gumauth.get_token("acme"))
    assert asyncio.run(ask()) == 200
    assert world.server.count("refresh") == 1


def test_auth_gives_up_after_one_try(world: World, api: Api) -> None:
    """A service that refuses every token is not asked for ever."""
    with httpx.Client(auth=gumauth.Auth("acme"), trust_env=False) as client:
        gumauth.get_token("acme")
        world.server.end_grant(1)
        with pytest.raises(gumauth.GumauthError):
            client.get(api.url)
    assert len(api.seen) == 1


def test_a_body_that_is_a_stream_is_not_sent_again(world: World, api: Api) -> None:
    world.server.expire(gumauth.get_token("acme"))
    with httpx.Client(auth=gumauth.Auth("acme"), trust_env=False) as client:
        response = client.post(api.url, content=iter([b"once"]), headers={"Content-Length": "4"})
    assert response.status_code == 401
    assert len(api.seen) == 1


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
    assert said.stdout.strip() == "['gumauth.version'] False"
    assert dir(gumauth) == sorted(gumauth.__all__)
    with pytest.raises(AttributeError, match="nothing_such"):
        _ = gumauth.nothing_such
