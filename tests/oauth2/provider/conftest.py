"""A server on loopback, and the client credentials of `acme`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.loopback import Loopback, loopback
from tests.oauth2.provider.acme import SECRET, TOKENS


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_CLIENT_ID", "app")
    monkeypatch.setenv("ACME_CLIENT_SECRET", SECRET)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as running:
        running.answer(TOKENS)
        yield running
