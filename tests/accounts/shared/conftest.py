"""What most tests of a shared store begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.accounts.shared.fleet import Fleet, Machine
from tests.accounts.shared.refreshing import Provider


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    """A store in memory, and its machines."""
    return Fleet(tmp_path)


@pytest.fixture
def machine(fleet: Fleet) -> Machine:
    """One of them, which has nothing yet."""
    return fleet.machine("a")


@pytest.fixture
def provider() -> Provider:
    """A provider, which counts the refresh tokens that are sent twice."""
    return Provider()
