"""Clients authenticate at the strict server as RFC 6749 §2.3 says."""

from __future__ import annotations

import base64
import secrets

import pytest

from gumauth.testing import AuthorizationServer, Client
from tests.testing.clients import App

SECRET = secrets.token_urlsafe(24)


def test_a_loopback_client_may_use_any_port_where_it_was_registered_so() -> None:
    client = Client("app", redirect_uris=("http://127.0.0.1/callback",), any_port=True)
    assert client.may_return_to("http://127.0.0.1:51004/callback")
    assert not client.may_return_to("http://127.0.0.1:51004/other")
    assert not client.may_return_to("http://localhost:51004/callback")
    assert not client.may_return_to("http://127.0.0.1@evil.example:80/callback")
    assert not Client("app", redirect_uris=("https://a.example/",), any_port=True).may_return_to("https://a.example:1/")


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
def test_a_client_authenticates_by_a_method_that_it_may_use(
    authorization_server: AuthorizationServer,
    client: Client,
    form: dict[str, str],
    headers: dict[str, str],
    status: int,
    endpoint: str,
) -> None:
    """A client that has authenticated gets 400 here: its request names no grant, and no token."""
    authorization_server.register(client)
    url = {"token": authorization_server.token_url, "revoke": authorization_server.revoke_url}[endpoint]
    assert App(authorization_server).post(url, form, headers)[0] == status


def test_a_basic_id_that_is_not_encoded_is_refused(authorization_server: AuthorizationServer) -> None:
    authorization_server.register(Client("a+b", SECRET))
    app = App(authorization_server)
    assert app.post(authorization_server.token_url, {"x": "y"}, basic("a+b", SECRET))[0] == 401
    assert app.post(authorization_server.token_url, {"x": "y"}, basic("a%2Bb", SECRET))[0] == 400


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
