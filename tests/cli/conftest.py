from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.testing import AuthorizationServer
from tests.cli.connecting import acme
from tests.cli.program import environment


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """The environment of a person with an empty home."""
    return environment(tmp_path)


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as server:
        server.person = "ada@example.com"
        yield server


@pytest.fixture
def person(server: AuthorizationServer, environ: dict[str, str], tmp_path: Path) -> tuple[dict[str, str], str]:
    """An environment whose store has the client id, and the provider file."""
    file, given = acme(server, tmp_path)
    credentials.save(Context(environ), "acme", given["ACME_CLIENT_ID"], None)
    return environ, str(file)


@pytest.fixture(autouse=True)
def _sigterm() -> Iterator[None]:
    """A command run in this process changes what SIGTERM does; the tests' own process has it back."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)
