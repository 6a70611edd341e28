"""Requests to the token endpoint, for a code and for a refresh token."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from typing import Any

import pytest

from gumauth.errors import (
    NetworkError,
    ProviderCodeError,
    Temporary,
    TokenEndpointError,
)
from tests.loopback import Answer, Loopback
from tests.oauth2.provider.acme import REDIRECT, SECRET, acme, exchange
from tests.running import run


@pytest.mark.requirement("F13")
@pytest.mark.parametrize(
    ("facts", "header", "fields"),
    [
        ({"client_auth": "body"}, None, {"client_id": "app", "client_secret": SECRET}),
        ({"client_auth": "none"}, None, {"client_id": "app"}),
        ({"client_auth": "basic"}, "Basic " + b64encode(f"app:{SECRET}".encode()).decode(), {}),
    ],
    ids=["body", "none", "basic"],
)
def test_the_client_authenticates_by_one_method(
    server: Loopback, facts: dict[str, Any], header: str | None, fields: dict[str, str]
) -> None:
    provider = acme(server, **facts)
    exchange(provider)
    run(provider.refresh("r"))
    for seen in server.seen:
        assert seen.headers.get("authorization") == header
        assert {name: value for name, value in seen.form.items() if name.startswith("client_")} == fields


@pytest.mark.requirement("F13")
def test_a_public_client_says_only_its_id(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACME_CLIENT_SECRET")
    exchange(acme(server, public_client=True, client_auth="basic"))
    assert "authorization" not in server.seen[0].headers
    assert server.seen[0].form["client_id"] == "app"


def test_a_json_service_is_spoken_to_in_json(server: Loopback) -> None:
    exchange(acme(server, token_encoding="json", token_headers={"Notion-Version": "1"}, token_params={"x": "y"}))
    seen = server.seen[0]
    assert (seen.headers["content-type"], seen.headers["notion-version"]) == ("application/json", "1")
    assert (seen.json["grant_type"], seen.json["code"], seen.json["x"]) == ("authorization_code", "the-c0de", "y")


def test_the_tokens_are_read_where_the_service_nests_them(server: Loopback) -> None:
    server.answer({"ok": True, "authed_user": {"access_token": "a", "token_type": "user"}})
    provider = acme(server, tokens_path="authed_user", token_types=("bearer", "user"))
    assert exchange(provider).access_token == "a"


@pytest.mark.requirement("F5")
def test_a_code_is_sent_once_though_the_connection_breaks(server: Loopback) -> None:
    server.answers = [Answer(raw=b"")]
    provider = acme(server)
    with pytest.raises(NetworkError):
        exchange(provider)
    with pytest.raises(ProviderCodeError, match="no connect under way"):
        run(provider.exchange("the-c0de", REDIRECT))
    assert len(server.seen) == 1


@pytest.mark.requirement("F5")
@pytest.mark.parametrize("status", [307, 308, 401, 429, 500, 503])
def test_a_code_is_sent_once_whatever_the_status(server: Loopback, status: int) -> None:
    server.answer({}, status=status, Location="/token", WWW_Authenticate="Basic", Retry_After="0")
    with pytest.raises((Temporary, TokenEndpointError)):
        exchange(acme(server))
    assert len(server.seen) == 1


@pytest.mark.requirement("F5")
def test_two_exchanges_at_once_send_one_code(server: Loopback) -> None:
    provider = acme(server)
    provider.get_url(REDIRECT, "st")

    async def twice() -> list[Any]:
        codes = (provider.exchange("the-c0de", REDIRECT), provider.exchange("the-c0de", REDIRECT))
        return [*await asyncio.gather(*codes, return_exceptions=True)]

    kinds = {type(result).__name__ for result in run(twice())}
    assert kinds == {"ParsedTokens", "ProviderCodeError"}
    assert len(server.seen) == 1


@pytest.mark.requirement("R5")
def test_a_new_refresh_token_replaces_the_old_and_none_keeps_it(server: Loopback) -> None:
    server.answers = [
        Answer(body=b'{"access_token": "a2", "refresh_token": "r2"}'),
        Answer(body=b'{"access_token": "a3"}'),
    ]
    provider = acme(server, refresh_url=f"{server.url}/refresh", refresh_params={"x": "y"})
    assert run(provider.refresh("r1")).refresh_token == "r2"
    assert run(provider.refresh("r2")).refresh_token == "r2"
    assert [seen.path for seen in server.seen] == ["/refresh", "/refresh"]
    assert server.seen[0].form == {
        "grant_type": "refresh_token",
        "refresh_token": "r1",
        "client_id": "app",
        "client_secret": SECRET,
        "x": "y",
    }


@pytest.mark.requirement("S1")
@pytest.mark.parametrize("status", [200, 400, 503])
def test_no_error_repeats_what_was_sent(server: Loopback, status: int) -> None:
    provider = acme(server)
    verifier = provider.get_url(REDIRECT, "st") and provider._pending
    server.answer({"error": "nope", "error_description": f"the-c0de {SECRET} {verifier}"}, status=status)
    with pytest.raises((TokenEndpointError, Temporary)) as caught:
        run(provider.exchange("the-c0de", REDIRECT))
    assert "nope: … … …" in caught.value.message


@pytest.mark.requirement("S1")
def test_no_error_repeats_a_secret_that_was_sent_in_a_header(server: Loopback) -> None:
    provider = acme(server, client_auth="basic")
    provider.get_url(REDIRECT, "st")
    run(provider.exchange("the-c0de", REDIRECT))
    encoded = server.seen[-1].headers["authorization"].partition(" ")[2]
    provider.get_url(REDIRECT, "st")
    server.answer({"error": "nope", "error_description": f"the-c0de {SECRET} {encoded}"}, status=400)
    with pytest.raises(TokenEndpointError) as caught:
        run(provider.exchange("the-c0de", REDIRECT))
    assert "nope: … … …" in caught.value.message
