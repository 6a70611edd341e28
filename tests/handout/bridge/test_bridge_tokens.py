"""The account's token at the bridge: where it goes, when it is replaced, and what is said where there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gumauth.accounts.account import Account
from gumauth.accounts.record import Record
from gumauth.handout.bridge.tokens import held
from tests.client.ending import revoke
from tests.client.world import World
from tests.handout.bridge.client import Client, at_bridge
from tests.handout.bridge.site import Reply, Seen, Site, result


def bearer(seen: Seen) -> str:
    return seen.headers.get("authorization", "").removeprefix("Bearer ")


class Strict:
    """Lets the site take only tokens that the world's server has given and not ended."""

    def __init__(self, world: World, site: Site) -> None:
        self._world = world
        site.on |= dict.fromkeys(("initialize", "notifications/initialized", "tools/call", "GET", "DELETE"), self.check)

    def check(self, seen: Seen) -> Reply | None:
        if self._world.server.is_active(bearer(seen)):
            return None
        return Reply(401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


@pytest.mark.requirement("H7")
def test_a_401_is_answered_with_one_refresh_and_one_more_try(world: World, site: Site, client: Client) -> None:
    Strict(world, site)
    client.open()
    first = world.token().access_token
    world.clock.move(100)
    world.server.expire(first)
    for key in range(1, 31):
        client.send("tools/call", key)
    heard = [client.hear() for _ in range(30)]
    assert sorted(each["id"] for each in heard if "result" in each) == list(range(1, 31))
    assert world.server.count("refresh") == 1
    assert world.token().access_token != first


@pytest.mark.requirement("H8")
@pytest.mark.parametrize(("lifetime", "look_at", "until"), [(3600, 3000, 3540), (60, 36, 48), (5, 3, 4)])
def test_a_token_is_looked_at_again_while_there_is_time_to_refresh_it_ahead(
    lifetime: float, look_at: float, until: float
) -> None:
    record = Record(access_token="t", obtained_at=1000, expires_at=1000 + lifetime, account={})
    account = Account(provider="acme", id="0" * 16)
    kept = held(account, record, "https://mcp.example.com/mcp", now=1000)
    assert (kept.look_at - 1000, kept.until - 1000) == (look_at, until)
    again = held(account, record, "https://mcp.example.com/mcp", now=1000 + look_at)
    assert again.look_at == 1000 + look_at + 1


def test_a_token_that_is_due_is_refreshed_before_it_is_sent(world: World, site: Site, client: Client) -> None:
    Strict(world, site)
    client.open()
    world.clock.move(3590)
    assert client.ask(1)["result"]
    assert world.server.count("refresh") == 1
    assert all(bearer(seen) == world.token().access_token for seen in site.seen if seen.said == "tools/call")


def test_a_token_that_is_refused_again_and_again_is_an_error_with_the_command(
    world: World, site: Site, client: Client
) -> None:
    client.open()
    world.clock.move(100)
    site.on["tools/call"] = lambda seen: Reply(401)
    told = client.ask(1)["error"]
    assert told["message"] == (
        "127.0.0.1 refuses the token of acme/ada@example.com. Run `gumauth connect acme/ada@example.com`."
    )
    assert told["data"] == {"gumauth": "reconnect"}
    assert site.said().count("tools/call") == 2
    assert client.end() == 3


@pytest.mark.requirement("H7")
def test_a_server_that_refuses_every_token_costs_one_refresh_however_many_ask(
    world: World, site: Site, client: Client
) -> None:
    client.open()
    world.clock.move(100)
    site.on["tools/call"] = lambda seen: Reply(401)
    for requests in (100, 150):  # each is sent again once, and from then on the token is too new to be replaced
        for key in range(50):
            client.send("tools/call", key)
        assert sorted(client.hear()["id"] for _ in range(50)) == list(range(50))
        assert (world.server.count("refresh"), site.said().count("tools/call")) == (1, requests)


@pytest.mark.requirement("H7")
def test_a_scope_that_lacks_is_told_with_the_command_that_asks_for_it(site: Site, client: Client) -> None:
    client.open()
    challenge = 'Bearer error="insufficient_scope", scope="files:write"'
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "error": {"code": 1, "message": "no"}}).encode()
    site.on["tools/call"] = lambda seen: Reply(403, headers={"WWW-Authenticate": challenge}, body=body)
    assert client.ask(1)["error"]["message"] == (
        "The token of acme/ada@example.com lacks files:write for this request to 127.0.0.1."
        " Run `gumauth connect acme/ada@example.com --add-scope files:write`."
    )
    assert client.said[-1].endswith("--add-scope files:write`.")


@pytest.mark.requirement("H4")
@pytest.mark.parametrize(
    ("reference", "hint"),
    [
        ("https://mcp.example.com/mcp", "gumauth connect https://mcp.example.com/mcp"),
        ("linear", "gumauth connect linear"),
    ],
)
def test_an_account_that_is_not_connected_is_an_error_that_the_client_shows(
    world: World, reference: str, hint: str
) -> None:
    with at_bridge(world.new_context, reference, None) as client:
        told = client.open()
        assert told["id"] == 0
        assert f"Run `{hint}`" in told["error"]["message"]
        assert client.ask(1, "tools/list")["error"]["data"] == {"gumauth": "not_connected"}
        assert client.end() == 3
        assert client.rest() == []
        assert len(client.said) == 1


def test_an_account_that_is_connected_meanwhile_is_used(world: World, site: Site, client: Client) -> None:
    revoke(world.context, "acme")
    assert "was revoked" in client.ask(0, "initialize")["error"]["message"]
    world.connect()
    assert client.open()["result"]
    assert client.end() == 0


@pytest.mark.requirement("S7")
@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://evil.example/mcp", "is not sent to https://evil.example"),
        ("http://mcp.acme.example/mcp", "The address is not https"),
        ("https://acme@evil.example/mcp", "The address"),
        (None, "was not connected by the address of an MCP server"),
    ],
)
def test_an_address_that_is_not_the_providers_own_gets_no_token(world: World, url: str | None, why: str) -> None:
    world.write_provider(api_hosts=(".acme.example",))
    with at_bridge(world.new_context, "acme", url) as client:
        assert why in client.ask(0, "initialize")["error"]["message"]


@pytest.mark.requirement("S7", "H5")
def test_a_redirect_is_followed_at_the_same_origin_only(world: World, site: Site, client: Client) -> None:
    client.open()
    with Site() as other:
        site.on["tools/call"] = lambda seen: Reply(307, headers={"Location": other.url})
        assert f"is not sent to {other.url[:-4]}" in client.ask(1)["error"]["message"]
        assert other.seen == []
    site.on["tools/call"] = lambda seen: (
        Reply(307, headers={"Location": "/elsewhere"})
        if seen.path == "/mcp"
        else Reply(body=json.dumps(result(seen)).encode())
    )
    assert client.ask(2)["result"]
    assert [seen.path for seen in site.posts()][-2:] == ["/mcp", "/elsewhere"]
    site.on["tools/call"] = lambda seen: Reply(307, headers={"Location": "/mcp"})
    assert "on and on" in client.ask(3)["error"]["message"]


@pytest.mark.requirement("S7")
def test_the_older_transport_sends_no_token_to_another_origin(world: World, site: Site, client: Client) -> None:
    with Site() as other:
        event = f"event: endpoint\ndata: {other.url}\n\n".encode()
        site.on["initialize"] = lambda seen: Reply(405)
        site.on["GET"] = lambda seen: Reply(body=[event], kind="text/event-stream")
        assert f"is not sent to {other.url[:-4]}" in client.ask(0, "initialize")["error"]["message"]
        assert other.seen == []


@pytest.mark.requirement("S7")
def test_no_netrc_and_no_proxy_comes_between_the_bridge_and_loopback(
    world: World, site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("default login ada password ada\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Site() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        with at_bridge(world.new_context, "acme", site.url) as client:
            client.open()
            assert client.ask(1)["result"]
        assert proxy.seen == []
    assert {seen.headers["authorization"] for seen in site.seen} == {f"Bearer {world.token().access_token}"}


@pytest.mark.requirement("S1")
def test_no_token_is_in_what_is_said(world: World, site: Site, client: Client) -> None:
    client.open()
    site.on["tools/call"] = lambda seen: Reply(500, body=seen.headers["authorization"].encode(), kind="text/plain")
    client.send("tools/call", 1)
    answer = client.line()
    assert world.token().access_token.encode() not in answer
    assert not any(world.token().access_token in each for each in client.said)
    assert "status 500" in answer.decode()
