"""What a client that discovers a server sends, over plain HTTP, and what it reads."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

BOTH = "application/json, text/event-stream"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def all(self, name: str) -> list[str]:
        """The values of every header of this name."""
        return [value for header, value in self.headers if header.lower() == name.lower()]

    def header(self, name: str) -> str:
        """The value of a header that is there once."""
        [value] = self.all(name)
        return value


def ask(method: str, url: str, body: object = None, *, token: str | None = None, **headers: str) -> Answer:
    """One request, with a JSON body where there is one; no redirect is followed."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    if body is not None:
        sent = {"Content-Type": "application/json", **sent}
    raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    try:
        connection.request(method, parts._replace(scheme="", netloc="").geturl() or "/", raw, sent)
        answer = connection.getresponse()
        return Answer(answer.status, answer.getheaders(), answer.read())
    finally:
        connection.close()


def call(url: str, method: str, params: object = None, *, token: str | None = None) -> Answer:
    """One JSON-RPC request as an MCP client sends it."""
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}}
    return ask("POST", url, message, token=token, Accept=BOTH)
