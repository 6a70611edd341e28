"""ID tokens are signed, say who consented, and come only when they are asked for."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest

from gumauth.testing import AuthorizationServer, Fault
from gumauth.testing.id_token import IdTokens
from tests.testing.clients import PUBLIC, App, Clock
from tests.testing.discovery.asking import ask


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


def checked(token: str, server: AuthorizationServer) -> Any:
    """The claims, after a library that is not ours has looked for the key and checked the signature."""
    key = jwt.PyJWKClient(server.jwks_url).get_signing_key_from_jwt(token)
    return jwt.decode(token, key, algorithms=["RS256"], audience="app", options={"verify_exp": False})


def test_an_id_token_is_signed_with_a_key_that_the_server_publishes(app: App) -> None:
    token = app.tokens(person="grace")["id_token"]
    assert "=" not in token
    header = json.loads(decoded(token.split(".")[0]))
    assert (header["alg"], header["typ"]) == ("RS256", "JWT")
    assert checked(token, app.server)["sub"] == "grace"
    described = ask("GET", f"{app.server.url}/.well-known/openid-configuration").json
    assert described["jwks_uri"] == app.server.jwks_url
    assert described["id_token_signing_alg_values_supported"] == ["RS256"]
    assert "d" not in ask("GET", app.server.jwks_url).json["keys"][0]


def test_every_server_has_a_key_of_its_own(app: App) -> None:
    with AuthorizationServer() as other, pytest.raises(jwt.PyJWTError):
        checked(app.tokens()["id_token"], other)


def test_requests_that_are_the_first_at_once_make_one_key() -> None:
    made = IdTokens(lambda: "https://issuer.example", lambda: 0.0, lambda: 60.0)
    with ThreadPoolExecutor(4) as threads:
        keys = {id(key) for key in threads.map(lambda _: made._key, range(8))}
    assert len(keys) == 1


def test_a_refresh_has_a_newer_id_token_of_the_same_person(app: App, clock: Clock) -> None:
    first = app.tokens(person="grace")
    clock.now += 50
    status, second = app.refresh(first["refresh_token"])
    assert status == 200
    assert payload(second) == {**payload(first), "iat": 1_700_000_050, "exp": 1_700_000_150}


def test_an_id_token_may_live_shorter_than_the_access_token(app: App) -> None:
    app.server.id_token_lifetime = 30
    fields = app.tokens()
    assert (fields["expires_in"], payload(fields)["exp"]) == (100, 1_700_000_030)


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
