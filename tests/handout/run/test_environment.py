"""What a command finds in its environment beside tokens."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from gumauth.handout.run.environment import without_tokens

pytestmark = pytest.mark.requirement("H1")


def test_what_was_in_the_environment_before_stays() -> None:
    before = {"GUMAUTH_PASSPHRASE": "mine", "ACME_CLIENT_SECRET": "mine", "A": "1", "LC_CTYPE": "C.UTF-8"}
    assert without_tokens(before, {}) == before


def test_a_files_variables_reach_the_command_but_for_what_is_gumauths() -> None:
    file = {
        "A": "file",
        "B": "",
        "PYTHONPATH": "src",
        "ACME_CLIENT_ID": "an-app",
        "ACME_CLIENT_SECRET": "borrowed",
        "GUMAUTH_PASSPHRASE": "borrowed",
        "GUMAUTH_HOME": "/elsewhere",
    }
    assert without_tokens({"A": "own", "B": "own"}, file) == {
        "A": "own",
        "B": "own",
        "PYTHONPATH": "src",
        "ACME_CLIENT_ID": "an-app",
    }


COPY = """
import json, os
from gumauth.handout.run.environment import as_started
print(json.dumps(as_started(os.environ)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process was started with")
@pytest.mark.parametrize("given", [{}, {"LC_CTYPE": "C.UTF-8"}, {"LANG": "C"}, {"LC_CTYPE": "C"}], ids=str)
def test_the_locale_that_python_puts_there_does_not_reach_it(given: dict[str, str]) -> None:
    environ = {"PATH": os.environ["PATH"], **given}
    done = subprocess.run([sys.executable, "-c", COPY], env=environ, capture_output=True, check=True)
    shown = subprocess.run(["env"], env=environ, capture_output=True, text=True, check=True).stdout
    assert json.loads(done.stdout) == dict(line.split("=", 1) for line in shown.splitlines())
