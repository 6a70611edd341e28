"""MCP servers that nobody here wrote, as processes on loopback ports, and the client library that calls them."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import pytest

from gumauth.testing.person import request
from tests.parts.need import mcp_python, need

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
Kind = Literal["fastmcp", "mcp"]


class Settings(TypedDict):
    """What a server is made of.

    Args:
        kind: The package whose server it is.
        port: Where it listens; 0 is a free port.
        access_lifetime: Of access tokens, in seconds.
    """

    kind: Kind
    port: int
    access_lifetime: int


@dataclass(frozen=True)
class McpServer:
    """A running server. It asks nobody: its authorization endpoint gives the code at once.

    Args:
        url: `http://127.0.0.1:PORT/mcp`.
        pid: The process.
    """

    kind: Kind
    url: str
    pid: int

    @property
    def origin(self) -> str:
        return self.url.removesuffix("/mcp")

    @property
    def name(self) -> str:
        """What gumauth calls it: `127.0.0.1.PORT`."""
        return self.origin.removeprefix("http://").replace(":", ".")

    @property
    def port(self) -> int:
        return int(self.origin.rpartition(":")[2])

    def clients(self) -> list[dict[str, Any]]:
        """The registered clients, without their secrets."""
        known: list[dict[str, Any]] = self._known()["clients"]
        return known

    def access_tokens(self) -> int:
        """How many access tokens it takes."""
        return int(self._known()["access_tokens"])

    def _known(self) -> Any:
        status, _, text = request("GET", f"{self.origin}/test/known")
        assert status == 200, text
        return json.loads(text)

    def follow(self, url: str) -> str:
        """Open the authorization URL; gives the redirect URL."""
        status, headers, text = request("GET", url)
        assert status == 302, (status, text)
        return headers["location"]

    def takes(self, token: str) -> bool:
        """Whether it answers to an access token."""
        import httpx

        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json, text/event-stream"}
        with httpx.Client(trust_env=False, headers=headers) as client:
            answer = client.post(self.url, json={"jsonrpc": "2.0", "id": 1, "method": "ping"})
        assert answer.status_code in (200, 400, 401), answer.text
        return answer.status_code != 401

    def hear(self, token: str) -> dict[str, Any]:
        """What the client library hears with this token: `tools` and `sum`."""
        command = [mcp_python(), "-P", str(HERE / "mcp_tools.py"), self.url]
        done = subprocess.run(
            command, input=token, env=_environment(), text=True, capture_output=True, timeout=60, check=False
        )
        assert done.returncode == 0, done
        heard: dict[str, Any] = json.loads(done.stdout)
        return heard


@contextmanager
def serving(kind: Kind = "fastmcp", *, port: int = 0, access_lifetime: int = 3600) -> Iterator[McpServer]:
    """A server that has just started, for as long as the block lasts; ended by its pid."""
    need(programs=(mcp_python(),))
    settings: Settings = {"kind": kind, "port": port, "access_lifetime": access_lifetime}
    command = [mcp_python(), "-P", str(HERE / "mcp_server.py")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=_environment(), text=True, stdin=pipe, stdout=pipe) as server:
        try:
            assert server.stdin
            assert server.stdout
            print(json.dumps(settings), file=server.stdin, flush=True)
            line = server.stdout.readline().strip()
            assert line, "the server ended before it listened; what it said is on standard error"
            yield McpServer(kind, f"http://127.0.0.1:{line}/mcp", server.pid)
        finally:
            server.kill()


def _environment() -> dict[str, str]:
    """Little: these packages read settings of their own from the environment."""
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture(scope="session", params=["fastmcp", "mcp"])
def mcp_server(request: pytest.FixtureRequest) -> Iterator[McpServer]:
    """Each of the two, for all tests, with access tokens of an hour."""
    with serving(request.param) as server:
        yield server
