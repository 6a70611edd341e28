"""`gumauth mcp` under load: many messages at once, tokens of seconds, streams that break, a server that restarts.

`python -m tests.programs.bridge_storm --seconds 60`, and `--peer PROXY.js` for the same with another bridge (Node).

Every request carries a number. The server notes which it has carried out: none may be twice. The client notes the
answers: each request has exactly one, and an error only where a restart has broken its connection. One refresh may be
made each time a token ends, for all bridges together.
"""

from __future__ import annotations

import argparse
import itertools
import json
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gumauth.client.token import token
from gumauth.testing import AuthorizationServer
from tests.handout.bridge.site import Reply, Seen, Site, event, result, stream
from tests.programs.stage import Stage

LIFE = 5.0
"""Seconds of an access token; it is refreshed ahead from three fifths of them on, and at the latest a fifth before."""

PATIENCE = 60.0

HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "storm", "version": "1"}}


class StormSite(Site):
    """Answers a quarter of the calls each: as JSON, later as JSON, as a stream, as a stream that breaks and resumes.

    Args:
        server: Tells which tokens are good.
    """

    def __init__(self, server: AuthorizationServer) -> None:
        self._issuer = server
        self.carried_out: Counter[str] = Counter()
        self.refused = 0
        self._kept: dict[str, bytes] = {}
        super().__init__()
        self.on = {"tools/call": self._call, "GET": self._resume}

    def noted(self, seen: Seen) -> Reply:
        if not self._issuer.is_active(seen.headers.get("authorization", "").removeprefix("Bearer ")):
            self.refused += 1
            return Reply(401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
        return self.answer(seen)

    def _call(self, seen: Seen) -> Reply | None:
        if seen.headers.get("mcp-session-id") not in self.sessions:
            return None
        number = seen.message["params"]["arguments"]["number"]
        with self._lock:
            self.carried_out[number] += 1
        answer, kind = result(seen, {"number": number}), int(number.rpartition("-")[2]) % 4
        note = {"jsonrpc": "2.0", "method": "notifications/progress", "params": {"number": number}}
        if kind == 1:
            time.sleep(0.02)
        if kind == 2:
            return stream(event(note), event(answer))
        if kind == 3:
            self._kept[f"{number}/1"] = event(answer, id=f"{number}/2")
            return stream(event("", id=f"{number}/0", retry=20), event(note, id=f"{number}/1"), _break)
        return Reply(body=json.dumps(answer).encode())

    def _resume(self, seen: Seen) -> Reply | None:
        kept = self._kept.get(seen.headers.get("last-event-id", ""))
        is_known = seen.headers.get("mcp-session-id") in self.sessions
        return stream(kept) if kept is not None and is_known else None


def _break() -> None:
    raise ConnectionResetError


@dataclass
class Client:
    """An MCP client that counts.

    Args:
        name: Begins the numbers of its requests.
        command: Starts the bridge.
        environ: Of the bridge.
    """

    name: str
    command: list[str]
    environ: dict[str, str]
    answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    notes: Counter[str] = field(default_factory=Counter)
    times: dict[str, float] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(self.command, env=self.environ, stdin=pipe, stdout=pipe, stderr=pipe)
        self._numbers = itertools.count(1)
        self._changed = threading.Condition()
        self._first: queue.Queue[dict[str, Any]] = queue.Queue()
        self._said = bytearray()
        self._threads = [threading.Thread(target=self._listen), threading.Thread(target=self._read_errors)]
        for thread in self._threads:
            thread.start()

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            message = json.loads(line)
            with self._changed:
                if "method" in message:
                    self.notes[message.get("params", {}).get("number", message["method"])] += 1
                elif message["id"] == "hello":
                    self._first.put(message)
                else:
                    self.answers.setdefault(message["id"], []).append(message)
                    self.times[message["id"]] = time.monotonic() - self.times[message["id"]]
                self._changed.notify_all()

    def _read_errors(self) -> None:
        assert self._process.stderr
        for line in self._process.stderr:
            self._said += line

    def _send(self, *messages: dict[str, Any]) -> None:
        assert self._process.stdin
        self._process.stdin.write(
            b"".join(json.dumps({"jsonrpc": "2.0", **each}).encode() + b"\n" for each in messages)
        )
        self._process.stdin.flush()

    def open(self) -> float:
        """Begin a session; gives the seconds since the process was started."""
        began = time.monotonic()
        self._send({"id": "hello", "method": "initialize", "params": HELLO})
        assert "result" in self._first.get(timeout=PATIENCE), self._said.decode()
        took = time.monotonic() - began
        self._send({"method": "notifications/initialized"})
        return took

    def call(self, count: int = 1) -> None:
        """Send requests, all at once."""
        keys = [f"{self.name}-{next(self._numbers)}" for _ in range(count)]
        self.asked += keys
        now = time.monotonic()
        self.times |= dict.fromkeys(keys, now)
        params = ({"name": "count", "arguments": {"number": key}} for key in keys)
        self._send(
            *({"id": key, "method": "tools/call", "params": each} for key, each in zip(keys, params, strict=True))
        )

    def settle(self) -> None:
        """Wait until everything is answered."""
        with self._changed:
            self._changed.wait_for(lambda: len(self.answers) == len(self.asked), PATIENCE)

    def end(self) -> str:
        """End the bridge; gives what it said on standard error."""
        assert self._process.stdin
        self._process.stdin.close()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
        for thread in self._threads:
            thread.join(PATIENCE)
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe
            pipe.close()
        return self._said.decode()


@dataclass(frozen=True)
class Count:
    """What became of the messages of some clients."""

    asked: int
    answered: int
    failed: int
    lost: int
    doubled: int
    repeated: int
    notes_lost: int
    notes_doubled: int

    @property
    def is_right(self) -> bool:
        """Whether nothing was lost, doubled or carried out twice."""
        return not (self.lost or self.doubled or self.repeated or self.notes_lost or self.notes_doubled)

    def __str__(self) -> str:
        return (
            f"{self.asked} asked, {self.answered} answered, {self.failed} errors, {self.lost} lost,"
            f" {self.doubled} answered twice, {self.repeated} carried out twice,"
            f" notifications: {self.notes_lost} lost, {self.notes_doubled} twice"
        )


def counted(site: StormSite, clients: list[Client]) -> Count:
    """What became of all messages."""
    asked = [key for client in clients for key in client.asked]
    answers = {key: answers for client in clients for key, answers in client.answers.items()}
    notes = Counter[str]() + sum((client.notes for client in clients), Counter[str]())
    right = [key for key in asked if _is_right(key, answers.get(key, []))]
    noted = [key for key in right if int(key.rpartition("-")[2]) % 4 > 1]
    return Count(
        asked=len(asked),
        answered=len(right),
        failed=sum("error" in answers[key][0] for key in asked if key in answers),
        lost=sum(key not in answers for key in asked),
        doubled=sum(len(each) > 1 for each in answers.values()),
        repeated=sum(times > 1 for times in site.carried_out.values()),
        notes_lost=sum(notes[key] == 0 for key in noted),
        notes_doubled=sum(notes[key] > 1 for key in noted),
    )


def _is_right(key: str, answers: list[dict[str, Any]]) -> bool:
    return bool(answers) and answers[0].get("result") == {"number": key}


@contextmanager
def scene(life: float) -> Iterator[tuple[Stage, StormSite]]:
    """A connected account, whose tokens live that long, and the server that takes them."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        server = stack.enter_context(AuthorizationServer(access_lifetime=int(life)))
        stage = Stage(server, Path(folder))
        stage.connect()
        yield stage, stack.enter_context(StormSite(server))


def at_once(stage: Stage, site: StormSite, start: Callable[[str], Client], messages: int) -> Count:
    """Many messages in flight."""
    client = start("a")
    client.open()
    began = time.monotonic()
    client.call(messages)
    client.settle()
    took = time.monotonic() - began
    client.end()
    count = counted(site, [client])
    print(f"{messages} at once: {count}; {took:.1f} s")
    return count


def steadily(stage: Stage, site: StormSite, start: Callable[[str], Client], seconds: float) -> tuple[Count, int]:
    """Two bridges of one account, tokens of seconds, and a restart now and then."""
    before, restarts = stage.server.count("refresh"), 0
    clients = [start("b"), start("c")]
    for client in clients:
        client.open()
    began = time.monotonic()
    next_restart = began + min(7.0, seconds / 2)
    while time.monotonic() < began + seconds:
        for client in clients:
            client.call(4)
        time.sleep(0.1)
        if time.monotonic() > next_restart:
            site.restart(0.3)
            restarts, next_restart = restarts + 1, time.monotonic() + 7.0
    for client in clients:
        client.settle()
    lasted = time.monotonic() - began
    said = {line for client in clients for line in client.end().splitlines()}
    count, refreshes = counted(site, clients), stage.server.count("refresh") - before
    print(f"{lasted:.0f} s, tokens of {LIFE:g} s, {restarts} restarts, two bridges: {count}")
    print(
        f"  {refreshes} refreshes, {site.refused} requests refused for their token, reuse {stage.server.count('reuse')}"
    )
    for line in sorted(said)[:10]:
        print(f"  {line}")
    allowed = int(lasted / (LIFE * 0.6)) + 2  # a look at the token refreshes it ahead from three fifths of its life on
    return count, max(0, refreshes - allowed)


def main() -> int:
    """Play both and print what they came to; 1 if a message was lost or doubled, or a refresh too many was made."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--peer", help="the script of another bridge, run by node with the URL and a fixed token")
    options = parser.parse_args()
    right = []
    with scene(3600) as (stage, site):
        right.append(at_once(stage, site, _starter(stage, site, options.peer), options.messages).is_right)
    with scene(LIFE) as (stage, site):
        count, too_many = steadily(stage, site, _starter(stage, site, options.peer), options.seconds)
        right += [count.is_right, too_many == 0, not stage.server.count("reuse")]
    print("all right" if all(right) else "WRONG")
    return 0 if all(right) else 1


def _starter(stage: Stage, site: StormSite, peer: str | None) -> Callable[[str], Client]:
    def start(name: str) -> Client:
        command = [sys.executable, "-m", "gumauth", "mcp", "acme", "--url", site.url]
        environ = dict(stage.environ)
        if peer:
            command = ["node", peer, site.url, "--header", "Authorization:${STORM}", "--transport", "http-only"]
            environ |= {
                "STORM": f"Bearer {token(stage.context, 'acme')[1].access_token}",
                "MCP_REMOTE_CONFIG_DIR": environ["GUMAUTH_HOME"],
            }
        return Client(name, command, environ)

    return start


if __name__ == "__main__":
    sys.exit(main())
