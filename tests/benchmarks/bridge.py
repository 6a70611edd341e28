"""`gumauth mcp`: from its start to the first answer, and what a message takes beyond a request to the same server."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Self

from gumauth.client.token import token
from gumauth.oauth2.http.client import httpx
from gumauth.testing import AuthorizationServer
from tests.benchmarks.figures import Figure, Finding, medians
from tests.benchmarks.scene import PROVIDER, Scene
from tests.benchmarks.turns import Command, CommandFailed, in_turn
from tests.handout.bridge.site import Site
from tests.parts.need import node_modules
from tests.programs.stage import Stage

START, OTHER_START = "start to first answer", "mcp-remote's start"
THROUGH, DIRECT = "message", "httpx alone"
HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
CALL: dict[str, Any] = {"name": "echo", "arguments": {"text": "x" * 1000}}
ACCEPT = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
MESSAGES, STARTS, IN_FLIGHT = 500, 8, 1000


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

    def answered(self, count: int) -> int:
        """Send so many requests without waiting for an answer; gives how many of them have one result each in the end.

        An answer is awaited for half a minute at most, and then the bridge is ended.
        """
        assert self._process.stdout
        numbers = range(2, 2 + count)

        def send() -> None:
            for number in numbers:
                self._send({"id": number, "method": "tools/call", "params": CALL})

        sender = threading.Thread(target=send)
        late = threading.Timer(30, self._process.kill)
        sender.start()
        late.start()
        answers = [json.loads(line) for line in itertools.islice(self._process.stdout, count)]
        late.cancel()
        sender.join()
        return len({each["id"] for each in answers if "result" in each} & {*numbers})

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
        with self._connected() as (play, site, ours):
            bridges = {START: ours, **_mcp_remote(play, site)}
            starts = in_turn({name: partial(_start, each) for name, each in bridges.items()}, rounds=STARTS)
            middle = medians({**starts, **_messages(ours, site, token(play.context, PROVIDER)[1].access_token)})
        beyond = Figure("a message beyond httpx", (middle[THROUGH] - middle[DIRECT]) * 1000, 2, "ms")
        if OTHER_START not in middle:
            return Finding([beyond, Figure("times mcp-remote's start", None, 0.5, missing="not installed")], middle)
        return Finding([beyond, Figure("times mcp-remote's start", middle[START] / middle[OTHER_START], 0.5)], middle)

    def in_flight(self) -> Finding:
        """Messages that are sent before any is answered."""
        with self._connected() as (_, _, ours), McpClient(ours) as client:
            client.open()
            began = time.perf_counter()
            lost = IN_FLIGHT - client.answered(IN_FLIGHT)
            return Finding([Figure("lost", lost, 0)], {"all": time.perf_counter() - began})

    @contextmanager
    def _connected(self) -> Iterator[tuple[Stage, Site, Command]]:
        """An account, a server that takes its token, and the command for the bridge between them."""
        with (
            tempfile.TemporaryDirectory(dir=self.scene.folder) as folder,
            AuthorizationServer() as server,
            Site() as site,
        ):
            play = Stage(server, Path(folder), self.scene.environ)
            play.connect()
            yield play, site, self.scene.gumauth("mcp", PROVIDER, "--url", site.url, environ=play.world.environ)


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
            ask("tools/call", **CALL)
            return time.perf_counter() - began

        tasks = {THROUGH: partial(took, client.ask), DIRECT: partial(took, post)}
        return {name: [*times] for name, times in in_turn(tasks, rounds=MESSAGES, warm_up=20).items()}


def _encoded(message: dict[str, Any]) -> bytes:
    return json.dumps({"jsonrpc": "2.0", **message}).encode()


def _mcp_remote(play: Stage, site: Site) -> dict[str, Command]:
    """The start of npm's bridge with the same token, where it is installed."""
    program = shutil.which("mcp-remote") or shutil.which("mcp-remote", path=str(node_modules() / ".bin"))
    if program is None:
        return {}
    words = (program, site.url, "--header", "Authorization:${BENCH}", "--transport", "http-only")
    bench = f"Bearer {token(play.context, PROVIDER)[1].access_token}"
    more = {"BENCH": bench, "MCP_REMOTE_CONFIG_DIR": play.environ["GUMAUTH_HOME"]}
    return {OTHER_START: Command(words, {**play.environ, **more})}
