"""The authorization endpoint does what RFC 6749, 7636, 8252 and 9207 say."""

from __future__ import annotations

import pytest

from gumauth.testing import Client, PageRefused
from gumauth.testing.person import request
from tests.testing.clients import REDIRECT, App, sent_back


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
