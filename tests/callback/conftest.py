"""File descriptors for crowds of connections, of which these tests hold both ends: macOS gives 256 by default."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

ENOUGH = 4096


@pytest.fixture(autouse=True)
def enough_files() -> Iterator[None]:
    if sys.platform == "win32":  # sockets are no file descriptors there
        yield
        return
    import resource

    before = soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < ENOUGH:
        most = ENOUGH if hard == resource.RLIM_INFINITY else min(ENOUGH, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)
