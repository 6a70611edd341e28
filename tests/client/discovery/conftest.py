"""A strict server that nobody has described, and a port of its own for the callbacks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gumauth.client.discovery import service_client
from gumauth.testing import AuthorizationServer
from tests.client.discovery.found_world import FoundWorld, free_port
from tests.client.world import Clock


@pytest.fixture
def usual_port(monkeypatch: pytest.MonkeyPatch) -> int:
    """The port in place of the usual one, for which another connect of this machine could make a test wait."""
    port = free_port()
    monkeypatch.setattr(service_client, "USUAL_PORT", port)
    return port


@pytest.fixture
def found(tmp_path: Path, usual_port: int) -> Iterator[FoundWorld]:
    clock = Clock()
    with AuthorizationServer(clock=clock) as server:
        yield FoundWorld(server=server, folder=tmp_path, clock=clock)
