"""Facts of services that differ from the standard: what a request looks like then."""

from __future__ import annotations

import hashlib
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from gumauth.errors import ProviderCodeError
from gumauth.oauth2.placeholders import filled
from tests.loopback import Loopback
from tests.oauth2.provider.acme import SECRET, acme
from tests.running import run


def test_a_challenge_in_hexadecimal(server: Loopback) -> None:
    provider = acme(server, challenge_encoding="hex")
    sent = parse_qs(urlsplit(provider.get_url("http://localhost/", "s")).query)
    run(provider.exchange("c", "http://localhost/"))
    verifier = server.seen[0].form["code_verifier"]
    assert sent["code_challenge"] == [hashlib.sha256(verifier.encode()).hexdigest()]


def test_a_short_lived_token_is_traded_for_one_that_lives_longer(server: Loopback) -> None:
    wanted = {"grant_type": "trade", "short": "{access_token}", "client_id": "{client_id}", "s": "{client_secret}"}
    provider = acme(server, upgrade_url=f"{server.url}/longer", upgrade_params=wanted)
    provider.get_url("http://localhost/", "s")
    server.answer({"access_token": "short & sharp", "expires_in": 60})
    server.answers.append(type(server.answers[0])(body=b'{"access_token": "long", "expires_in": 5184000}'))
    tokens = run(provider.exchange("c", "http://localhost/"))
    assert (tokens.access_token, tokens.expires_in) == ("long", 5184000)
    method, url = server.seen[1].method, urlsplit(server.seen[1].path)
    assert (method, url.path) == ("GET", "/longer")
    sent = {"grant_type": "trade", "short": "short & sharp", "client_id": "app", "s": SECRET}
    assert dict(parse_qsl(url.query)) == sent


@pytest.mark.requirement("S1")
def test_a_secret_in_the_query_of_a_trade_is_not_told_where_the_url_is_none(server: Loopback) -> None:
    provider = acme(server, upgrade_url="http://longer.example/t", upgrade_params={"s": "{client_secret}"})
    provider.get_url("http://localhost/", "s")
    with pytest.raises(ProviderCodeError) as caught:
        run(provider.exchange("c", "http://localhost/"))
    assert caught.value.message == "http://longer.example/t is not an https URL, so nothing secret is sent there."


def test_a_header_of_the_services_own_carries_the_token(server: Loopback) -> None:
    server.answer({"email": "ada@example.com"})
    headers = {"X-App": "{client_id}", "X-Secret": "{client_secret}"}
    provider = acme(
        server,
        token_header="X-Token",
        nickname_url=f"{server.url}/me",
        nickname_headers=headers,
    )
    assert run(provider.get_nickname("a b")) == "ada@example.com"
    sent = server.seen[0].headers
    assert (sent["x-token"], sent["x-app"], "authorization" in sent) == ("a b", "app", False)
    assert sent["x-secret"] == "{client_secret}"


@pytest.mark.parametrize("encoding", ["form", "json"])
def test_a_revocation_has_what_the_service_wants_beside_the_token(server: Loopback, encoding: str) -> None:
    provider = acme(
        server,
        revoke_url=f"{server.url}/revoke",
        revoke_auth="none",
        revoke_encoding=encoding,
        revoke_fields={"access_token": "access_token"},
        revoke_headers={"X-Client": "Client {client_secret}"},
        revoke_params={"client_id": "{client_id}", "all": "yes"},
    )
    assert run(provider.revoke_token("a", "access_token")) is True
    (sent,) = server.seen
    assert (sent.form if encoding == "form" else sent.json) == {"access_token": "a", "client_id": "app", "all": "yes"}
    assert sent.headers["x-client"] == f"Client {SECRET}"


def test_a_value_is_asked_for_where_its_name_stands_and_is_not_read_again() -> None:
    def never() -> str:
        raise AssertionError

    values = {"a": lambda: "{b}", "b": never}
    assert filled({"x": "{a} {c} {}", "y": "no braces"}, values) == {"x": "{b} {c} {}", "y": "no braces"}


@pytest.mark.parametrize(("told", "life"), [({}, 3600), ({"expires_in": 60}, 60)])
def test_a_token_whose_end_the_service_does_not_tell_lives_as_long_as_its_documentation_says(
    server: Loopback, told: dict[str, int], life: int
) -> None:
    server.answer({"access_token": "a", "refresh_token": "r"} | told)
    assert run(acme(server, assumed_lifetime=3600).refresh("r")).expires_in == life
