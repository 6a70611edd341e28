"""What oidc-provider does of its own accord, as far as the tests that use it rely on it."""

from __future__ import annotations

import base64
import json
import os
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.parts.browser import consent_at_oidc
from tests.parts.oidc_provider import Browser, Oidc, serving
from tests.parts.test_browser import landing as landing
from tests.testing.clients import challenge_of, sent_back

if TYPE_CHECKING:
    from selenium.webdriver.chrome.webdriver import WebDriver

pytestmark = pytest.mark.node

REDIRECT = "http://127.0.0.1:51004/callback"
UNSUPPORTED = {
    "error": "unsupported_token_type",
    "error_description": "Structured JWT Tokens cannot be revoked via the revocation_endpoint",
}


class App:
    """The plainest client of the site."""

    def __init__(self, oidc: Oidc, client_id: str, secret: str | None = None) -> None:
        self.oidc, self.client_id, self.secret = oidc, client_id, secret
        self.verifier = secrets.token_urlsafe(32)

    def url(self, **changes: str) -> str:
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": REDIRECT,
            "scope": "openid",
            "state": "a-state",
            "code_challenge": challenge_of(self.verifier),
            "code_challenge_method": "S256",
            **changes,
        }
        return f"{self.oidc.authorize_url}?{urlencode(asked)}"

    def post(self, url: str, **form: str) -> tuple[int, Any]:
        itself = {} if self.secret else {"client_id": self.client_id}
        basic = httpx.BasicAuth(self.client_id, self.secret) if self.secret else None
        with httpx.Client(trust_env=False, auth=basic) as client:
            answer = client.post(url, data={**form, **itself})
        return answer.status_code, answer.json() if answer.text else None

    def redeem(self, code: str, **changes: str) -> tuple[int, Any]:
        form = {"code": code, "redirect_uri": REDIRECT, "code_verifier": self.verifier, **changes}
        return self.post(self.oidc.token_url, grant_type="authorization_code", **form)

    def tokens(self, browser: Browser, *, login: str = "ada", **asked: str) -> dict[str, Any]:
        """The tokens of a login in which all goes well."""
        status, fields = self.redeem(sent_back(browser.follow(self.url(**asked), login=login))["code"])
        assert status == 200, fields
        return dict(fields)

    def refresh(self, token: str, **changes: str) -> tuple[int, Any]:
        return self.post(self.oidc.token_url, grant_type="refresh_token", refresh_token=token, **changes)

    def revoke(self, token: str) -> tuple[int, Any]:
        return self.post(self.oidc.revoke_url, token=token)


@pytest.fixture
def app(oidc: Oidc) -> App:
    return App(oidc, oidc.public)


@pytest.fixture(params=["public", "confidential"])
def either(request: pytest.FixtureRequest, oidc: Oidc) -> App:
    return App(oidc, oidc.public) if request.param == "public" else App(oidc, oidc.confidential, oidc.secret)


@pytest.fixture
def person(oidc: Oidc) -> Browser:
    return oidc.browser()


def whoami(oidc: Oidc, token: str) -> tuple[int, Any]:
    with httpx.Client(trust_env=False) as client:
        answer = client.get(oidc.userinfo_url, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, answer.json()


def claims_of(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


def happened(oidc: Oidc, kind: str) -> list[tuple[Any, ...]]:
    """The events of a kind, without the client, which is the test's own."""
    return [(event["token"], event["grant"], event["outcome"]) for event in oidc.log() if event["kind"] == kind]


def test_the_addresses_are_those_that_the_site_publishes(oidc: Oidc) -> None:
    with httpx.Client(trust_env=False) as client:
        published = client.get(f"{oidc.url}/.well-known/openid-configuration").json()
    assert published["issuer"] == oidc.issuer
    assert published["authorization_endpoint"] == oidc.authorize_url
    assert published["token_endpoint"] == oidc.token_url
    assert published["revocation_endpoint"] == oidc.revoke_url
    assert published["userinfo_endpoint"] == oidc.userinfo_url
    assert published["code_challenge_methods_supported"] == ["S256"]


def test_a_person_logs_in_consents_and_is_known(either: App, person: Browser) -> None:
    back = sent_back(person.follow(either.url(), login="grace"))
    assert (back["state"], back["iss"]) == ("a-state", either.oidc.issuer)
    assert person.shown == ["login", "consent"]
    status, fields = either.redeem(back["code"])
    assert (status, fields["expires_in"], fields["scope"]) == (200, 3600, "openid")
    assert whoami(either.oidc, fields["access_token"]) == (200, {"sub": "grace", "email": "grace@example.com"})


def test_a_person_can_say_no(app: App, person: Browser) -> None:
    assert sent_back(person.follow(app.url(), approve=False))["error"] == "access_denied"
    assert happened(app.oidc, "authorize") == [(None, None, "access_denied")]


def test_any_loopback_port_may_be_come_back_to(app: App, person: Browser) -> None:
    for there in ("http://localhost:51005/callback", "http://127.0.0.1:51006/callback", "http://[::1]:51007/callback"):
        assert person.follow(app.url(redirect_uri=there)).startswith(f"{there}?code=")


def test_the_site_insists_on_pkce(app: App, person: Browser) -> None:
    bare = app.url().partition("&code_challenge=")[0]
    assert sent_back(person.follow(bare))["error"] == "invalid_request"
    assert sent_back(person.follow(app.url(code_challenge_method="plain")))["error"] == "invalid_request"
    code = sent_back(person.follow(app.url()))["code"]
    status, fields = app.redeem(code, code_verifier=secrets.token_urlsafe(32))
    assert (status, fields["error"]) == (400, "invalid_grant")


def test_the_confidential_clients_secret_comes_by_basic_or_in_the_body(oidc: Oidc, person: Browser) -> None:
    app = App(oidc, oidc.confidential, "not-the-secret")
    status, fields = app.redeem(sent_back(person.follow(app.url()))["code"])
    assert (status, fields["error"]) == (401, "invalid_client")
    app.secret = None
    code = sent_back(person.follow(app.url()))["code"]
    assert app.redeem(code)[0] == 401
    assert app.redeem(code, client_secret=oidc.secret)[0] == 200


def test_the_id_token_says_who_for_whom_and_by_whom(app: App, person: Browser) -> None:
    claims = claims_of(app.tokens(person, login="grace")["id_token"])
    assert (claims["iss"], claims["sub"], claims["aud"]) == (app.oidc.issuer, "grace", app.client_id)
    assert "id_token" not in app.tokens(person, scope="read")


def test_a_refresh_token_is_replaced_on_use(either: App, person: Browser) -> None:
    first = either.tokens(person)
    status, second = either.refresh(first["refresh_token"])
    assert status == 200
    assert second["refresh_token"] != first["refresh_token"]
    assert either.oidc.is_active(first["access_token"])
    assert either.oidc.is_active(second["access_token"])
    assert happened(either.oidc, "issued") == [
        ("AccessToken", 1, "authorization_code"),
        ("RefreshToken", 1, "authorization_code"),
        ("AccessToken", 1, "refresh_token"),
        ("RefreshToken", 1, "refresh_token"),
    ]


def test_a_replaced_refresh_token_ends_the_grant(either: App, person: Browser) -> None:
    first = either.tokens(person)
    second = either.refresh(first["refresh_token"])[1]
    status, fields = either.refresh(first["refresh_token"])
    assert (status, fields["error"]) == (400, "invalid_grant")
    assert not either.oidc.is_active(first["access_token"])
    assert not either.oidc.is_active(second["access_token"])
    assert either.refresh(second["refresh_token"])[0] == 400
    assert happened(either.oidc, "reuse") == [("RefreshToken", 1, "invalid_grant")]
    assert happened(either.oidc, "grant.revoked") == [(None, 1, "token")]


def test_a_code_that_is_used_twice_ends_the_grant(app: App, person: Browser) -> None:
    code = sent_back(person.follow(app.url()))["code"]
    fields = app.redeem(code)[1]
    assert app.redeem(code)[0] == 400
    assert not app.oidc.is_active(fields["access_token"])
    assert happened(app.oidc, "reuse") == [("AuthorizationCode", 1, "invalid_grant")]


def test_a_revoked_refresh_token_ends_its_grant(either: App, person: Browser) -> None:
    fields = either.tokens(person)
    assert either.revoke(fields["refresh_token"]) == (200, None)
    assert not either.oidc.is_active(fields["access_token"])
    assert either.refresh(fields["refresh_token"])[1]["error"] == "invalid_grant"
    assert happened(either.oidc, "revocation") == [("RefreshToken", 1, "revoked")]
    assert happened(either.oidc, "grant.revoked") == [(None, 1, "revocation")]
    assert either.revoke(fields["refresh_token"]) == (200, None)
    assert happened(either.oidc, "revocation")[1:] == [(None, None, "unknown")]


@pytest.mark.parametrize("which", ["refresh_token", "access_token"])
def test_two_logins_in_one_browser_share_a_grant_and_end_together(either: App, person: Browser, which: str) -> None:
    first = either.tokens(person)
    second = either.tokens(person)
    assert person.shown == ["consent"]
    assert {event["grant"] for event in either.oidc.log()} == {1}
    assert either.oidc.is_active(second["access_token"])
    assert either.revoke(first[which]) == (200, None)
    assert not either.oidc.is_active(second["access_token"])
    assert either.refresh(second["refresh_token"])[1]["error"] == "invalid_grant"


def test_a_replaced_refresh_token_that_is_revoked_ends_a_later_login_too(app: App, person: Browser) -> None:
    old = app.tokens(person)["refresh_token"]
    app.refresh(old)
    later = app.tokens(person)
    assert app.revoke(old) == (200, None)
    assert not app.oidc.is_active(later["access_token"])


def test_an_access_tokens_revocation_leaves_the_grant_to_the_next_login(app: App, person: Browser) -> None:
    app.revoke(app.tokens(person)["access_token"])
    assert happened(app.oidc, "grant.revoked") == []
    app.tokens(person)
    assert happened(app.oidc, "authorize") == [("AuthorizationCode", 1, "success")] * 2
    app.revoke(app.tokens(person)["refresh_token"])
    later = app.tokens(person)
    assert happened(app.oidc, "authorize")[-1] == ("AuthorizationCode", 2, "success")
    assert app.oidc.is_active(later["access_token"])


def test_logins_in_two_browsers_have_grants_of_their_own(app: App) -> None:
    first, second = app.tokens(app.oidc.browser()), app.tokens(app.oidc.browser())
    assert [event["grant"] for event in app.oidc.log() if event["kind"] == "authorize"] == [1, 2]
    assert app.revoke(first["refresh_token"]) == (200, None)
    assert not app.oidc.is_active(first["access_token"])
    assert app.oidc.is_active(second["access_token"])


def test_two_clients_in_one_browser_have_grants_of_their_own(oidc: Oidc, person: Browser) -> None:
    apps = App(oidc, oidc.public), App(oidc, oidc.confidential, oidc.secret)
    first, second = apps[0].tokens(person), apps[1].tokens(person)
    assert apps[0].revoke(first["refresh_token"]) == (200, None)
    assert oidc.is_active(second["access_token"])


def test_another_person_in_the_same_browser_ends_the_tokens_of_the_first(app: App, person: Browser) -> None:
    first = app.tokens(person)
    second = app.tokens(person, login="grace", prompt="login")
    assert person.shown == ["login", "consent"]
    assert whoami(app.oidc, second["access_token"])[1]["sub"] == "grace"
    assert not app.oidc.is_active(first["access_token"])
    assert happened(app.oidc, "grant.revoked") == [(None, 1, "end_session_confirm")]


def test_offline_access_outlives_another_persons_login(app: App, person: Browser) -> None:
    first = app.tokens(person, scope="openid offline_access", prompt="consent")
    assert first["scope"] == "openid offline_access"
    app.tokens(person, login="grace", prompt="login")
    assert app.oidc.is_active(first["access_token"])
    assert app.refresh(first["refresh_token"])[0] == 200


def test_offline_access_is_dropped_where_consent_is_not_asked_for(app: App, person: Browser) -> None:
    assert app.tokens(person, scope="openid offline_access")["scope"] == "openid"


def test_a_resources_access_token_is_a_jwt_that_cannot_be_revoked(either: App, person: Browser) -> None:
    fields = either.tokens(person, scope="read", resource=either.oidc.resource)
    assert (fields["expires_in"], fields["scope"]) == (300, "read")
    claims = claims_of(fields["access_token"])
    assert (claims["iss"], claims["aud"], claims["sub"]) == (either.oidc.issuer, either.oidc.resource, "ada")
    assert claims["exp"] - claims["iat"] == 300
    assert either.revoke(fields["access_token"]) == (400, UNSUPPORTED)
    assert either.refresh(fields["refresh_token"])[1]["access_token"].count(".") == 2
    assert either.revoke(fields["refresh_token"]) == (200, None)
    outcomes = [event["outcome"] for event in either.oidc.log() if event["kind"] == "revocation"]
    assert outcomes == ["unsupported_token_type", "revoked"]


def test_with_openid_a_resource_has_to_be_named_again_for_each_token(app: App, person: Browser) -> None:
    asked = {"scope": "openid read", "resource": app.oidc.resource}
    opaque = app.tokens(person, **asked)
    assert app.oidc.is_active(opaque["access_token"])
    code = sent_back(person.follow(app.url(**asked)))["code"]
    jwt = app.redeem(code, resource=app.oidc.resource)[1]
    assert (jwt["access_token"].count("."), jwt["scope"]) == (2, "read")
    assert whoami(app.oidc, jwt["access_token"])[0] == 401
    assert app.refresh(jwt["refresh_token"])[1]["access_token"].count(".") == 0


def test_another_clients_token_is_not_revoked(oidc: Oidc, person: Browser) -> None:
    public, confidential = App(oidc, oidc.public), App(oidc, oidc.confidential, oidc.secret)
    its, ours = public.tokens(person), confidential.tokens(person)
    status, fields = confidential.revoke(its["refresh_token"])
    assert (status, fields["error"]) == (400, "invalid_request")
    assert public.revoke(ours["refresh_token"]) == (200, None)
    assert [outcome for _, _, outcome in happened(oidc, "revocation")] == ["invalid_request", "ignored"]
    assert oidc.is_active(its["access_token"])
    assert oidc.is_active(ours["access_token"])


def test_the_log_holds_no_token(app: App, person: Browser) -> None:
    fields = app.tokens(person)
    app.refresh(fields["refresh_token"])
    app.revoke(fields["refresh_token"])
    written = json.dumps(app.oidc.log())
    assert not [name for name in ("access_token", "refresh_token", "id_token") if fields[name] in written]
    assert {event["client"] for event in app.oidc.log()} == {app.client_id}


def test_the_sites_secret_is_in_no_repr(oidc: Oidc, person: Browser) -> None:
    App(oidc, oidc.public).tokens(person)
    assert oidc.secret not in repr(oidc)
    assert not [cookie.name for cookie in person.cookies if str(cookie.value) in repr(person)]


def test_the_sites_process_ends_with_it() -> None:
    with serving() as site:
        os.kill(site.pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(site.pid, 0)


@pytest.mark.browser
def test_a_browser_that_has_logged_in_is_only_asked_for_consent(browser: WebDriver, oidc: Oidc, landing: str) -> None:
    url = App(oidc, oidc.public).url(redirect_uri=landing)
    assert consent_at_oidc(browser, url, login="grace") == ["login", "consent"]
    assert browser.title == "Landed"
    assert "code" in sent_back(browser.current_url)
    assert consent_at_oidc(browser, url) == ["consent"]
    assert "code" in sent_back(browser.current_url)
    assert happened(oidc, "authorize") == [("AuthorizationCode", 1, "success")] * 2
    assert consent_at_oidc(browser, url, approve=False) == ["consent"]
    assert sent_back(browser.current_url)["error"] == "access_denied"


@pytest.mark.browser
def test_a_browser_can_be_another_persons_next(browser: WebDriver, oidc: Oidc, landing: str) -> None:
    app = App(oidc, oidc.public)
    consent_at_oidc(browser, app.url(redirect_uri=landing))
    assert consent_at_oidc(browser, app.url(redirect_uri=landing, prompt="login"), login="grace") == [
        "login",
        "consent",
    ]
    assert happened(oidc, "authorize")[-1] == ("AuthorizationCode", 2, "success")
