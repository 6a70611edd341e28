"""The authorization server does what RFC 6749 and 7009 say, and refuses what they forbid."""

from __future__ import annotations

import secrets
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from gumauth.testing import AuthorizationServer, Client
from gumauth.testing.person import request
from tests.testing.clients import PUBLIC, REDIRECT, App, Clock

SECRET = secrets.token_urlsafe(24)


def test_a_consent_becomes_tokens_that_say_who_consented(app: App) -> None:
    fields = app.tokens()
    assert fields["token_type"] == "Bearer"
    assert fields["expires_in"] == 3600
    assert fields["scope"] == "read write"
    assert app.whoami(fields["access_token"]) == (200, {"sub": "ada", "email": "ada@example.com", "name": "Ada"})
    assert [(event.kind, event.outcome) for event in app.server.log] == [
        ("authorize", "ok"),
        ("consent", "ok"),
        ("code issued", "ok"),
        ("token", "ok"),
        ("userinfo", "ok"),
    ]


def test_the_login_name_says_who_consents(app: App) -> None:
    _, fields = app.redeem(app.server.code_from(app.url(), person="grace"))
    assert app.whoami(fields["access_token"])[1]["email"] == "grace@example.com"


def test_a_code_dies_after_sixty_seconds() -> None:
    clock = Clock()
    with AuthorizationServer(clock=clock) as server:
        server.register(PUBLIC)
        app = App(server)
        code = server.code_from(app.url())
        clock.now += 60
        assert app.redeem(code) == (400, {"error": "invalid_grant", "error_description": "the code has expired"})


def test_a_code_used_twice_ends_what_it_gave(app: App) -> None:
    code = app.server.code_from(app.url())
    _, fields = app.redeem(code)
    assert app.redeem(code)[1]["error"] == "invalid_grant"
    assert not app.server.is_active(fields["access_token"])
    assert not app.server.is_active(fields["refresh_token"])
    assert app.server.families[0].ended == "its code was used twice"
    assert app.server.count("reuse", "refused") == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": None},
        {"code_verifier": "A" * 43},
        {"redirect_uri": "http://localhost:4862/other"},
        {"redirect_uri": None},
        {"code": "never-issued"},
    ],
)
def test_a_code_needs_its_verifier_and_its_redirect_uri(app: App, changes: dict[str, str | None]) -> None:
    status, fields = app.redeem(app.server.code_from(app.url()), **changes)
    assert (status, fields["error"]) == (400, "invalid_grant")
    assert not app.server.families


def test_a_wrong_verifier_spends_the_code(app: App) -> None:
    code = app.server.code_from(app.url())
    app.redeem(code, code_verifier="A" * 43)
    assert app.redeem(code)[0] == 400


def test_a_code_of_another_client_is_refused(app: App) -> None:
    app.server.register(Client("other", redirect_uris=(REDIRECT,)))
    assert app.redeem(app.server.code_from(app.url()), client_id="other")[0] == 400


def test_a_verifier_without_a_challenge_is_refused(app: App) -> None:
    app.server.register(Client("app", redirect_uris=(REDIRECT,), pkce_required=False))
    code = app.server.code_from(app.url(code_challenge=None, code_challenge_method=None))
    assert app.redeem(code)[1]["error"] == "invalid_grant"


def test_a_refresh_replaces_the_refresh_token(app: App) -> None:
    first = app.tokens()
    status, second = app.refresh(first["refresh_token"])
    assert status == 200
    assert second["refresh_token"] != first["refresh_token"]
    assert not app.server.is_active(first["refresh_token"])
    assert app.server.is_active(first["access_token"])
    assert app.server.is_active(second["access_token"])
    assert app.server.families[0].refreshes == 1


def test_a_replaced_refresh_token_ends_the_family(app: App) -> None:
    first = app.tokens()
    _, second = app.refresh(first["refresh_token"])
    assert app.refresh(first["refresh_token"])[1]["error"] == "invalid_grant"
    assert app.refresh(second["refresh_token"])[1]["error"] == "invalid_grant"
    assert app.whoami(second["access_token"])[0] == 401
    assert app.server.families[0].ended == "a replaced refresh token was used again"


def test_a_grace_period_forgives_a_replaced_refresh_token() -> None:
    clock = Clock()
    with AuthorizationServer(clock=clock, grace=10) as server:
        server.register(PUBLIC)
        app = App(server)
        first = app.tokens()["refresh_token"]
        app.refresh(first)
        assert app.refresh(first)[0] == 200
        clock.now += 10
        assert not server.is_active(first)
        assert app.refresh(first)[0] == 400


def test_without_rotation_the_old_refresh_token_stays_and_is_not_repeated() -> None:
    with AuthorizationServer(rotate=False) as server:
        server.register(PUBLIC)
        app = App(server)
        token = app.tokens()["refresh_token"]
        assert "refresh_token" not in app.refresh(token)[1]
        assert app.refresh(token)[0] == 200


def test_a_refresh_may_not_ask_for_more_scopes(app: App) -> None:
    token = app.tokens()["refresh_token"]
    assert app.refresh(token, scope="read admin")[1]["error"] == "invalid_scope"
    assert app.refresh(token, scope="read")[0] == 200


def test_access_tokens_expire_by_the_clock() -> None:
    clock = Clock()
    with AuthorizationServer(clock=clock, access_lifetime=100) as server:
        server.register(PUBLIC)
        app = App(server)
        token = app.tokens()["access_token"]
        clock.now += 99
        assert app.whoami(token)[0] == 200
        clock.now += 1
        assert app.whoami(token)[0] == 401
        assert not server.is_active(token)


def test_a_test_can_let_tokens_expire_and_end_a_grant(app: App) -> None:
    first, second = app.tokens(), app.tokens()
    app.server.expire(first["access_token"])
    assert not app.server.is_active(first["access_token"])
    assert app.server.is_active(second["access_token"])
    app.server.expire()
    assert not app.server.is_active(second["access_token"])
    app.server.expire(first["refresh_token"])
    assert app.refresh(first["refresh_token"])[1]["error"] == "invalid_grant"
    app.server.end_grant(2)
    assert app.refresh(second["refresh_token"])[1]["error"] == "invalid_grant"


def test_revoking_a_refresh_token_ends_its_access_tokens_too(app: App) -> None:
    fields = app.tokens()
    assert app.revoke(fields["refresh_token"]) == 200
    assert not app.server.is_active(fields["access_token"])
    assert app.server.families[0].ended == "revoked"
    assert app.server.log[-1].details == {"family": 1, "token": "refresh token"}


def test_revoking_an_access_token_leaves_the_grant(app: App) -> None:
    fields = app.tokens()
    assert app.revoke(fields["access_token"]) == 200
    assert app.whoami(fields["access_token"])[0] == 401
    assert app.server.is_active(fields["refresh_token"])


def test_a_client_cannot_revoke_the_token_of_another(app: App) -> None:
    app.server.register(Client("other", redirect_uris=(REDIRECT,)))
    fields = app.tokens()
    assert app.revoke(fields["refresh_token"], client_id="other") == 200
    assert app.server.is_active(fields["refresh_token"])


@pytest.mark.parametrize(("token", "status"), [("never-issued", 200), ("", 400)])
def test_revoking_an_unknown_token_is_a_success_and_revoking_none_is_refused(app: App, token: str, status: int) -> None:
    assert app.revoke(token) == status


@pytest.mark.parametrize(
    ("query", "form", "headers", "answer"),
    [
        ("", {"grant_type": "password", "client_id": "app"}, {}, (400, "unsupported_grant_type")),
        ("?client_id=app", {"grant_type": "refresh_token"}, {}, (400, "invalid_request")),
        ("", {"a": "b"}, {"Content-Type": "text/plain"}, (400, "invalid_request")),
        ("", {}, {"Content-Length": "0"}, (401, "invalid_client")),
    ],
    ids=["unknown grant type", "secrets in the URL", "another content type", "no form"],
)
def test_the_token_endpoint_refuses_what_is_no_token_request(
    app: App, query: str, form: dict[str, str], headers: dict[str, str], answer: tuple[int, str]
) -> None:
    status, fields = app.post(app.server.token_url + query, form, headers)
    assert (status, fields["error"]) == answer


@pytest.mark.parametrize(
    ("method", "path", "form", "status"),
    [("GET", "/token", None, 405), ("GET", "/login", None, 404), ("POST", "/consent", {"decision": "maybe"}, 400)],
)
def test_another_method_path_or_decision_is_refused(
    app: App, method: str, path: str, form: dict[str, str] | None, status: int
) -> None:
    assert request(method, app.server.url + path, form)[0] == status


def test_the_nickname_of_who_consents_can_be_set(app: App) -> None:
    app.server.person = "grace@example.com"
    assert app.server.person == "grace@example.com"
    assert app.whoami(app.tokens()["access_token"])[1]["name"] == "Grace"
    assert app.server.send_issuer is False
    assert app.server.token_encoding == "form"


def test_an_expired_refresh_token_is_refused_and_its_family_lives(app: App) -> None:
    fields = app.tokens()
    app.server.expire(fields["refresh_token"])
    status, answer = app.refresh(fields["refresh_token"])
    assert (status, answer["error_description"]) == (400, "the refresh token has expired")
    assert app.server.is_active(fields["access_token"])


def test_a_server_can_want_json(app: App) -> None:
    app.server.token_encoding = "json"
    assert app.redeem("x")[1]["error_description"].startswith("the body must be application/json")
    import http.client
    import json

    fields = {"grant_type": "authorization_code", "code": app.server.code_from(app.url()), "redirect_uri": REDIRECT}
    body = json.dumps({**fields, "client_id": "app", "code_verifier": app.verifier})
    connection = http.client.HTTPConnection("127.0.0.1", int(app.server.url.rpartition(":")[2]), timeout=10)
    connection.request("POST", "/token", body, {"Content-Type": "application/json"})
    assert connection.getresponse().status == 200
    connection.close()


def test_no_event_and_no_repr_holds_a_secret(app: App) -> None:
    app.server.register(Client("c", SECRET, redirect_uris=(REDIRECT,)))
    confidential = App(app.server, Client("c", SECRET))
    code = app.server.code_from(confidential.url())
    _, fields = confidential.redeem(code)
    confidential.refresh(fields["refresh_token"])
    confidential.refresh(fields["refresh_token"])
    confidential.revoke(fields["refresh_token"])
    shown = repr(app.server.log) + repr(app.server.families) + repr(Client("c", SECRET))
    hidden = [code, confidential.state, confidential.verifier, SECRET]
    hidden += [fields["access_token"], fields["refresh_token"]]
    assert [secret for secret in hidden if secret in shown] == []


def test_fifty_refreshes_at_once_with_one_token_give_one_pair_and_end_the_family(app: App) -> None:
    token = app.tokens()["refresh_token"]
    start = threading.Barrier(50)

    def ask() -> int:
        start.wait(10)
        return app.refresh(token)[0]

    with ThreadPoolExecutor(50) as pool:
        statuses = sorted(future.result() for future in [pool.submit(ask) for _ in range(50)])
    assert statuses == [200] + [400] * 49
    assert app.server.families[0].ended


def test_a_closed_server_has_left_its_port_and_its_connections(app: App) -> None:
    port = int(app.server.url.rpartition(":")[2])
    idle = socket.create_connection(("127.0.0.1", port), timeout=10)
    assert request("GET", app.server.url)[0] == 404
    app.server.close()
    assert idle.recv(1) == b""
    idle.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=10)
