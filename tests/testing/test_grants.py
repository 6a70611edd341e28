"""The server keeps grants as services differ in it: one for a client, refresh tokens once, access tokens like JWTs."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from gumauth.testing import AuthorizationServer, Client, Event
from tests.testing.clients import PUBLIC, REDIRECT, App, Clock

OTHER = Client("other", secrets.token_urlsafe(24), redirect_uris=(REDIRECT,))
UNSUPPORTED = {
    "error": "unsupported_token_type",
    "error_description": "an access token is good until it expires",
}
Make = Callable[..., App]


@pytest.fixture
def serve() -> Iterator[Make]:
    """Makes an application at a server with these arguments."""
    with ExitStack() as servers:

        def make(*, clock: Clock | None = None, **arguments: Any) -> App:
            server = servers.enter_context(AuthorizationServer(clock=clock or Clock(), **arguments))
            server.register(PUBLIC)
            server.register(OTHER)
            return App(server)

        yield make


def ended(app: App) -> list[str | None]:
    return [family.ended for family in app.server.families]


def revocations(app: App) -> list[Event]:
    return [event for event in app.server.log if event.kind == "revoke"]


def test_what_a_server_does_otherwise_is_off_until_it_is_set(authorization_server: AuthorizationServer) -> None:
    server = authorization_server
    assert not any((server.one_grant, server.refresh_once, server.self_contained, server.send_id_token))


def test_without_one_grant_every_consent_has_a_family_of_its_own(serve: Make) -> None:
    app = serve()
    first, second = app.tokens(), app.tokens()
    app.revoke(first["refresh_token"])
    assert ended(app) == ["revoked", None]
    assert app.server.is_active(second["access_token"])


def test_with_one_grant_a_new_consent_goes_on_with_the_family(serve: Make) -> None:
    app = serve(one_grant=True)
    first, second = app.tokens(), app.tokens(person="ada")
    assert [family.number for family in app.server.families] == [1]
    tokens = [fields[name] for fields in (first, second) for name in ("access_token", "refresh_token")]
    assert len(set(tokens)) == 4
    assert all(app.server.is_active(token) for token in tokens)
    assert app.refresh(first["refresh_token"])[0] == 200
    assert app.refresh(second["refresh_token"])[0] == 200
    assert app.server.families[0].refreshes == 2
    assert [event.details["family"] for event in app.server.log if event.kind == "token"] == [1, 1]


def test_another_person_workspace_or_client_has_a_grant_of_its_own(serve: Make) -> None:
    app = serve(one_grant=True)
    app.tokens()
    app.tokens(person="grace")
    app.tokens(workspace="beta")
    App(app.server, OTHER).tokens()
    app.tokens(workspace="acme")
    assert [(family.client_id, family.person, family.workspace) for family in app.server.families] == [
        ("app", "ada@example.com", "acme"),
        ("app", "grace@example.com", "acme"),
        ("app", "ada@example.com", "beta"),
        ("other", "ada@example.com", "acme"),
    ]


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
@pytest.mark.parametrize("consent", [0, 1])
def test_revoking_any_token_of_one_grant_ends_all_of_it(serve: Make, kind: str, consent: int) -> None:
    app = serve(one_grant=True)
    other = app.tokens(workspace="beta")
    pairs = [app.tokens(), app.tokens()]
    assert app.revoke(pairs[consent][kind]) == 200
    assert ended(app) == [None, "revoked"]
    assert not any(app.server.is_active(token) for pair in pairs for token in pair.values() if isinstance(token, str))
    assert app.server.is_active(other["access_token"])
    named = [(event.outcome, event.details) for event in revocations(app)]
    assert named == [("ok", {"family": 2, "token": kind.replace("_", " ")})]


def test_a_consent_after_the_end_of_one_grant_begins_a_new_family(serve: Make) -> None:
    app = serve(one_grant=True)
    app.revoke(app.tokens()["access_token"])
    fields = app.tokens()
    assert ended(app) == ["revoked", None]
    assert app.server.is_active(fields["refresh_token"])


def test_a_code_of_an_ended_grant_begins_a_new_family(serve: Make) -> None:
    app = serve(one_grant=True)
    app.tokens()
    code = app.server.code_from(app.url())
    app.server.end_grant(1)
    assert app.redeem(code)[0] == 200
    assert ended(app) == ["ended by the person", None]


def test_a_code_used_twice_ends_the_one_grant(serve: Make) -> None:
    app = serve(one_grant=True)
    first = app.tokens()
    code = app.server.code_from(app.url())
    app.redeem(code)
    app.redeem(code)
    assert ended(app) == ["its code was used twice"]
    assert not app.server.is_active(first["refresh_token"])


def test_one_grant_has_the_scopes_of_all_its_consents(serve: Make) -> None:
    app = serve(one_grant=True)
    app.redeem(app.server.code_from(app.url(scope="read")))
    _, fields = app.redeem(app.server.code_from(app.url(scope="write read")))
    assert fields["scope"] == "read write"
    assert app.server.families[0].scopes == ("read", "write")


def test_a_client_cannot_end_the_one_grant_of_another(serve: Make) -> None:
    app = serve(one_grant=True)
    fields = app.tokens()
    assert App(app.server, OTHER).revoke(fields["access_token"]) == 200
    assert ended(app) == [None]


def test_one_grant_can_be_set_later(serve: Make) -> None:
    app = serve()
    app.tokens()
    app.tokens()
    app.server.one_grant = True
    app.revoke(app.tokens()["access_token"])
    assert ended(app) == [None, "revoked"]


@pytest.mark.parametrize(("one_grant", "families"), [(False, 3), (True, 1)])
def test_a_refresh_token_is_given_once_and_stays_good(serve: Make, one_grant: bool, families: int) -> None:
    app = serve(one_grant=one_grant, refresh_once=True)
    first, second, third = app.tokens(), app.tokens(), app.tokens()
    assert ["refresh_token" in fields for fields in (first, second, third)] == [True, False, False]
    assert len(app.server.families) == families
    assert app.refresh(first["refresh_token"])[0] == 200
    assert all(app.server.is_active(fields["access_token"]) for fields in (first, second, third))


@pytest.mark.parametrize("one_grant", [False, True])
def test_the_replaced_refresh_token_counts_as_given(serve: Make, one_grant: bool) -> None:
    app = serve(one_grant=one_grant, refresh_once=True)
    newer = app.refresh(app.tokens()["refresh_token"])[1]["refresh_token"]
    assert "refresh_token" not in app.tokens()
    assert app.refresh(newer)[0] == 200


@pytest.mark.parametrize("one_grant", [False, True])
def test_another_person_workspace_or_client_gets_a_refresh_token_of_its_own(serve: Make, one_grant: bool) -> None:
    app = serve(one_grant=one_grant, refresh_once=True)
    app.tokens()
    assert "refresh_token" in app.tokens(person="grace")
    assert "refresh_token" in app.tokens(workspace="beta")
    assert "refresh_token" in App(app.server, OTHER).tokens()


@pytest.mark.parametrize("one_grant", [False, True])
def test_a_refresh_token_is_given_again_when_the_grant_that_has_it_has_ended(serve: Make, one_grant: bool) -> None:
    """With separate grants one without a refresh token may live on; it gives nobody back what was revoked."""
    app = serve(one_grant=one_grant, refresh_once=True)
    first = app.tokens()
    app.tokens()
    app.revoke(first["refresh_token"])
    assert "refresh_token" in app.tokens()


def test_without_refresh_once_every_code_gives_a_refresh_token(serve: Make) -> None:
    app = serve()
    assert all("refresh_token" in app.tokens() for _ in range(2))
    app.server.refresh_once = True
    assert "refresh_token" not in app.tokens()


def test_a_self_contained_access_token_outlives_its_grant_and_then_expires(serve: Make) -> None:
    clock = Clock()
    app = serve(clock=clock, self_contained=True)
    fields = app.tokens()
    assert app.revoke(fields["refresh_token"]) == 200
    assert ended(app) == ["revoked"]
    assert app.refresh(fields["refresh_token"])[0] == 400
    clock.now += 3599
    assert app.whoami(fields["access_token"])[0] == 200
    assert app.server.is_active(fields["access_token"])
    clock.now += 1
    assert app.whoami(fields["access_token"])[0] == 401
    assert not app.server.is_active(fields["access_token"])


@pytest.mark.parametrize("one_grant", [False, True])
def test_revoking_a_self_contained_access_token_is_refused_and_changes_nothing(serve: Make, one_grant: bool) -> None:
    app = serve(self_contained=True, one_grant=one_grant)
    fields = app.tokens()
    form = {"token": fields["access_token"], "client_id": "app"}
    assert app.post(app.server.revoke_url, form) == (400, UNSUPPORTED)
    assert ended(app) == [None]
    assert app.whoami(fields["access_token"])[0] == 200
    assert app.server.is_active(fields["refresh_token"])
    [event] = revocations(app)
    assert (event.outcome, event.reason) == ("refused", "an access token is good until it expires")
    assert (event.client_id, event.details) == ("app", {"family": 1, "token": "access token"})


def test_a_self_contained_access_token_of_another_client_is_no_token(serve: Make) -> None:
    app = serve(self_contained=True)
    assert App(app.server, OTHER).revoke(app.tokens()["access_token"]) == 200
    assert [(event.outcome, event.details["family"]) for event in revocations(app)] == [("ok", None)]


def test_a_test_can_still_let_a_self_contained_token_expire(serve: Make) -> None:
    app = serve(self_contained=True)
    token = app.tokens()["access_token"]
    app.server.expire(token)
    assert app.whoami(token)[0] == 401


def test_access_tokens_can_become_self_contained_later(serve: Make) -> None:
    app = serve()
    token = app.tokens()["access_token"]
    app.server.end_grant(1)
    assert app.whoami(token)[0] == 401
    app.server.self_contained = True
    assert app.whoami(token)[0] == 200


def test_no_event_of_such_a_server_holds_a_secret(serve: Make) -> None:
    app = serve(one_grant=True, refresh_once=True, self_contained=True)
    app.server.send_id_token = True
    fields = app.tokens(workspace="beta")
    again = app.tokens(workspace="beta")
    app.revoke(again["access_token"])
    app.revoke(fields["refresh_token"])
    shown = repr(app.server.log) + repr(app.server.families)
    hidden = [fields["access_token"], fields["refresh_token"], fields["id_token"]]
    hidden += [again["access_token"], again["id_token"], app.state, app.verifier]
    assert [secret for secret in hidden if secret in shown] == []
