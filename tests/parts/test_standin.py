"""The stand-in is what a process finds under Linear's names, and what it does is what Linear does."""

from __future__ import annotations

import json
import ssl
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
import pytest

from gumauth.testing import Fault
from tests.testing.clients import sent_back

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.parts.linear import Linear
    from tests.parts.standin import StandIn

REDIRECT = "http://localhost:4862/callback"
API = "https://api.linear.app"


@pytest.fixture
def client(linear: Linear, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """A client as any program has it: nothing but the environment leads it to the stand-in."""
    for name, value in linear.environment.items():
        monkeypatch.setenv(name, value)
        monkeypatch.delenv(name.lower(), raising=False)
    with httpx.Client(timeout=10) as client:
        yield client


def authorize_url(linear: Linear) -> str:
    asked = {"client_id": "linear-app", "redirect_uri": REDIRECT, "response_type": "code", "state": "s", "scope": "a,b"}
    return f"https://linear.app/oauth/authorize?{urlencode(asked)}"


def tokens(linear: Linear, client: httpx.Client) -> dict[str, Any]:
    form = {
        "grant_type": "authorization_code",
        "code": sent_back(linear.follow(authorize_url(linear)))["code"],
        "redirect_uri": REDIRECT,
        "client_id": linear.environment["LINEAR_CLIENT_ID"],
        "client_secret": linear.environment["LINEAR_CLIENT_SECRET"],
    }
    answer = client.post(f"{API}/oauth/token", data=form)
    assert answer.status_code == 200, answer.text
    fields: dict[str, Any] = answer.json()
    return fields


def test_linear_gives_tokens_for_a_day_without_pkce(linear: Linear, client: httpx.Client) -> None:
    fields = tokens(linear, client)
    assert (fields["expires_in"], fields["scope"]) == (86399, "a b")


def test_linear_says_who_is_asking_in_graphql(linear: Linear, client: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {tokens(linear, client)['access_token']}"}
    query = {"query": "{ viewer { email } }"}
    answer = client.post(f"{API}/graphql", json=query, headers=headers)
    assert answer.json()["data"]["viewer"]["email"] == "ada@example.com"
    assert linear.queries == ["{ viewer { email } }"]
    refused = client.post(f"{API}/graphql", json=query, headers={"Authorization": "Bearer nobody"})
    assert refused.status_code == 401
    assert refused.json()["errors"][0]["extensions"]["code"] == "AUTHENTICATION_ERROR"


def test_linear_revokes_by_names_of_its_own(linear: Linear, client: httpx.Client) -> None:
    fields = tokens(linear, client)
    gone = {"refresh_token": fields["refresh_token"]}
    assert client.post(f"{API}/oauth/revoke", data=gone).status_code == 200
    assert not linear.server.is_active(fields["access_token"])
    assert client.post(f"{API}/oauth/revoke", data=gone).status_code == 400
    assert client.post(f"{API}/oauth/revoke").status_code == 401


def test_a_person_can_say_no_at_linear(linear: Linear) -> None:
    assert sent_back(linear.follow(authorize_url(linear), approve=False))["error"] == "access_denied"


def test_faults_reach_the_stand_in_too(linear: Linear, client: httpx.Client) -> None:
    linear.server.misbehave("token", Fault.reset())
    with pytest.raises(httpx.TransportError):
        tokens(linear, client)
    linear.server.misbehave("userinfo", Fault.status(503))
    headers = {"Authorization": f"Bearer {tokens(linear, client)['access_token']}"}
    assert client.post(f"{API}/graphql", json={"query": "{}"}, headers=headers).status_code == 503
    assert client.get(f"{API}/elsewhere").status_code == 404
    assert client.get("https://linear.app/elsewhere").status_code == 404


def test_no_other_host_is_reached(standin: StandIn, client: httpx.Client) -> None:
    with pytest.raises(httpx.ProxyError):
        client.get("https://example.com/")
    assert client.get("http://linear.example/").status_code == 502
    assert standin.refused == ["example.com", "http://linear.example/"]


def test_who_does_not_know_the_authority_is_not_fooled(linear: Linear) -> None:
    proxy = linear.environment["HTTPS_PROXY"]
    stranger = httpx.Client(trust_env=False, proxy=proxy, verify=ssl.create_default_context())
    with stranger, pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        stranger.get("https://linear.app/")


def test_bodies_are_the_clients_own(linear: Linear, client: httpx.Client) -> None:
    """A large answer crosses the tunnel whole."""
    linear.server.misbehave("token", Fault.huge(300_000))
    assert len(json.dumps(tokens(linear, client))) < 1000
