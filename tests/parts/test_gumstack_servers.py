"""MCP servers for Gumstack run as they are, and their tools have the accounts that gumauth has connected."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gumauth.testing import deliver
from tests.cli.connecting import in_terminal
from tests.cli.program import listed, process
from tests.parts.gumstack_servers import SERVED, Project, Serving, client_of, free_port, serving, wait_for
from tests.parts.need import gumstack_python, mcp_python, need
from tests.parts.test_lives import connect
from tests.programs.stage import make_due

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.mcp

AS_IT_IS, BY_NAME, LOCAL = SERVED


@pytest.fixture(scope="module")
def connected(project: Project) -> Project:
    """The account `notes/work`, connected from the server's own file, beside a default account that has no record."""
    listed(project.environ, "notes", "grace@example.com")
    options = ("--as", "work", "--port", str(free_port()))
    connect(project.environ, str(project.auth), project.service.follow, *options)
    return project


@pytest.fixture
def nobody(project: Project, tmp_path: Path) -> Project:
    """Without accounts."""
    return replace(project, environ={**project.environ, "GUMAUTH_HOME": str(tmp_path / "gumauth")})


def test_its_local_branch_takes_the_token_from_the_environment(connected: Project) -> None:
    with serving(connected, LOCAL.replace("=notes", "=notes/work")) as served, client_of(served.url) as client:
        assert client.call("owner")["value"]["email"] == "ada@example.com"
        check_alone(served)


def test_an_unmodified_server_has_the_account_before_and_after_its_tokens_end(connected: Project) -> None:
    with serving(connected, BY_NAME) as served, client_of(served.url) as client:
        first = client.call("owner")["value"]
        assert first["email"] == "ada@example.com"
        assert client.call("owner")["value"] == first
        connected.service.expire()
        assert client.call("owner")["error"]
        make_due(connected.environ, "notes/work")
        second = client.call("owner")["value"]
        assert second["email"] == "ada@example.com"
        assert second["token_end"] != first["token_end"]
        assert served.get("/health_check").json() == {"status": "ok", "by": "the server"}
        check_alone(served)
        assert process(connected.environ, "disconnect", "notes/work").status == 0
        refused = client.call("owner")
        assert refused["error"]
        assert "notes is not connected. Connect it: `gumauth connect ./notes_server/utils/auth.py`." in refused["text"]


def check_alone(served: Serving) -> None:
    """It listens on loopback alone, whatever host its file says, and takes no request for another name."""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", served.port), timeout=5)
    assert served.get("/health_check", Host="evil.example").status_code == 421
    assert served.get("/health_check", Origin="https://evil.example").status_code == 403
    assert served.get("/health_check", Host=f"localhost:{served.port}").status_code == 200
    if os.geteuid() == 0:
        ask = [
            "curl",
            "-s",
            "--noproxy",
            "*",
            "-o",
            "/dev/null",
            "-w",
            "%{http_code}",
            f"http://127.0.0.1:{served.port}/health_check",
        ]
        anothers = subprocess.run(ask, capture_output=True, text=True, check=True, user=65534, cwd="/")
        assert anothers.stdout == "403"


def test_without_its_account_it_ends_with_the_command(nobody: Project) -> None:
    environ = {**nobody.environ, "PORT": str(free_port())}
    ended = subprocess.run(
        ["bash", "-c", AS_IT_IS],
        env=environ,
        cwd=nobody.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 3
    said = "gumauth: notes is not connected. Connect it: `gumauth connect ./notes_server/utils/auth.py`.\n"
    assert ended.stderr == said


def test_on_a_terminal_its_account_is_connected_first(nobody: Project, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    shutil.copytree(nobody.folder, folder)
    auth = folder / nobody.auth.relative_to(nobody.folder)
    auth.write_text(auth.read_text().replace("    name = PROVIDER_NAME\n", "    name = 'mine'; redirect_ports = ()\n"))
    auth.write_text(auth.read_text().replace('PROVIDER_NAME = "notes"', 'PROVIDER_NAME = "mine"'))
    port = free_port()
    environ = {**nobody.environ, "PORT": str(port), "BROWSER": "true"}
    with in_terminal(["bash", "-c", f"cd {folder}; {AS_IT_IS}"], environ) as run:
        deliver(nobody.service.follow(run.address))
        run.until("serving on http://127.0.0.1")
        wait_for(port, run.process)
        with client_of(f"http://127.0.0.1:{port}/mcp") as client:
            assert client.call("owner")["value"]["email"] == "ada@example.com"


def test_a_server_that_asks_for_keys_has_all_fields_of_the_account_that_is_meant(nobody: Project) -> None:
    line = AS_IT_IS.replace("notes_server", "weather_server")
    with serving(nobody, line) as served, client_of(served.url) as client:
        assert served.get("/health_check").json() == {"status": "ok"}
        refused = client.call("station", city="Bern")
        assert refused["error"]
        words = refused["text"].partition("Enter it: `gumauth ")[2].partition("`")[0]
        assert words == "connect project --key domain --key api_key"
        key = secrets.token_urlsafe(24)
        assert process(nobody.environ, *words.split(), stdin=f"eu.example\n{key}\n").status == 0
        found = client.call("station", city="Bern")["value"]
        assert found == {"city": "Bern", "domain": "eu.example", "key_end": key[-6:]}


def test_its_local_branch_takes_the_key_from_the_environment(nobody: Project) -> None:
    key = secrets.token_urlsafe(24)
    assert process(nobody.environ, "connect", "openweather", "--key", "api_key", stdin=key).status == 0
    line = LOCAL.replace("notes_server", "weather_server").replace("ACCESS_TOKEN=notes", "API_KEY=openweather")
    with serving(nobody, line) as served, client_of(served.url) as client:
        assert client.call("station", city="Bern")["value"]["key_end"] == key[-6:]


TOOL = """
@mcp.tool()
def hello() -> str:
    return "hello"
"""
LOW_LEVEL = """
import mcp.types as types
from mcp.server.lowlevel import Server

mcp = Server("low")

@mcp.list_tools()
async def tools():
    return [types.Tool(name="hello", inputSchema={"type": "object"})]

@mcp.call_tool()
async def call(name, arguments):
    return [types.TextContent(type="text", text="hello")]
"""
HOST = """
import os
from mcp.gumstack import GumstackHost

GumstackHost(mcp).run(port=int(os.environ["PORT"]))
"""
KINDS = {
    "fastmcp": (mcp_python(), f"from fastmcp import FastMCP\nmcp = FastMCP('fast')\n{TOOL}"),
    "mcp 2": (mcp_python(), f"from mcp.server import MCPServer\nmcp = MCPServer('two')\n{TOOL}"),
    "a Server of mcp 1": (gumstack_python(), LOW_LEVEL),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_server_is_served_and_tells_that_it_is_well(project: Project, kind: str) -> None:
    python, program = KINDS[kind]
    need(programs=(python,))
    (project.folder / "server.py").write_text(program + HOST)
    with serving(project, f"gumauth run --gumstack -- {python} server.py") as served:
        assert served.get("/health_check").json() == {"status": "ok"}
        assert served.get("/health_check", Host="evil.example").status_code == 421
        with client_of(served.url) as client:
            assert client.call("hello")["text"] == "hello"
