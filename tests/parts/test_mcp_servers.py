"""The real MCP servers stand, and are as strict as the tests that use them believe."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.testing.clients import challenge_of, sent_back

if TYPE_CHECKING:
    from tests.parts.mcp_servers import McpServer

pytestmark = pytest.mark.mcp

REDIRECT = "http://127.0.0.1:4862/callback"


def published(server: McpServer, path: str) -> Any:
    with httpx.Client(trust_env=False) as client:
        return client.get(server.origin + path).json()


def registered(server: McpServer, **more: object) -> tuple[int, Any]:
    asked = {"redirect_uris": [REDIRECT], "token_endpoint_auth_method": "none", "application_type": "native", **more}
    with httpx.Client(trust_env=False) as client:
        answer = client.post(f"{server.origin}/register", json=asked)
    return answer.status_code, answer.json()


def token_of(server: McpServer, resource: str) -> str:
    verifier = secrets.token_urlsafe(32)
    client_id = registered(server)[1]["client_id"]
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": REDIRECT,
        "state": "a-state",
        "scope": "read",
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
        "resource": resource,
    }
    code = sent_back(server.follow(f"{server.origin}/authorize?{urlencode(asked)}"))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": verifier}
    with httpx.Client(trust_env=False) as client:
        answer = client.post(f"{server.origin}/token", data={**form, "client_id": client_id, "resource": resource})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def test_the_challenge_leads_to_the_resource_and_that_to_the_issuer(mcp_server: McpServer) -> None:
    with httpx.Client(trust_env=False) as client:
        refused = client.post(mcp_server.url, json={})
    assert refused.status_code == 401
    document = f"{mcp_server.origin}/.well-known/oauth-protected-resource/mcp"
    assert f'resource_metadata="{document}"' in refused.headers["WWW-Authenticate"]
    assert ('scope="read"' in refused.headers["WWW-Authenticate"]) == (mcp_server.kind == "fastmcp")
    resource = published(mcp_server, "/.well-known/oauth-protected-resource/mcp")
    issuer = mcp_server.origin + ("/" if mcp_server.kind == "fastmcp" else "")
    assert (resource["resource"], resource["authorization_servers"]) == (mcp_server.url, [issuer])
    assert published(mcp_server, "/.well-known/oauth-authorization-server")["issuer"] == issuer


def test_a_public_client_registers_though_none_is_not_listed(mcp_server: McpServer) -> None:
    known = published(mcp_server, "/.well-known/oauth-authorization-server")
    assert known["token_endpoint_auth_methods_supported"] == ["client_secret_post", "client_secret_basic"]
    status, client = registered(mcp_server)
    assert (status, client["token_endpoint_auth_method"], "client_secret" in client) == (201, "none", False)
    assert mcp_server.clients()[-1]["client_id"] == client["client_id"]


def test_a_scope_that_it_does_not_know_is_refused_at_registration(mcp_server: McpServer) -> None:
    status, answer = registered(mcp_server, scope="read offline_access")
    assert (status, answer["error"]) == (400, "invalid_client_metadata")


def test_only_a_token_of_its_own_is_taken(mcp_server: McpServer) -> None:
    assert mcp_server.takes(token_of(mcp_server, mcp_server.url))
    assert not mcp_server.takes(secrets.token_urlsafe(32))


def test_the_server_made_of_mcp_refuses_a_token_for_another_resource(mcp_server: McpServer) -> None:
    elsewhere = token_of(mcp_server, "https://elsewhere.example/mcp")
    assert mcp_server.takes(elsewhere) == (mcp_server.kind == "fastmcp")


def test_the_log_of_clients_holds_no_secret(mcp_server: McpServer) -> None:
    secret = registered(mcp_server, token_endpoint_auth_method="client_secret_post")[1]["client_secret"]
    assert secret not in json.dumps(mcp_server.clients())
