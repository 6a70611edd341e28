"""`gumauth run`: the command is what it would be without gumauth, and has tokens."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gumauth.cli import main
from tests.cli.connecting import piped
from tests.cli.program import Ended, inside, keep, process

SHOW = "import json, os; print(json.dumps(dict(os.environ)))"
TOKEN = "an-access-token"


@pytest.fixture
def connected(environ: dict[str, str]) -> dict[str, str]:
    """With the account acme, whose token is good."""
    keep(environ, TOKEN, refresh_token="a-refresh-token")
    return environ


def shown(environ: dict[str, str], *words: str, stdin: str = "") -> dict[str, str]:
    """The environment that a command gets."""
    ended = process(environ, "run", *words, "--", sys.executable, "-I", "-c", SHOW, stdin=stdin)
    assert (ended.status, ended.err) == (0, "")
    found: dict[str, str] = json.loads(ended.out)
    return {name: value for name, value in found.items() if name != "LC_CTYPE"}


@pytest.mark.requirement("H1", "H9")
def test_the_command_has_the_environment_and_the_tokens_and_nothing_else(connected: dict[str, str]) -> None:
    connected |= {"GUMAUTH_PASSPHRASE": "mine", "ACME_CLIENT_SECRET": "mine", "REF": "gumauth:acme/ada@example.com"}
    assert shown(connected, "A=acme") == {**connected, "A": TOKEN, "REF": TOKEN}


@pytest.mark.requirement("H1")
def test_a_file_gives_the_command_what_is_not_gumauths_own(connected: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "app.env"
    file.write_text("ACME_CLIENT_SECRET=borrowed\nGUMAUTH_PASSPHRASE=borrowed\nGH=gumauth:acme\nURL=x\nHOME=/no\n")
    expected = {**connected, "GH": TOKEN, "URL": "x"}
    assert shown(connected, "--env-file", str(file)) == expected
    assert shown(connected, "--env-file", "/dev/stdin", stdin=file.read_text()) == expected  # a pipe is read once


def test_without_references_it_is_the_command_alone(environ: dict[str, str]) -> None:
    assert shown(environ) == environ
    assert not Path(environ["GUMAUTH_HOME"]).exists()


def test_a_run_in_a_run_has_the_tokens_of_both(connected: dict[str, str]) -> None:
    inner = [sys.executable, "-m", "gumauth", "run", "B=acme", "--", "sh", "-c", "echo $A $B"]
    assert process(connected, "run", "A=acme", "--", *inner) == Ended(0, f"{TOKEN} {TOKEN}\n", "")


@pytest.mark.requirement("H1")
def test_words_and_streams_are_the_commands_own(connected: dict[str, str]) -> None:
    code = "import sys; print(sys.argv[1:], sys.stdin.read()); print('said', file=sys.stderr); sys.exit(37)"
    words = ["--", "--json", "-h", "A=b", "two words", "$HOME", "line\nend", ""]
    ended = process(connected, "run", "A=acme", "--", sys.executable, "-c", code, *words, stdin="in\n")
    assert ended == Ended(37, f"{words} in\n\n", "said\n")


@pytest.mark.requirement("H1")
@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells all of it")
def test_process_open_files_and_signals_are_what_they_would_be(connected: dict[str, str]) -> None:
    state = [
        "sh",
        "-c",
        'ls /proc/self/fd; grep -E "^Sig(Ign|Blk)" /proc/self/status; echo $$ $PPID; ps -o pid= --ppid $$ | wc -l',
    ]
    alone = subprocess.run(state, env=connected, capture_output=True, text=True, check=True).stdout.splitlines()
    with piped(connected, "run", "A=acme", "--", *state) as run:
        status, out = run.end()
    assert status == 0
    through = out.splitlines()
    assert through[:-2] == alone[:-2]
    assert through[-2].split() == [str(run.process.pid), str(os.getpid())]
    assert through[-1] == alone[-1]


@pytest.mark.requirement("H1")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL, signal.SIGUSR1])
def test_a_signal_ends_the_command_as_it_would_without_gumauth(
    connected: dict[str, str], number: signal.Signals
) -> None:
    with piped(connected, "run", "A=acme", "--", "sh", "-c", "echo ready >&2; exec sleep 60") as run:
        run.until("ready")
        run.interrupt(number)
        assert run.process.returncode == -number


@pytest.mark.requirement("H1")
def test_a_reader_that_goes_ends_the_command_quietly(connected: dict[str, str]) -> None:
    words = f"{sys.executable} -m gumauth run A=acme -- yes | head -1; echo ${{PIPESTATUS[0]}}"
    ended = subprocess.run(["bash", "-c", words], env=connected, capture_output=True, text=True, check=True)
    assert (ended.stdout, ended.stderr) == (f"y\n{128 + signal.SIGPIPE}\n", "")


@pytest.mark.requirement("H1")
def test_streams_that_are_closed_stay_closed(connected: dict[str, str]) -> None:
    words = f"{sys.executable} -m gumauth run A=acme -- test ! -e /proc/self/fd/0 <&-"
    assert subprocess.run(["sh", "-c", words], env=connected, check=False).returncode == 0


@pytest.mark.requirement("H1", "H4")
@pytest.mark.parametrize(
    ("make", "status", "said"),
    [
        (None, 127, "'{}' was not found."),
        (lambda path: path.mkdir(), 126, "'{}' cannot be run: Permission denied."),
        (lambda path: path.write_text("#!/bin/sh\n"), 126, "'{}' cannot be run: Permission denied."),
        (lambda path: _script(path, "#!/no/such/shell\n"), 126, "'{}' cannot be run: what its first line names"),
    ],
    ids=["missing", "a folder", "no right", "no interpreter"],
)
def test_a_command_that_cannot_be_run_has_the_status_of_env(
    connected: dict[str, str], tmp_path: Path, make: object, status: int, said: str
) -> None:
    path = tmp_path / "tool"
    if callable(make):
        make(path)
    for word, path_variable in ((str(path), os.environ["PATH"]), ("tool", str(tmp_path))):
        ended = process({**connected, "PATH": path_variable}, "run", "A=acme", "--", word)
        assert (ended.status, ended.out) == (status, "")
        assert f"error: {said.format(word)}" in ended.err


@pytest.mark.requirement("H1")
def test_a_script_without_an_interpreter_is_read_by_the_shell(connected: dict[str, str], tmp_path: Path) -> None:
    _script(tmp_path / "tool", 'echo "$A" "$1" "$0"\n')
    connected["PATH"] = f"/no/folder:{tmp_path}/tool:{tmp_path}:{connected['PATH']}"
    assert process(connected, "run", "A=acme", "--", "tool", "a b").out == f"{TOKEN} a b {tmp_path}/tool\n"


@pytest.mark.requirement("H1")
def test_the_command_is_looked_for_in_its_own_path(connected: dict[str, str], tmp_path: Path) -> None:
    _script(tmp_path / "tool", "#!/bin/sh\necho found\n")
    file = tmp_path / "app.env"
    file.write_text(f"PATH={tmp_path}\n")
    del connected["PATH"]
    assert process(connected, "run", "--env-file", str(file), "--", "tool").out == "found\n"


@pytest.mark.requirement("H2", "H4")
def test_without_every_token_nothing_is_started(connected: dict[str, str], tmp_path: Path) -> None:
    connected["IMAGE"] = "gumauth:../x"
    ended = process(connected, "run", "A=acme", "B=nobody", "--", "touch", str(tmp_path / "started"))
    assert (ended.status, ended.out) == (3, "")
    assert ended.err == (
        "error: Nothing was started: there is no token for B, IMAGE. nobody is not connected. '../x' does not name an"
        " account.\n"
        "hint:  `gumauth providers` lists what can be connected by name, `gumauth list` what is. Write PROVIDER,"
        " PROVIDER/ALIAS or PROVIDER/NICKNAME; `gumauth list` shows them.\n"
    )
    assert not (tmp_path / "started").exists()


@pytest.mark.requirement("S5", "H4")
@pytest.mark.parametrize("bad", ["a\rb", "a\nb", "a\x00b", "ä"])
def test_a_token_that_would_end_its_line_is_handed_to_no_command(environ: dict[str, str], bad: str) -> None:
    keep(environ, bad)
    ended = inside(environ, "run", "A=acme", "--", "true")
    assert (ended.status, ended.out) == (1, "")
    assert "A: The stored token has characters in it" in ended.err
    assert bad not in ended.err


@pytest.mark.requirement("H4")
@pytest.mark.parametrize("words", [["run", "A=acme", "A=acme", "--", "true"], ["run", "acme", "--", "true"], ["run"]])
def test_a_mistake_is_a_usage_error(environ: dict[str, str], words: list[str]) -> None:
    ended = inside(environ, *words, run=main.run)
    assert (ended.status, ended.out) == (2, "")


def _script(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)
