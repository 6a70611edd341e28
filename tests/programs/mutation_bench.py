"""A copy of the tree in which one module is made wrong, and the tests that should notice."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import pytest

from tests.programs.mutants import Mutant

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


class Reach:
    """In the first run of the tests: which of them get to which functions of the module, in this process."""

    def __init__(self, module: Path, out: Path) -> None:
        self._module, self._out = str(module), out
        self._met: set[str] = set()
        self._tests: dict[str, list[str]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._met.clear()
        sys.settrace(self._note)
        threading.settrace(self._note)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            threading.settrace(None)
            for place in self._met:
                self._tests.setdefault(place, []).append(item.nodeid)

    def _note(self, frame: FrameType, _event: str, _argument: object) -> None:
        if frame.f_code.co_filename == self._module:
            self._met.add(frame.f_code.co_qualname.partition(".<locals>")[0])

    def pytest_sessionfinish(self) -> None:
        self._out.write_text(json.dumps(self._tests))


class Bench:
    """The copy; each run of the tests is a process of its own, forked where everything heavy is loaded.

    Args:
        folder: An empty one, for the copy and what the tests leave.
        path: The module that will be made wrong.
        tests: What pytest is asked to run.
    """

    def __init__(self, folder: Path, path: str, tests: list[str]) -> None:
        self.tree, self._out, self._temporary = folder / "tree", folder / "failed.json", folder / "pytest"
        self.module, self._reached = self.tree / path, folder / "reached.json"
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
        outcome = self._run(self.tests, first=True)
        if outcome.noticed:
            return outcome
        self.reached: dict[str, list[str]] = json.loads(self._reached.read_text())
        outcome = self._run(self.tests)
        self.limit = 5 + 4 * outcome.seconds
        return outcome

    def try_out(self, mutant: Mutant) -> Outcome:
        """Run the tests that get to where the mutant is; all, where none is known to."""
        right = self.module.read_text()
        for stale in (self.module.parent / "__pycache__").glob(f"{self.module.stem}.*.pyc"):
            stale.unlink()
        self.module.write_text(mutant.source)
        try:
            outcome = self._run(self.reached.get(mutant.place, self.tests))
        finally:
            self.module.write_text(right)
        if outcome.noticed:
            self.killers[outcome.by] += 1
        return outcome

    def _run(self, tests: list[str], *, first: bool = False) -> Outcome:
        self._out.unlink(missing_ok=True)
        began = time.monotonic()
        pid = os.fork()
        if pid == 0:
            self._play(tests, first=first)
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

    def _play(self, tests: list[str], *, first: bool) -> None:
        """In the child: run the tests of the copy, and never come back."""
        code: int = 99
        try:
            os.setpgid(0, 0)
            # Whoever starts this in the background may have it ignored, and tests press Ctrl-C.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            _silence()
            self._enter()
            sys.dont_write_bytecode = not first
            plugins: list[object] = [Watch(self.killers, self._out)]
            if first:
                plugins.append(Reach(self.module, self._reached))
            options = ["-x", "-q", "-p", "no:cacheprovider", "-m", UNLIT, f"--basetemp={self._temporary}"]
            code = int(pytest.main([*options, *tests], plugins=plugins))
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
