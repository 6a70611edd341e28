"""A client sends its authorization request itself, and the browser brings a reference to it (RFC 9126)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from gumauth.testing import AuthorizationServer, Client, Fault, PageRefused
from gumauth.testing.person import request
from tests.testing.clients import PUBLIC, REDIRECT, App, Clock, sent_back
from tests.testing.discovery.asking import ask, call


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(clock: Clock) -> Iterator[App]:
    with AuthorizationServer(clock=clock) as server:
        server.register(PUBLIC)
        yield App(server)


def push(app: App, **changes: str | None) -> tuple[int, dict[str, Any]]:
    asked = dict(parse_qsl(urlsplit(app.url()).query))
    return app.post(app.server.par_url, {**asked, **changes})


def url(app: App, reference: str, **more: str) -> str:
    query = {"client_id": app.client.client_id, "request_uri": reference, **more}
    return f"{app.server.authorize_url}?{urlencode(query)}"


def test_a_pushed_request_becomes_a_code_once(app: App) -> None:
    status, told = push(app)
    assert (status, told["expires_in"]) == (201, 60)
    assert told["request_uri"].startswith("urn:ietf:params:oauth:request_uri:")
    back = sent_back(app.server.follow(url(app, told["request_uri"])))
    assert back["state"] == app.state
    assert app.redeem(back["code"])[0] == 200
    with pytest.raises(PageRefused, match="the request_uri is unknown, was used before"):
        app.server.follow(url(app, told["request_uri"]))
    assert [(event.kind, event.outcome) for event in app.server.log][:2] == [("par", "ok"), ("authorize", "ok")]


def test_a_reference_expires_and_is_good_for_its_client_alone(app: App, clock: Clock) -> None:
    app.server.register(Client("other", redirect_uris=(REDIRECT,)))
    reference = push(app)[1]["request_uri"]
    with pytest.raises(PageRefused, match="is another's"):
        app.server.follow(url(app, reference).replace("client_id=app", "client_id=other"))
    app.server.pushed.expires_in = 30
    reference = push(app)[1]["request_uri"]
    clock.now += 30
    with pytest.raises(PageRefused, match="has expired"):
        app.server.follow(url(app, reference))
    with pytest.raises(PageRefused, match="is unknown"):
        app.server.follow(url(app, "urn:ietf:params:oauth:request_uri:made-up"))


def test_the_browser_brings_nothing_but_the_client_and_the_reference(app: App) -> None:
    with pytest.raises(PageRefused, match="by client_id and request_uri alone"):
        app.server.follow(url(app, push(app)[1]["request_uri"], scope="admin"))


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"redirect_uri": "https://elsewhere.example/"}, 400, "invalid_request"),
        ({"redirect_uri": None}, 400, "invalid_request"),
        ({"state": None}, 400, "invalid_request"),
        ({"code_challenge": None}, 400, "invalid_request"),
        ({"response_type": "token"}, 400, "unsupported_response_type"),
        ({"resource": "no URI"}, 400, "invalid_target"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, 400, "invalid_request"),
        ({"client_secret": "x"}, 401, "invalid_client"),
    ],
)
def test_a_pushed_request_is_checked_at_once(app: App, changes: dict[str, str | None], status: int, error: str) -> None:
    got, refused = push(app, **changes)
    assert (got, refused["error"]) == (status, error)
    assert app.server.count("par", "refused") == 1


def test_a_get_pushes_nothing(app: App) -> None:
    assert request("GET", app.server.par_url)[0] == 405


def test_pushed_requests_can_be_required(app: App) -> None:
    app.server.pushed.required = True
    back = sent_back(app.server.follow(app.url()))
    assert (back["error"], back["error_description"]) == ("invalid_request", "the request has to be pushed first")
    assert back["state"] == app.state
    assert "code" in sent_back(app.server.follow(url(app, push(app)[1]["request_uri"])))
    described = ask("GET", f"{app.server.url}/.well-known/oauth-authorization-server").json
    assert described["pushed_authorization_request_endpoint"] == app.server.par_url
    assert described["require_pushed_authorization_requests"] is True


def test_pushing_can_be_off(app: App) -> None:
    app.server.pushed.enabled = False
    assert push(app)[0] == 404
    assert "code" in sent_back(app.server.follow(app.url()))
    described = ask("GET", f"{app.server.url}/.well-known/oauth-authorization-server").json
    assert not {"pushed_authorization_request_endpoint", "require_pushed_authorization_requests"} & set(described)


def test_a_confidential_client_pushes_with_its_secret(app: App) -> None:
    secret = secrets.token_urlsafe(12)
    confidential = App(app.server, app.server.register(Client("c", secret, redirect_uris=(REDIRECT,))))
    assert push(confidential)[0] == 401
    status, told = push(confidential, client_secret=secret)
    assert status == 201
    code = sent_back(app.server.follow(url(confidential, told["request_uri"])))["code"]
    assert confidential.redeem(code)[0] == 200
    assert secret not in repr(app.server.log)


def test_the_resource_of_a_pushed_request_counts(app: App) -> None:
    resource = app.server.resource_url
    code = sent_back(app.server.follow(url(app, push(app, resource=resource)[1]["request_uri"])))["code"]
    _, fields = app.redeem(code, resource=resource)
    assert call(resource, "ping", token=fields["access_token"]).status == 200
    assert [event.details["resource"] for event in app.server.log[:2]] == [resource, resource]


def test_pushing_works_where_the_clients_id_has_another_name(app: App) -> None:
    app.server.client_id_name = "app_id"
    status, told = push(app, client_id=None, app_id="app")
    assert status == 201
    assert "code" in sent_back(app.server.follow(url(app, told["request_uri"]).replace("client_id", "app_id")))


def test_the_endpoint_can_misbehave(app: App) -> None:
    app.server.misbehave("par", Fault.status(503))
    assert request("POST", app.server.par_url, {})[0] == 503
    assert push(app)[0] == 201
