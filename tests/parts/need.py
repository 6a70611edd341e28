"""What to do when a real part is not installed on this machine."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path
from typing import NoReturn

import pytest

REQUIRE = "GUMAUTH_REQUIRE_PARTS"


def need(*, programs: tuple[str, ...] = (), modules: tuple[str, ...] = (), packages: tuple[str, ...] = ()) -> None:
    """Skip the test, naming what is missing; with GUMAUTH_REQUIRE_PARTS=1 it fails, so that CI never passes it over."""
    missing = [name for name in programs if shutil.which(name) is None]
    missing += [name for name in modules if importlib.util.find_spec(name) is None]
    missing += [name for name in packages if not (node_modules() / name / "package.json").is_file()]
    if missing:
        lacking(f"not installed: {', '.join(missing)}")


def lacking(reason: str) -> NoReturn:
    """Skip the test for want of a real part; with GUMAUTH_REQUIRE_PARTS=1 it fails."""
    if os.environ.get(REQUIRE) == "1":
        pytest.fail(f"{reason}, and {REQUIRE}=1")
    pytest.skip(reason)


def node_modules() -> Path:
    """Where npm's packages are: beside the Python that runs the tests."""
    return Path(sys.prefix) / "node" / "node_modules"


def node() -> str:
    """The node to run: npm's, where it was installed because the machine's is too old."""
    ours = node_modules() / ".bin" / "node"
    return str(ours) if ours.exists() else "node"


def mcp_python() -> str:
    """The Python that has fastmcp and mcp, in an environment of its own: their `mcp` would hide `mcp.gumstack`."""
    return str(Path(sys.prefix) / "mcp" / "bin" / "python")


def gumstack_python() -> str:
    """The Python that has mcp 1, for which servers for Gumstack are written, in an environment of its own."""
    return str(Path(sys.prefix) / "gumstack" / "bin" / "python")
