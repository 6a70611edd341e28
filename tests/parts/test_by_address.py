"""Whole lives of accounts that were connected by an address alone, at servers that nobody here wrote."""

from __future__ import annotations

import json
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from gumauth.testing import deliver
from tests.cli.program import environment, process
from tests.parts import dot as dot_part
from tests.parts import mcp_servers, oidc_provider
from tests.parts.by_address import (
    account_of,
    connect,
    connecting,
    connecting_by_device,
    disconnect,
    refresh,
    shown,
    token,
)
from tests.programs import many_connects
from tests.programs.stage import make_due

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.parts.dot import Dot
    from tests.parts.mcp_servers import McpServer
    from tests.parts.oidc_provider import Oidc

DOCUMENT = "https://apps.example/oauth/client.json"
LIFE = 5
"""Seconds."""

MANY = 12
"""Fifty are played by hand: `python -m tests.programs.many_connects`."""


def name_of(url: str) -> str:
    """What gumauth calls the service at a loopback address."""
    return url.split("/")[2].replace(":", ".")


def document_of(environ: dict[str, str]) -> dict[str, Any]:
    """The client metadata document that gumauth says to publish."""
    printed = process(environ, "providers", "--client-metadata", DOCUMENT)
    assert printed.status == 0, printed
    document: dict[str, Any] = json.loads(printed.out)
    return document


@pytest.fixture(scope="module")
def open_oidc() -> Iterator[Oidc]:
    with oidc_provider.serving(open_to_clients=True) as site:
        yield site


@pytest.mark.mcp
@pytest.mark.requirement("D1", "D2", "D5", "D7", "M31", "M41")
def test_an_mcp_server_from_its_address_to_disconnect(mcp_server: McpServer, tmp_path: Path) -> None:
    environ = environment(tmp_path)
    before = len(mcp_server.clients())
    account = connect(environ, mcp_server.url, mcp_server.follow)
    assert (account["provider"], account["refreshable"]) == (mcp_server.name, True)
    client = mcp_server.clients()[before]
    # These servers do not list `none`, so the client is given a secret.
    assert (client["application_type"], client["token_endpoint_auth_method"]) == ("native", "client_secret_post")
    assert mcp_server.hear(token(environ, mcp_server.name)) == {"tools": ["add"], "sum": "42"}
    make_due(environ, mcp_server.name)
    due = token(environ, mcp_server.name)
    for _ in range(2):
        refresh(environ, mcp_server.name)
    last = token(environ, mcp_server.name)
    assert due != last
    assert (mcp_server.takes(due), mcp_server.takes(last)) == (False, True)
    assert disconnect(environ, mcp_server.name)["revoked"] is True
    assert not mcp_server.takes(last)
    assert len(mcp_server.clients()) == before + 1


@pytest.mark.mcp
def test_before_a_person_is_sent_away_they_see_where_to_as_what_and_for_what(
    mcp_server: McpServer, tmp_path: Path
) -> None:
    with connecting(environment(tmp_path), mcp_server.url) as waiting:
        said = "".join(waiting.said[:-1])
        client_id = waiting.asked("client_id")
    assert client_id == mcp_server.clients()[-1]["client_id"]
    for fact in (mcp_server.url, mcp_server.origin, str(client_id), "read", "http://127.0.0.1:"):
        assert fact in said


@pytest.mark.mcp
@pytest.mark.requirement("M39")
def test_tokens_that_live_for_seconds_are_refreshed_as_they_are_asked_for(tmp_path: Path) -> None:
    environ = environment(tmp_path)
    with mcp_servers.serving(access_lifetime=LIFE) as server:
        connect(environ, server.url, server.follow)
        old = token(environ, server.name)
        time.sleep(LIFE)  # and never show it again: this server ends the grant of a token that is too old
        new = token(environ, server.name)
        assert new != old
        assert server.takes(new)


@pytest.mark.mcp
@pytest.mark.requirement("D7", "M24", "M25")
def test_a_server_that_has_forgotten_its_clients_costs_one_command(tmp_path: Path) -> None:
    environ = environment(tmp_path)
    with mcp_servers.serving() as server:
        connect(environ, server.url, server.follow)
        port, name = server.port, server.name
    with mcp_servers.serving(port=port) as server:
        make_due(environ, name)
        assert shown(process(environ, "token", name, "--json"), 3)["error"]["hint"].count("gumauth connect") == 1
        connect(environ, server.url, server.follow)
        assert server.takes(token(environ, name))
        assert len(server.clients()) == 1


@pytest.mark.mcp
@pytest.mark.requirement("D8", "M28")
def test_connects_at_once_register_one_client(tmp_path: Path) -> None:
    with mcp_servers.serving() as server:
        played = many_connects.play(server, tmp_path, MANY)
    assert (played.tokens, played.clients) == (MANY, 1)


@pytest.mark.requirement("D1", "D9", "M8")
def test_an_issuer_with_a_path_from_its_address_to_disconnect(open_dot: Dot, tmp_path: Path) -> None:
    environ, name = environment(tmp_path), name_of(open_dot.url)
    account = connect(environ, open_dot.issuer, open_dot.follow)
    assert account["provider"] == name
    first = token(environ, name)
    assert open_dot.is_active(first)
    make_due(environ, name)
    assert token(environ, name) != first
    for _ in range(2):
        refresh(environ, name)
    last = token(environ, name)
    assert open_dot.is_active(last)
    assert disconnect(environ, name)["revoked"] is True
    assert not open_dot.is_active(last)


@pytest.mark.requirement("V1", "V2")
def test_a_device_is_connected_at_the_toolkit(open_dot: Dot, tmp_path: Path) -> None:
    dot_part.need_devices()
    environ, name = environment(tmp_path), name_of(open_dot.url)
    with connecting_by_device(environ, open_dot.issuer) as waiting:
        assert waiting.url == f"{open_dot.url}/o/device/"
        open_dot.type_code(waiting.url, waiting.code)
        assert account_of(waiting.ended())["provider"] == name
    refresh(environ, name)
    assert open_dot.is_active(token(environ, name))
    assert disconnect(environ, name)["revoked"] is True


@pytest.mark.requirement("V1")
def test_a_device_that_is_refused_at_the_toolkit_is_status_4(open_dot: Dot, tmp_path: Path) -> None:
    dot_part.need_devices()
    with connecting_by_device(environment(tmp_path), open_dot.issuer) as waiting:
        open_dot.type_code(waiting.url, waiting.code, approve=False)
        assert shown(waiting.ended(), 4)["error"]["code"] == "denied"


@pytest.mark.requirement("M16", "M21")
def test_a_toolkit_that_registers_nobody_takes_the_document_that_gumauth_prints(tmp_path: Path) -> None:
    environ = environment(tmp_path, GUMAUTH_CLIENT_METADATA_URL=DOCUMENT)
    with dot_part.serving(tmp_path, documents={DOCUMENT: document_of(environ)}) as site:
        with connecting(environ, site.issuer) as waiting:
            assert waiting.asked("client_id") == DOCUMENT
            deliver(site.follow(waiting.url))
            account_of(waiting.ended())
        refresh(environ, name_of(site.url))
        assert site.is_active(token(environ, name_of(site.url)))
        assert disconnect(environ, name_of(site.url))["revoked"] is True


@pytest.mark.requirement("M15")
def test_a_toolkit_where_nothing_is_open_asks_for_an_app(tmp_path: Path) -> None:
    with dot_part.serving(tmp_path) as site:
        ended = process(environment(tmp_path), "connect", site.issuer, "--no-browser", "--json")
    assert "gumauth setup" in shown(ended, 1)["error"]["hint"]


@pytest.mark.requirement("M29")
def test_an_app_that_was_prepared_is_used_at_the_toolkit(dot: Dot, tmp_path: Path) -> None:
    prefix = name_of(dot.url).replace(".", "_")
    prepared = {f"{prefix}_CLIENT_ID": dot.confidential, f"{prefix}_CLIENT_SECRET": dot.secret}
    environ = environment(tmp_path, **prepared)
    connect(environ, dot.issuer, dot.follow)
    refresh(environ, name_of(dot.url))
    assert dot.is_active(token(environ, name_of(dot.url)))


@pytest.mark.node
@pytest.mark.requirement("D1", "M9", "M34", "M35")
def test_an_openid_issuer_from_its_address_to_disconnect(open_oidc: Oidc, tmp_path: Path) -> None:
    environ, name = environment(tmp_path), name_of(open_oidc.url)
    account = connect(environ, open_oidc.issuer, partial(open_oidc.browser().follow, login="grace"))
    assert (account["provider"], account["nickname"]) == (name, "grace@example.com")
    assert {"openid", "offline_access"} <= set(account["scopes"])
    for _ in range(2):
        refresh(environ, name)
    last = token(environ, name)
    assert open_oidc.is_active(last)
    assert disconnect(environ, name)["revoked"] is True
    assert not open_oidc.is_active(last)
    assert not [event for event in open_oidc.log() if event["kind"] in ("reuse", "refused")]


@pytest.mark.node
@pytest.mark.requirement("V1", "V2")
def test_a_device_is_connected_at_an_openid_issuer_that_gives_no_interval(open_oidc: Oidc, tmp_path: Path) -> None:
    environ, name = environment(tmp_path), name_of(open_oidc.url)
    with connecting_by_device(environ, open_oidc.issuer) as waiting:
        assert "Done" in open_oidc.browser().type_code(waiting.url, waiting.code)
        assert account_of(waiting.ended())["nickname"] == "ada@example.com"
    refresh(environ, name)
    assert open_oidc.is_active(token(environ, name))


@pytest.mark.node
def test_a_request_is_pushed_where_the_issuer_wants_that(tmp_path: Path) -> None:
    environ = environment(tmp_path)
    with oidc_provider.serving(open_to_clients=True, pushed=True) as site:
        with connecting(environ, site.issuer) as waiting:
            assert waiting.asked("request_uri")
            assert waiting.asked("code_challenge") is None
            deliver(site.browser().follow(waiting.url))
            account_of(waiting.ended())
        refresh(environ, name_of(site.url))
        assert [event["kind"] for event in site.log()].count("pushed") == 1


@pytest.mark.node
@pytest.mark.requirement("M16", "M21")
def test_an_openid_issuer_takes_the_document_that_gumauth_prints(tmp_path: Path) -> None:
    environ = environment(tmp_path, GUMAUTH_CLIENT_METADATA_URL=DOCUMENT)
    with oidc_provider.serving(documents={DOCUMENT: document_of(environ)}) as site:
        with connecting(environ, site.issuer) as waiting:
            assert waiting.asked("client_id") == DOCUMENT
            deliver(site.browser().follow(waiting.url))
            account_of(waiting.ended())
        refresh(environ, name_of(site.url))
        assert site.is_active(token(environ, name_of(site.url)))
