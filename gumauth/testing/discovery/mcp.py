"""A small MCP server: what its JSON-RPC methods answer, once the token is good."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gumauth.testing.messages import Response, json_response

if TYPE_CHECKING:
    from gumauth.testing.messages import Request

NEWEST = "2025-11-25"
"""The protocol revision that is answered to a client that names none."""

ECHO: dict[str, object] = {
    "name": "echo",
    "description": "Gives back its text",
    "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
}


def message_of(request: Request) -> dict[str, object]:
    """The JSON-RPC message in a request's body; empty where there is none."""
    try:
        message = json.loads(request.body or b"null")
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def answer(request: Request) -> Response:
    """The answer to a request with a good token.

    Source: Model Context Protocol, Streamable HTTP transport, "Sending Messages to the Server".
    """
    if request.method != "POST":
        return Response(status=405, headers={"Allow": "POST"})
    accepted = request.headers.get("accept", "")
    if "application/json" not in accepted or "text/event-stream" not in accepted:
        return _error(None, -32600, "Accept must have application/json and text/event-stream", status=406)
    message = message_of(request)
    method = message.get("method")
    if message.get("jsonrpc") != "2.0" or not isinstance(method, str):
        return _error(None, -32600, "this is no JSON-RPC message", status=400)
    if "id" not in message:
        return Response(status=202)
    result = _result(method, message.get("params"))
    if result is None:
        return _error(message["id"], -32601, "there is no such method")
    return json_response({"jsonrpc": "2.0", "id": message["id"], "result": result})


def _result(method: str, params: object) -> dict[str, object] | None:
    given = params if isinstance(params, dict) else {}
    if method == "initialize":
        return {
            "protocolVersion": given.get("protocolVersion", NEWEST),
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "gumauth.testing", "version": "1"},
        }
    if method == "tools/call":
        arguments = given.get("arguments")
        text = arguments.get("text", "") if isinstance(arguments, dict) else ""
        return {"content": [{"type": "text", "text": str(text)}]}
    if method == "tools/list":
        return {"tools": [ECHO]}
    return {} if method == "ping" else None


def _error(request_id: object, code: int, message: str, *, status: int = 200) -> Response:
    return json_response(
        {"jsonrpc": "2.0", "id": request_id, "error": {"code": code, "message": message}}, status=status
    )
