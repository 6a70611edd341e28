"""The authorization server does what RFC 6749, 7636, 7009, 8252 and 9207 say, and refuses what they forbid."""

from __future__ import annotations

import base64
import secrets
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from gumauth.testing import AuthorizationServer, Client, PageRefused
from gumauth.testing.person import request
from tests.testing.clients import PUBLIC, REDIRECT, App, sent_back

SECRET = secrets.token_urlsafe(24)


class Clock:
    """A clock that stands still until a test moves it."""

    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def app(authorization_server: AuthorizationServer) -> App:
    authorization_server.register(PUBLIC)
    return App(authorization_server)


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


def test_a_denied_consent_goes_back_with_access_denied_and_the_state(app: App) -> None:
    back = sent_back(app.server.follow(app.url(), approve=False))
    assert back == {"error": "access_denied", "error_description": "The person said no", "state": app.state}
    assert app.server.count("denied") == 1


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost:4862/callback/",
        "http://localhost:4862/callback?x=1",
        "http://localhost:4863/callback",
        "http://127.0.0.1:4862/callback",
        "https://localhost:4862/callback",
        "http://localhost:4862/Callback",
    ],
)
def test_a_redirect_uri_that_is_not_the_registered_one_to_the_byte_is_not_redirected_to(app: App, uri: str) -> None:
    with pytest.raises(PageRefused, match="is not registered"):
        app.server.follow(app.url(redirect_uri=uri))


def test_a_loopback_client_may_use_any_port_where_it_was_registered_so() -> None:
    client = Client("app", redirect_uris=("http://127.0.0.1/callback",), any_port=True)
    assert client.may_return_to("http://127.0.0.1:51004/callback")
    assert not client.may_return_to("http://127.0.0.1:51004/other")
    assert not client.may_return_to("http://localhost:51004/callback")
    assert not client.may_return_to("http://127.0.0.1@evil.example:80/callback")
    assert not Client("app", redirect_uris=("https://a.example/",), any_port=True).may_return_to("https://a.example:1/")


def test_an_unknown_client_is_told_to_the_person_and_nobody_else(app: App) -> None:
    with pytest.raises(PageRefused, match="no client has the id ''"):
        app.server.follow(app.url(client_id=""))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"state": None}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
    ],
)
def test_a_request_that_is_not_in_order_is_refused_by_a_redirect(
    app: App, changes: dict[str, str | None], error: str
) -> None:
    assert sent_back(app.server.follow(app.url(**changes)))["error"] == error


def test_a_scope_that_the_client_may_not_ask_for_is_refused(app: App) -> None:
    app.server.register(Client("app", redirect_uris=(REDIRECT,), scopes=("read",)))
    assert sent_back(app.server.follow(app.url()))["error"] == "invalid_scope"


def test_a_parameter_given_twice_is_refused(app: App) -> None:
    with pytest.raises(PageRefused, match="twice"):
        app.server.follow(app.url() + "&state=other")


def test_the_page_can_be_answered_once(app: App) -> None:
    _, _, page = request("GET", app.url())
    consent = page.split('name="consent" value="')[1].split('"')[0]
    form = {"consent": consent, "decision": "allow"}
    assert request("POST", f"{app.server.url}/consent", form)[0] == 302
    assert request("POST", f"{app.server.url}/consent", form)[0] == 400


def test_the_issuer_goes_back_when_it_is_asked_for(app: App) -> None:
    app.server.send_issuer = True
    assert sent_back(app.server.follow(app.url()))["iss"] == app.server.url


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


def test_revoking_what_is_not_there_is_a_success(app: App) -> None:
    assert app.revoke("never-issued") == 200


def test_a_client_cannot_revoke_the_token_of_another(app: App) -> None:
    app.server.register(Client("other", redirect_uris=(REDIRECT,)))
    fields = app.tokens()
    assert app.revoke(fields["refresh_token"], client_id="other") == 200
    assert app.server.is_active(fields["refresh_token"])


def test_a_revocation_without_a_token_is_refused(app: App) -> None:
    assert app.revoke("") == 400


def test_an_unknown_grant_type_is_refused(app: App) -> None:
    assert app.redeem("x", grant_type="password")[1]["error"] == "unsupported_grant_type"


def test_secrets_in_the_url_of_the_token_endpoint_are_refused(app: App) -> None:
    status, fields = app.post(app.server.token_url + "?client_id=app", {"grant_type": "refresh_token"})
    assert (status, fields["error"]) == (400, "invalid_request")


def test_only_post_reaches_the_token_endpoint(app: App) -> None:
    assert request("GET", app.server.token_url)[0] == 405


def test_a_body_of_another_type_is_refused(app: App) -> None:
    status, fields = app.post(app.server.token_url, {"a": "b"}, {"Content-Type": "text/plain"})
    assert (status, fields["error"]) == (400, "invalid_request")


def test_another_path_is_not_found(app: App) -> None:
    assert request("GET", app.server.url + "/login")[0] == 404


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.mark.parametrize(
    ("client", "form", "headers", "status"),
    [
        (Client("c", SECRET), {"client_id": "c", "client_secret": SECRET}, {}, 400),
        (Client("c", SECRET), {"client_id": "c", "client_secret": "wrong"}, {}, 401),
        (Client("c", SECRET), {"client_id": "c"}, {}, 401),
        (Client("c", SECRET), {"client_id": "nobody"}, {}, 401),
        (Client("c", SECRET), {}, basic("c", SECRET), 400),
        (Client("c", SECRET), {}, basic("c", "wrong"), 401),
        (Client("c", SECRET), {}, basic("nobody", SECRET), 401),
        (Client("c", SECRET), {}, {"Authorization": "Basic %%%"}, 401),
        (Client("c", SECRET), {}, {"Authorization": f"Bearer {SECRET}"}, 401),
        (Client("c", SECRET), {"client_id": "d"}, basic("c", SECRET), 401),
        (Client("c", SECRET, auth=("basic",)), {"client_id": "c", "client_secret": SECRET}, {}, 401),
        (Client("c", SECRET, auth=("body",)), {}, basic("c", SECRET), 401),
        (Client("c"), {"client_id": "c"}, {}, 400),
        (Client("c"), {"client_id": "c", "client_secret": ""}, {}, 400),
        (Client("c"), {"client_id": "c", "client_secret": "something"}, {}, 401),
    ],
)
@pytest.mark.parametrize("endpoint", ["token", "revoke"])
def test_a_client_proves_itself_in_a_way_that_it_may_use(
    authorization_server: AuthorizationServer,
    client: Client,
    form: dict[str, str],
    headers: dict[str, str],
    status: int,
    endpoint: str,
) -> None:
    """A client that was believed gets 400 here: it names no grant, and no token."""
    authorization_server.register(client)
    url = {"token": authorization_server.token_url, "revoke": authorization_server.revoke_url}[endpoint]
    assert App(authorization_server).post(url, form, headers)[0] == status


def test_a_basic_id_that_is_not_encoded_is_refused(authorization_server: AuthorizationServer) -> None:
    authorization_server.register(Client("a+b", SECRET))
    app = App(authorization_server)
    assert app.post(authorization_server.token_url, {"x": "y"}, basic("a+b", SECRET))[0] == 401
    assert app.post(authorization_server.token_url, {"x": "y"}, basic("a%2Bb", SECRET))[0] == 400


def test_a_body_that_is_no_form_is_refused(app: App) -> None:
    status, fields = app.post(app.server.token_url, {}, {"Content-Length": "0"})
    assert (status, fields["error"]) == (401, "invalid_client")
    assert request("POST", f"{app.server.url}/consent", {"decision": "maybe"})[0] == 400


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


def test_two_ways_of_authentication_at_once_are_refused(authorization_server: AuthorizationServer) -> None:
    authorization_server.register(Client("c", SECRET))
    form = {"client_id": "c", "client_secret": SECRET}
    status, fields = App(authorization_server).post(authorization_server.token_url, form, basic("c", SECRET))
    assert (status, fields["error_description"]) == (400, "the client authenticates in two ways at once")


@pytest.mark.parametrize(("raw", "sent", "status"), [
    (False, "p%25%2B%2F", 400),
    (False, "p%+/", 401),
    (True, "p%+/", 400),
    (True, "p%25%2B%2F", 401),
])  # fmt: skip
def test_a_basic_secret_is_form_encoded_unless_the_client_is_registered_raw(
    authorization_server: AuthorizationServer, raw: bool, sent: str, status: int
) -> None:
    """RFC 6749 §2.3.1 wants it encoded; servers that take only the raw one exist."""
    authorization_server.register(Client("c", "p%+/", basic_raw=raw))
    got, _ = App(authorization_server).post(authorization_server.token_url, {"x": "y"}, basic("c", sent))
    assert got == status


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
