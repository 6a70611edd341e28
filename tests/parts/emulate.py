"""npm's emulate as a process: GitHub, Google, Linear and others as somebody else understands them."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gumauth.testing.messages import Request, Response
from gumauth.testing.person import request as open_page
from tests.parts.need import need, node, node_modules

SITE = Path(__file__).with_suffix(".mjs")
HOP_BY_HOP = ("connection", "content-length", "transfer-encoding", "keep-alive", "date")


@dataclass(frozen=True)
class Emulated:
    """How one service is emulated.

    Args:
        hosts: Where our facts have it, the host of the page for consent first.
        client: The member of the seed that has its apps.
        seed: Its people.
        elsewhere: Paths of our facts that the emulation has under another name.
        has_secret: Whether its app has a secret.
        options: Where it is, in the words of a command line.
        app: Further members of its app.
    """

    hosts: tuple[str, ...]
    client: str
    seed: Mapping[str, Any]
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    has_secret: bool = True
    options: str = ""
    app: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Emulation:
    """A running emulation of one service."""

    service: Emulated
    port: int

    def answer(self, request: Request) -> Response:
        """What it answers under the service's own hosts."""
        path = self.service.elsewhere.get(request.path, request.path)
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            target = urlsplit(request.target)._replace(path=path).geturl()
            connection.request(request.method, target, request.body or None, dict(request.headers))
            answer = connection.getresponse()
            headers = {name: value for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP}
            return Response(status=answer.status, headers=headers, body=answer.read())
        finally:
            connection.close()

    def follow(self, url: str) -> str:
        """Choose Ada on the page for consent, who stands among others; gives the URL that follows."""
        parts = urlsplit(url)
        assert parts.netloc == self.service.hosts[0], url
        status, _, page = open_page("GET", self._here(parts.path, parts.query))
        assert status == 200, page
        forms = re.findall(r'<form[^>]*action="([^"]*)"(.*?)</form>', page, re.DOTALL)
        action, form = next(found for found in forms if "ada" in found[1])
        hidden = re.findall(r'<input[^>]*name="([^"]*)"[^>]*value="([^"]*)"', form)
        fields = {name: unescape(value) for name, value in hidden}
        _, headers, page = open_page("POST", self._here(urlsplit(unescape(action)).path), fields)
        assert "location" in headers, page
        return headers["location"]

    def _here(self, path: str, query: str = "") -> str:
        path = self.service.elsewhere.get(path, path)
        return f"http://127.0.0.1:{self.port}{path}{'?' + query if query else ''}"


@contextmanager
def emulating(services: Mapping[str, Emulated], port: int, secret: str) -> Iterator[dict[str, Emulation]]:
    """The services, each with one app whose id is "app", for as long as the block lasts; ended by its pid.

    Args:
        services: By the names of emulate.
        port: Of the callback.
        secret: Of the apps.
    """
    need(programs=(node(),), packages=("emulate",))
    uris = [f"http://{host}:{port}/callback" for host in ("localhost", "127.0.0.1")]
    app = {"client_id": "app", "name": "gumauth", "redirect_uris": uris}
    told: dict[str, Any] = {}
    for name, each in services.items():
        apps = [{**app, **each.app, "client_secret": secret if each.has_secret else ""}]
        told[name] = {"origin": f"https://{each.hosts[0]}", "seed": {**each.seed, each.client: apps}}
    environment = {"PATH": os.environ["PATH"]}
    command, pipe = [node(), str(SITE)], subprocess.PIPE
    with subprocess.Popen(command, env=environment, text=True, stdin=pipe, stdout=pipe) as site:
        try:
            assert site.stdin
            assert site.stdout
            print(json.dumps({"node_modules": str(node_modules()), "services": told}), file=site.stdin, flush=True)
            line = site.stdout.readline()
            assert line, "it ended before it listened; what it said is on standard error"
            yield {name: Emulation(services[name], port) for name, port in json.loads(line).items()}
        finally:
            site.kill()
