"""What oidc-provider does with its doors open, as far as the tests that connect by address rely on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.parts.oidc_provider import Oidc, serving
from tests.parts.test_oidc_provider import REDIRECT, App, happened, whoami
from tests.testing.clients import sent_back

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.node

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
DOCUMENT = "https://apps.example/client.json"


@pytest.fixture(scope="module")
def site() -> Iterator[Oidc]:
    with serving(open_to_clients=True) as site:
        yield site


def published(oidc: Oidc) -> Any:
    with httpx.Client(trust_env=False) as client:
        return client.get(f"{oidc.url}/.well-known/openid-configuration").json()


def registered(oidc: Oidc, *grants: str) -> Any:
    asked = {
        "application_type": "native",
        "grant_types": [*grants],
        "redirect_uris": [REDIRECT],
        "token_endpoint_auth_method": "none",
    }
    with httpx.Client(trust_env=False) as client:
        answer = client.post(published(oidc)["registration_endpoint"], json=asked)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_client_that_registered_gets_tokens(site: Oidc) -> None:
    client = registered(site, "authorization_code", "refresh_token")
    assert client["registration_client_uri"].startswith(site.url)
    fields = App(site, client["client_id"]).tokens(site.browser())
    assert site.is_active(fields["access_token"])
    assert ("registered", client["client_id"]) in [(event["kind"], event["client"]) for event in site.log()]


@pytest.mark.parametrize("approve", [True, False])
def test_a_device_gets_its_tokens_when_the_person_has_typed_the_code(site: Oidc, approve: bool) -> None:
    app = App(site, registered(site, "authorization_code", "refresh_token", DEVICE_GRANT)["client_id"])
    status, device = app.post(published(site)["device_authorization_endpoint"], scope="openid")
    assert (status, "interval" in device) == (200, False)
    form = {"grant_type": DEVICE_GRANT, "device_code": device["device_code"]}
    assert app.post(site.token_url, **form)[1]["error"] == "authorization_pending"
    person = site.browser()
    person.type_code(device["verification_uri"], device["user_code"], login="grace", approve=approve)
    assert person.shown == ["login", "consent"]
    status, fields = app.post(site.token_url, **form)
    if approve:
        assert whoami(site, fields["access_token"])[1]["sub"] == "grace"
    else:
        assert (status, fields["error"]) == (400, "access_denied")


def test_a_request_that_was_not_pushed_is_refused() -> None:
    with serving(pushed=True) as site:
        assert published(site)["require_pushed_authorization_requests"] is True
        app = App(site, site.public)
        with httpx.Client(trust_env=False) as client:
            assert client.get(app.url()).status_code in (302, 303, 400)
        assert happened(site, "authorize") == [(None, None, "invalid_request")]
        asked = dict(httpx.URL(app.url()).params)
        status, pushed = app.post(published(site)["pushed_authorization_request_endpoint"], **asked)
        assert status == 201
        brief = httpx.URL(site.authorize_url, params={"client_id": site.public, "request_uri": pushed["request_uri"]})
        assert app.redeem(sent_back(site.browser().follow(str(brief)))["code"])[0] == 200


def test_a_client_is_what_its_metadata_document_says() -> None:
    document = {
        "client_id": DOCUMENT,
        "application_type": "native",
        "grant_types": ["authorization_code", "refresh_token"],
        "redirect_uris": ["http://127.0.0.1/callback"],
        "token_endpoint_auth_method": "none",
    }
    with serving(documents={DOCUMENT: document}) as site:
        assert published(site)["client_id_metadata_document_supported"] is True
        assert site.is_active(App(site, DOCUMENT).tokens(site.browser())["access_token"])
