"""MCP servers for Gumstack, as people write them, run by `gumauth run --gumstack` in an environment without gumauth."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gumauth.testing import AuthorizationServer, Client
from tests.cli.program import environment
from tests.parts.need import gumstack_python, need
from tests.reading import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVERS = Path(__file__).parents[1] / "fixtures" / "gumstack_servers"
CLIENT = Path(__file__).parent / "gumstack_client.py"
DEADLINE = 60.0

SERVED = tuple(command for command in COMMANDS if "run --gumstack" in command)
"""The commands of the topic, which `test_gumstack_servers.py` runs."""


@dataclass(frozen=True)
class Project:
    """The folder of a server and a service for it, with an empty home of gumauth.

    Args:
        folder: Where the server's packages are.
        service: The strict server, which plays the service.
        environ: Leads the server's provider to the service; `python` is that of `gumstack_python`.
    """

    folder: Path
    service: AuthorizationServer
    environ: dict[str, str]

    @property
    def auth(self) -> Path:
        """The file of the provider."""
        return self.folder / "notes_server" / "utils" / "auth.py"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A copy of the servers that only its owner can write, byte for byte."""
    need(programs=(gumstack_python(),))
    home = tmp_path_factory.mktemp("servers")
    folder = home / "project"
    shutil.copytree(SERVERS, folder)
    for path in folder.rglob("*.py"):
        path.chmod(0o600)
    with AuthorizationServer() as service:
        redirects = ("http://localhost:4862/callback",)
        client = Client("notes-app", "notes-secret", redirect_uris=redirects, any_port=True, pkce_required=False)
        service.register(client)
        known = {
            "NOTES_URL": service.issuer,
            "NOTES_CLIENT_ID": client.client_id,
            "NOTES_CLIENT_SECRET": str(client.secret),
        }
        environ = environment(home, **known)
        environ["PATH"] = os.pathsep.join(
            [*(str(Path(each).parent) for each in (gumstack_python(), sys.executable)), environ["PATH"]]
        )
        yield Project(folder, service, environ)


@dataclass(frozen=True)
class Serving:
    """A server that is ready.

    Args:
        port: Where it listens.
        process: gumauth, which has become the server.
    """

    port: int
    process: subprocess.Popen[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    def get(self, path: str, **headers: str) -> httpx.Response:
        """What it answers to a plain request."""
        with httpx.Client(trust_env=False) as client:
            return client.get(f"http://127.0.0.1:{self.port}{path}", headers=headers)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(project: Project, command: str) -> Iterator[Serving]:
    """A server that has just started by a command line of a page, for as long as the block lasts; ended by its id."""
    port = free_port()
    environ = {**project.environ, "PORT": str(port)}
    words = ["bash", "-c", command]
    with subprocess.Popen(words, env=environ, cwd=project.folder, stdin=subprocess.DEVNULL, text=True) as process:
        try:
            wait_for(port, process)
            yield Serving(port, process)
        finally:
            process.kill()


def wait_for(port: int, process: subprocess.Popen[Any]) -> None:
    """Return once a port is listened at."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        assert process.poll() is None, process.returncode
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("it did not listen")


class McpClient:
    """The client library, in a session with a server."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def call(self, tool: str, **arguments: str) -> Any:
        """What a tool gives: `value`, or `text` with `error`."""
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps([tool, arguments]), file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())


@contextmanager
def client_of(url: str) -> Iterator[McpClient]:
    """A client with a session of its own."""
    pipe = subprocess.PIPE
    little = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"}
    words = [gumstack_python(), "-P", str(CLIENT), url]
    with subprocess.Popen(words, env=little, text=True, stdin=pipe, stdout=pipe) as process:
        try:
            yield McpClient(process)
        finally:
            process.kill()
