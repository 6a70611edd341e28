"""The end of a token at the provider."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from gumauth.errors import (
    Temporary,
    TokenEndpointError,
)
from tests.loopback import Answer, Loopback, loopback
from tests.oauth2.provider.acme import SECRET, acme
from tests.running import run


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_token_is_revoked_as_the_standard_says(server: Loopback, kind: Any) -> None:
    """Source: RFC 7009 §2.1."""
    server.answers = [Answer(200, b"")]
    assert run(acme(server).revoke_token("t0ken", kind)) is True
    assert server.seen[0].form == {
        "token": "t0ken",
        "token_type_hint": kind,
        "client_id": "app",
        "client_secret": SECRET,
    }


def test_the_contracts_revoke_ends_the_access_token(server: Loopback) -> None:
    server.answers = [Answer(204, b"")]
    assert run(acme(server).revoke("t0ken")) is True
    assert server.seen[0].form["token_type_hint"] == "access_token"


@pytest.mark.requirement("L1", "R7")
def test_a_captive_portals_page_does_not_say_that_a_token_is_gone(server: Loopback) -> None:
    server.answers = [Answer(200, b"<!doctype html>Please sign in", {"Content-Type": "text/html"})]
    with pytest.raises(Temporary, match="captive portal"):
        run(acme(server).revoke("t0ken"))


def test_a_services_own_way_to_revoke_is_told_by_attributes(server: Loopback) -> None:
    server.answers = [Answer(204, b"")]
    provider = acme(
        server,
        revoke_url=f"{server.url}/applications/{{client_id}}/token",
        revoke_method="DELETE",
        revoke_auth="basic",
        revoke_encoding="json",
        revoke_fields={"access_token": "access_token"},
    )
    assert run(provider.revoke("t0ken")) is True
    seen = server.seen[0]
    assert (seen.method, seen.path, seen.json) == ("DELETE", "/applications/app/token", {"access_token": "t0ken"})
    assert seen.headers["authorization"] == "Basic " + b64encode(f"app:{SECRET}".encode()).decode()
    assert run(provider.revoke_token("t0ken", "refresh_token")) is False
    assert len(server.seen) == 1


def test_a_token_can_be_revoked_by_presenting_it(server: Loopback) -> None:
    server.answers = [Answer(200, b'{"ok": true, "revoked": true}')]
    assert run(acme(server, revoke_auth="bearer", revoke_fields={"access_token": ""}).revoke("t0ken")) is True
    assert (server.seen[0].headers["authorization"], server.seen[0].body) == ("Bearer t0ken", b"")


def test_a_service_without_revocation_says_that_nothing_ended(server: Loopback) -> None:
    assert run(acme(server, revoke_url=None).revoke("t0ken")) is False
    assert server.seen == []


@pytest.mark.parametrize(
    ("status", "data", "facts"),
    [
        (400, {"error": "token_expired"}, {}),
        (200, {"ok": False, "error": "token_revoked"}, {}),
        (404, {"error": "no_such_token"}, {"revoke_gone": ("no_such_token",)}),
    ],
)
def test_a_token_that_was_dead_already_is_gone(server: Loopback, status: int, data: object, facts: Any) -> None:
    server.answer(data, status=status)
    assert run(acme(server, **facts).revoke("t0ken")) is True


@pytest.mark.requirement("L1")
@pytest.mark.parametrize(
    ("status", "data", "kind"),
    [
        (503, {}, Temporary),
        (429, {}, Temporary),
        (400, {"error": "invalid_client"}, TokenEndpointError),
        (401, {"error": "invalid_token"}, TokenEndpointError),
        (404, {}, TokenEndpointError),
        (200, {"ok": False}, TokenEndpointError),
        (200, {"ok": False, "error": "not_allowed t0ken"}, TokenEndpointError),
        (302, {}, TokenEndpointError),
    ],
)
def test_a_token_that_lives_on_is_said(server: Loopback, status: int, data: object, kind: type[Exception]) -> None:
    server.answer(data, status=status)
    with pytest.raises(kind) as caught:
        run(acme(server).revoke("t0ken"))
    assert "t0ken" not in str(caught.value)


@pytest.mark.requirement("F6", "L1")
def test_a_revocation_endpoints_redirect_is_not_followed(server: Loopback) -> None:
    with loopback() as elsewhere:
        server.answer(status=307, Location=elsewhere.url)
        with pytest.raises(TokenEndpointError, match="redirect"):
            run(acme(server).revoke("t0ken"))
        assert elsewhere.seen == []
