"""An MCP client at the bridge's standard input and output, in this process."""

from __future__ import annotations

import json
import os
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gumauth.handout.bridge.run import Asked, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from gumauth.client.context import Context

PATIENCE = 30.0
"""Seconds that a test waits for something at most."""


@dataclass
class Client:
    """The two pipes, and what the bridge says.

    Args:
        stdin: The file descriptor for messages.
        said: The sentences for the person.
    """

    stdin: int
    heard: queue.Queue[bytes | None]
    said: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    thread: threading.Thread | None = None

    def write(self, *lines: bytes) -> None:
        os.write(self.stdin, b"".join(line + b"\n" for line in lines))

    def send(self, method: str, key: object = None, **params: object) -> None:
        """A request, or without an id a notification."""
        identified = {} if key is None else {"id": key}
        self.write(json.dumps({"jsonrpc": "2.0", **identified, "method": method, "params": params}).encode())

    def line(self) -> bytes:
        """The next line."""
        line = self.heard.get(timeout=PATIENCE)
        assert line is not None, self.said
        return line

    def hear(self) -> Any:
        """The next message."""
        return json.loads(self.line())

    def open(self, version: str = "2025-11-25") -> Any:
        """Begin a session, as clients do."""
        self.send("initialize", 0, protocolVersion=version, capabilities={}, clientInfo={"name": "a", "version": "1"})
        answer = self.hear()
        self.send("notifications/initialized")
        return answer

    def ask(self, key: object, method: str = "tools/call", **params: object) -> Any:
        """The answer to a request, where nothing else comes meanwhile."""
        self.send(method, key, **params)
        return self.hear()

    def end(self) -> int:
        """Close standard input; gives the exit status."""
        os.close(self.stdin)
        self.stdin = -1
        assert self.thread
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()
        return self.statuses[0]

    def rest(self) -> list[bytes]:
        """What came and was not heard, after the end."""
        return [line for line in iter(lambda: self.heard.get(timeout=PATIENCE), None) if line is not None]


@contextmanager
def at_bridge(make_context: Callable[[], Context], reference: str, url: str | None) -> Iterator[Client]:
    """A bridge that runs on a thread; ended with the block, if the test has not ended it."""
    (stdin, to_bridge), (from_bridge, stdout) = os.pipe(), os.pipe()
    client = Client(to_bridge, queue.Queue())
    asked = Asked(
        make_context=make_context,
        reference=reference,
        url=url,
        stdin=stdin,
        stdout=stdout,
        say=client.said.append,
        clock=time.time,
    )

    def play() -> None:
        try:
            client.statuses.append(run(asked))
        finally:
            os.close(stdout)

    def listen() -> None:
        with os.fdopen(from_bridge, "rb") as lines:
            for line in lines:
                client.heard.put(line.rstrip(b"\n"))
        client.heard.put(None)

    client.thread = threading.Thread(target=play)
    client.thread.start()
    listener = threading.Thread(target=listen)
    listener.start()
    try:
        yield client
    finally:
        if client.stdin >= 0:
            client.end()
        listener.join(PATIENCE)
        os.close(stdin)
