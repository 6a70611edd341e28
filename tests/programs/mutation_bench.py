"""A copy of the tree in which one module is made wrong, and the tests that should notice."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

TREE = Path(__file__).parents[2]

HEAVY = (
    "asyncio", "cryptography.hazmat.primitives.ciphers.aead", "http.server", "httpx", "keyring",
    "rich.console", "typer", "django", "selenium.webdriver",
)  # fmt: skip
"""Loaded once and shared by every run of the tests, because they are nobody's under test."""

UNLIT = "not browser and not keyring and not shells and not terminal"
"""Tests that need other programs are too slow to be run hundreds of times."""


@dataclass(frozen=True)
class Outcome:
    """How the tests ended.

    Args:
        noticed: Whether they failed, or did not end in time.
        by: The test that failed first; other words where there is none.
        seconds: How long it took.
    """

    noticed: bool
    by: str
    seconds: float


class Watch:
    """In the run of the tests: those that noticed the last mutants go first, and the first to fail is written down."""

    def __init__(self, killers: Counter[str], out: Path) -> None:
        self._killers, self._out = killers, out

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: -self._killers[item.nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self._out.exists():
            self._out.write_text(json.dumps(report.nodeid))


class Bench:
    """The copy; each run of the tests is a process of its own, forked where everything heavy is loaded.

    Args:
        folder: An empty one, for the copy and what the tests leave.
        tests: What pytest is asked to run.
    """

    def __init__(self, folder: Path, tests: list[str]) -> None:
        self.tree, self._out, self._temporary = folder / "tree", folder / "failed.json", folder / "pytest"
        ignored = shutil.ignore_patterns(".*", "__pycache__", "dist")
        shutil.copytree(TREE, self.tree, ignore=ignored)
        self.tests, self.killers, self.limit = tests, Counter[str](), 120.0
        for name in HEAVY:
            try:
                importlib.import_module(name)
            except ImportError:
                pass

    def warm_up(self) -> Outcome:
        """Run the tests on the code as it is, and learn how long they take; leaves their bytecode for later runs."""
        outcome = self._run(keep_bytecode=True)
        outcome = outcome if outcome.noticed else self._run(keep_bytecode=False)
        self.limit = 5 + 4 * outcome.seconds
        return outcome

    def try_out(self, path: str, source: str) -> Outcome:
        """Run the tests with another source for one module."""
        file = self.tree / path
        right = file.read_text()
        for stale in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"):
            stale.unlink()
        file.write_text(source)
        try:
            outcome = self._run(keep_bytecode=False)
        finally:
            file.write_text(right)
        if outcome.noticed:
            self.killers[outcome.by] += 1
        return outcome

    def _run(self, *, keep_bytecode: bool) -> Outcome:
        self._out.unlink(missing_ok=True)
        began = time.monotonic()
        pid = os.fork()
        if pid == 0:
            self._play(keep_bytecode=keep_bytecode)
        status = self._wait(pid, began + self.limit)
        seconds = time.monotonic() - began
        if status is None:
            return Outcome(True, "the time limit", seconds)
        by = json.loads(self._out.read_text()) if self._out.exists() else f"pytest's exit code {status}"
        return Outcome(status != 0, by, seconds)

    @staticmethod
    def _wait(pid: int, end: float) -> int | None:
        """The exit code of the process; None where it had to be killed, with everything that it had started."""
        code = None
        while code is None and time.monotonic() < end:
            done, status = os.waitpid(pid, os.WNOHANG)
            code = os.waitstatus_to_exitcode(status) if done else None
            time.sleep(0 if done else 0.01)
        try:
            os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        if code is None:
            os.waitpid(pid, 0)
        return code

    def _play(self, *, keep_bytecode: bool) -> None:
        """In the child: run the tests of the copy, and never come back."""
        code: int = 99
        try:
            os.setpgid(0, 0)
            _silence()
            self._enter()
            sys.dont_write_bytecode = not keep_bytecode
            watch = Watch(self.killers, self._out)
            options = ["-x", "-q", "-p", "no:cacheprovider", "-m", UNLIT, f"--basetemp={self._temporary}"]
            code = int(pytest.main([*options, *self.tests], plugins=[watch]))
        finally:
            os._exit(code)

    def _enter(self) -> None:
        os.chdir(self.tree)
        os.environ["PYTHONPATH"] = str(self.tree)
        sys.path[:] = [str(self.tree), *(entry for entry in sys.path if Path(entry or ".").resolve() != TREE)]
        for name in [name for name in sys.modules if name.partition(".")[0] in {"gumauth", "tests"}]:
            del sys.modules[name]


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
