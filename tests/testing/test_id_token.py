"""ID tokens are signed, say who consented, and come only when they are asked for."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest

from gumauth.testing import AuthorizationServer, Fault
from tests.testing.clients import PUBLIC, App, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(clock: Clock) -> Iterator[App]:
    with AuthorizationServer(clock=clock, access_lifetime=100) as server:
        server.register(PUBLIC)
        server.send_id_token = True
        yield App(server)


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def payload(fields: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(decoded(fields["id_token"].split(".")[1]))
    return found


def test_there_is_no_id_token_unless_it_is_set(authorization_server: AuthorizationServer) -> None:
    authorization_server.register(PUBLIC)
    assert "id_token" not in App(authorization_server).tokens()


def test_an_id_token_says_who_consented_to_whom_and_when(app: App) -> None:
    assert payload(app.tokens(person="grace")) == {
        "iss": app.server.issuer,
        "aud": "app",
        "sub": "grace",
        "email": "grace@example.com",
        "iat": 1_700_000_000,
        "exp": 1_700_000_100,
    }


def test_its_times_are_whole_seconds(app: App, clock: Clock) -> None:
    clock.now += 0.75
    found = payload(app.tokens())
    assert [(type(found[name]), found[name]) for name in ("iat", "exp")] == [
        (int, 1_700_000_000),
        (int, 1_700_000_100),
    ]


def test_an_id_token_is_signed_with_the_servers_key(app: App) -> None:
    token = app.tokens()["id_token"]
    signed, _, signature = token.rpartition(".")
    assert "=" not in token
    assert json.loads(decoded(signed.split(".")[0])) == {"alg": "HS256", "typ": "JWT"}
    key = app.server._parts.id_tokens._key
    assert len(key) == 32
    assert decoded(signature) == hmac.new(key, signed.encode(), hashlib.sha256).digest()


def test_every_server_has_a_key_of_its_own(app: App) -> None:
    with AuthorizationServer() as other:
        assert other._parts.id_tokens._key != app.server._parts.id_tokens._key


def test_a_refresh_has_a_newer_id_token_of_the_same_person(app: App, clock: Clock) -> None:
    first = app.tokens(person="grace")
    clock.now += 50
    status, second = app.refresh(first["refresh_token"])
    assert status == 200
    assert payload(second) == {**payload(first), "iat": 1_700_000_050, "exp": 1_700_000_150}


def test_an_id_token_shows_the_nickname_and_keeps_the_subject(app: App) -> None:
    app.server.nicknames["grace@example.com"] = "ada@example.com"
    found = payload(app.tokens(person="grace"))
    assert (found["sub"], found["email"]) == ("grace", "ada@example.com")


def test_an_id_token_repeats_the_nonce_of_the_authorization_request(app: App) -> None:
    _, fields = app.redeem(app.server.code_from(app.url(nonce="a-nonce")))
    assert payload(fields)["nonce"] == "a-nonce"
    assert "nonce" not in payload(app.tokens())


def test_a_fault_can_leave_the_id_token_out(app: App) -> None:
    app.server.misbehave("token", Fault.without("id_token"))
    assert "id_token" not in app.tokens()
