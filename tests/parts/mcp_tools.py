"""What the client library of PyPI's mcp hears from a server, as JSON: its tools, and the sum of two numbers.

Run by the Python of `mcp_python`, as a script, with the server's URL as the argument and the access token on standard
input.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client


async def heard(url: str, token: str) -> dict[str, Any]:
    async with (
        create_mcp_http_client(headers={"Authorization": f"Bearer {token}"}) as http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        tools = await client.list_tools()
        answer = await client.call_tool("add", {"a": 19, "b": 23})
        return {"tools": [tool.name for tool in tools.tools], "sum": answer.content[0].text}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(heard(sys.argv[1], sys.stdin.read().strip()))))
