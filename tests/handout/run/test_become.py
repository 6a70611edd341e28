"""Where a process cannot become another program, that program is run beside it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from gumauth.errors import CommandNotFound, CommandNotRun
from gumauth.handout.run import become

pytestmark = pytest.mark.requirement("H1")


HELPED = """
import subprocess, sys, weakref
from gumauth.handout.run.become import become
class Store: pass
store = Store()
helper = subprocess.Popen(["sleep", "60"])
weakref.finalize(store, lambda: (helper.kill(), helper.wait()))
become(["sh", "-c", 'read children </proc/$$/task/$$/children; echo "[$children]"'], {"PATH": "/usr/bin:/bin"})
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux lists a process's children")
def test_no_helper_of_this_process_becomes_the_programs_child() -> None:
    done = subprocess.run([sys.executable, "-c", HELPED], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == "[]\n"


@pytest.fixture(autouse=True)
def _sigint() -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


def test_its_exit_status_is_passed_on() -> None:
    """As on Windows; the call is the same on every system."""
    code = "import os, sys; sys.exit(37 if os.environ['A'] == 'a-token' else 1)"
    assert become._run([sys.executable, "-c", code], {**os.environ, "A": "a-token"}) == 37


def test_a_program_that_cannot_be_run_there_has_the_same_status() -> None:
    with pytest.raises(CommandNotFound) as missing:
        become._run(["/no/such/program"], dict(os.environ))
    with pytest.raises(CommandNotRun) as denied:
        become._run(["/etc"], dict(os.environ))
    assert (missing.value.exit_code, denied.value.exit_code) == (127, 126)
