"""A confidential client gets tokens of its own, with no person (RFC 6749 §4.4)."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from gumauth.testing import Client
from tests.testing.clients import App
from tests.testing.discovery.asking import ask, call

SECRET = secrets.token_urlsafe(24)


@pytest.fixture
def machine(app: App) -> App:
    """An application with a secret, registered beside the public one."""
    return App(app.server, app.server.register(Client("machine", SECRET, scopes=("read",))))


def ask_for_itself(app: App, **changes: str | None) -> tuple[int, dict[str, Any]]:
    secret = {} if app.client.secret is None else {"client_secret": app.client.secret}
    form = {"grant_type": "client_credentials", "client_id": app.client.client_id, "scope": "read", **secret}
    return app.post(app.server.token_url, {**form, **changes})


def test_a_client_gets_an_access_token_and_no_refresh_token(machine: App) -> None:
    machine.server.send_id_token = True
    status, fields = ask_for_itself(machine)
    assert status == 200
    assert set(fields) == {"access_token", "token_type", "expires_in", "scope"}
    assert machine.server.is_active(fields["access_token"])
    [family] = machine.server.families
    assert (family.client_id, family.person, family.scopes) == ("machine", "", ("read",))
    assert [(event.kind, event.outcome, event.client_id) for event in machine.server.log] == [
        ("token", "ok", "machine")
    ]


def test_no_person_is_behind_such_a_token(machine: App) -> None:
    token = ask_for_itself(machine)[1]["access_token"]
    assert machine.whoami(token)[0] == 401


def test_each_token_has_a_family_of_its_own_also_with_one_grant(machine: App) -> None:
    machine.server.one_grant = True
    first, second = (ask_for_itself(machine)[1]["access_token"] for _ in range(2))
    assert machine.revoke(first) == 200
    assert [machine.server.is_active(token) for token in (first, second)] == [False, True]


def test_a_token_is_for_the_resource_that_was_named(machine: App) -> None:
    url = machine.server.resource_url
    assert call(url, "ping", token=ask_for_itself(machine)[1]["access_token"]).status == 401
    assert call(url, "ping", token=ask_for_itself(machine, resource=url)[1]["access_token"]).status == 200


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"scope": "read write"}, 400, "invalid_scope"),
        ({"resource": "no URI"}, 400, "invalid_target"),
    ],
)
def test_a_request_that_breaks_a_rule_is_refused(
    machine: App, changes: dict[str, str | None], status: int, error: str
) -> None:
    got, refused = ask_for_itself(machine, **changes)
    assert (got, refused["error"]) == (status, error)
    assert machine.server.families == []


def test_a_public_client_cannot_act_for_itself(app: App) -> None:
    status, refused = ask_for_itself(app)
    assert (status, refused["error"]) == (400, "unauthorized_client")


def test_a_client_that_is_registered_for_other_grants_cannot_act_for_itself(app: App) -> None:
    client = app.server.register(Client("c", SECRET, grant_types=("authorization_code",)))
    assert ask_for_itself(App(app.server, client))[1]["error"] == "unauthorized_client"


def test_the_grant_is_in_the_metadata_and_can_be_off(machine: App) -> None:
    well_known = f"{machine.server.url}/.well-known/oauth-authorization-server"
    assert "client_credentials" in ask("GET", well_known).json["grant_types_supported"]
    machine.server.client_credentials = False
    assert "client_credentials" not in ask("GET", well_known).json["grant_types_supported"]
    assert ask_for_itself(machine)[1]["error"] == "unsupported_grant_type"


def test_a_client_can_register_itself_for_the_grant(app: App) -> None:
    asked = {
        "client_name": "a machine",
        "grant_types": ["client_credentials"],
        "response_types": [],
        "token_endpoint_auth_method": "client_secret_post",
    }
    told = ask("POST", app.server.registration_url, asked).json
    assert ask_for_itself(App(app.server, Client(told["client_id"], told["client_secret"])))[0] == 200
    refused = ask("POST", app.server.registration_url, {**asked, "token_endpoint_auth_method": "none"})
    assert (refused.status, refused.json["error"]) == (400, "invalid_client_metadata")
