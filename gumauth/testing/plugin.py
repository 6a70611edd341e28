"""The pytest plugin: a fixture `authorization_server` for people who write and test providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gumauth.testing.server import AuthorizationServer


@pytest.fixture
def authorization_server() -> Iterator[AuthorizationServer]:
    """A strict authorization server on a free port of 127.0.0.1, closed when the test ends."""
    # Imported here: pytest loads the plugin in every test run on the machine, also where no test uses the fixture.
    from gumauth.testing.server import AuthorizationServer

    with AuthorizationServer() as server:
        yield server
