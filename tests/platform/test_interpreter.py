"""The command of another Python process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gumauth.platform import interpreter


def test_the_process_finds_the_modules_of_this_one_and_has_the_words() -> None:
    words = interpreter.command("import gumauth; print(gumauth.__file__, sys.argv[1:])", "a", "b c")
    done = subprocess.run(words, capture_output=True, text=True, check=True, env={}, cwd="/")
    assert done.stdout.strip() == f"{sys.modules['gumauth'].__file__} ['a', 'b c']"


@pytest.mark.parametrize(
    ("executable", "known"),
    [
        ("/usr/bin/python3.11", True),
        ("C:\\Python\\PYTHON.EXE", True),
        ("/opt/pypy3", True),
        ("/usr/bin/uwsgi", False),
        ("", False),
        (None, False),
    ],
)
def test_a_program_that_has_python_inside_is_no_interpreter(
    executable: str | None, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", executable)
    assert interpreter.is_known() is known


def test_a_frozen_program_is_no_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert not interpreter.is_known()
