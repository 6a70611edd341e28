"""The requests about a registration, to a server on loopback."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from gumauth.errors import NetworkError, RegistrationError, Temporary
from gumauth.oauth2.http import transport
from gumauth.oauth2.registered_client import RegisteredClient
from gumauth.oauth2.registration import RegistrationRequest
from gumauth.oauth2.registration_calls import forget, is_alive, look_up, register
from gumauth.platform.frozen import replace
from tests.loopback import Answer, Loopback, loopback

BOTH = ("http://localhost:4862/callback", "http://127.0.0.1:4862/callback")
REQUEST = RegistrationRequest(redirect_uris=BOTH)
REFUSED = Answer(400, b'{"error": "invalid_redirect_uri"}')
CLIENT = RegisteredClient(client_id="c-1", redirect_uris=BOTH, grant_types=("authorization_code",), registered_at=1.0)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as running:
        yield running


def run(work: Any) -> Any:
    async def closing() -> Any:
        try:
            return await work
        finally:
            await transport.close()

    return asyncio.run(closing())


def registered(server: Loopback, request: RegistrationRequest = REQUEST) -> RegisteredClient:
    client: RegisteredClient = run(register(f"{server.url}/register", request, clock=lambda: 1000.0))
    return client


@pytest.mark.requirement("D7", "M18")
def test_a_client_is_registered_by_one_json_request(server: Loopback) -> None:
    server.answer({"client_id": "c-1"}, status=201)
    assert registered(server) == RegisteredClient(
        client_id="c-1",
        redirect_uris=BOTH,
        grant_types=("authorization_code", "refresh_token"),
        registered_at=1000.0,
    )
    (seen,) = server.seen
    assert (seen.method, seen.path, seen.headers["content-type"]) == ("POST", "/register", "application/json")
    assert seen.json["application_type"] == "native"


@pytest.mark.requirement("M19")
def test_a_server_that_refuses_one_host_is_asked_with_the_other_alone(server: Loopback) -> None:
    server.answers = [REFUSED, Answer(201, b'{"client_id": "c-1"}')]
    assert registered(server).redirect_uris == ("http://127.0.0.1:4862/callback",)
    assert [seen.json["redirect_uris"] for seen in server.seen] == [
        ["http://localhost:4862/callback", "http://127.0.0.1:4862/callback"],
        ["http://127.0.0.1:4862/callback"],
    ]


@pytest.mark.requirement("M19")
def test_the_first_host_alone_is_the_last_try(server: Loopback) -> None:
    server.answers = [REFUSED, REFUSED, Answer(201, b'{"client_id": "c-1"}')]
    assert registered(server).redirect_uris == ("http://localhost:4862/callback",)
    server.answers = [Answer(400, b'{"error": "invalid_redirect_uri", "error_description": "first"}'), REFUSED]
    with pytest.raises(RegistrationError, match="first"):
        registered(server)
    assert len(server.seen) == 6


@pytest.mark.parametrize(
    ("answer", "request_"),
    [
        (Answer(400, b'{"error": "invalid_client_metadata", "error_description": "the scope"}'), REQUEST),
        (REFUSED, RegistrationRequest(redirect_uris=BOTH[:1])),
        (Answer(403, b""), REQUEST),
    ],
)
def test_any_other_refusal_is_final(server: Loopback, answer: Answer, request_: RegistrationRequest) -> None:
    server.answers = [answer]
    with pytest.raises(RegistrationError):
        registered(server, request_)
    assert len(server.seen) == 1


@pytest.mark.requirement("M28")
def test_a_busy_server_is_temporary_and_asked_once(server: Loopback) -> None:
    server.answer({}, status=429, Retry_After="9")
    with pytest.raises(Temporary) as caught:
        registered(server)
    assert (caught.value.retry_after, len(server.seen)) == (9.0, 1)


@pytest.mark.requirement("M23")
def test_a_server_that_hands_out_its_expired_client_again_is_asked_under_another_name(server: Loopback) -> None:
    said = {"client_secret": "s", "token_endpoint_auth_method": "client_secret_post"}
    dead, good = {"client_id": "old", "client_secret_expires_at": 999}, {"client_id": "new"}
    server.answers = [Answer(201, json.dumps({**said, **data}).encode()) for data in (dead, good)]
    assert registered(server).client_id == "new"
    first, second = (seen.json["client_name"] for seen in server.seen)
    assert first == "gumauth"
    assert second.startswith("gumauth ")
    server.answers = [Answer(201, json.dumps({**said, **dead}).encode())]
    with pytest.raises(RegistrationError, match="whose secret has expired already"):
        registered(server)


@pytest.mark.requirement("D7")
@pytest.mark.parametrize(
    ("status", "body", "alive"),
    [
        (400, {"error": "invalid_grant"}, True),
        (401, {"error": "invalid_grant"}, True),
        (401, {"error": "invalid_client"}, False),
        (400, {"error": "invalid_client"}, False),
        (401, None, False),
        (400, {"error": "invalid_client_metadata"}, None),
        (400, {"error": "unauthorized_client"}, None),
        (503, {"error": "invalid_client"}, None),
        (500, None, None),
        (200, {"access_token": "odd"}, None),
    ],
)
def test_the_token_endpoint_tells_by_a_code_that_nobody_issued_whether_it_knows_the_client(
    server: Loopback, status: int, body: object, alive: bool | None
) -> None:
    server.answer(body, status=status)
    assert run(is_alive(CLIENT, token_url=f"{server.url}/token")) is alive
    (seen,) = server.seen
    assert {name: seen.form[name] for name in ("grant_type", "client_id", "redirect_uri")} == {
        "grant_type": "authorization_code",
        "client_id": "c-1",
        "redirect_uri": "http://localhost:4862/callback",
    }
    assert len(seen.form["code"]) > 40


@pytest.mark.requirement("D7")
def test_a_client_that_may_refresh_is_tried_by_a_refresh_token_and_no_consent_is_feigned(server: Loopback) -> None:
    server.answer({"error": "invalid_grant"}, status=400)
    refreshing = replace(CLIENT, grant_types=("authorization_code", "refresh_token"))
    assert run(is_alive(refreshing, token_url=f"{server.url}/token")) is True
    (seen,) = server.seen
    assert seen.form.keys() == {"grant_type", "refresh_token", "client_id"}
    assert seen.form["grant_type"] == "refresh_token"
    assert len(seen.form["refresh_token"]) > 60


@pytest.mark.requirement("M26")
def test_a_kept_client_is_tried_by_its_own_method_of_authentication(server: Loopback) -> None:
    server.answer({"error": "invalid_grant"}, status=400)
    basic = replace(CLIENT, client_secret="s:1", auth_method="basic")
    run(is_alive(basic, token_url=f"{server.url}/token"))
    (seen,) = server.seen
    assert seen.headers["authorization"] == "Basic " + base64.b64encode(b"c-1:s%3A1").decode()
    assert not {"client_id", "client_secret"} & seen.form.keys()


@pytest.mark.requirement("M26")
def test_a_server_that_misses_the_id_beside_basic_is_asked_with_it_before_the_client_counts_as_gone(
    server: Loopback,
) -> None:
    basic = replace(CLIENT, client_secret="s", auth_method="basic")
    server.answers = [Answer(401, b'{"error": "invalid_client"}'), Answer(400, b'{"error": "invalid_grant"}')]
    assert run(is_alive(basic, token_url=f"{server.url}/token")) is True
    assert [seen.form.get("client_id") for seen in server.seen] == [None, "c-1"]
    server.answer({"error": "invalid_client"}, status=401)
    assert run(is_alive(basic, token_url=f"{server.url}/token")) is False


def managed(server: Loopback) -> RegisteredClient:
    return replace(CLIENT, management_url=f"{server.url}/register/c-1", management_token="a-token")


@pytest.mark.requirement("D7")
def test_a_registration_that_can_be_read_is_read_in_place_of_that(server: Loopback) -> None:
    server.answer({"client_id": "c-1", "registration_access_token": "another"})
    alive, client = run(look_up(managed(server), token_url=f"{server.url}/token"))
    assert (alive, client) == (True, replace(managed(server), management_token="another"))
    assert [(seen.method, seen.path) for seen in server.seen] == [("GET", "/register/c-1")]
    assert server.seen[0].headers["authorization"] == "Bearer a-token"
    server.answer(status=401)
    assert run(is_alive(managed(server), token_url=f"{server.url}/token")) is False


def test_a_secret_that_the_server_has_renewed_is_taken_over(server: Loopback) -> None:
    server.answer({"client_id": "c-1", "client_secret": "new", "client_secret_expires_at": 9000})
    secret = replace(managed(server), client_secret="old", auth_method="body", secret_expires_at=5000.0)
    _, client = run(look_up(secret, token_url=f"{server.url}/token"))
    assert (client.client_secret, client.secret_expires_at) == ("new", 9000.0)


def test_where_reading_the_registration_tells_nothing_the_token_endpoint_is_asked(server: Loopback) -> None:
    server.answers = [Answer(404, b""), Answer(400, b'{"error": "invalid_grant"}')]
    assert run(is_alive(managed(server), token_url=f"{server.url}/token")) is True
    assert [seen.path for seen in server.seen] == ["/register/c-1", "/token"]


def test_a_server_that_does_not_answer_tells_nothing() -> None:
    with loopback() as gone:
        url = gone.url
    assert run(is_alive(CLIENT, token_url=f"{url}/token")) is None
    with pytest.raises(NetworkError):
        run(register(f"{url}/register", REQUEST))


def test_a_client_is_deleted_where_the_server_has_told_how(server: Loopback) -> None:
    server.answer(status=204)
    assert run(forget(managed(server))) is True
    assert [(seen.method, seen.path) for seen in server.seen] == [("DELETE", "/register/c-1")]
    assert run(forget(CLIENT)) is False
    server.answer(status=404)
    assert run(forget(managed(server))) is True
    server.answer({"error": "x"}, status=405)
    with pytest.raises(RegistrationError, match=r"did not delete its registration of gumauth \(status 405\)"):
        run(forget(managed(server)))
    server.answer(status=503)
    with pytest.raises(Temporary):
        run(forget(managed(server)))
