"""The client that the conformance suite of MCP starts: gumauth connects and hands out tokens, this makes the calls.

Run as `python -m tests.parts.conformance_client URL`. MCP_CONFORMANCE_SCENARIO is the scenario, and
MCP_CONFORMANCE_CONTEXT holds the credentials of a client that is registered beforehand, as JSON. With a token it lists
the server's tools and calls one. Where the server says that the token's scope does not suffice, it connects again for
the scopes that the server names; a server that is never content is left after the third consent.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gumauth.testing.person import request
from tests.cli.program import environment, process
from tests.parts.by_address import connect, token

DOCUMENT = "https://conformance-test.local/client-metadata.json"
CONSENTS = 3
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "initialize",
        {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "gumauth's tests", "version": "1"},
        },
    ),
    ("tools/list", {}),
    ("tools/call", {"name": "test-tool", "arguments": {}}),
)


class Client:
    """A person's machine: an account of gumauth's for one server, and calls with its tokens."""

    def __init__(self, url: str, environ: dict[str, str], *, machine: bool) -> None:
        self.url, self.environ, self.machine = url, environ, machine
        self.consents = 0
        self.token = ""

    def connect(self, *scopes: str) -> None:
        """Connect; with scopes, for these too."""
        self.consents += 1
        if self.machine:
            ended = process(self.environ, "connect", self.url, "--client-credentials", "--json")
            assert ended.status == 0, ended
        else:
            connect(self.environ, self.url, redirected, *(word for scope in scopes for word in ("--add-scope", scope)))
        self.token = token(self.environ, name_of(self.url))

    def call(self, method: str, params: dict[str, Any]) -> None:
        """Call it with a token that has the scope for it."""
        while True:
            status, text, missing = self._call(method, params)
            if status == 200 and '"result"' in text:
                return
            assert missing, (method, status, text)
            assert self.consents < CONSENTS, f"not content after {CONSENTS} consents: {text}"
            self.connect(*missing)

    def _call(self, method: str, params: dict[str, Any]) -> tuple[int, str, list[str]]:
        """Status and text of one request, and the scopes that it lacks."""
        import httpx

        headers = {"Accept": "application/json, text/event-stream", "Authorization": f"Bearer {self.token}"}
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        with httpx.Client(trust_env=False, headers=headers, timeout=30) as client:
            answer = client.post(self.url, json=message)
        challenge = answer.headers.get("WWW-Authenticate", "")
        scopes = re.search(r'\bscope="([^"]*)"', challenge)
        missing = scopes[1].split() if scopes and 'error="insufficient_scope"' in challenge else []
        return answer.status_code, answer.text, missing


def redirected(url: str) -> str:
    """The suite's authorization server asks nobody."""
    status, headers, text = request("GET", url)
    assert status == 302, (status, text)
    return headers["location"]


def name_of(url: str) -> str:
    return urlsplit(url).netloc.replace(":", ".")


def environment_of(url: str, folder: Path) -> dict[str, str]:
    """What the scenario gives the person beforehand."""
    given: dict[str, str] = {}
    if os.environ["MCP_CONFORMANCE_SCENARIO"] == "auth/basic-cimd":
        given["GUMAUTH_CLIENT_METADATA_URL"] = DOCUMENT
    context = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT", "{}"))
    name = re.sub(r"[^A-Z0-9]", "_", name_of(url).upper())
    for member in context.keys() & {"client_id", "client_secret"}:
        given[f"{name}_{member.upper()}"] = context[member]
    return environment(folder, **given)


def main(url: str) -> None:
    machine = "client-credentials" in os.environ["MCP_CONFORMANCE_SCENARIO"]
    with tempfile.TemporaryDirectory() as folder:
        client = Client(url, environment_of(url, Path(folder)), machine=machine)
        client.connect()
        for method, params in CALLS:
            client.call(method, params)


if __name__ == "__main__":
    main(sys.argv[1])
