"""Calls tools of an MCP server by the client library of PyPI's mcp 1, in one session, as a person's client does.

Run by the Python of `gumstack_python`, as a script, with the server's URL as the argument. Each line of standard input
is the name of a tool and its arguments, as JSON; each line of standard output is what the client got.
"""

from __future__ import annotations

import asyncio
import json
import sys

from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client


async def call(url: str) -> None:
    async with streamablehttp_client(url) as (read, write, _), ClientSession(read, write) as session:
        await session.initialize()
        while line := await asyncio.to_thread(sys.stdin.readline):
            tool, arguments = json.loads(line)
            got = await session.call_tool(tool, arguments)
            answer = {"error": got.isError, "text": got.content[0].text, "value": got.structuredContent}
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(call(sys.argv[1]))
