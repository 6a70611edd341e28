"""What stands beside the error of a method with GUMAUTH_DEBUG=1: its requests, and the way through the file."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gumauth.client.context import Context
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.errors import GumauthError
from gumauth.registry import lookup
from tests.cli.program import environment
from tests.loopback import Loopback, loopback

FILE = """import requests
from gumauth import AuthProvider


class Acme(AuthProvider):
    name = "acme"

    def get_url(self, redirect_uri, state): ...

    async def exchange(self, code, redirect_uri):
        return requests.post(redirect_uri, data={"code": code}).json()["access_token"]

    async def refresh(self, refresh_token): ...
    async def get_nickname(self, access_token): ...
"""


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as server:
        yield server


def way(folder: Path, url: str, *, deadline: float = 30) -> list[str]:
    """The way of the error of an exchange at a URL, without hashes, times and ports."""
    file = folder / "acme.py"
    file.write_text(FILE)
    context = Context(environment(folder, GUMAUTH_DEBUG="1"))
    calls = ProviderCalls(context, lookup.find(str(file), cwd="/"), deadline=deadline)
    try:
        with pytest.raises(GumauthError) as raised:
            calls.call("exchange", "a-code-of-some-length", url)
    finally:
        calls.close()
    lines = [line.replace(str(folder), "") for line in raised.value.way]
    return [re.sub(r"sha256 \w{8}|\d+ ms|127\.0\.0\.1:\d+", "…", line) for line in lines if "user-agent" not in line]


@pytest.mark.requirement("P4", "S1")
def test_a_failure_is_shown_with_its_requests_and_its_way_through_the_file(server: Loopback, tmp_path: Path) -> None:
    server.answer({"token": "abc"})
    assert way(tmp_path, server.url) == [
        "#1 exchange > POST http://…/",
        "   > content-type: application/x-www-form-urlencoded",
        "   > code = (secret, 21 characters, …)",
        "#1 exchange < 200 OK, …",
        "   < content-type: application/json",
        "   < token = (secret, 3 characters, …)",
        "  /acme.py:11 in exchange",
        "  KeyError: 'access_token'",
    ]


@pytest.mark.requirement("P4", "S1")
def test_a_method_that_blocks_its_thread_is_shown_with_the_request_that_nobody_answers(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        told = way(tmp_path, f"http://127.0.0.1:{silent.getsockname()[1]}", deadline=0.1)
    assert [line for line in told if line.startswith("#")] == [
        "#1 exchange > POST http://…/",
        "#1 exchange < no answer, …: it was given up",
    ]
