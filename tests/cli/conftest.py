from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.program import environment


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """The environment of a person with an empty home."""
    return environment(tmp_path)


@pytest.fixture(autouse=True)
def _sigterm() -> Iterator[None]:
    """A command run in this process changes what SIGTERM does; the tests' own process has it back."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)
