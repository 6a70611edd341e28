"""A terminal whose folder has been deleted: what needs no folder works, and a relative path is told with the reason."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from gumauth.testing import AuthorizationServer
from tests.cli.program import Ended

REASON = "cannot be read: the current folder, from which it is looked for, has been deleted."


def python(environ: dict[str, str], folder: Path, *words: str, stdin: str = "") -> Ended:
    """Run Python in a folder that is not there any more."""
    gone = folder / "gone"
    gone.mkdir()
    command = f"cd {shlex.quote(str(gone))} && rmdir ../gone && exec {shlex.join([sys.executable, *words])}"
    done = subprocess.run(
        ["sh", "-c", command], env=environ, input=stdin, capture_output=True, text=True, timeout=60, check=False
    )
    return Ended(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("words", ["list", "providers", "providers linear", "refresh", "__complete providers li"])
def test_what_needs_no_folder_works(environ: dict[str, str], tmp_path: Path, words: str) -> None:
    ended = python(environ, tmp_path, "-m", "gumauth", *words.split())
    assert (ended.status, "bug" in ended.err) == (0, False)


def test_setup_and_doctor_work(environ: dict[str, str], tmp_path: Path) -> None:
    ended = python(environ, tmp_path, "-m", "gumauth", "setup", "linear", "-", stdin="an-id\na-secret\n")
    assert (ended.status, ended.err.count("Kept in")) == (0, 1)
    assert "network " in python(environ, tmp_path, "-m", "gumauth", "doctor").out


def test_a_connect_works_with_a_whole_path(
    person: tuple[dict[str, str], str], server: AuthorizationServer, tmp_path: Path
) -> None:
    environ, file = person
    words = ("-m", "gumauth", "connect", file, "--no-browser", "--timeout", "0.2")
    assert "Nobody came back" in python(environ, tmp_path, *words).err


@pytest.mark.parametrize("words", ["connect ./auth.py", "providers ./auth.py", "setup auth.py -"])
def test_a_relative_path_is_told_with_the_reason(environ: dict[str, str], tmp_path: Path, words: str) -> None:
    ended = python(environ, tmp_path, "-m", "gumauth", *words.split(), stdin="an-id\na-secret\n")
    assert (ended.status, ended.out) == (1, "")
    assert REASON in ended.err
    assert "Change to a folder that is there, or give the whole path." in ended.err


def test_a_relative_env_file_is_told_with_the_reason(environ: dict[str, str], tmp_path: Path) -> None:
    ended = python(environ, tmp_path, "-m", "gumauth", "connect", "linear", "--env-file", ".env")
    assert REASON in ended.err


def test_a_relative_data_folder_is_told(environ: dict[str, str], tmp_path: Path) -> None:
    ended = python({**environ, "GUMAUTH_HOME": "accounts"}, tmp_path, "-m", "gumauth", "list")
    assert ended.status == 6
    assert f"Set GUMAUTH_HOME to an absolute path, such as {environ['HOME']}/accounts." in ended.err


def test_the_keyrings_worker_can_be_started(environ: dict[str, str], tmp_path: Path) -> None:
    """Its path is that of this process, where an empty entry stands for the current folder."""
    code = "from gumauth.store.keyring.child import START, command; print('sys.path' in command(START)[-1])"
    assert python(environ, tmp_path, "-c", code).out == "True\n"
