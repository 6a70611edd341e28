"""`gumauth mcp`: from its start to the first answer, and what a message takes beyond a request to the same server."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from functools import partial
from typing import Any, Self

from gumauth.client.token import token
from gumauth.oauth2.http.client import httpx
from gumauth.testing import AuthorizationServer
from tests.benchmarks.figures import Figure, Finding, medians
from tests.benchmarks.scene import PROVIDER, Scene
from tests.benchmarks.turns import Command, CommandFailed, in_turn
from tests.handout.bridge.site import Site
from tests.programs.stage import Stage

START, OTHER_START = "start to first answer", "mcp-remote's start"
THROUGH, DIRECT = "message", "httpx alone"
HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
ACCEPT = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
MESSAGES, STARTS = 500, 12


class McpClient:
    """A client that starts a bridge and asks it one thing after the other.

    Args:
        command: Starts the bridge.
    """

    def __init__(self, command: Command) -> None:
        self._process = subprocess.Popen(
            command.words,
            env=dict(command.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def ask(self, method: str, **params: object) -> None:
        """Send a request, and wait for its result.

        Raises:
            CommandFailed: There is none.
        """
        assert self._process.stdout
        self._send({"id": 1, "method": method, "params": params})
        line = self._process.stdout.readline()
        if b'"result"' not in line:
            raise CommandFailed(f"{self._process.args!r} answered {line!r}")

    def open(self) -> None:
        """Begin a session."""
        self.ask("initialize", **HELLO)
        self._send({"method": "notifications/initialized"})

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin
        self._process.stdin.write(_encoded(message) + b"\n")
        self._process.stdin.flush()


class Bridge:
    """The row of the bridge, with its token in the Secret Service and a server in this process.

    Args:
        scene: What it runs in.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def messages(self) -> Finding:
        """Starts beside another bridge's, and messages beside the same ones that httpx sends to the server itself."""
        folder = self.scene.folder / "bridge"
        folder.mkdir(exist_ok=True)
        with AuthorizationServer() as server, Site() as site:
            play = Stage(server, folder, self.scene.environ)
            play.connect()
            ours = self.scene.gumauth("mcp", PROVIDER, "--url", site.url, environ=play.world.environ)
            bridges = {START: ours, **_mcp_remote(play, site)}
            starts = in_turn({name: partial(_start, each) for name, each in bridges.items()}, rounds=STARTS)
            middle = medians({**starts, **_messages(ours, site, token(play.context, PROVIDER)[1].access_token)})
        beyond = Figure("a message beyond httpx", (middle[THROUGH] - middle[DIRECT]) * 1000, 2, "ms")
        if OTHER_START not in middle:
            return Finding([beyond, Figure("times mcp-remote's start", None, 0.5, missing="not installed")], middle)
        return Finding([beyond, Figure("times mcp-remote's start", middle[START] / middle[OTHER_START], 0.5)], middle)


def _start(command: Command) -> float:
    began = time.perf_counter()
    with McpClient(command) as client:
        client.ask("initialize", **HELLO)
        return time.perf_counter() - began


def _messages(command: Command, site: Site, access_token: str) -> dict[str, list[float]]:
    """The seconds of messages through a bridge, and of the same messages without it, one of each in turn."""
    authorization = {"Authorization": f"Bearer {access_token}"}
    with McpClient(command) as client, httpx.Client(trust_env=False, headers={**ACCEPT, **authorization}) as direct:
        client.open()

        def post(method: str, **params: object) -> httpx.Response:
            message = _encoded({"id": 1, "method": method, "params": params})
            return direct.post(site.url, content=message).raise_for_status()

        direct.headers["Mcp-Session-Id"] = post("initialize", **HELLO).headers["Mcp-Session-Id"]

        def took(ask: Any) -> float:
            began = time.perf_counter()
            ask("tools/call", name="echo", arguments={"text": "x" * 1000})
            return time.perf_counter() - began

        tasks = {THROUGH: partial(took, client.ask), DIRECT: partial(took, post)}
        return {name: [*times] for name, times in in_turn(tasks, rounds=MESSAGES, warm_up=20).items()}


def _encoded(message: dict[str, Any]) -> bytes:
    return json.dumps({"jsonrpc": "2.0", **message}).encode()


def _mcp_remote(play: Stage, site: Site) -> dict[str, Command]:
    """The start of npm's bridge with the same token, where it is installed."""
    if shutil.which("mcp-remote") is None:
        return {}
    words = ("mcp-remote", site.url, "--header", "Authorization:${BENCH}", "--transport", "http-only")
    bench = f"Bearer {token(play.context, PROVIDER)[1].access_token}"
    more = {"BENCH": bench, "MCP_REMOTE_CONFIG_DIR": play.environ["GUMAUTH_HOME"]}
    return {OTHER_START: Command(words, {**play.environ, **more})}
