"""The real authorization server stands, and is as strict as the tests that use it believe."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.parts.dot import need_devices, serving
from tests.testing.clients import challenge_of, sent_back

if TYPE_CHECKING:
    from pathlib import Path

    from tests.parts.dot import Dot

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
DOCUMENT = "https://apps.example/client.json"
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


def published(dot: Dot) -> Any:
    with httpx.Client(trust_env=False) as client:
        return client.get(f"{dot.url}/.well-known/oauth-authorization-server/o").json()


def registered(dot: Dot, *grants: str) -> tuple[int, Any]:
    asked = {"redirect_uris": [REDIRECT], "token_endpoint_auth_method": "none", "grant_types": [*grants]}
    with httpx.Client(trust_env=False) as client:
        answer = client.post(published(dot)["registration_endpoint"], json=asked)
    return answer.status_code, answer.json()


def test_only_an_open_site_says_that_clients_register_and_devices_ask(dot: Dot, open_dot: Dot) -> None:
    assert published(open_dot)["issuer"] == open_dot.issuer
    assert published(open_dot)["registration_endpoint"] == f"{open_dot.url}/o/register/"
    assert published(open_dot)["device_authorization_endpoint"] == f"{open_dot.url}/o/device-authorization/"
    assert not {"registration_endpoint", "device_authorization_endpoint"} & published(dot).keys()


def test_a_client_that_registered_is_sent_back_to_any_loopback_port(open_dot: Dot) -> None:
    status, client = registered(open_dot, "authorization_code", "refresh_token")
    assert (status, client["token_endpoint_auth_method"]) == (201, "none")
    app = App(open_dot, client["client_id"])
    there = "http://127.0.0.1:51005/callback"
    assert open_dot.follow(app.url(redirect_uri=there)).startswith(f"{there}?code=")
    assert app.redeem(sent_back(open_dot.follow(app.url()))["code"])[0] == 200


def test_a_client_registers_for_one_grant_only(open_dot: Dot) -> None:
    status, answer = registered(open_dot, "authorization_code", "refresh_token", DEVICE_GRANT)
    assert (status, answer["error"]) == (400, "invalid_client_metadata")


@pytest.mark.parametrize("approve", [True, False])
def test_a_device_gets_its_tokens_when_the_person_has_typed_the_code(open_dot: Dot, approve: bool) -> None:
    need_devices()
    app = App(open_dot, registered(open_dot, DEVICE_GRANT, "refresh_token")[1]["client_id"])
    status, device = app.post(published(open_dot)["device_authorization_endpoint"], scope="read")
    assert (status, device["interval"]) == (200, 1)
    form = {"grant_type": DEVICE_GRANT, "device_code": device["device_code"]}
    assert app.post(open_dot.token_url, **form)[1]["error"] == "authorization_pending"
    open_dot.type_code(device["verification_uri"], device["user_code"], approve=approve)
    status, fields = app.post(open_dot.token_url, **form)
    assert (status, fields.get("error")) == ((200, None) if approve else (400, "access_denied"))
    assert not approve or app.post(
        open_dot.token_url, grant_type="refresh_token", refresh_token=fields["refresh_token"]
    )


def test_a_client_is_what_its_metadata_document_says(tmp_path: Path) -> None:
    document = {"client_id": DOCUMENT, "client_name": "An app", "redirect_uris": [REDIRECT]}
    with serving(tmp_path, documents={DOCUMENT: document}) as dot:
        assert published(dot)["client_id_metadata_document_supported"] is True
        app = App(dot, DOCUMENT)
        assert app.redeem(sent_back(dot.follow(app.url()))["code"])[0] == 200
