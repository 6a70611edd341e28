"""`gumauth connect https://…` as a person sees it, and what follows: by name, by address, again, and after a kill."""

from __future__ import annotations

import json
import shlex
import signal
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

import gumauth
from gumauth.client.context import Context
from gumauth.client.discovery import services
from gumauth.testing import AuthorizationServer, Fault, PageRefused, deliver
from tests.callback.test_port_lock import free_port
from tests.cli.connecting import Run, piped
from tests.cli.program import inside
from tests.client.test_races import until


@pytest.fixture
def port() -> str:
    """For the callback: the usual one could be another connect's of this machine."""
    return str(free_port())


def name_of(server: AuthorizationServer) -> str:
    return f"127.0.0.1.{urlsplit(server.url).port}"


def sent(run: Run) -> dict[str, list[str]]:
    return parse_qs(urlsplit(run.address).query)


def connect(environ: dict[str, str], server: AuthorizationServer, *words: str) -> tuple[Run, str]:
    with piped(environ, "connect", *words, "--no-browser") as run:
        deliver(server.follow(run.address))
        status, out = run.end()
    assert status == 0, run.shown
    return run, out


@pytest.mark.requirement("D1", "D2", "M42")
def test_an_address_is_connected_and_then_used_by_name_and_by_address(
    server: AuthorizationServer, environ: dict[str, str], port: str
) -> None:
    url, name = server.resource_url, name_of(server)
    run, out = connect(environ, server, url, "--port", port, "--json")
    shown = run.shown[: run.shown.index(run.address)]
    assert [line.partition(":")[::2] for line in shown.splitlines()[1:6]] == [
        ("Resource", f"     The strict resource, {url}"),
        ("Issuer", f"       {server.issuer}"),
        ("Client", f"       {sent(run)['client_id'][0]} (registered just now)"),
        ("Scopes", "       read"),
        ("Redirect URI", f" http://127.0.0.1:{port}/callback"),
    ]
    account = json.loads(out)["account"]
    assert (account["provider"], account["source"], account["state"]) == (name, url, "ok")
    token = inside(environ, "token", name).out.strip()
    assert server.good_for(token, url) is not None
    assert inside(environ, "token", url).out.strip() == token

    run, _ = connect(environ, server, name, "--add-scope", "write")
    assert sent(run)["scope"] == ["read write"]
    assert sent(run)["redirect_uri"] == [f"http://127.0.0.1:{port}/callback"]
    assert "(registered before)" in run.shown
    listed = json.loads(inside(environ, "list", "--json").out)["accounts"]
    assert [(each["provider"], each["scopes"]) for each in listed] == [(name, ["read", "write"])]
    assert inside(environ, "disconnect", name).status == 0
    assert server.count("register") == 1


@pytest.mark.requirement("D2", "I6")
def test_a_key_of_the_same_name_is_no_account_of_the_service(
    server: AuthorizationServer, environ: dict[str, str], port: str
) -> None:
    name = name_of(server)
    assert inside(environ, "connect", f"{name}/key", "--key", "api_key", stdin="a-value").status == 0
    with piped(environ, "connect", server.resource_url, "--no-browser", "--port", port) as run:
        deliver(server.follow(run.address, approve=False))
        assert run.end()[0] == 4
    assert services.read(Context(environ), name) is None
    for word in (server.resource_url, name):
        connect(environ, server, word, "--port", port)
    assert services.read(Context(environ), name) is not None
    labels = [each["account"] for each in json.loads(inside(environ, "list", "--json").out)["accounts"]]
    assert labels == [f"{name}/key", f"{name}/The strict resource"]
    assert inside(environ, "disconnect", f"{name}/The strict resource").status == 0
    assert services.read(Context(environ), name) is None
    assert inside(environ, "connect", name, stdin="another").status == 0
    assert inside(environ, "token", f"{name}/key").out == "another\n"


@pytest.mark.requirement("D8", "C11")
def test_two_connects_at_once_register_one_client(
    server: AuthorizationServer, environ: dict[str, str], port: str
) -> None:
    server.misbehave("register", Fault.slow(0.5))
    other = server.add_resource("/other").url
    with piped(environ, "connect", server.resource_url, "--no-browser", "--port", port) as first:
        first_client = sent(first)["client_id"]
        with piped(environ, "connect", other, "--no-browser", "--name", "other") as second:
            second.until("Another connect is waiting on port")
            deliver(server.follow(first.address))
            deliver(server.follow(second.address))
            assert (first.end()[0], second.end()[0]) == (0, 0), first.shown + second.shown
            assert sent(second)["client_id"] == first_client
    assert server.count("register") == 1


@pytest.mark.requirement("M46")
@pytest.mark.parametrize("moment", ["waiting for the person", "registering"])
def test_a_killed_connect_holds_up_no_later_one(
    server: AuthorizationServer, environ: dict[str, str], port: str, moment: str
) -> None:
    if moment == "registering":
        server.misbehave("register", Fault.hang())
    with piped(environ, "connect", server.resource_url, "--no-browser", "--port", port) as run:
        if moment == "registering":
            until(lambda: server.count("register", "fault") == 1)
        else:
            assert run.address
        run.interrupt(signal.SIGKILL)
    connect(environ, server, server.resource_url, "--port", port)
    assert inside(environ, "token", name_of(server)).status == 0
    assert len(json.loads(inside(environ, "list", "--json").out)["accounts"]) == 1


@pytest.mark.requirement("D2", "M13")
def test_what_an_address_would_connect_is_shown_and_nothing_is_left(
    server: AuthorizationServer, environ: dict[str, str], tmp_path: Path
) -> None:
    shown = inside(environ, "providers", server.resource_url)
    assert shown.status == 0
    assert "The strict resource" in shown.out
    assert server.issuer in shown.out
    assert "registered by the first connect" in shown.out
    told = json.loads(inside(environ, "providers", server.resource_url, "--json").out)["provider"]
    assert (told["name"], told["resource"], told["client"]) == (name_of(server), server.resource_url, "registration")
    assert server.count("register") == 0
    assert not list(Path(environ["GUMAUTH_HOME"]).glob("services/*"))


@pytest.mark.requirement("M14")
@pytest.mark.parametrize("url", ["http://mcp.example/mcp", "https://user:pass@mcp.example/mcp", "https:///mcp"])
def test_an_address_that_may_not_be_asked_is_refused_unasked(environ: dict[str, str], url: str) -> None:
    ended = inside(environ, "connect", url, "--no-browser")
    assert (ended.status, ended.out) == (2, "")
    assert "pass" not in ended.err


@pytest.mark.parametrize(
    "option", [["--issuer", "https://a.example"], ["--no-resource"], ["--register"], ["--name", "b"]]
)
def test_an_option_for_addresses_is_refused_for_another_provider(environ: dict[str, str], option: list[str]) -> None:
    ended = inside(environ, "connect", "linear", "--no-browser", *option)
    assert ended.status == 2
    assert "linear is not connected by its address" in ended.err


@pytest.mark.requirement("D2", "M13")
def test_a_failed_discovery_leaves_nothing_and_is_said(server: AuthorizationServer, environ: dict[str, str]) -> None:
    server.resource.overrides = {"resource": "https://elsewhere.example/mcp"}
    ended = inside(environ, "connect", server.resource_url, "--no-browser", "--json")
    error = json.loads(ended.out or ended.err)["error"]
    assert (ended.status, error["code"]) == (1, "discovery")
    assert not list(Path(environ["GUMAUTH_HOME"]).glob("services/*"))
    assert json.loads(inside(environ, "list", "--json").out)["accounts"] == []


def test_a_connect_that_nobody_finishes_leaves_no_service(
    server: AuthorizationServer, environ: dict[str, str], port: str
) -> None:
    with piped(environ, "connect", server.resource_url, "--no-browser", "--port", port, "--timeout", "0.1") as run:
        assert run.end()[0] == 1
    assert not list(Path(environ["GUMAUTH_HOME"]).glob("services/*"))
    assert "register" not in run.shown.partition("Nobody came back")[2]


@pytest.mark.requirement("M25", "C10")
def test_ctrl_c_at_a_page_that_does_not_know_the_client_leads_to_another_client(
    server: AuthorizationServer, environ: dict[str, str], port: str
) -> None:
    server.registration.management = False
    connect(environ, server, server.resource_url, "--port", port)
    server.forget_clients()
    server.misbehave("refresh", Fault.error("invalid_grant"), times=None)  # it does not say so
    with piped(environ, "connect", server.resource_url, "--no-browser") as run:
        with pytest.raises(PageRefused):
            server.follow(run.address)
        run.process.send_signal(signal.SIGINT)
        assert run.end()[0] == 130
    assert "If its page does not know the client, connect again: another one is registered then." in run.shown
    connect(environ, server, server.resource_url)
    assert server.count("register") == 2


@pytest.mark.requirement("D10", "M42")
def test_the_command_of_a_warning_about_a_scope_makes_the_request_work(
    server: AuthorizationServer, environ: dict[str, str], port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the refused call of a tool to one that works, by what the warning says, in a program that goes on."""
    connect(environ, server, server.resource_url, "--port", port)
    server.resource.method_scopes = {"tools/call": ("write",)}
    for name, value in {**environ, "no_proxy": "127.0.0.1"}.items():
        monkeypatch.setenv(name, value)
    with pytest.warns(gumauth.InsufficientScope) as told:
        assert call_of_a_tool(server) == 403
    command = shlex.split(str(told[0].message).split("`")[1])
    assert command[:2] == ["gumauth", "connect"]
    connect(environ, server, *command[2:])
    assert call_of_a_tool(server) == 200


def call_of_a_tool(server: AuthorizationServer) -> int:
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "echo", "arguments": {"text": "a"}}}
    accept = {"Accept": "application/json, text/event-stream"}
    with httpx.Client(auth=gumauth.Auth(name_of(server))) as client:
        return client.post(server.resource_url, json=call, headers=accept).status_code
