"""`gumauth mcp` between the client library of PyPI's mcp and servers that nobody here wrote."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import environment
from tests.parts import mcp_servers
from tests.parts.by_address import connect
from tests.parts.mcp_servers import McpServer
from tests.parts.need import mcp_python, need

pytestmark = [pytest.mark.mcp, pytest.mark.requirement("H7")]

SCRIPT = Path(__file__).parent / "mcp_bridge_client.py"


def hear(environ: dict[str, str], address: str, *, mode: str = "legacy", seconds: float = 0) -> dict[str, Any]:
    need(programs=(mcp_python(),))
    arguments = ["-m", "gumauth", "mcp", address]
    asked = {"command": sys.executable, "args": arguments, "env": environ, "mode": mode, "seconds": seconds}
    done = subprocess.run(
        [mcp_python(), "-P", str(SCRIPT)],
        input=json.dumps(asked),
        env={"PATH": environ["PATH"], "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"},
        text=True,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done
    heard: dict[str, Any] = json.loads(done.stdout)
    return heard


def test_the_client_library_has_its_whole_session(mcp_server: McpServer, tmp_path: Path) -> None:
    """In a session of `initialize`, and in the revision that has none."""
    environ = environment(tmp_path)
    connect(environ, mcp_server.url, mcp_server.follow, "--json", "--no-browser")
    for mode in ("legacy", "auto"):
        assert hear(environ, mcp_server.url, mode=mode) == {"tools": ["add"], "sums": 20}


def test_calls_go_on_while_tokens_end(tmp_path: Path) -> None:
    """Tokens live for eight seconds here, and the client calls for nine."""
    environ = environment(tmp_path)
    with mcp_servers.serving(access_lifetime=8) as server:
        connect(environ, server.url, server.follow, "--json", "--no-browser")
        heard = hear(environ, server.url, seconds=9)
    assert heard.get("tools") == ["add"], heard
    assert heard["sums"] >= 20


def test_the_client_library_shows_the_command_that_connects(tmp_path: Path) -> None:
    heard = hear(environment(tmp_path), "https://mcp.example.com/mcp")
    assert "Run `gumauth connect https://mcp.example.com/mcp`" in heard["error"]
