"""Clients register themselves, and the server forgets, refuses and changes them as real ones do."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from gumauth.testing import AuthorizationServer, Client, Fault
from gumauth.testing.person import PageRefused
from tests.testing.clients import REDIRECT, App, Clock
from tests.testing.discovery.asking import Answer, ask

ASKED: dict[str, object] = {
    "client_name": "an application",
    "redirect_uris": [REDIRECT, "http://127.0.0.1:4862/callback"],
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "none",
    "application_type": "native",
}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock) -> Iterator[AuthorizationServer]:
    with AuthorizationServer(clock=clock) as server:
        yield server


def register(server: AuthorizationServer, **changes: object) -> Answer:
    asked = {name: value for name, value in {**ASKED, **changes}.items() if value is not None}
    return ask("POST", server.registration_url, asked)


def app_of(server: AuthorizationServer, told: dict[str, Any]) -> App:
    return App(server, Client(told["client_id"], told.get("client_secret")))


def test_a_registered_public_client_gets_tokens(server: AuthorizationServer) -> None:
    answer = register(server)
    assert (answer.status, answer.header("Cache-Control")) == (201, "no-store")
    told = answer.json
    assert told["registration_client_uri"] == f"{server.url}/register/{told['client_id']}"
    assert len(told["registration_access_token"]) > 20
    assert {name: told[name] for name in ASKED} == ASKED
    assert told["client_id_issued_at"] == 1_700_000_000
    assert not {"client_secret", "client_secret_expires_at", "scope"} & set(told)
    app = app_of(server, told)
    assert app.refresh(app.tokens()["refresh_token"])[0] == 200
    [event, *_] = server.log
    assert (event.kind, event.outcome, event.client_id) == ("register", "ok", told["client_id"])
    assert event.details == {
        "client_name": "an application",
        "redirect_uris": (REDIRECT, "http://127.0.0.1:4862/callback"),
    }
    assert server.count("register") == 1
    assert [client.client_id for client in server.clients] == [told["client_id"]]


def test_a_redirect_uri_that_was_not_registered_is_refused(server: AuthorizationServer) -> None:
    app = app_of(server, register(server).json)
    with pytest.raises(PageRefused, match="is not registered"):
        server.follow(app.url(redirect_uri="http://localhost:4863/callback"))
    server.registration.any_port = True
    app = app_of(server, register(server).json)
    assert "code=" in server.follow(app.url(redirect_uri="http://localhost:4863/callback"))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uris": None}, "invalid_redirect_uri"),
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://app.example/callback"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://app.example/callback"]}, "invalid_redirect_uri"),
        ({"redirect_uris": [REDIRECT, "http://localhost:port/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://localhost/callback#here"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://ada@localhost/callback"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["app:/callback"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://localhost:4862/callback"]}, "invalid_redirect_uri"),
        ({"redirect_uris": REDIRECT}, "invalid_client_metadata"),
        ({"redirect_uris": [1]}, "invalid_client_metadata"),
        ({"application_type": None}, "invalid_redirect_uri"),
        ({"application_type": "web"}, "invalid_redirect_uri"),
        ({"client_name": 1}, "invalid_client_metadata"),
        ({"grant_types": ["authorization_code", "password"]}, "invalid_client_metadata"),
        ({"grant_types": ["refresh_token"]}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
    ],
)
def test_a_request_that_breaks_a_rule_is_refused(
    server: AuthorizationServer, changes: dict[str, object], error: str
) -> None:
    answer = register(server, **changes)
    assert (answer.status, answer.json["error"]) == (400, error)
    assert server.clients == []
    assert server.count("register", "refused") == 1


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null"])
def test_a_body_that_is_no_object_is_refused(server: AuthorizationServer, body: bytes) -> None:
    answer = ask("POST", server.registration_url, body)
    assert (answer.status, answer.json["error"]) == (400, "invalid_client_metadata")


def test_a_form_and_a_get_are_refused(server: AuthorizationServer) -> None:
    form = ask("POST", server.registration_url, b"client_name=a", Content_Type="application/x-www-form-urlencoded")
    assert (form.status, ask("GET", server.registration_url).status) == (400, 405)


def test_a_web_client_with_https_is_registered(server: AuthorizationServer) -> None:
    uris = ["https://app.example/callback"]
    answer = register(server, application_type=None, redirect_uris=uris, token_endpoint_auth_method=None)
    assert answer.status == 201
    assert (answer.json["application_type"], answer.json["token_endpoint_auth_method"]) == (
        "web",
        "client_secret_basic",
    )


@pytest.mark.parametrize(("method", "expiring"), [("client_secret_post", 0), ("client_secret_basic", 0)])
def test_a_client_with_a_secret_has_to_use_it_by_its_method(
    server: AuthorizationServer, method: str, expiring: int
) -> None:
    told = register(server, token_endpoint_auth_method=method).json
    assert told["client_secret_expires_at"] == expiring
    app = app_of(server, told)
    status, _ = app.redeem(server.code_from(app.url()))
    assert status == (200 if method == "client_secret_post" else 401)
    assert app.redeem(server.code_from(app.url()), client_secret=None)[0] == 401


def test_the_server_can_choose_another_method(server: AuthorizationServer) -> None:
    server.registration.auth_method = "client_secret_post"
    told = register(server).json
    assert told["token_endpoint_auth_method"] == "client_secret_post"
    assert app_of(server, told).tokens()["token_type"] == "Bearer"
    server.registration.auth_method = "none"
    told = register(server, token_endpoint_auth_method="client_secret_basic").json
    assert (told["token_endpoint_auth_method"], "client_secret" in told) == ("none", False)
    assert app_of(server, told).tokens()["token_type"] == "Bearer"


def test_a_secret_can_be_missing_or_be_there_for_nothing(server: AuthorizationServer) -> None:
    server.registration.secret = "never"
    told = register(server, token_endpoint_auth_method="client_secret_post").json
    assert not {"client_secret", "client_secret_expires_at"} & set(told)
    app = app_of(server, told)
    assert app.redeem(server.code_from(app.url()))[0] == 401
    server.registration.secret = "always"
    told = register(server).json
    assert (told["token_endpoint_auth_method"], told["client_secret_expires_at"]) == ("none", 0)
    app = App(server, Client(told["client_id"]))
    assert app.redeem(server.code_from(app.url()))[0] == 200
    assert app.redeem(server.code_from(app.url()), client_secret=told["client_secret"])[0] == 401


def test_a_secret_expires_by_the_clock(server: AuthorizationServer, clock: Clock) -> None:
    server.registration.secret_lifetime = 100
    told = register(server, token_endpoint_auth_method="client_secret_post").json
    assert told["client_secret_expires_at"] == 1_700_000_100
    app = app_of(server, told)
    tokens = app.tokens()
    clock.now += 99
    assert app.refresh(tokens["refresh_token"])[0] == 200
    clock.now += 1
    status, refused = app.redeem(server.code_from(app.url()))
    assert (status, refused["error"]) == (401, "invalid_client")
    assert app.revoke(tokens["access_token"]) == 401


@pytest.mark.parametrize(("lifetime", "said", "status"), [(-60, 1_699_999_940, 401), (None, None, 200), (0, 0, 200)])
def test_a_secret_can_be_dead_at_once_or_live_for_ever(
    server: AuthorizationServer, lifetime: float | None, said: int | None, status: int
) -> None:
    server.registration.secret_lifetime = lifetime
    told = register(server, token_endpoint_auth_method="client_secret_post").json
    assert told.get("client_secret_expires_at") == said
    app = app_of(server, told)
    assert app.redeem(server.code_from(app.url()))[0] == status


def test_a_name_can_get_the_same_client_again(server: AuthorizationServer, clock: Clock) -> None:
    server.registration.one_per_name, server.registration.secret_lifetime = True, 10
    first = register(server, token_endpoint_auth_method="client_secret_post").json
    clock.now += 20
    assert register(server, token_endpoint_auth_method="client_secret_post").json == first
    other = register(server, token_endpoint_auth_method="client_secret_post", client_name="another").json
    assert other["client_id"] != first["client_id"]
    assert other["client_secret_expires_at"] == 1_700_000_030


def test_a_registration_is_read_and_deleted_with_its_own_token(server: AuthorizationServer) -> None:
    told, other = register(server).json, register(server).json
    url, token = told["registration_client_uri"], told["registration_access_token"]
    assert ask("GET", url, token=token).json == told
    assert ask("GET", url).status == 401
    assert ask("DELETE", url, token=other["registration_access_token"]).status == 401
    assert ask("DELETE", url, Authorization=f"Basic {token}").status == 401
    assert ask("PUT", url, {}, token=token).status == 405
    app = app_of(server, told)
    tokens = app.tokens()
    assert ask("DELETE", url, token=token).status == 204
    assert ask("GET", url, token=token).status == 401
    assert app.refresh(tokens["refresh_token"])[0] == 401
    assert [client.client_id for client in server.clients] == [other["client_id"]]
    assert [event.outcome for event in server.log if event.kind == "client"] == [
        "ok", "refused", "refused", "refused", "refused", "ok", "refused",
    ]  # fmt: skip
    assert server.count("register") == 2


def test_a_forgotten_client_gets_a_page_in_the_browser_and_invalid_client_at_the_token_endpoint(
    server: AuthorizationServer,
) -> None:
    server.register(Client("prepared", redirect_uris=(REDIRECT,)))
    first, second = (app_of(server, register(server).json) for _ in range(2))
    tokens, code = first.tokens(), server.code_from(first.url())
    server.forget_clients(first.client.client_id)
    with pytest.raises(PageRefused, match="no client has the id"):
        server.follow(first.url())
    for status, refused in (first.refresh(tokens["refresh_token"]), first.redeem(code)):
        assert (status, refused["error"]) == (401, "invalid_client")
    assert second.tokens()["token_type"] == "Bearer"
    server.forget_clients()
    assert [client.client_id for client in server.clients] == ["prepared"]


def test_only_clients_on_the_list_can_register(server: AuthorizationServer) -> None:
    server.registration.allowed_names = ("a friend",)
    refused = register(server)
    assert (refused.status, refused.body, refused.header("Content-Type")) == (403, b"Forbidden", "text/plain")
    assert server.log[-1].reason == "the client is not on the list"
    assert register(server, client_name="a friend").status == 201


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_server_can_want_one_spelling_of_this_machine(server: AuthorizationServer, host: str) -> None:
    server.registration.redirect_hosts = (host,)
    refused = register(server)
    assert (refused.status, refused.json["error"]) == (400, "invalid_redirect_uri")
    assert register(server, redirect_uris=[f"http://{host}:4862/callback"]).status == 201
    assert register(server, redirect_uris=["http://[::1]:4862/callback"]).status == 400


def test_a_server_can_refuse_scopes_and_else_keeps_to_them(server: AuthorizationServer) -> None:
    told = register(server, scope="read").json
    assert told["scope"] == "read"
    assert "error=invalid_scope" in server.follow(app_of(server, told).url(scope="read write"))
    server.registration.keeps_to_scope = False
    told = register(server, scope="read").json
    assert "?code=" in server.follow(app_of(server, told).url(scope="read write"))
    server.registration.refuses_scope = True
    assert register(server, scope="read").json["error"] == "invalid_client_metadata"
    assert register(server).status == 201


def test_a_server_can_know_few_scopes(server: AuthorizationServer) -> None:
    server.registration.scopes = ("read",)
    app = app_of(server, register(server, scope="read write").json)
    assert "error=invalid_scope" in server.follow(app.url(scope="read write"))
    assert "?code=" in server.follow(app.url(scope="read"))


def test_a_server_can_want_the_clients_id_in_the_body_too(server: AuthorizationServer) -> None:
    server.registration.id_in_body = True
    told = register(server, token_endpoint_auth_method="client_secret_basic").json
    app = app_of(server, told)
    pair = base64.b64encode(f"{told['client_id']}:{told['client_secret']}".encode()).decode()
    form = {"grant_type": "refresh_token", "refresh_token": "never-issued"}
    for more, error in (({}, "invalid_request"), ({"client_id": told["client_id"]}, "invalid_grant")):
        status, refused = app.post(server.token_url, {**form, **more}, {"Authorization": f"Basic {pair}"})
        assert (status, refused["error"]) == (400, error)


def test_a_client_uses_only_the_grant_types_that_it_registered(server: AuthorizationServer) -> None:
    app = app_of(server, register(server, grant_types=["authorization_code"]).json)
    assert "refresh_token" not in app.tokens()
    status, refused = app.refresh(secrets.token_urlsafe(8))
    assert (status, refused["error"]) == (400, "unauthorized_client")


def test_a_server_can_give_no_refresh_tokens(server: AuthorizationServer) -> None:
    server.refresh_tokens = False
    assert register(server).json["error"] == "invalid_client_metadata"
    app = app_of(server, register(server, grant_types=None).json)
    assert "refresh_token" not in app.tokens()
    metadata = ask("GET", f"{server.url}/.well-known/oauth-authorization-server").json
    assert "refresh_token" not in metadata["grant_types_supported"]


def test_the_answer_can_say_something_else_than_was_registered(server: AuthorizationServer) -> None:
    server.registration.status = 200
    server.registration.overrides = {"redirect_uris": ["https://changed.example/"], "client_name": None}
    server.registration.without = ("token_endpoint_auth_method",)
    answer = register(server)
    assert (answer.status, answer.json["redirect_uris"]) == (200, ["https://changed.example/"])
    assert answer.json["client_name"] is None
    assert "token_endpoint_auth_method" not in answer.json
    assert app_of(server, answer.json).tokens()["token_type"] == "Bearer"
    server.registration.management = False
    assert not {"registration_access_token", "registration_client_uri"} & set(register(server).json)


def test_registration_can_be_off(server: AuthorizationServer) -> None:
    server.registration.enabled = False
    assert register(server).status == 404
    assert "registration_endpoint" not in ask("GET", f"{server.url}/.well-known/oauth-authorization-server").json


def test_registration_can_misbehave(server: AuthorizationServer) -> None:
    server.misbehave("register", Fault.status(429, retry_after=7))
    server.misbehave("register", Fault.status(503))
    server.misbehave("register", Fault.captive_portal())
    answers = [register(server) for _ in range(4)]
    assert [answer.status for answer in answers] == [429, 503, 200, 201]
    assert answers[0].header("Retry-After") == "7"
    assert len(server.clients) == 1


def test_no_event_of_a_registration_holds_a_secret(server: AuthorizationServer) -> None:
    told = register(server, token_endpoint_auth_method="client_secret_post").json
    ask("GET", told["registration_client_uri"], token=told["registration_access_token"])
    shown = repr(server.log) + repr(server.clients)
    assert [name for name in ("client_secret", "registration_access_token") if told[name] in shown] == []
