"""`gumauth.RequestsAuth` puts a fresh token on requests of the library requests, and sends it to the service alone."""

from __future__ import annotations

import io
import pickle
import threading
import timeit
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from requests.adapters import BaseAdapter

import gumauth
from gumauth.errors import ForeignHost, UsageError
from gumauth.handout import insufficient_scope, python
from gumauth.handout.requests_auth import proxy_of
from tests.client.world import World
from tests.handout.test_insufficient_scope import ACCEPT, TOOLS
from tests.handout.test_insufficient_scope import nothing_told as nothing_told
from tests.handout.test_insufficient_scope import wanting as wanting
from tests.handout.test_python import Api
from tests.handout.test_python import api as api
from tests.handout.test_python import stale as stale
from tests.handout.test_python import world as world


class Net(BaseAdapter):
    """Everything that is asked, with the Authorization that came; nothing leaves this process."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, str | bytes | None]] = []
        self.redirect: str | None = None
        self.status = 204
        self.body = io.BytesIO()

    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        self.seen.append((request.url or "", request.headers.get("Authorization")))
        where, self.redirect = self.redirect, None
        response = requests.Response()
        response.status_code = 302 if where else self.status
        response.headers.update({"Location": where} if where else {})
        response.url, response.request, response.raw = request.url or "", request, self.body
        response.connection = self  # type: ignore[assignment]
        return response

    def close(self) -> None:
        pass

    def get(self, auth: gumauth.RequestsAuth, url: str) -> int:
        with requests.Session() as session:
            session.mount("http://", self)
            session.mount("https://", self)
            return session.get(url, auth=auth).status_code


@pytest.fixture
def net() -> Net:
    return Net()


Ask = Callable[..., requests.Response]


@pytest.fixture
def ask(api: Api) -> Iterator[Ask]:
    """A request with `gumauth.RequestsAuth("acme")`."""
    with requests.Session() as session:
        session.auth = gumauth.RequestsAuth("acme")
        yield lambda method, path="", **content: session.request(method, api.url + path, **content)


def test_the_token_is_on_a_request(api: Api, ask: Ask) -> None:
    assert ask("GET").status_code == 200
    assert api.seen == [gumauth.get_token("acme")]


@pytest.mark.requirement("H9", "S2")
def test_a_response_that_is_kept_holds_no_refresh_token(api: Api, ask: Ask) -> None:
    answer = ask("GET")
    kept = pickle.dumps(answer)
    secret = python.cached_token("acme").record.refresh_token
    assert secret is not None
    assert secret.encode() not in kept
    assert pickle.loads(kept).request.hooks["response"][0](answer) is answer


@pytest.mark.parametrize("stream", [False, True])
def test_a_401_leads_to_one_refresh_and_the_request_again(
    world: World, api: Api, ask: Ask, stale: str, *, stream: bool
) -> None:
    answer = ask("POST", json={"a": 1}, stream=stream)
    assert answer.status_code == 200
    assert [each.status_code for each in answer.history] == [401]
    assert answer.history[0].request.headers["Authorization"] == f"Bearer {stale}"
    assert ask("GET").status_code == 200
    assert api.seen[0] == stale
    assert api.seen[1] == api.seen[2] == gumauth.get_token("acme") != stale
    assert world.server.count("refresh") == 1


def test_a_dead_grant_is_an_error_after_one_try(world: World, api: Api, ask: Ask, stale: str) -> None:
    world.server.end_grant(1)
    with pytest.raises(gumauth.GumauthError):
        ask("GET")
    assert api.seen == [stale]


def test_the_response_is_closed_where_no_other_token_can_be_had(world: World, net: Net, stale: str) -> None:
    world.server.end_grant(1)
    net.status = 401
    with pytest.raises(gumauth.GumauthError):
        net.get(gumauth.RequestsAuth("acme"), "http://127.0.0.1:9/")
    assert net.body.closed


def test_a_service_that_refuses_every_token_is_asked_twice_at_most(
    world: World, api: Api, ask: Ask, stale: str
) -> None:
    for _ in range(3):
        assert ask("GET", "never").status_code == 401
    assert len(api.seen) == 4
    assert world.server.count("refresh") == 1


def test_a_generator_is_not_sent_again_but_the_next_request_has_a_new_token(
    world: World, api: Api, ask: Ask, stale: str
) -> None:
    def once() -> dict[str, object]:
        return {"data": iter([b"once"]), "headers": {"Content-Length": "4"}}

    assert ask("POST", **once()).status_code == 401
    assert ask("POST", **once()).status_code == 200
    assert api.seen == [stale, gumauth.get_token("acme")]
    assert world.server.count("refresh") == 1


def test_a_file_is_read_again_from_where_it_began(world: World, api: Api, ask: Ask, stale: str, tmp_path: Path) -> None:
    (tmp_path / "body").write_bytes(b"before|the body")
    with (tmp_path / "body").open("rb") as file:
        file.seek(7)
        answer = ask("POST", data=file)
    assert answer.status_code == 200
    assert [each.status_code for each in answer.history] == [401]
    assert api.bodies == [b"the body", b"the body"]


def test_after_a_401_a_redirect_goes_on_with_the_new_token(world: World, api: Api, ask: Ask, stale: str) -> None:
    """And what was done is not done again: of a POST that leads on to its result only the look at the result is."""
    assert ask("POST", "done", json={"a": 1}).status_code == 200
    fresh = gumauth.get_token("acme")
    assert api.asked == ["POST /done", "GET /", "GET /"]
    assert api.seen == [stale, stale, fresh]
    python.drop(fresh)
    world.server.expire(fresh)
    world.clock.move(60)
    assert ask("GET", "checked").status_code == 200
    assert api.asked[3:] == ["GET /checked", "GET /checked", "GET /"]
    assert api.seen[3:] == [fresh, gumauth.get_token("acme"), gumauth.get_token("acme")]


def test_what_is_refused_after_a_refresh_and_a_redirect_is_passed_on(
    world: World, api: Api, ask: Ask, stale: str
) -> None:
    assert ask("GET", "then").status_code == 401
    assert api.asked == ["GET /then", "GET /then", "GET /never"]
    assert world.server.count("refresh") == 1


def test_another_hosts_401_after_a_redirect_says_nothing_about_the_token(
    world: World, api: Api, ask: Ask, stale: str
) -> None:
    assert ask("GET", "away").status_code == 401
    assert api.seen == [stale, ""]
    assert world.server.count("refresh") == 0


def test_threads_that_share_one_refresh_once(world: World, api: Api, stale: str) -> None:
    auth, ready = gumauth.RequestsAuth("acme"), threading.Barrier(6)

    def get(_: int) -> int:
        ready.wait(10)
        return requests.get(api.url, auth=auth, timeout=20).status_code

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(get, range(6))) == [200] * 6
    assert world.server.count("refresh") == 1


@pytest.mark.requirement("D10")
def test_a_missing_scope_is_passed_on_with_a_warning_at_the_programs_line(wanting: World) -> None:
    auth = gumauth.RequestsAuth("acme")
    with pytest.warns(
        gumauth.InsufficientScope, match=r"gumauth connect acme/ada@example.com --add-scope admin"
    ) as told:
        answer = requests.post(wanting.server.resource_url, json=TOOLS, headers=ACCEPT, auth=auth, timeout=20)
    assert answer.status_code == 403
    assert [each.filename for each in told] == [__file__]
    insufficient_scope._told.clear()
    with warnings.catch_warnings():
        warnings.simplefilter("error", gumauth.InsufficientScope)
        with pytest.raises(gumauth.InsufficientScope):
            requests.post(wanting.server.resource_url, json=TOOLS, headers=ACCEPT, auth=auth, timeout=20)


@pytest.mark.requirement("D10")
@pytest.mark.filterwarnings("ignore::gumauth.InsufficientScope")
def test_once_the_person_has_consented_the_next_request_goes_through(wanting: World) -> None:
    auth = gumauth.RequestsAuth("acme")

    def ask() -> int:
        return requests.post(wanting.server.resource_url, json=TOOLS, headers=ACCEPT, auth=auth, timeout=20).status_code

    assert ask() == 403
    wanting.connect(scopes=("read", "admin"))
    assert ask() == 200


@pytest.mark.requirement("S7")
def test_a_host_is_checked_again_once_the_account_has_been_connected_anew(world: World, net: Net) -> None:
    world.write_provider(api_hosts=("api.acme.example",))
    auth = gumauth.RequestsAuth("acme")
    assert net.get(auth, "https://api.acme.example/") == 204
    world.write_provider(api_hosts=("api2.acme.example",))
    world.connect()
    python._cache.clear()
    with pytest.raises(ForeignHost):
        net.get(auth, "https://api.acme.example/")


@pytest.mark.requirement("S7")
def test_the_token_goes_to_the_hosts_of_the_providers_facts(world: World, net: Net) -> None:
    world.write_provider(api_hosts=("api.acme.example",))
    auth, bearer = gumauth.RequestsAuth("acme"), f"Bearer {gumauth.get_token('acme')}"
    assert net.get(auth, "https://api.acme.example/v1?next=https://evil.net/") == 204
    assert net.get(auth, "http://127.0.0.1:9") == 204  # the endpoints' own host
    assert [sent for _, sent in net.seen] == [bearer, bearer]


@pytest.mark.requirement("S7")
@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://acme.example.evil.net/", "acme.example.evil.net"),
        ("https://acme.example@evil.net/", "evil.net"),
        ("https://evil.net?@acme.example/", "evil.net"),
        ("https://evil.net\\@acme.example/", "evil.net"),
        ("https://acme.example:443@evil.net:443/", "evil.net"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
    ],
)
def test_another_host_gets_neither_the_token_nor_the_request(world: World, net: Net, url: str, host: str) -> None:
    world.write_provider(api_hosts=(".acme.example",))
    auth = gumauth.RequestsAuth("acme")
    assert net.get(auth, "https://acme.example/") == 204
    with pytest.raises(ForeignHost) as caught:
        net.get(auth, url)
    assert len(net.seen) == 1
    assert caught.value.message.startswith(f"The token of acme/ada@example.com is not sent to {host}: that is not")
    assert f'gumauth.RequestsAuth("acme", hosts=("{host}",))' in (caught.value.hint or "")


@pytest.mark.requirement("S7")
def test_a_host_that_the_program_names_gets_it_over_tls_alone(world: World, net: Net) -> None:
    auth = gumauth.RequestsAuth("acme", hosts=("internal.example", "localhost"))
    assert net.get(auth, "https://internal.example/") == 204
    for url in ("http://internal.example/", "http://localhost./"):  # that dot makes it a name of the DNS
        with pytest.raises(ForeignHost, match="without TLS"):
            net.get(auth, url)
    assert len(net.seen) == 1
    with pytest.raises(UsageError, match="is no host's name"):
        gumauth.RequestsAuth("acme", hosts=("https://internal.example",))


@pytest.mark.requirement("S7")
def test_a_redirect_to_another_host_or_to_plain_http_carries_no_token(world: World, net: Net) -> None:
    auth = gumauth.RequestsAuth("acme", hosts="api.acme.example")
    for where in ("https://evil.example/", "http://api.acme.example/", "https://api.acme.example:8443/"):
        net.redirect = where
        assert net.get(auth, "https://api.acme.example/") == 204
        assert net.seen[-1] == (where, None)


@pytest.mark.requirement("S7")
@pytest.mark.parametrize("no_proxy", ["", "*,corp.example", "127.0.0.1:9"])
def test_plain_http_on_loopback_does_not_reach_a_proxy(
    world: World, net: Net, monkeypatch: pytest.MonkeyPatch, no_proxy: str
) -> None:
    """requests reads NO_PROXY in its own way: the last two lead 127.0.0.1 to the proxy all the same."""
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("no_proxy", no_proxy)
    monkeypatch.setenv("http_proxy", "http://proxy.corp:3128")
    with pytest.raises(ForeignHost, match="requests would send it to the proxy that http_proxy names") as caught:
        net.get(gumauth.RequestsAuth("acme"), "http://127.0.0.1:9/")
    assert "NO_PROXY=127.0.0.1" in (caught.value.hint or "")
    assert net.get(gumauth.RequestsAuth("acme", hosts="127.0.0.1"), "http://127.0.0.1:9/") == 204
    monkeypatch.setenv("no_proxy", "127.0.0.0/8")
    assert proxy_of("http://127.0.0.1:9/") == ""
    assert net.get(gumauth.RequestsAuth("acme"), "http://127.0.0.1:9/") == 204


@pytest.mark.requirement("S2")
def test_the_token_is_not_in_the_repr(world: World) -> None:
    auth = gumauth.RequestsAuth("acme")
    assert repr(auth) == "RequestsAuth('acme')"
    assert gumauth.get_token("acme") not in repr(vars(auth))


def test_a_request_costs_little_beside_what_requests_does_itself(world: World, net: Net) -> None:
    auth = gumauth.RequestsAuth("acme")
    net.get(auth, "http://127.0.0.1:9/")
    plain = requests.Request("GET", "http://127.0.0.1:9/").prepare()
    ours = min(timeit.repeat(lambda: auth(plain), number=300, repeat=5))
    theirs = min(timeit.repeat(requests.Request("GET", "http://127.0.0.1:9/").prepare, number=300, repeat=5))
    assert ours < theirs / 2
