"""What the client library of PyPI's mcp hears through `gumauth mcp`, as JSON.

Run by the Python of `mcp_python`, as a script, with one JSON object on standard input: `command`, `args` and `env` of
the program to start; `mode`, "legacy" for a session with `initialize`, or "auto"; and `seconds`, for which it calls.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client


async def heard(asked: dict[str, Any]) -> dict[str, Any]:
    program = StdioServerParameters(command=asked["command"], args=asked["args"], env=asked["env"])
    until = time.monotonic() + asked["seconds"]
    sums = 0
    async with Client(stdio_client(program), mode=asked["mode"]) as client:
        tools = await client.list_tools()
        while sums == 0 or time.monotonic() < until:
            answers = await asyncio.gather(*(client.call_tool("add", {"a": number, "b": 1}) for number in range(20)))
            assert [answer.content[0].text for answer in answers] == [str(number + 1) for number in range(20)]
            sums += 20
    return {"tools": [tool.name for tool in tools.tools], "sums": sums}


async def refused(asked: dict[str, Any]) -> dict[str, Any]:
    """The words of the error with which the client ends."""
    try:
        return await heard(asked)
    except BaseException as error:  # noqa: BLE001  groups of errors, as anyio raises them
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        return {"error": str(error)}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(refused(json.loads(sys.stdin.read())))))
