"""Tokens for the client itself. Source: RFC 6749 §4.4."""

from __future__ import annotations

from base64 import b64encode

import pytest

from gumauth.errors import MissingCredentials, TokenEndpointError
from tests.loopback import Loopback
from tests.oauth2.provider.acme import SECRET, acme
from tests.running import run


@pytest.mark.requirement("V3")
def test_the_request_holds_what_the_standard_asks_for_and_nothing_else(server: Loopback) -> None:
    tokens = run(acme(server, scopes=("read", "write")).request_token())
    assert (tokens.access_token, tokens.expires_in, tokens.scope) == ("a", 3600, "read")
    [seen] = server.seen
    assert (seen.method, seen.path) == ("POST", "/token")
    assert seen.form == {
        "grant_type": "client_credentials",
        "scope": "read write",
        "client_id": "app",
        "client_secret": SECRET,
    }


@pytest.mark.requirement("V3", "D5")
def test_the_resource_and_further_members_go_with_it_and_the_client_authenticates_as_usual(server: Loopback) -> None:
    facts = {"resource": "https://api.example/mcp", "token_params": {"audience": "x", "grant_type": "y"}}
    run(acme(server, client_auth="basic", **facts).request_token())
    assert server.seen[0].headers["authorization"] == f"Basic {b64encode(f'app:{SECRET}'.encode()).decode()}"
    assert server.seen[0].form == {
        "grant_type": "client_credentials",
        "audience": "x",
        "resource": "https://api.example/mcp",
    }


@pytest.mark.requirement("V3")
@pytest.mark.parametrize(
    ("scopes", "sent"),
    [
        ((), None),
        (("openid", "profile", "email", "offline_access"), None),
        (("openid", "email", "read:all"), "read:all"),
        (("email", "offline_access"), "email"),
    ],
)
def test_scopes_that_need_a_person_are_not_asked_for(
    server: Loopback, scopes: tuple[str, ...], sent: str | None
) -> None:
    """Source: OpenID Connect Core §3.1.2.1, §5.4 and §11."""
    run(acme(server, scopes=scopes).request_token())
    assert server.seen[0].form.get("scope") == sent


@pytest.mark.requirement("V3")
@pytest.mark.parametrize("public", [True, False])
def test_without_a_secret_nothing_is_asked(server: Loopback, monkeypatch: pytest.MonkeyPatch, public: bool) -> None:
    monkeypatch.delenv("ACME_CLIENT_SECRET")
    with pytest.raises(MissingCredentials, match="Acme needs a client secret too, and ACME_CLIENT_SECRET is not set"):
        run(acme(server, public_client=public).request_token())
    assert server.seen == []


def test_a_service_that_takes_no_secret_is_not_asked(server: Loopback) -> None:
    with pytest.raises(MissingCredentials, match="Acme knows its clients by the id alone"):
        run(acme(server, client_auth="none").request_token())
    assert server.seen == []


def test_an_error_response_is_that_of_the_token_endpoint(server: Loopback) -> None:
    server.answer({"error": "unauthorized_client"}, status=400)
    with pytest.raises(TokenEndpointError, match="Acme's token endpoint refused: unauthorized_client") as caught:
        run(acme(server).request_token())
    assert caught.value.error == "unauthorized_client"
