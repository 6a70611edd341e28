"""The requests of the device authorization grant, and what becomes of their answers."""

from __future__ import annotations

from base64 import b64encode

import pytest

from gumauth.errors import CodeExpired, MissingCredentials, ProviderCodeError, Temporary
from gumauth.oauth2 import OAuth2Provider
from tests.loopback import Loopback
from tests.oauth2.provider.acme import SECRET, TOKENS, acme
from tests.running import run

pytestmark = pytest.mark.requirement("V1")

CODES = {
    "device_code": "the-d3vice-code",
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://acme.example/device",
    "expires_in": 900,
}


def with_device(server: Loopback, **facts: object) -> OAuth2Provider:
    return acme(server, **{"device_url": f"{server.url}/device", **facts})


def test_the_request_for_a_code_names_client_scopes_and_resource(server: Loopback) -> None:
    server.answer(CODES)
    provider = with_device(server, scopes=("read", "write"), resource="https://mcp.acme.example/mcp")
    authorization = run(provider.authorize_device())
    assert (authorization.user_code, authorization.interval, authorization.expires_in) == ("WDJB-MJHT", 5, 900)
    [sent] = server.seen
    assert (sent.method, sent.path, sent.headers["accept"]) == ("POST", "/device", "application/json")
    assert sent.form == {
        "client_id": "app",
        "client_secret": SECRET,
        "scope": "read write",
        "resource": "https://mcp.acme.example/mcp",
    }


def test_a_service_may_call_the_scopes_otherwise(server: Loopback) -> None:
    server.answer(CODES)
    run(with_device(server, scopes=("a:b", "c"), scope_param="scopes").authorize_device())
    assert server.seen[0].form["scopes"] == "a:b c"
    assert "scope" not in server.seen[0].form


def test_a_device_may_have_to_name_its_scopes_otherwise_and_at_each_poll(server: Loopback) -> None:
    provider = with_device(server, scopes=("a:b", "c"), device_scope_param="scopes")
    run(provider.exchange_device("the-d3vice-code"))
    server.answer(CODES)
    run(provider.authorize_device())
    assert [sent.form["scopes"] for sent in server.seen] == ["a:b c", "a:b c"]
    assert not any("scope" in sent.form for sent in server.seen)


def test_a_poll_sends_the_device_code_and_brings_tokens(server: Loopback) -> None:
    tokens = run(with_device(server).exchange_device("the-d3vice-code"))
    assert (tokens.access_token, tokens.refresh_token) == ("a", "r")
    [sent] = server.seen
    assert (sent.method, sent.path) == ("POST", "/token")
    assert sent.form == {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": "the-d3vice-code",
        "client_id": "app",
        "client_secret": SECRET,
    }


def test_a_poll_may_go_elsewhere_and_authenticate_by_basic(server: Loopback) -> None:
    provider = with_device(server, device_token_url=f"{server.url}/device/token", client_auth="basic")
    run(provider.exchange_device("the-d3vice-code"))
    [sent] = server.seen
    assert sent.path == "/device/token"
    assert sent.headers["authorization"] == f"Basic {b64encode(f'app:{SECRET}'.encode()).decode()}"
    assert sent.form == {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": "the-d3vice-code",
    }


def test_where_the_grant_wants_the_id_alone_no_secret_is_sent_or_needed(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = with_device(server, device_public=True)
    server.answer(CODES)
    run(provider.authorize_device())
    server.answer(TOKENS)
    run(provider.exchange_device("the-d3vice-code"))
    monkeypatch.delenv("ACME_CLIENT_SECRET")
    assert run(provider.exchange_device("the-d3vice-code")).access_token == "a"
    assert run(provider.refresh("a-refresh-token")).access_token == "a"
    assert [sent.form.get("client_id") for sent in server.seen] == ["app", "app", "app", "app"]
    assert not any(SECRET in sent.body.decode() + str(sent.headers) for sent in server.seen)
    with pytest.raises(MissingCredentials):
        provider.get_url("http://localhost/", "st")


def test_a_refresh_sends_the_secret_where_there_is_one(server: Loopback) -> None:
    run(with_device(server, device_public=True).refresh("a-refresh-token"))
    assert server.seen[0].form["client_secret"] == SECRET


def test_without_a_secret_that_the_service_wants_nothing_is_sent(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ACME_CLIENT_SECRET")
    with pytest.raises(MissingCredentials):
        run(with_device(server).authorize_device())
    with pytest.raises(MissingCredentials):
        run(with_device(server).refresh("a-refresh-token"))
    assert server.seen == []


@pytest.mark.requirement("F6")
def test_a_code_is_asked_for_over_https_or_loopback_alone(server: Loopback) -> None:
    with pytest.raises(ProviderCodeError, match="is not an https URL"):
        run(with_device(server, device_url="http://acme.example/device").authorize_device())
    with pytest.raises(ProviderCodeError, match="is not an https URL"):
        run(with_device(server, device_token_url="http://acme.example/token").exchange_device("the-d3vice-code"))


def test_a_service_without_the_grant_is_not_asked(server: Loopback) -> None:
    with pytest.raises(ProviderCodeError, match="Acme has no `device_url`"):
        run(acme(server).authorize_device())
    assert server.seen == []


def test_a_poll_before_the_person_has_decided_says_so(server: Loopback) -> None:
    server.answer({"error": "slow_down", "interval": 12}, status=200)
    with pytest.raises(Temporary) as caught:
        run(with_device(server).exchange_device("the-d3vice-code"))
    assert (caught.value.error, caught.value.retry_after) == ("slow_down", 12)
    server.answer({"error": "expired_token"}, status=400)
    with pytest.raises(CodeExpired):
        run(with_device(server).exchange_device("the-d3vice-code"))
