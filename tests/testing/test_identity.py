"""The server says whose grant it is, and in which workspace."""

from __future__ import annotations

from typing import Any

import pytest

from gumauth.testing.identity import login_name
from tests.testing.clients import App

ACME = {"id": "ws-acme", "name": "acme"}
BETA = {"id": "ws-beta", "name": "beta"}


def who(app: App, **login: str | None) -> dict[str, Any]:
    status, fields = app.whoami(app.tokens(**login)["access_token"])
    assert status == 200
    return fields


@pytest.mark.parametrize(
    ("login", "person", "workspace"),
    [
        ("ada@example.com/beta", "ada@example.com", BETA),
        ("ada/beta", "ada@example.com", BETA),
        ("grace@example.org/acme", "grace@example.org", ACME),
        ("/beta", "ada@example.com", BETA),
        ("grace/", "grace@example.com", ACME),
    ],
)
def test_what_stands_behind_the_slash_of_a_login_name_is_the_workspace(
    app: App, login: str, person: str, workspace: dict[str, str]
) -> None:
    fields = who(app, person=login)
    assert (fields["email"], fields["workspace"]) == (person, workspace)
    family = app.server.families[0]
    assert (family.person, family.workspace) == (person, workspace["name"])


@pytest.mark.parametrize(
    ("person", "workspace", "typed"),
    [
        (None, None, ""),
        ("ada", None, "ada"),
        ("ada/beta", None, "ada/beta"),
        (None, "beta", "/beta"),
        ("ada", "beta", "ada/beta"),
        ("ada/acme", "beta", "ada/beta"),
    ],
)
def test_a_workspace_that_is_given_stands_in_the_login_name(
    person: str | None, workspace: str | None, typed: str
) -> None:
    assert login_name(person, workspace) == typed


def test_a_workspace_can_be_given_beside_the_person_or_without_one(app: App) -> None:
    assert who(app, person="grace", workspace="beta")["workspace"] == BETA
    assert who(app, workspace="beta") == {
        "sub": "ada",
        "email": "ada@example.com",
        "name": "Ada",
        "workspace": BETA,
    }


def test_a_login_name_without_a_workspace_gets_the_servers(app: App) -> None:
    assert app.server.workspace == "acme"
    app.server.workspace = "beta"
    assert who(app, person="ada")["workspace"] == BETA
    assert who(app)["workspace"] == BETA


def test_a_grant_stays_in_its_workspace_when_the_servers_is_another(app: App) -> None:
    token = app.tokens()["access_token"]
    app.server.workspace = "beta"
    assert app.whoami(token)[1]["workspace"] == ACME


def test_a_server_that_was_never_told_of_a_workspace_does_not_name_one(app: App) -> None:
    token = app.tokens()["access_token"]
    assert app.whoami(token) == (200, {"sub": "ada", "email": "ada@example.com", "name": "Ada"})
    assert app.server.families[0].workspace == "acme"
    app.server.send_workspace = True
    assert app.whoami(token)[1]["workspace"] == ACME


def test_a_workspace_named_at_one_login_is_named_for_everybody(app: App) -> None:
    token = app.tokens()["access_token"]
    app.tokens(workspace="beta")
    assert app.whoami(token)[1]["workspace"] == ACME


def test_two_people_can_show_one_e_mail(app: App) -> None:
    app.server.nicknames["grace@example.com"] = "team@example.com"
    app.server.nicknames["ada@example.com"] = "team@example.com"
    shown = [who(app, person=person) for person in ("ada", "grace", "joan")]
    assert [(fields["sub"], fields["email"], fields["name"]) for fields in shown] == [
        ("ada", "team@example.com", "Ada"),
        ("grace", "team@example.com", "Grace"),
        ("joan", "joan@example.com", "Joan"),
    ]
    assert [family.person for family in app.server.families] == [
        "ada@example.com",
        "grace@example.com",
        "joan@example.com",
    ]


def test_the_log_says_who_consented_where(app: App) -> None:
    app.tokens(person="grace", workspace="beta")
    details = [event.details for event in app.server.log if event.kind == "consent"]
    assert details == [{"person": "grace@example.com", "workspace": "beta"}]
