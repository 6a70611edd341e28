"""The server's metadata are at the places of its issuer, and say what a test wants them to say."""

from __future__ import annotations

import pytest

from gumauth.testing import Fault
from tests.testing.clients import App, sent_back
from tests.testing.discovery.asking import ask, call

OAUTH = "/.well-known/oauth-authorization-server"
OPENID = "/.well-known/openid-configuration"
EVERYWHERE = (
    OAUTH, OPENID, f"{OAUTH}/tenant", f"{OPENID}/tenant", f"/tenant{OPENID}", f"/tenant{OAUTH}",
    f"{OAUTH}/", f"{OPENID}/",
)  # fmt: skip


def found(app: App) -> list[str]:
    return [path for path in EVERYWHERE if ask("GET", app.server.url + path).status == 200]


def test_the_metadata_describe_the_server(app: App) -> None:
    url = app.server.url
    answer = ask("GET", url + OAUTH)
    assert answer.header("Content-Type") == "application/json"
    described = answer.json
    assert {name: value for name, value in described.items() if name.endswith("_endpoint")} == {
        "authorization_endpoint": f"{url}/authorize",
        "token_endpoint": f"{url}/token",
        "revocation_endpoint": f"{url}/revoke",
        "userinfo_endpoint": f"{url}/userinfo",
        "device_authorization_endpoint": f"{url}/device",
        "pushed_authorization_request_endpoint": f"{url}/par",
        "registration_endpoint": f"{url}/register",
    }
    assert described["issuer"] == url
    assert described["code_challenge_methods_supported"] == ["S256"]
    assert described["token_endpoint_auth_methods_supported"] == ["none", "client_secret_basic", "client_secret_post"]
    assert described["scopes_supported"] == ["openid", "profile", "email", "read", "write"]
    assert described["grant_types_supported"][:2] == ["authorization_code", "refresh_token"]
    assert described["response_types_supported"] == ["code"]
    openid = ask("GET", url + OPENID).json
    assert openid == {
        **described,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }


@pytest.mark.parametrize(
    ("issuer_path", "places"),
    [
        ("", [OAUTH, OPENID]),
        ("/", [OAUTH, OPENID]),
        ("/tenant", [f"{OAUTH}/tenant", f"{OPENID}/tenant", f"/tenant{OPENID}"]),
        ("/tenant/", [f"{OAUTH}/tenant", f"{OPENID}/tenant", f"/tenant{OPENID}"]),
    ],
)
def test_the_metadata_are_at_the_places_of_the_issuer_alone(app: App, issuer_path: str, places: list[str]) -> None:
    app.server.issuer_path = issuer_path
    assert found(app) == places
    assert app.server.issuer == app.server.url + issuer_path
    assert ask("GET", app.server.url + places[0]).json["issuer"] == app.server.url + issuer_path
    assert ask("GET", app.server.resource.metadata_url).json["authorization_servers"] == [app.server.issuer]


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("oauth", f"{OAUTH}/tenant"),
        ("openid inserted", f"{OPENID}/tenant"),
        ("openid appended", f"/tenant{OPENID}"),
    ],
)
def test_the_metadata_can_be_at_one_place_only(app: App, place: str, path: str) -> None:
    app.server.issuer_path = "/tenant"
    app.server.metadata_places = (place,)  # type: ignore[assignment]
    assert found(app) == [path]
    looked = [(event.outcome, event.details["path"]) for event in app.server.log]
    assert looked == [("ok" if each == path else "refused", each) for each in EVERYWHERE]


def test_a_server_can_have_no_metadata(app: App) -> None:
    app.server.metadata_places = ()
    assert found(app) == []


def test_only_a_get_is_answered(app: App) -> None:
    assert ask("POST", app.server.url + OAUTH, {}).status == 404


def test_the_issuer_with_its_path_is_sent_with_the_code(app: App) -> None:
    app.server.issuer_path, app.server.send_issuer = "/tenant", True
    assert sent_back(app.server.follow(app.url()))["iss"] == f"{app.server.url}/tenant"
    assert ask("GET", f"{app.server.url}{OAUTH}/tenant").json["authorization_response_iss_parameter_supported"] is True
    app.server.send_issuer = False
    assert ask("GET", f"{app.server.url}{OAUTH}/tenant").json["authorization_response_iss_parameter_supported"] is False


def test_members_can_be_replaced_nulled_added_and_left_out(app: App) -> None:
    app.server.metadata_overrides = {
        "issuer": "https://other.example",
        "token_endpoint": "http://other.example/token",
        "scopes_supported": None,
        "revocation_endpoint": 7,
        "require_signed_request_object": True,
        "dpop_signing_alg_values_supported": ["ES256"],
    }
    app.server.metadata_without = ("code_challenge_methods_supported", "require_signed_request_object")
    app.server.openid_without = ("userinfo_endpoint",)
    oauth, openid = (ask("GET", app.server.url + path).json for path in (OAUTH, OPENID))
    assert (oauth["issuer"], oauth["token_endpoint"]) == ("https://other.example", "http://other.example/token")
    assert (oauth["scopes_supported"], oauth["revocation_endpoint"]) == (None, 7)
    assert oauth["dpop_signing_alg_values_supported"] == ["ES256"]
    assert "code_challenge_methods_supported" not in oauth
    assert "require_signed_request_object" not in oauth
    assert "userinfo_endpoint" in oauth
    assert "userinfo_endpoint" not in openid


def test_the_metadata_can_misbehave(app: App) -> None:
    app.server.misbehave("server_metadata", Fault.huge(2 * 2**20))
    app.server.misbehave("server_metadata", Fault.status(403))
    answers = [ask("GET", app.server.url + OAUTH) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 403, 200]
    assert len(answers[0].body) > 2 * 2**20


def test_documents_and_resources_can_be_elsewhere(app: App) -> None:
    server = app.server
    server.resource.path = "/mcp/"
    server.redirects = {"/mcp": f"{server.url}/mcp/", OAUTH: "https://other.example/metadata"}
    moved = call(f"{server.url}/mcp", "initialize")
    assert (moved.status, moved.header("Location")) == (307, f"{server.url}/mcp/")
    assert call(f"{server.url}/mcp/", "initialize").status == 401
    server.redirect_status = 302
    moved = ask("GET", server.url + OAUTH)
    assert (moved.status, moved.header("Location")) == (302, "https://other.example/metadata")
    assert [(event.kind, event.outcome) for event in server.log] == [
        ("resource", "refused"), ("resource", "refused"), ("server_metadata", "refused"),
    ]  # fmt: skip
    server.redirects[server.resource.metadata_url.removeprefix(server.url)] = server.url
    assert ask("GET", server.resource.metadata_url).status == 302
    assert server.log[-1].kind == "resource_metadata"
