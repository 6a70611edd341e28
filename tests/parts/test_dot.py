"""The real authorization server stands, and is as strict as the tests that use it believe."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.testing.clients import challenge_of, sent_back

if TYPE_CHECKING:
    from tests.parts.dot import Dot

REDIRECT = "http://127.0.0.1:51004/callback"


class App:
    """The plainest client of the site."""

    def __init__(self, dot: Dot, client_id: str, secret: str | None = None) -> None:
        self.dot, self.verifier = dot, secrets.token_urlsafe(32)
        self.itself = {"client_id": client_id} | ({"client_secret": secret} if secret else {})

    def url(self, **changes: str) -> str:
        asked = {
            "response_type": "code",
            "client_id": self.itself["client_id"],
            "redirect_uri": REDIRECT,
            "scope": "read",
            "state": "a-state",
            "code_challenge": challenge_of(self.verifier),
            "code_challenge_method": "S256",
            **changes,
        }
        return f"{self.dot.authorize_url}?{urlencode(asked)}"

    def post(self, url: str, **form: str) -> tuple[int, Any]:
        with httpx.Client(trust_env=False) as client:
            answer = client.post(url, data={**form, **self.itself})
        return answer.status_code, answer.json() if answer.text else None

    def redeem(self, code: str, verifier: str | None = None) -> tuple[int, Any]:
        return self.post(
            self.dot.token_url,
            grant_type="authorization_code",
            code=code,
            redirect_uri=REDIRECT,
            code_verifier=verifier or self.verifier,
        )


@pytest.fixture(params=["public", "confidential"])
def app(request: pytest.FixtureRequest, dot: Dot) -> App:
    return App(dot, dot.public) if request.param == "public" else App(dot, dot.confidential, dot.secret)


def test_a_person_logs_in_consents_and_is_known(app: App) -> None:
    back = sent_back(app.dot.follow(app.url()))
    assert back["state"] == "a-state"
    assert back["iss"] == app.dot.issuer
    status, fields = app.redeem(back["code"])
    assert (status, fields["expires_in"], fields["scope"]) == (200, 3600, "read")
    with httpx.Client(trust_env=False) as client:
        headers = {"Authorization": f"Bearer {fields['access_token']}"}
        assert client.get(app.dot.userinfo_url, headers=headers).json() == {"email": "ada@example.com"}


def test_a_person_can_say_no(app: App) -> None:
    assert sent_back(app.dot.follow(app.url(), approve=False))["error"] == "access_denied"


def test_a_replaced_refresh_token_ends_the_grant(app: App) -> None:
    _, first = app.redeem(sent_back(app.dot.follow(app.url()))["code"])
    url, old = app.dot.token_url, first["refresh_token"]
    status, second = app.post(url, grant_type="refresh_token", refresh_token=old)
    assert status == 200
    assert second["refresh_token"] != old
    assert app.post(url, grant_type="refresh_token", refresh_token=old)[1]["error"] == "invalid_grant"
    assert app.post(url, grant_type="refresh_token", refresh_token=second["refresh_token"])[0] == 400


def test_a_revoked_refresh_token_takes_its_access_token_along(app: App) -> None:
    _, fields = app.redeem(sent_back(app.dot.follow(app.url()))["code"])
    assert app.dot.is_active(fields["access_token"])
    assert app.post(app.dot.revoke_url, token=fields["refresh_token"])[0] == 200
    assert not app.dot.is_active(fields["access_token"])


def test_the_site_insists_on_pkce(app: App) -> None:
    bare = app.url().partition("&code_challenge=")[0]
    assert sent_back(app.dot.follow(bare))["error"] == "invalid_request"
    assert sent_back(app.dot.follow(app.url(code_challenge_method="plain")))["error"] == "invalid_request"
    code = sent_back(app.dot.follow(app.url()))["code"]
    assert app.redeem(code, secrets.token_urlsafe(32))[0] == 400


def test_the_sites_secrets_are_in_no_repr(dot: Dot) -> None:
    assert dot.password not in repr(dot)
    assert dot.secret not in repr(dot)
