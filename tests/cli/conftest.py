from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import environment


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """The environment of a person with an empty home."""
    return environment(tmp_path)
