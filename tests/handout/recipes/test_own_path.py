"""The words that start this gumauth from anywhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gumauth.errors import UsageError
from gumauth.handout.recipes.own_path import words


def program(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / "gumauth"
    file.write_text("#!/bin/sh\n")
    file.chmod(0o700)
    return file


def test_a_command_that_was_found_in_path_is_written_in_full(tmp_path: Path) -> None:
    file = program(tmp_path / "a folder")
    assert words("gumauth", "/usr/bin/python3", {"PATH": str(file.parent)}) == (str(file),)


def test_a_link_is_left_as_it_is(tmp_path: Path) -> None:
    link = tmp_path / "gumauth"
    link.symlink_to(program(tmp_path / "version-1"))
    assert words(str(link), "/usr/bin/python3", {}) == (str(link),)


def test_a_module_is_run_by_the_command_beside_its_python(tmp_path: Path) -> None:
    file = program(tmp_path)
    assert words("/lib/gumauth/__main__.py", str(tmp_path / "python3"), {}) == (str(file),)


def test_without_a_command_python_runs_the_module(tmp_path: Path) -> None:
    python = str(tmp_path / "python3")
    assert words("/lib/gumauth/__main__.py", python, {}) == (python, "-m", "gumauth")


@pytest.mark.parametrize("odd", ["\n", "\r", "\t", "\x1b[31m", "\x7f", "\x85", "\u2028", "\udce9"])
def test_a_path_that_no_configuration_can_hold_is_refused(tmp_path: Path, odd: str) -> None:
    """A line end in it would begin a line of its own in the program's configuration."""
    for argv0, home in ((f"/opt/a{odd}b/gumauth", "/home"), ("/opt/gumauth", f"/home/a{odd}b")):
        with pytest.raises(UsageError, match="control character") as raised:
            words(argv0, "/usr/bin/python3", {"HOME": str(tmp_path), "GUMAUTH_HOME": home})
        assert odd not in raised.value.message


@pytest.mark.parametrize("path", ["/opt/a b/gumauth", "/ä/gumauth", "/a\xa0b/gumauth", "/😀/gumauth"])
def test_any_other_path_is_written_as_it_is(tmp_path: Path, path: str) -> None:
    assert words(path, "/usr/bin/python3", {"HOME": str(tmp_path)}) == (path,)


def test_these_words_start_it(tmp_path: Path) -> None:
    found = words("-c", sys.executable, {"GUMAUTH_HOME": str(tmp_path / "a home")})
    assert found[:2] == ("/usr/bin/env", f"GUMAUTH_HOME={tmp_path}/a home")
    done = subprocess.run([*found, "--version"], env={}, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("gumauth ")
