"""`gumauth.Auth` sends a token to the service alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

import gumauth
from gumauth.errors import ForeignHost, UsageError
from tests.client.world import World
from tests.handout.test_python import world as world

pytestmark = pytest.mark.requirement("S7")


class Net:
    """Everything that is asked, with the Authorization that came; nothing leaves this process."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str | None]] = []
        self.redirect: str | None = None

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.seen.append((str(request.url), request.headers.get("Authorization")))
        where, self.redirect = self.redirect, None
        return httpx.Response(302, headers={"Location": where}) if where else httpx.Response(204)

    def get(self, auth: httpx.Auth, url: str) -> int:
        with httpx.Client(transport=httpx.MockTransport(self.answer), auth=auth, follow_redirects=True) as client:
            return client.get(url).status_code

    def get_in_a_loop(self, auth: httpx.Auth, url: str) -> int:
        async def get() -> int:
            transport = httpx.MockTransport(self.answer)
            async with httpx.AsyncClient(transport=transport, auth=auth, follow_redirects=True) as client:
                return (await client.get(url)).status_code

        return asyncio.run(get())


Get = Callable[[httpx.Auth, str], int]


@pytest.fixture
def net() -> Net:
    return Net()


@pytest.fixture(params=["Client", "AsyncClient"])
def get(request: pytest.FixtureRequest, net: Net) -> Get:
    return net.get if request.param == "Client" else net.get_in_a_loop


def test_the_token_goes_to_the_hosts_of_the_providers_facts(world: World, net: Net, get: Get) -> None:
    world.write_provider(api_hosts=("api.acme.example",))
    auth, bearer = gumauth.Auth("acme"), f"Bearer {gumauth.get_token('acme')}"
    assert get(auth, "https://api.acme.example/v1") == 204
    assert get(auth, "http://127.0.0.1:9/v1") == 204  # the endpoints' own host
    assert [sent for _, sent in net.seen] == [bearer, bearer]


@pytest.mark.parametrize(
    "url",
    ["https://acme.example.evil.net/", "https://acme.example@evil.net/", "https://xn--bcher-kva.example/"],
)
def test_another_host_gets_neither_the_token_nor_the_request(world: World, net: Net, get: Get, url: str) -> None:
    world.write_provider(api_hosts=(".acme.example",))
    with pytest.raises(ForeignHost) as caught:
        get(gumauth.Auth("acme"), url)
    assert net.seen == []
    host = httpx.URL(url).raw_host.decode()
    assert caught.value.message.startswith(
        f"The token of acme/ada@example.com is not sent to {host}: that is not known"
    )
    assert f'gumauth.Auth("acme", hosts=("{host}",))' in (caught.value.hint or "")


def test_a_host_that_the_program_names_gets_it_over_tls_alone(world: World, net: Net, get: Get) -> None:
    auth = gumauth.Auth("acme", hosts=("internal.example",))
    assert get(auth, "https://internal.example/") == 204
    with pytest.raises(ForeignHost, match="without TLS"):
        get(auth, "http://internal.example/")
    assert len(net.seen) == 1


def test_plain_http_on_loopback_does_not_reach_a_proxy(
    world: World, net: Net, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    """httpx sends 127.0.0.1 to HTTP_PROXY unless NO_PROXY says otherwise."""
    monkeypatch.setenv("http_proxy", "http://proxy.corp:3128")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with pytest.raises(ForeignHost, match="the proxy that http_proxy names") as caught:
        get(gumauth.Auth("acme"), "http://127.0.0.1:9/")
    assert "NO_PROXY=127.0.0.1" in (caught.value.hint or "")
    assert get(gumauth.Auth("acme", hosts="127.0.0.1"), "http://127.0.0.1:9/") == 204
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert get(gumauth.Auth("acme"), "http://127.0.0.1:9/") == 204


def test_loopback_with_a_dot_is_a_name_that_others_could_answer_for(world: World, net: Net, get: Get) -> None:
    with pytest.raises(ForeignHost, match="without TLS"):
        get(gumauth.Auth("acme", hosts="localhost"), "http://localhost./")
    assert get(gumauth.Auth("acme", hosts="localhost"), "http://localhost:9/") == 204
    assert len(net.seen) == 1


def test_a_redirect_to_another_host_carries_no_token(world: World, net: Net, get: Get) -> None:
    net.redirect = "https://evil.example/"
    assert get(gumauth.Auth("acme", hosts="api.acme.example"), "https://api.acme.example/") == 204
    assert net.seen[1] == ("https://evil.example/", None)
    net.redirect = "http://api.acme.example/"
    assert get(gumauth.Auth("acme", hosts="api.acme.example"), "https://api.acme.example/") == 204
    assert net.seen[3] == ("http://api.acme.example/", None)


def test_where_the_providers_file_is_gone_only_named_hosts_get_it(world: World, net: Net, get: Get) -> None:
    gumauth.get_token("acme")
    world.file.unlink()
    assert get(gumauth.Auth("acme", hosts="api.acme.example"), "https://api.acme.example/") == 204
    with pytest.raises(ForeignHost, match="its provider cannot be looked at"):
        get(gumauth.Auth("acme"), "https://other.example/")


FOREIGN = """
from mcp.gumstack import AuthProvider

class Provider(AuthProvider):
    name = "acme"
    {hosts}
    def get_url(self, redirect_uri, state): ...
    async def exchange(self, code, redirect_uri): ...
    async def refresh(self, refresh_token): ...
    async def get_nickname(self, access_token): ...
"""


def test_a_gumstack_file_says_its_hosts_in_its_class(world: World, net: Net, get: Get) -> None:
    gumauth.get_token("acme")
    Path(world.file).write_text(FOREIGN.format(hosts=""))
    with pytest.raises(ForeignHost, match="the class of acme names no hosts") as caught:
        get(gumauth.Auth("acme"), "https://api.acme.example/")
    assert 'api_hosts = ("api.acme.example",)' in (caught.value.hint or "")
    Path(world.file).write_text(FOREIGN.format(hosts='api_hosts = ("api.acme.example",)'))
    assert get(gumauth.Auth("acme"), "https://api.acme.example/") == 204


def test_a_url_in_the_place_of_a_host_is_refused_at_once() -> None:
    with pytest.raises(UsageError, match="is no host's name"):
        gumauth.Auth("acme", hosts=("https://internal.example",))
