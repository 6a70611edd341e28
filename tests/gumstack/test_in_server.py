"""The parts of a server's `mcp.gumstack` that decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from gumauth.gumstack.in_server import accounts
from gumauth.gumstack.in_server.loopback import refusal
from gumauth.registry.lookup import find
from tests.registry.files.conftest import IMPORTS


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "127.0.0.1:8000"}, None),
        ({"host": "LOCALHOST"}, None),
        ({"host": "[::1]:8000", "origin": "http://localhost:6274"}, None),
        ({}, 421),
        ({"host": "evil.example"}, 421),
        ({"host": "127.0.0.1.evil.example"}, 421),
        ({"host": "localhost:8000@evil.example"}, 421),
        ({"host": "localhost\n"}, 421),
        ({"host": "localhost", "origin": "null"}, 403),
        ({"host": "localhost", "origin": "https://localhost.evil.example"}, 403),
    ],
)
def test_requests_that_name_this_machine_are_taken(headers: dict[str, str], status: int | None) -> None:
    refused = refusal((name.encode(), value.encode()) for name, value in headers.items())
    assert (refused and refused[0]) == status


def test_two_hosts_are_no_host() -> None:
    refused = refusal([(b"host", b"localhost"), (b"host", b"evil.example")])
    assert refused is not None


def test_a_providers_file_is_named_as_connect_takes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "two words.py"
    file.write_text(f"{IMPORTS}\n{ACME}\n{ACME.replace('Acme', 'Other')}")
    file.chmod(0o600)
    kind = find(f"{file}:Acme", cwd="/").provider_class
    assert accounts.file_of(kind) == f"{file}:Acme"
    monkeypatch.chdir(tmp_path)
    assert accounts.command(accounts.file_of(kind)) == "gumauth connect './two words.py:Acme'"
    monkeypatch.chdir("/")
    assert accounts.command("/srv/auth.py") == "gumauth connect /srv/auth.py"


ACME = """
class Acme(AuthProvider):
    name = "acme"
    def get_url(self, redirect_uri, state): return ""
    async def exchange(self, code, redirect_uri): ...
    async def refresh(self, refresh_token): ...
    async def get_nickname(self, access_token): ...
"""
