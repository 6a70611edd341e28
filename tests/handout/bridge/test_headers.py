"""The header fields of messages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gumauth.handout.bridge.frames import read
from gumauth.handout.bridge.headers import encoded, mirrored_by
from gumauth.handout.bridge.session import Session

SCHEMA: dict[str, Any] = {
    "properties": {
        "region": {"type": "string", "x-mcp-header": "Region"},
        "deep": {"properties": {"count": {"type": "integer", "x-mcp-header": "Count"}}},
        "list": {"items": {"properties": {"no": {"x-mcp-header": "No"}}}},
        "odd": {"x-mcp-header": "not a field"},
    }
}


def fields(method: str, params: dict[str, Any], session: Session | None = None) -> dict[str, str]:
    message = read(json.dumps({"id": 1, "method": method, "params": params}).encode())
    assert message
    tools = mirrored_by({"tools": [{"name": "sql", "inputSchema": SCHEMA}]})
    found = (session or Session()).fields_for(message, tools)
    assert found.pop("Accept") == "application/json, text/event-stream"
    assert found.pop("Content-Type") == "application/json"
    return found


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("us-west1", "us-west1"),
        ("Hello, 世界", "=?base64?SGVsbG8sIOS4lueVjA==?="),
        (" padded ", "=?base64?IHBhZGRlZCA=?="),
        ("line1\nline2", "=?base64?bGluZTEKbGluZTI=?="),
        ("=?base64?literal?=", "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="),
        ("", "=?base64??="),
    ],
)
def test_values_are_written_as_the_specification_shows(value: str, written: str) -> None:
    """Source: revision 2026-07-28, "Value Encoding"."""
    assert encoded(value) == written


def test_a_session_sends_its_id_and_its_version() -> None:
    session = Session(id="abc", version="2025-11-25")
    assert fields("tools/call", {"name": "sql"}, session) == {
        "Mcp-Session-Id": "abc",
        "MCP-Protocol-Version": "2025-11-25",
    }
    assert fields("initialize", {}) == {}


def test_a_message_that_names_its_revision_sends_that_revisions_fields() -> None:
    params = {
        "name": "sql",
        "arguments": {"region": "eu", "deep": {"count": 3}, "list": [{"no": "x"}], "odd": "y"},
        "_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28"},
    }
    assert fields("tools/call", params, Session(id="abc", version="2025-11-25")) == {
        "MCP-Protocol-Version": "2026-07-28",
        "Mcp-Method": "tools/call",
        "Mcp-Name": "sql",
        "Mcp-Param-Region": "eu",
        "Mcp-Param-Count": "3",
    }


def test_a_version_or_a_name_that_no_header_may_hold_breaks_none() -> None:
    assert fields("initialize", {}, Session(version="1\r\nX: y")) == {}
    meta = {"_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}}
    assert fields("resources/read", {"uri": "a\r\nX: y", **meta})["Mcp-Name"] == "=?base64?YQ0KWDogeQ==?="
