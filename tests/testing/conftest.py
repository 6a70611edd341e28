"""An application at the strict server."""

from __future__ import annotations

import pytest

from gumauth.testing import AuthorizationServer
from tests.testing.clients import PUBLIC, App


@pytest.fixture
def app(authorization_server: AuthorizationServer) -> App:
    authorization_server.register(PUBLIC)
    return App(authorization_server)
