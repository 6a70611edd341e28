"""The world that the rules are tested in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gumauth.testing import AuthorizationServer
from tests.client.world import Clock, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    clock = Clock()
    with AuthorizationServer(clock=clock) as server:
        yield World(server=server, folder=tmp_path, clock=clock)


@pytest.fixture
def connected(world: World) -> World:
    """With one account."""
    world.connect()
    return world
