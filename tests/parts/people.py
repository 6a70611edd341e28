"""Another user of this machine, as whom a command runs. Needs root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import gumauth
from tests.cli.program import Ended
from tests.parts.need import REQUIRE, need

NOBODY = 65534
PYTHONS = (sys.executable, "/usr/bin/python3")


IMPORTS = "import gumauth, httpx, cryptography.hazmat.primitives.ciphers.aead"


def as_nobody(command: list[str], environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a program as the other user, in no group of ours."""
    return subprocess.run(
        command,
        env=environ,
        cwd="/",
        text=True,
        capture_output=True,
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        timeout=60,
        check=False,
    )


@dataclass(frozen=True)
class Nobody:
    """The user with the number 65534.

    Args:
        home: Their home directory; what is theirs stands there.
        python: An interpreter that they may run.
        path: Where it finds gumauth, and what that needs.
    """

    home: Path
    python: str
    path: str

    def environ(self, **more: str) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.home), "PYTHONPATH": self.path, **more}

    def run(self, environ: dict[str, str], *words: str) -> Ended:
        """Run a command as this user."""
        done = as_nobody([self.python, "-m", "gumauth", *words], environ)
        return Ended(done.returncode, done.stdout, done.stderr)

    def owners(self) -> set[int]:
        """To whom all files and folders in their home belong."""
        return {path.lstat().st_uid for path in (self.home, *self.home.rglob("*"))}


@pytest.fixture
def nobody() -> Iterator[Nobody]:
    need(programs=("runuser",))
    if os.geteuid() != 0:
        (pytest.fail if os.environ.get(REQUIRE) == "1" else pytest.skip)("only root can run a command as another user")
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    try:
        os.chown(folder, NOBODY, NOBODY)
        python, path = _interpreter()
        yield Nobody(home=folder, python=python, path=path)
    finally:
        shutil.rmtree(folder)


def _interpreter() -> tuple[str, str]:
    """An interpreter that another user may run, and the folders from which it imports what this one does."""
    import httpx

    folders = [str(Path(module.__file__ or "").parents[1]) for module in (gumauth, httpx)]
    path = os.pathsep.join(dict.fromkeys(folders))
    for python in PYTHONS:
        try:
            if as_nobody([python, "-c", IMPORTS], {"PYTHONPATH": path}).returncode == 0:
                return python, path
        except OSError:
            continue
    pytest.fail(f"none of {', '.join(PYTHONS)} can be run by another user with gumauth in it")
