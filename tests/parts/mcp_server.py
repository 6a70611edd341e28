"""An MCP server with its own authorization server, which registers clients: PyPI's fastmcp, or PyPI's mcp.

Run by the Python of `mcp_python`, as a script. It reads one line of JSON from standard input (see `Settings` in
mcp_servers.py), prints its port on a line of its own when it listens, and ends when standard input does. All that it
knows is in memory, so another run has forgotten every client and token.

The server made of `mcp` alone refuses a token that was not asked for with its own URL as the `resource` (RFC 8707).
"""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
import threading
from typing import Any

import uvicorn
from fastmcp import FastMCP
from fastmcp.server.auth.providers import in_memory
from fastmcp.server.auth.providers.in_memory import InMemoryOAuthProvider
from mcp.server.auth.settings import AuthSettings, ClientRegistrationOptions, RevocationOptions
from mcp.server.mcpserver import MCPServer
from starlette.responses import JSONResponse


class BoundToResources(InMemoryOAuthProvider):  # type: ignore[misc]  # the tests' own Python has no fastmcp
    """Notes with each access token the resource that it was asked for."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.resources: dict[str, str | None] = {}

    async def authorize(self, client: Any, params: Any) -> Any:
        self.resources[params.code_challenge] = params.resource
        return await super().authorize(client, params)

    async def exchange_authorization_code(self, client: Any, authorization_code: Any) -> Any:
        answer = await super().exchange_authorization_code(client, authorization_code)
        return self._bind(answer, self.resources.pop(authorization_code.code_challenge))

    async def exchange_refresh_token(self, client: Any, refresh_token: Any, scopes: Any) -> Any:
        old = self.access_tokens[self._refresh_to_access_map[refresh_token.token]]
        return self._bind(await super().exchange_refresh_token(client, refresh_token, scopes), old.resource)

    def _bind(self, answer: Any, resource: str | None) -> Any:
        token = self.access_tokens[answer.access_token]
        self.access_tokens[answer.access_token] = token.model_copy(update={"resource": resource})
        return answer


def made_of_fastmcp(url: str, options: dict[str, Any]) -> tuple[Any, Any]:
    provider = InMemoryOAuthProvider(base_url=url, **options)
    return FastMCP("fastmcp", auth=provider), provider


def made_of_mcp(url: str, options: dict[str, Any]) -> tuple[Any, Any]:
    provider = BoundToResources(base_url=url, **options)
    own = {"issuer_url": url, "resource_server_url": f"{url}/mcp", "validate_token_resource": True}
    return MCPServer("mcp", auth_server_provider=provider, auth=AuthSettings(**own, **options)), provider


def application(kind: str, url: str) -> Any:
    options = {
        "client_registration_options": ClientRegistrationOptions(
            enabled=True, valid_scopes=["read", "write"], default_scopes=["read", "write"]
        ),
        "revocation_options": RevocationOptions(enabled=True),
        "required_scopes": ["read"],
    }
    server, provider = (made_of_fastmcp if kind == "fastmcp" else made_of_mcp)(url, options)

    @server.tool()  # type: ignore[untyped-decorator]
    def add(a: int, b: int) -> int:
        """The sum of two numbers."""
        return a + b

    @server.custom_route("/test/known", methods=["GET"])  # type: ignore[untyped-decorator]
    async def known(request: Any) -> Any:
        clients = [client.model_dump(mode="json", exclude={"client_secret"}) for client in provider.clients.values()]
        return JSONResponse({"clients": clients, "access_tokens": len(provider.access_tokens)})

    return server.http_app(path="/mcp") if kind == "fastmcp" else server.streamable_http_app()


def end_with_standard_input() -> None:
    sys.stdin.read()  # until whoever started it closes the pipe, or dies
    os._exit(0)


class Announced(uvicorn.Server):  # type: ignore[misc]  # nor uvicorn
    """Prints its port as soon as it answers."""

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        print(sockets[0].getsockname()[1], flush=True)


def main() -> None:
    settings = json.loads(sys.stdin.readline())
    logging.disable(logging.WARNING)
    threading.Thread(target=end_with_standard_input, daemon=True).start()
    in_memory.DEFAULT_ACCESS_TOKEN_EXPIRY_SECONDS = settings["access_lifetime"]
    listener = socket.create_server(("127.0.0.1", settings["port"]), backlog=256)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = uvicorn.Config(application(settings["kind"], url), log_level="error", lifespan="on")
    Announced(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
