"""Requests beyond the usual flow, at oidc-provider: pushed ones, those for a resource, and those of an app itself."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gumauth.testing import write_provider
from tests.cli.program import environment, process
from tests.parts.oidc_provider import Oidc, serving
from tests.parts.test_lives import connect, shown, token
from tests.parts.test_whose_grant import oidc_environment, oidc_provider, refresh
from tests.programs.stage import make_due

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.node


def claims(jwt: str) -> Any:
    payload = jwt.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def kinds(oidc: Oidc) -> list[str]:
    return [event["kind"] for event in oidc.log()]


@pytest.mark.parametrize("public", [True, False])
def test_a_server_that_wants_pushed_requests_gets_them(tmp_path: Path, public: bool) -> None:
    with serving(pushed=True) as oidc:
        environ = environment(tmp_path, OIDC_CLIENT_ID=oidc.public if public else oidc.confidential)
        if not public:
            environ["OIDC_CLIENT_SECRET"] = oidc.secret
        facts: dict[str, Any] = {"par_url": f"{oidc.url}/request", "client_auth": "body" if public else "basic"}
        opened: list[str] = []

        def follow(url: str) -> str:
            opened.append(url)
            return oidc.browser().follow(url)

        account = connect(environ, oidc_provider(oidc, tmp_path, **facts), follow)
        assert account["nickname"] == "ada@example.com"
        [url] = opened
        assert sorted(httpx.URL(url).params) == ["client_id", "request_uri"]
        assert "pushed" in kinds(oidc)
        refresh(environ, "oidc")
        assert oidc.is_active(token(environ, "oidc"))


@pytest.mark.requirement("D5", "M31", "M41")
def test_tokens_are_for_the_resource_also_after_a_refresh(oidc: Oidc, tmp_path: Path) -> None:
    """A refresh without the resource would bring an opaque token of this server's."""
    resource = "https://api.acme.example/mcp/"
    environ = oidc_environment(oidc, tmp_path)
    scopes = ("openid", "read", "offline_access")
    connect(environ, oidc_provider(oidc, tmp_path, resource=resource, scopes=scopes), oidc.browser().follow)
    first = token(environ, "oidc")
    refresh(environ, "oidc")
    second = token(environ, "oidc")
    assert first != second
    assert [claims(each)["aud"] for each in (first, second)] == [resource, resource]


@pytest.mark.requirement("V3", "D5")
@pytest.mark.parametrize("resource", [None, "https://api.acme.example/mcp"])
def test_an_app_has_an_account_of_its_own(tmp_path: Path, resource: str | None) -> None:
    with serving(open_to_clients=True) as oidc:
        asked = {
            "grant_types": ["client_credentials"],
            "redirect_uris": [],
            "response_types": [],
            "token_endpoint_auth_method": "client_secret_basic",
        }
        with httpx.Client(trust_env=False) as client:
            app = client.post(f"{oidc.url}/reg", json=asked).json()
        given = {"OIDC_CLIENT_ID": app["client_id"], "OIDC_CLIENT_SECRET": app["client_secret"]}
        environ = environment(tmp_path, **given)
        facts: dict[str, object] = {"client_auth": "basic", "scopes": ("openid", "read"), "resource": resource}
        file = str(write_provider(oidc, tmp_path, name="oidc", **facts))
        account = shown(process(environ, "connect", file, "--client-credentials", "--json"))["account"]
        assert (account["nickname"], account["refreshable"]) == (app["client_id"], True)
        tokens = [token(environ, "oidc")]
        refresh(environ, "oidc")
        tokens.append(token(environ, "oidc"))
        make_due(environ, "oidc")
        tokens.append(token(environ, "oidc"))
        assert len(set(tokens)) == 3
        if resource is not None:
            assert [claims(each)["aud"] for each in tokens] == [resource] * 3
        issued = [event["outcome"] for event in oidc.log() if event["kind"] == "issued"]
        assert issued == ["client_credentials"] * 3
        ended = shown(process(environ, "disconnect", "oidc", "--json"))
        assert ended["forgotten"] is True
        assert ended["revoked"] is (resource is None)  # it ends no JWT before its time


@pytest.mark.requirement("V3")
def test_a_client_that_is_for_people_only_is_refused_in_words(tmp_path: Path) -> None:
    with serving(open_to_clients=True) as oidc:
        given = {"OIDC_CLIENT_ID": oidc.confidential, "OIDC_CLIENT_SECRET": oidc.secret}
        environ = environment(tmp_path, **given)
        file = str(write_provider(oidc, tmp_path, name="oidc", client_auth="basic", scopes=("read",)))
        error = shown(process(environ, "connect", file, "--client-credentials", "--json"), 1)["error"]
        assert "requested grant type is not allowed for this client" in error["message"]
        assert "Allow the client credentials grant" in error["hint"]
