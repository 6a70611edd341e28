"""The mutation tester itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.programs import mutate
from tests.programs.mutants import mutants
from tests.programs.mutation_bench import TREE

RULE = '''
def is_due(left, margin=60):
    """Whether it is due."""
    if left < margin and left is not None:
        note(left, why="it is due")
    return left < 0
'''


def test_mutants_are_small_wrong_changes_that_leave_what_is_for_people_alone() -> None:
    assert [mutant.name for mutant in mutants(RULE)] == [
        "is_due: 60 -> 61",
        "is_due: 60 -> 59",
        "is_due: left < margin and left is not None -> True",
        "is_due: left < margin and left is not None -> False",
        "is_due: left < margin and left is not None -> left < margin or left is not None",
        "is_due: left < margin and left is not None -> left is not None",
        "is_due: left < margin and left is not None -> left < margin",
        "is_due: left < margin -> left <= margin",
        "is_due: left < margin -> left >= margin",
        "is_due: left is not None -> left is None",
        "is_due: note(left, why='it is due') -> pass",
        "is_due: note(left, why='it is due') -> note(left)",
        "is_due: return left < 0 -> return None",
        "is_due: left < 0 -> left <= 0",
        "is_due: left < 0 -> left >= 0",
        "is_due: 0 -> 1",
        "is_due: 0 -> -1",
    ]


def test_every_mutant_is_another_program_that_can_be_read() -> None:
    sources = {mutant.source for mutant in mutants(RULE)}
    assert len(sources) == 17
    for source in sources:
        compile(source, "rule.py", "exec")


@pytest.mark.parametrize("path", mutate.TARGETS)
def test_every_module_that_is_tried_is_there_with_its_tests(path: str) -> None:
    assert (TREE / path).is_file()
    assert all((TREE / tests).exists() for tests in mutate.TARGETS[path])


@pytest.mark.parametrize(
    ("tests", "outcome", "status"),
    [
        ("tests/client/refresh/test_expiry.py", "1 mutants, 1 noticed, 0 explained, 0 not noticed", 0),
        ("tests/store/test_memory.py", "1 mutants, 0 noticed, 0 explained, 1 not noticed", 1),
    ],
)
def test_a_mutant_that_a_test_notices_is_told_from_one_that_lives(tests: str, outcome: str, status: int) -> None:
    module = "gumauth/client/refresh/expiry.py"
    command = [sys.executable, "-m", "tests.programs.mutate", module, "--tests", tests, "--only", "now + SKEW -> now -"]
    done = subprocess.run(command, cwd=TREE, capture_output=True, text=True, timeout=300, check=False)
    assert done.stdout.splitlines()[-1] == f"{module}: {outcome}", done.stderr
    assert done.returncode == status
