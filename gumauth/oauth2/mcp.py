"""The first request of an MCP client, with which an MCP server is asked what it wants. Source: MCP, Lifecycle."""

from __future__ import annotations

from gumauth import __version__
from gumauth.oauth2.http.transport import Request

VERSION = "2025-11-25"
"""The revision of the protocol that is offered; a server answers with the one that it speaks."""


def initialize(url: str, access_token: str | None = None) -> Request:
    """The request of an MCP client that begins a session.

    Args:
        url: Of the MCP server.
        access_token: Secret; None for a request that is expected to be refused.
    """
    headers = {"Accept": "application/json, text/event-stream"}
    if access_token is not None:
        headers["Authorization"] = f"Bearer {access_token}"
    params = {
        "protocolVersion": VERSION,
        "capabilities": {},
        "clientInfo": {"name": "gumauth", "version": __version__},
    }
    body = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
    return Request(method="POST", url=url, headers=headers, json=body)
