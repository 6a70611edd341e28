"""A copy of the tree in which one module is made wrong, and the tests that should notice."""

from __future__ import annotations

import ast
import importlib
import json
import os
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Container, Iterator
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import pytest

from tests.programs.mutants import Mutant
from tests.programs.mutation_forks import Forks, Learning, Outcome, Trial, Watch, ended

TREE = Path(__file__).parents[2]

HEAVY = (
    "asyncio", "cryptography.hazmat.primitives.ciphers.aead", "http.server", "httpx", "keyring",
    "rich.console", "typer", "django", "selenium.webdriver",
)  # fmt: skip
"""Loaded once and shared by every run of the tests, because they are nobody's under test."""

OTHER_PROGRAMS = (
    "git", "keyring", "kwallet", "keepassxc", "dialogs", "browser", "terminal", "shells", "node", "mail", "files",
    "kubectl", "postgresql", "mcp",
)  # fmt: skip
"""The marks of tests that need other programs, which are too slow to be run hundreds of times."""


class Bench:
    """The copy. A change in a function is tried where the tests are collected; any other in a new run of pytest.

    Args:
        folder: An empty one, for the copy and what the tests leave.
        path: The module that will be made wrong.
        tests: What pytest is asked to run.
        programs: Marks of `OTHER_PROGRAMS` whose tests are run nevertheless.
    """

    def __init__(self, folder: Path, path: str, tests: list[str], programs: Container[str] = ()) -> None:
        self._marks = " and ".join(f"not {each}" for each in OTHER_PROGRAMS if each not in programs)
        self.tree, self._temporary, self._learned = folder / "tree", folder / "pytest", folder / "learned.json"
        self.path, self.module = path, self.tree / path
        self._watch = Watch(folder / "failed.json")
        ignored = shutil.ignore_patterns(".*", "__pycache__", "dist")
        shutil.copytree(TREE, self.tree, ignore=ignored)
        self.tests, self.killers = tests, Counter[tuple[str, str]]()
        self._parsed = ast.parse(self.module.read_text())
        self._right = ast.unparse(self._parsed)
        self.reached, self.seconds, self.start = dict[str, list[str]](), dict[str, float](), 0.0
        self.tried = dict[str, bool]()
        for name in HEAVY:
            try:
                importlib.import_module(name)
            except ImportError:
                pass

    def warm_up(self) -> Outcome:
        """Collect the tests and run them on the code as it is, and learn which get where and how long they take."""
        self._pipe, there = Pipe()
        began = time.monotonic()
        self._server = os.fork()
        if self._server == 0:
            name = self.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
            forks = Forks(there, name, self._watch, Learning(self.module, self._learned))
            self._play(self.tests, [self._watch, forks], writes_bytecode=True)
        there.close()
        try:
            outcome = self._try(Trial(None, 600.0, learns=True))
        except EOFError:
            os.waitpid(self._server, 0)
            return Outcome(True, "what is collected", time.monotonic() - began)
        assert outcome is not None
        self.start = time.monotonic() - began - outcome.seconds
        learned = json.loads(self._learned.read_text())
        self.reached, self.seconds = learned["tests"], learned["seconds"]
        return outcome if outcome.noticed else self._try(Trial(self._in_order(""), 600.0)) or outcome

    def try_out(self, mutant: Mutant) -> Outcome:
        """Run the tests that get to where the mutant is; all, where none is known to."""
        function = self._function(mutant.place)
        if not self._is_tried(function):
            return Outcome(False, "", 0.0)
        outcome = self._outcome(function, mutant.source)
        if outcome.noticed:
            self.killers[function, outcome.by] += 1
        return outcome

    def _is_tried(self, function: str) -> bool:
        """Whether a test notices that a function fails whenever it is called, perhaps in another process."""
        if function and function not in self.tried:
            failing = ast.parse(self._right)
            found = next(_inside(failing, function.split(".")))
            found.body = ast.parse("raise SystemError").body
            is_known = function in self.reached
            self.tried[function] = is_known or self._outcome(function, ast.unparse(failing)).noticed
        return not function or self.tried[function]

    def _outcome(self, function: str, source: str) -> Outcome:
        tests = self._in_order(function)
        limit = 5 + 4 * sum(self.seconds[each] for each in tests)
        self._change(source)
        try:
            outcome = self._try(Trial(tests, limit, function, self._right, source)) if function else None
            return outcome or self._run(tests, limit + 4 * self.start)
        finally:
            self._change(self._right)

    def close(self) -> None:
        """End the run in which the tests are collected."""
        self._pipe.send(None)
        os.waitpid(self._server, 0)

    def _function(self, place: str) -> str:
        """The outermost function of a place; empty where it is in none."""
        names = place.split(".")
        wholes = (names[: length + 1] for length in range(len(names)))
        return next((".".join(whole) for whole in wholes if any(_inside(self._parsed, whole))), "")

    def _in_order(self, function: str) -> list[str]:
        """The tests of a function: those that noticed changes in it, those that noticed others, quick ones."""
        tests = self.reached.get(function) or list(self.seconds)
        elsewhere = Counter(by for _, by in self.killers.elements())
        return sorted(tests, key=lambda each: (-self.killers[function, each], -elsewhere[each], self.seconds[each]))

    def _change(self, source: str) -> None:
        """Write the module anew, for the runs and programs that import it from now on."""
        for stale in (self.module.parent / "__pycache__").glob(f"{self.module.stem}.*.pyc"):
            stale.unlink()
        self.module.write_text(source)

    def _try(self, trial: Trial) -> Outcome | None:
        self._pipe.send(vars(trial))
        outcome: dict[str, Any] | None = self._pipe.recv()
        return None if outcome is None else Outcome(**outcome)

    def _run(self, tests: list[str], limit: float) -> Outcome:
        began = time.monotonic()
        pid = os.fork()
        if pid == 0:
            self._play(tests, [self._watch], writes_bytecode=False)
        return ended(pid, began, limit, self._watch)

    def _play(self, tests: list[str], plugins: list[object], *, writes_bytecode: bool) -> None:
        """In the child: run the tests of the copy, and never come back."""
        code: int = 99
        try:
            os.setpgid(0, 0)
            # Whoever starts this in the background may have it ignored, and tests press Ctrl-C.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            _silence()
            self._enter()
            sys.dont_write_bytecode = not writes_bytecode
            options = ["-x", "-q", "-p", "no:cacheprovider", "-m", self._marks, f"--basetemp={self._temporary}"]
            code = int(pytest.main([*options, *tests], plugins=plugins))
        finally:
            os._exit(code)

    def _enter(self) -> None:
        os.chdir(self.tree)
        os.environ["PYTHONPATH"] = str(self.tree)
        sys.path[:] = [str(self.tree), *(entry for entry in sys.path if Path(entry or ".").resolve() != TREE)]
        for name in [name for name in sys.modules if name.partition(".")[0] in {"gumauth", "tests"}]:
            del sys.modules[name]


def _inside(tree: ast.AST, names: list[str]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions of a dotted name: in classes, and in no other function."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef) and node.name == names[0] and len(names) > 1:
            yield from _inside(node, names[1:])
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and [node.name] == names:
            yield node


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
