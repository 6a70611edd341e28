"""How a run ends: its errors, bugs of gumauth's own, and an output that cannot be written."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gumauth.cli import main
from gumauth.cli.terminal.terminal import Terminal
from tests.cli.program import inside


def printing_into(handle: int, environ: dict[str, str]) -> tuple[int, bytes]:
    command = [sys.executable, "-m", "gumauth", "--version"]
    done = subprocess.run(command, env=environ, stdout=handle, stderr=subprocess.PIPE, check=False)
    return done.returncode, done.stderr


def test_output_that_cannot_be_written_is_a_failure(environ: dict[str, str]) -> None:
    with open("/dev/full", "w") as full:
        ended = printing_into(full.fileno(), environ)
    assert ended == (1, b"error: Standard output cannot be written: No space left on device.\n")


def test_a_reader_that_has_gone_is_no_traceback(environ: dict[str, str]) -> None:
    read, write = os.pipe()
    os.close(read)
    ended = printing_into(write, environ)
    os.close(write)
    assert ended == (1, b"")


def test_a_standard_output_that_is_closed_is_a_failure(environ: dict[str, str]) -> None:
    for words in ("--version", "list --json", "--help"):
        command = f"{sys.executable} -m gumauth {words} >&-"
        ended = subprocess.run(["sh", "-c", command], env=environ, capture_output=True, check=False)
        assert (ended.returncode, ended.stdout) == (1, b""), words
        assert b"Standard output cannot be written: it is closed." in ended.stderr


def test_closed_streams_are_no_traceback(environ: dict[str, str]) -> None:
    command = f"{sys.executable} -m gumauth token nobody <&- >&- 2>&-"
    assert subprocess.run(["sh", "-c", command], env=environ, check=False).returncode == 3


def test_an_error_is_one_object_on_standard_error(environ: dict[str, str]) -> None:
    ended = inside(environ, "token", "nobody", "--json")
    assert (ended.status, ended.out) == (3, "")
    assert json.loads(ended.err) == {
        "error": {
            "code": "not_connected",
            "message": "nobody is not connected.",
            "hint": "`gumauth providers` lists what can be connected by name, `gumauth list` what is.",
        }
    }


def test_an_error_says_what_happened_and_what_to_do(environ: dict[str, str]) -> None:
    assert inside(environ, "token", "nobody").err == (
        "error: nobody is not connected.\n"
        "hint:  `gumauth providers` lists what can be connected by name, `gumauth list` what is.\n"
    )


@pytest.mark.requirement("S1", "S2")
def test_a_bug_is_two_lines_without_a_value(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With GUMAUTH_DEBUG its way through the program is shown, and still none of its values."""

    def broken(*_values: object) -> int:
        secret = "a-secret-in-a-local"
        raise ValueError(f"https://provider.example/?code={secret}")

    monkeypatch.setattr(main, "execute", broken)
    ended = inside(environ, "list")
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.splitlines()[0] == "error: gumauth has a bug: ValueError."
    assert len(ended.err.splitlines()) == 2
    shown = inside({**environ, "GUMAUTH_DEBUG": "1"}, "list").err
    assert "test_main.py" in shown
    assert "a-secret-in-a-local" not in ended.err + shown


def test_a_bug_is_one_object_where_json_is_asked_for() -> None:
    error = main.crashed(Terminal({}, io.StringIO(), io.StringIO(), io.StringIO()), KeyError("secret"))
    assert (error.code, error.exit_code, "secret" in error.message) == ("failed", 1, False)
