"""Tests that are run again and again, each time with one function of a module replaced.

They are imported and collected once. Each run is a process that is forked there, and that gives the function the code
of the changed source: whoever has imported the function has the change.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType

import pytest
from _pytest.main import pytest_runtestloop as run_items


@dataclass(frozen=True)
class Trial:
    """A run of some tests.

    Args:
        tests: Their ids, in order; None for all.
        limit: Seconds that they may take.
        function: Which function is replaced: its dotted place in the module; None for none.
        right: The source of the module.
        wrong: The changed source.
        learns: Whether it is written down which tests get to which function, and how long each test takes.
    """

    tests: list[str] | None
    limit: float
    function: str | None = None
    right: str = ""
    wrong: str = ""
    learns: bool = False


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
    """In a run of the tests: the first to fail is written down."""

    def __init__(self, out: Path) -> None:
        self._out = out

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self._out.exists():
            self._out.write_text(json.dumps(report.nodeid))

    def first(self) -> str | None:
        """The test that failed first in the last run, which is forgotten."""
        found = json.loads(self._out.read_text()) if self._out.exists() else None
        self._out.unlink(missing_ok=True)
        return found


class Learning:
    """In a run of the tests: which get to which functions of the module in this process, and how long each takes.

    Args:
        module: The module's file.
        out: Where `tests` and `seconds` are written.
    """

    def __init__(self, module: Path, out: Path) -> None:
        self._module, self._out = str(module), out
        self._met = set[str]()
        self._tests, self._seconds = dict[str, list[str]](), dict[str, float]()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._met.clear()
        began = time.monotonic()
        sys.settrace(self._note)
        threading.settrace(self._note)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            threading.settrace(None)
            self._seconds[item.nodeid] = time.monotonic() - began
            for place in self._met:
                self._tests.setdefault(place, []).append(item.nodeid)

    def _note(self, frame: FrameType, _event: str, _argument: object) -> None:
        if frame.f_code.co_filename == self._module:
            self._met.add(outermost(frame.f_code.co_qualname))

    def write(self) -> None:
        self._out.write_text(json.dumps({"tests": self._tests, "seconds": self._seconds}))


class Forks:
    """In the run that collects the tests: answers each trial with its outcome, or with None where only a new run can.

    Args:
        pipe: Where the fields of trials come from, and those of outcomes go; None ends the run.
        module: The name of the module that is changed.
        watch: Of the run.
        learning: Of the run.
    """

    def __init__(self, pipe: Connection, module: str, watch: Watch, learning: Learning) -> None:
        self._pipe, self._name, self._watch, self._learning = pipe, module, watch, learning

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        module = importlib.import_module(self._name)
        with suppress(EOFError):
            while (trial := self._pipe.recv()) is not None:
                outcome = self._outcome(session, module, Trial(**trial))
                self._pipe.send(None if outcome is None else vars(outcome))
        return True

    def _outcome(self, session: pytest.Session, module: ModuleType, trial: Trial) -> Outcome | None:
        found = None if trial.function is None else replacement(module, trial.function, trial.right, trial.wrong)
        if found is None and trial.function is not None:
            return None
        began = time.monotonic()
        pid = os.fork()
        if pid == 0:
            if found is not None:
                found[0].__code__ = found[1]
            self._play(session, trial)
        return ended(pid, began, trial.limit, self._watch)

    def _play(self, session: pytest.Session, trial: Trial) -> None:
        """In the child: run the tests, and never come back."""
        code = 99
        try:
            os.setpgid(0, 0)
            if trial.tests is not None:
                items = {item.nodeid: item for item in session.items}
                session.items[:] = [items[each] for each in trial.tests]
            if trial.learns:
                session.config.pluginmanager.register(self._learning)
            try:
                run_items(session)
            finally:
                code = 1 if session.testsfailed else 0
                session._setupstate.teardown_exact(None)
                if trial.learns:
                    self._learning.write()
        finally:
            os._exit(code)


def ended(pid: int, began: float, limit: float, watch: Watch) -> Outcome:
    """How a process that runs tests has ended; where it does not in time, it is killed with all that it has started."""
    status = _wait(pid, began + limit)
    seconds, by = time.monotonic() - began, watch.first()
    if status is None:
        return Outcome(True, "the time limit", seconds)
    return Outcome(status != 0, by or f"the exit code {status}", seconds)


def _wait(pid: int, end: float) -> int | None:
    """The exit code of the process; None where it had to be killed."""
    code = None
    while code is None and time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        code = os.waitstatus_to_exitcode(status) if done else None
        time.sleep(0 if done else 0.005)
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    if code is None:
        os.waitpid(pid, 0)
    return code


def outermost(qualified: str) -> str:
    """Of the name of a function in functions, the outermost function."""
    return qualified.partition(".<locals>")[0]


def replacement(module: ModuleType, place: str, right: str, wrong: str) -> tuple[FunctionType, CodeType] | None:
    """The function that a change is in, and its changed code; None where the change is not in a function's body."""
    found: object = module
    for name in place.split("."):
        found = _plain(vars(found).get(name))
        if isinstance(found, FunctionType):
            qualified = found.__qualname__
            before, after = (
                _codes(compile(source, module.__file__ or "", "exec"), qualified) for source in (right, wrong)
            )
            if len(before) != 1 or len(after) != 1 or before == after:
                return None  # defined more than once; or a default of an argument was changed
            return (found, after[0]) if after[0].co_freevars == found.__code__.co_freevars else None
        if not isinstance(found, type):
            return None
    return None


def _plain(found: object) -> object:
    """The function below decorators."""
    for attribute in ("fget", "func", "__func__"):
        found = getattr(found, attribute, None) or found
    return inspect.unwrap(found) if callable(found) else found


def _codes(code: CodeType, qualified: str) -> list[CodeType]:
    inside = [each for each in code.co_consts if isinstance(each, CodeType)]
    return [each for each in inside if each.co_qualname == qualified] + [
        found for each in inside for found in _codes(each, qualified)
    ]
