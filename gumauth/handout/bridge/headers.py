"""The header fields that go with a message: what the protocol's revision wants beside the token. Pure.

Source: Model Context Protocol, "Streamable HTTP", revisions 2025-03-26 to 2026-07-28.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any

from gumauth.handout.bridge.frames import Part

ACCEPT = "application/json, text/event-stream"
EVENTS = "text/event-stream"
SESSION = "Mcp-Session-Id"
VERSION = "MCP-Protocol-Version"
LAST_EVENT = "Last-Event-ID"

NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
"""The methods whose `Mcp-Name` is a parameter → that parameter."""

SENTINEL = re.compile(r"=\?base64\?.*\?=", re.DOTALL)
PLAIN = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?")
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
VISIBLE = re.compile(r"[\x21-\x7e]+")
LONGEST = 8000
"""Characters of a value at most: servers refuse larger header fields. Source: RFC 9110 §5.4."""

DEEPEST = 20
"""Steps from the root of a tool's schema to a parameter that is mirrored."""

Mirrored = Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]
"""The name of a tool → header field and path of each parameter that is mirrored."""


def can_hold(value: str | None) -> bool:
    """Whether a header field can hold a text of the server as it is; beyond ASCII it is sent in UTF-8.

    Source: RFC 9110 §5.5; HTML Standard, "Server-sent events", for UTF-8.
    """
    if not value or len(value) > LONGEST or value != value.strip(" \t"):
        return False
    return not any(character < " " or character == "\x7f" for character in value)


def of_session(session_id: str | None, version: str | None) -> dict[str, str]:
    """The fields of every request of a session.

    Args:
        session_id: That the server gave; a secret of a kind. None without a session.
        version: The revision that was negotiated; None before.
    """
    fields = {SESSION: session_id} if session_id else {}
    return fields | ({VERSION: version} if version and VISIBLE.fullmatch(version) else {})


def of_request(part: Part, revision: str, mirrored: Mirrored) -> dict[str, str]:
    """The fields of a request that names its revision itself, as all do since 2026-07-28.

    Args:
        part: The request.
        revision: That it names.
        mirrored: What the server's tools want to see in header fields.
    """
    fields = {"Mcp-Method": encoded(part.method)} | of_session(None, revision)
    name = part.params.get(NAMED.get(part.method, ""))
    if isinstance(name, str):
        fields["Mcp-Name"] = encoded(name)
        if part.method == "tools/call":
            fields |= _mirrored(part.params.get("arguments"), mirrored.get(name, ()))
    return fields


def _mirrored(arguments: object, wanted: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, str]:
    found = {field: _value(arguments, path) for field, path in wanted}
    return {field: encoded(value) for field, value in found.items() if value is not None}


def _value(arguments: object, path: tuple[str, ...]) -> str | None:
    for step in path:
        arguments = arguments.get(step) if isinstance(arguments, dict) else None
    if isinstance(arguments, bool):
        return "true" if arguments else "false"
    return str(arguments) if isinstance(arguments, str | int) else None


def encoded(value: str) -> str:
    """A value as a header field may hold it. Source: revision 2026-07-28, "Value Encoding"."""
    if PLAIN.fullmatch(value) and not SENTINEL.fullmatch(value):
        return value
    return f"=?base64?{base64.b64encode(value.encode('utf-8', 'surrogatepass')).decode()}?="


def mirrored_by(result: object) -> dict[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """What the tools in a result of `tools/list` want to see in header fields.

    Source: revision 2026-07-28, "Custom Headers from Tool Parameters".
    """
    tools = result.get("tools") if isinstance(result, dict) else None
    found = {}
    for tool in tools if isinstance(tools, list) else ():
        if isinstance(tool, dict) and isinstance(name := tool.get("name"), str):
            found[name] = tuple(_annotated(tool.get("inputSchema"), ()))
    return found


def _annotated(schema: Any, path: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict) or len(path) >= DEEPEST:
        return
    for name, inner in properties.items():
        field = inner.get("x-mcp-header") if isinstance(inner, dict) else None
        if isinstance(field, str) and TOKEN.fullmatch(field):
            yield f"Mcp-Param-{field}", (*path, name)
        yield from _annotated(inner, (*path, name))
