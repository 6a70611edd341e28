"""`gumauth run NAME@=ACCOUNT`: a file that is fresh while the command runs, and gone with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gumauth.testing import AuthorizationServer, Fault
from tests.cli.connecting import piped
from tests.cli.id_tokens import id_token
from tests.cli.program import inside, keep, process
from tests.programs.stage import Stage

pytestmark = pytest.mark.requirement("H10")

TOKEN = "an-access-token"
LIFE = 4.0

READ = """
import os, sys, time
end, seen = time.monotonic() + float(sys.argv[1]), {}
while time.monotonic() < end:
    with open(os.environ["T"]) as file:
        seen.setdefault(file.read(), time.time())
    time.sleep(0.001)
for token, at in seen.items():
    print(token or "EMPTY", at)
"""


@pytest.fixture
def connected(environ: dict[str, str], tmp_path: Path) -> Iterator[dict[str, str]]:
    """With the account acme and a runtime folder; when the test has ended, nothing is left in that."""
    keep(environ, TOKEN)
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    environ["XDG_RUNTIME_DIR"] = str(runtime)
    yield environ
    until(lambda: not left(environ))


def left(environ: dict[str, str]) -> list[Path]:
    """The folders of runs."""
    return [path for path in Path(environ["XDG_RUNTIME_DIR"], "gumauth").glob("*") if path.name != ".lock"]


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_file_is_never_empty_and_fresh_over_three_lifetimes(tmp_path: Path) -> None:
    with AuthorizationServer(access_lifetime=LIFE) as server:
        scene = Stage(server, tmp_path)
        scene.connect()
        began = time.time()
        done = scene.run("run", "T@=acme", "--", sys.executable, "-c", READ, str(3 * LIFE))
    assert (done.returncode, done.stderr) == (0, "")
    seen = [line.split() for line in done.stdout.splitlines()]
    times = [began, *(event.at for event in server.log if event.kind == "refresh")]
    assert len(times) - len(seen) in (0, 1)  # the command may end between a refresh and the next look at the file
    assert len(seen) >= 4
    assert "EMPTY" not in [token for token, _ in seen]
    assert len(server.families) == 1  # no refresh token was used twice
    written = [float(at) for _, at in seen[1:]]
    late = [at - issued - LIFE for issued, at in zip(times, written, strict=False)]
    assert max(late[1:]) < 0  # of the first token, the start of the program has taken a part


def test_the_variable_holds_the_path_of_a_private_file(connected: dict[str, str]) -> None:
    code = 'stat -c %a "$T" "${T%/*}"; cat "$T"; echo; echo "$A"'
    ended = process(connected, "run", "T@=acme", "A=acme", "--", "sh", "-c", code)
    assert (ended.out, ended.err) == (f"600\n700\n{TOKEN}\n{TOKEN}\n", "")


@pytest.mark.requirement("H9")
def test_an_id_token_stands_in_a_variable_or_in_a_file_of_its_own(connected: dict[str, str], tmp_path: Path) -> None:
    found = id_token(ends=time.time() + 3600, iat=time.time() - 60)
    keep(connected, TOKEN, id_token=found, refresh_token="a-refresh-token", obtained_at=time.time())
    (tmp_path / "app.env").write_text("B=gumauth:acme#id_token\n")
    code = 'cat "$T"; echo; echo "$A"; echo "$B"; cat "$C"'
    words = ["T@=acme#id_token", "A=acme#id_token", "C@=acme", "--env-file", str(tmp_path / "app.env")]
    ended = process(connected, "run", *words, "--", "sh", "-c", code)
    assert (ended.out, ended.err) == (f"{found}\n{found}\n{found}\n{TOKEN}", "")


def test_an_account_without_an_id_token_starts_nothing(connected: dict[str, str]) -> None:
    ended = inside(connected, "run", "T@=acme#id_token", "A=acme", "--", "false")
    assert (ended.status, ended.out) == (3, "")
    assert "there is no token for T. acme/ada@example.com has no id_token" in ended.err


@pytest.mark.requirement("H1")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_signal_ends_the_command_alone_and_the_file_goes(connected: dict[str, str], number: signal.Signals) -> None:
    with piped(connected, "run", "T@=acme", "--", "sh", "-c", 'cat "$T" >&2; exec sleep 60') as run:
        run.until(TOKEN)
        assert len(left(connected)) == 1
        run.interrupt(number)
        assert run.process.returncode == -number
    until(lambda: not left(connected))


@pytest.mark.requirement("H1")
def test_the_command_has_no_child_that_it_did_not_start(connected: dict[str, str]) -> None:
    code = 'echo $$; read children </proc/$$/task/$$/children; echo "[$children]"; ls -m /proc/self/fd; exit 37'
    with piped(connected, "run", "T@=acme", "--", "sh", "-c", code) as run:
        status, out = run.end()
    assert status == 37
    assert out == f"{run.process.pid}\n[]\n0, 1, 2, 3\n"


@pytest.mark.requirement("H2", "H4")
def test_nothing_is_left_where_the_command_cannot_be_run(connected: dict[str, str]) -> None:
    ended = process(connected, "run", "T@=acme", "--", "/no/such/program")
    assert (ended.status, ended.out) == (127, "")
    ended = process(connected, "run", "T@=acme", "B=nobody", "--", "true")
    assert (ended.status, ended.out) == (3, "")


def test_a_keeper_that_is_killed_leaves_a_file_that_the_next_run_removes(connected: dict[str, str]) -> None:
    with piped(connected, "run", "T@=acme", "--", "sh", "-c", 'cat "$T" >&2; exec sleep 60') as run:
        run.until(TOKEN)
        [folder] = left(connected)
        os.kill(_keeper(connected), signal.SIGKILL)
        until(lambda: process(connected, "run", "T@=acme", "--", "true").status == 0 and not folder.exists())


KILLED = """
import os, signal, sys
from gumauth.handout.run import files
put = files.put
def killed(path, token):
    put(path, token)
    os.kill(os.getpid(), signal.SIGKILL)
files.put = killed
from gumauth.__main__ import main
sys.exit(main())
"""


def test_a_run_that_is_killed_before_its_command_leaves_no_file(connected: dict[str, str]) -> None:
    words = [sys.executable, "-c", KILLED, "run", "T@=acme", "--", "true"]
    assert subprocess.run(words, env=connected, timeout=60, check=False).returncode == -signal.SIGKILL
    until(lambda: not left(connected))


def test_a_service_managers_sigterm_to_all_ends_no_keeper_before_its_command(connected: dict[str, str]) -> None:
    with piped(connected, "run", "T@=acme", "--", "sh", "-c", 'cat "$T" >&2; exec sleep 60') as run:
        run.until(TOKEN)
        keeper = _keeper(connected)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            os.kill(keeper, number)
        assert len(left(connected)) == 1
        run.interrupt(signal.SIGKILL)
    until(lambda: not Path(f"/proc/{keeper}").exists())


def test_reading_the_commands_errors_to_their_end_takes_no_longer_than_the_command(tmp_path: Path) -> None:
    """A request of the keeper is under way then, and its file is gone all the same."""
    with AuthorizationServer(access_lifetime=LIFE) as server:
        scene = Stage(server, tmp_path)
        scene.connect()
        server.misbehave("refresh", Fault.hang(), times=None)
        process = scene.start("run", "T@=acme", "--", "sh", "-c", "echo $T; exec sleep 60")
        assert process.stdout is not None
        file = Path(process.stdout.readline().strip())
        until(lambda: server.count("refresh", "fault") > 0)
        process.terminate()
        began = time.monotonic()
        process.communicate(timeout=30)
        assert time.monotonic() - began < 5
        until(lambda: not file.exists())


def _keeper(environ: dict[str, str]) -> int:
    """The process whose folder is the only one: its lock is among the files that it has open."""
    [folder] = left(environ)
    lock = str(folder / ".lock")
    for each in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(each / "fd" / "3") == lock:
                return int(each.name)
        except OSError:
            continue
    raise AssertionError(lock)
