"""A protected resource answers to tokens that were issued for it, and says where they come from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gumauth.testing import AuthorizationServer, Fault
from gumauth.testing.discovery.challenge import Form
from tests.testing.clients import PUBLIC, App
from tests.testing.discovery.asking import BOTH, ask, call

WELL_KNOWN = "/.well-known/oauth-protected-resource"
BASIC = 'Basic realm="Bearer resource_metadata=\\"no\\", scope=\\"no\\"", charset="UTF-8"'


@pytest.fixture
def other() -> Iterator[AuthorizationServer]:
    """A second server, on another port."""
    with AuthorizationServer() as server:
        server.register(PUBLIC)
        yield server


def token_for(app: App, resource: str | None, scope: str = "read write") -> str:
    _, fields = app.redeem(app.server.code_from(app.url(resource=resource, scope=scope)), resource=resource)
    return str(fields["access_token"])


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
def test_a_request_without_a_token_is_refused_with_a_challenge(app: App, method: str) -> None:
    server = app.server
    answer = ask(method, server.resource_url, {"jsonrpc": "2.0", "id": 1, "method": "initialize"})
    assert server.resource_url == f"{server.url}/mcp"
    assert answer.status == 401
    metadata = f"{server.url}/.well-known/oauth-protected-resource/mcp"
    assert answer.header("WWW-Authenticate") == f'Bearer scope="read", resource_metadata="{metadata}"'


def test_the_metadata_are_at_the_path_of_the_resource_alone(app: App) -> None:
    answer = ask("GET", f"{app.server.url}/.well-known/oauth-protected-resource/mcp")
    assert (answer.status, answer.header("Content-Type")) == (200, "application/json")
    assert answer.json == {
        "resource": f"{app.server.url}/mcp",
        "authorization_servers": [app.server.url],
        "scopes_supported": ["read", "write"],
        "bearer_methods_supported": ["header"],
        "resource_name": "The strict resource",
    }
    assert ask("GET", f"{app.server.url}/.well-known/oauth-protected-resource").status == 404
    assert ask("POST", f"{app.server.url}/.well-known/oauth-protected-resource/mcp").status == 404
    assert [(event.kind, event.outcome, event.details) for event in app.server.log] == [
        ("resource_metadata", "ok", {"path": "/.well-known/oauth-protected-resource/mcp"}),
        ("resource_metadata", "refused", {"path": "/.well-known/oauth-protected-resource"}),
        ("resource_metadata", "refused", {"path": "/.well-known/oauth-protected-resource/mcp"}),
    ]


def test_a_token_for_the_resource_gets_the_answers_of_an_mcp_server(app: App) -> None:
    url = app.server.resource_url
    token = token_for(app, url)
    started = call(url, "initialize", {"protocolVersion": "2025-06-18"}, token=token)
    assert (started.status, started.json["result"]["protocolVersion"]) == (200, "2025-06-18")
    assert call(url, "initialize", token=token).json["result"]["protocolVersion"] == "2025-11-25"
    assert [tool["name"] for tool in call(url, "tools/list", token=token).json["result"]["tools"]] == ["echo"]
    said = call(url, "tools/call", {"name": "echo", "arguments": {"text": "hello"}}, token=token)
    assert said.json["result"] == {"content": [{"type": "text", "text": "hello"}]}
    assert call(url, "ping", token=token).json == {"jsonrpc": "2.0", "id": 1, "result": {}}
    assert call(url, "resources/list", token=token).json["error"]["code"] == -32601
    assert app.server.log[-1].details == {"path": "/mcp", "method": "resources/list"}
    assert app.server.log[-1].client_id == "app"


@pytest.mark.parametrize(
    ("method", "body", "accept", "status"),
    [
        ("POST", {"jsonrpc": "2.0", "method": "notifications/initialized"}, BOTH, 202),
        ("POST", {"jsonrpc": "2.0", "id": 1, "method": "ping"}, "application/json", 406),
        ("POST", {"id": 1, "method": "ping"}, BOTH, 400),
        ("POST", b"{", BOTH, 400),
        ("POST", [], BOTH, 400),
        ("GET", None, BOTH, 405),
    ],
)
def test_the_mcp_server_wants_the_messages_of_its_transport(
    app: App, method: str, body: object, accept: str, status: int
) -> None:
    token = token_for(app, app.server.resource_url)
    assert ask(method, app.server.resource_url, body, token=token, Accept=accept).status == status


@pytest.mark.parametrize("named", [None, "", "/", "/mcp/", "/other"])
def test_a_token_for_another_resource_or_for_none_is_refused(app: App, named: str | None) -> None:
    token = token_for(app, None if named is None else app.server.url + named)
    answer = call(app.server.resource_url, "ping", token=token)
    assert answer.status == 401
    assert 'error="invalid_token"' in answer.header("WWW-Authenticate")
    assert app.server.log[-1].reason == "no good access token for this resource"
    assert app.server.log[-1].details == {"path": "/mcp", "method": "ping"}


@pytest.mark.parametrize("habit", ["refused", "ignored"])
def test_where_no_resource_can_be_named_every_token_is_good(app: App, habit: str) -> None:
    app.server.resource_parameter = habit  # type: ignore[assignment]
    assert call(app.server.resource_url, "ping", token=token_for(app, None)).status == 200


def test_an_unknown_an_expired_and_a_revoked_token_are_refused(app: App) -> None:
    url = app.server.resource_url
    assert call(url, "ping", token="never-issued").status == 401
    expired, revoked = token_for(app, url), token_for(app, url)
    app.server.expire(expired)
    app.revoke(revoked)
    assert [call(url, "ping", token=token).status for token in (expired, revoked)] == [401, 401]
    assert ask("POST", url, Authorization=f"Basic {token_for(app, url)}").status == 401


def test_a_token_with_too_few_scopes_is_refused_with_the_scopes_that_are_needed(app: App) -> None:
    url = app.server.resource_url
    app.server.resource.method_scopes = {"tools/call": ("write", "admin")}
    answer = call(url, "tools/call", token=token_for(app, url))
    assert answer.status == 403
    assert answer.header("WWW-Authenticate") == (
        f'Bearer error="insufficient_scope", scope="read write admin", resource_metadata="{url_of(app)}"'
    )
    assert call(url, "tools/list", token=token_for(app, url)).status == 200
    assert call(url, "tools/list", token=token_for(app, url, scope="write")).status == 403
    assert call(url, "tools/call", token=token_for(app, url, scope="admin read write")).status == 200


def url_of(app: App) -> str:
    return f"{app.server.url}/.well-known/oauth-protected-resource/mcp"


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ("quoted", ['Bearer scope="read", resource_metadata="URL"']),
        ("unquoted", ['Bearer scope="read", resource_metadata=URL']),
        ("twice", ['Bearer resource_metadata="ORIGIN/.well-known/gone", scope="read", resource_metadata="URL"']),
        ("after another scheme", [f'{BASIC}, Bearer scope="read", resource_metadata="URL"']),
        ("two headers", [BASIC, 'Bearer scope="read", resource_metadata="URL"']),
        ("missing", []),
    ],
)
def test_the_challenge_has_the_form_that_is_set(app: App, form: Form, headers: list[str]) -> None:
    app.server.resource.challenge = form
    sent = call(app.server.resource_url, "initialize").all("WWW-Authenticate")
    assert sent == [header.replace("URL", url_of(app)).replace("ORIGIN", app.server.url) for header in headers]
    assert ask("GET", f"{app.server.url}/.well-known/gone").status == 404


def test_the_challenge_names_what_is_set(app: App) -> None:
    resource = app.server.resource
    resource.challenge_scope = False
    resource.challenge_metadata = "https://elsewhere.example/metadata"
    sent = call(resource.url, "initialize").header("WWW-Authenticate")
    assert sent == 'Bearer resource_metadata="https://elsewhere.example/metadata"'
    resource.challenge_metadata = False
    assert call(resource.url, "initialize").header("WWW-Authenticate") == "Bearer"
    resource.challenge = "twice"
    assert call(resource.url, "initialize").header("WWW-Authenticate") == "Bearer"


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("path", "/.well-known/oauth-protected-resource/mcp"),
        ("root", "/.well-known/oauth-protected-resource"),
        ("elsewhere", "/metadata/mcp/resource.json"),
        ("none", None),
    ],
)
def test_the_metadata_are_at_one_place(app: App, place: str, path: str | None) -> None:
    app.server.resource.place = place  # type: ignore[assignment]
    places = (f"{WELL_KNOWN}/mcp", WELL_KNOWN, "/metadata/mcp/resource.json")
    found = [each for each in places if ask("GET", app.server.url + each).status == 200]
    assert found == ([] if path is None else [path])
    if path is not None:
        named = call(app.server.resource_url, "initialize").header("WWW-Authenticate")
        assert f'resource_metadata="{app.server.url}{path}"' in named


def test_members_of_the_metadata_can_be_replaced_nulled_and_left_out(app: App) -> None:
    resource = app.server.resource
    resource.overrides = {"resource": app.server.url, "scopes_supported": None, "more": 1}
    resource.without = ("resource_name", "authorization_servers")
    assert ask("GET", resource.metadata_url).json == {
        "resource": app.server.url,
        "scopes_supported": None,
        "bearer_methods_supported": ["header"],
        "more": 1,
    }


def test_a_resource_that_calls_itself_by_its_origin_takes_tokens_for_that(app: App) -> None:
    app.server.resource.overrides["resource"] = app.server.url
    assert call(app.server.resource_url, "ping", token=token_for(app, app.server.url)).status == 200
    assert call(app.server.resource_url, "ping", token=token_for(app, app.server.resource_url)).status == 401


def test_a_resource_can_be_at_the_root_and_be_used_without_a_token(app: App) -> None:
    resource = app.server.resource
    resource.path, resource.open_methods = "", ("initialize", "tools/list")
    assert (app.server.resource_url, resource.metadata_url) == (app.server.url, app.server.url + WELL_KNOWN)
    statuses = [call(app.server.url, method).status for method in ("initialize", "tools/list", "tools/call")]
    assert statuses == [200, 200, 401]
    assert call(app.server.url, "initialize", token="never-issued").status == 401
    assert ask("GET", resource.metadata_url).json["resource"] == app.server.url


def test_two_paths_on_one_host_are_two_resources(app: App) -> None:
    second = app.server.add_resource("/second/mcp")
    second.scopes_required = ()
    token = token_for(app, second.url, scope="")
    assert call(second.url, "ping", token=token).status == 200
    assert call(app.server.resource_url, "ping", token=token).status == 401
    assert ask("GET", second.metadata_url).json["resource"] == f"{app.server.url}/second/mcp"
    assert second.metadata_url == f"{app.server.url}/.well-known/oauth-protected-resource/second/mcp"


def test_a_resource_can_trust_another_server_and_then_its_own_no_more(app: App, other: AuthorizationServer) -> None:
    resources, issuer = app.server, App(other)
    resources.trust(other)
    assert ask("GET", resources.resource.metadata_url).json["authorization_servers"] == [other.url]
    other.resource_exact = True
    assert call(resources.resource_url, "ping", token=token_for(issuer, resources.resource_url)).status == 200
    assert call(resources.resource_url, "ping", token=token_for(app, resources.resource_url)).status == 401
    resources.trust(resources, other)
    assert ask("GET", resources.resource.metadata_url).json["authorization_servers"] == [resources.url, other.url]
    assert call(resources.resource_url, "ping", token=token_for(app, resources.resource_url)).status == 200


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault.status(401), 401),
        (Fault.captive_portal(), 200),
        (Fault.redirect("https://elsewhere.example/"), 307),
        (Fault.huge(2 * 2**20), 200),
    ],
)
def test_the_metadata_and_the_resource_can_misbehave(app: App, fault: Fault, status: int) -> None:
    app.server.misbehave("resource_metadata", fault)
    app.server.misbehave("resource", Fault.status(503))
    assert ask("GET", app.server.resource.metadata_url).status == status
    assert call(app.server.resource_url, "ping").status == 503
    assert [(event.kind, event.reason) for event in app.server.log if event.outcome == "fault"] == [
        ("resource_metadata", fault.name),
        ("resource", "status 503"),
    ]
    assert ask("GET", app.server.resource.metadata_url).json["resource"] == app.server.resource_url
    assert call(app.server.resource_url, "ping").status == 401


def test_no_event_of_a_resource_holds_a_token(app: App) -> None:
    token = token_for(app, app.server.resource_url)
    call(app.server.resource_url, "ping", token=token)
    ask("POST", f"{app.server.resource_url}?access_token={token}")
    assert app.server.log[-1].outcome == "refused"
    assert token not in repr(app.server.log)
