"""A connected account, a server, and a client at the bridge between them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.client.world import World
from tests.handout.bridge.client import Client, at_bridge
from tests.handout.bridge.site import Site
from tests.handout.test_python import world as world


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


@pytest.fixture
def client(world: World, site: Site) -> Iterator[Client]:
    with at_bridge(world.new_context, "acme", site.url) as client:
        yield client
