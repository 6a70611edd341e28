"""A process that is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gumauth.platform import detached
from gumauth.platform.detached import leave_behind

TELLS = """
import json, os, signal, sys

def opened():
    for name in os.listdir("/proc/self/fd"):
        link = f"/proc/self/fd/{name}"
        if os.path.lexists(link) and int(name) > 0:
            yield name, os.readlink(link)

told = {
    "message": sys.stdin.read(),
    "files": {name: path for name, path in opened() if not path.startswith("/proc/")},
    "environ": sorted(os.environ),
    "parent": os.getppid(),
    "session": os.getsid(0),
    "blocked": len(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
    "cwd": os.getcwd(),
}
with open(sys.argv[1] + ".new", "w") as file:
    json.dump(told, file)
os.rename(sys.argv[1] + ".new", sys.argv[1])
"""
DEADLINE = 20.0


def told(path: Path) -> dict[str, object]:
    """What the process has told, once it has."""
    end = time.monotonic() + DEADLINE
    while not path.exists():
        assert time.monotonic() < end
        time.sleep(0.01)
    found: dict[str, object] = json.loads(path.read_text())
    return found


def command(path: Path) -> list[str]:
    return [sys.executable, "-I", "-c", TELLS, str(path)]


@pytest.mark.requirement("H8")
def test_it_has_the_message_and_nothing_else_of_this_process(tmp_path: Path) -> None:
    kept = os.open(tmp_path / "a file that every child inherits", os.O_RDWR | os.O_CREAT)
    os.set_inheritable(kept, True)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    try:
        leave_behind(command(tmp_path / "told"), b"the message", {"HOME": str(tmp_path), "A_TOKEN": "secret"})
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(kept)
    found = told(tmp_path / "told")
    assert found["message"] == "the message"
    assert found["files"] == {"1": "/dev/null", "2": "/dev/null"}
    assert "HOME" in found["environ"]  # type: ignore[operator]
    assert "A_TOKEN" not in found["environ"]  # type: ignore[operator]
    assert found["parent"] != os.getpid()
    assert found["session"] != os.getsid(0)
    assert found["blocked"] == 0
    assert found["cwd"] == os.getcwd()


@pytest.mark.requirement("H8")
@pytest.mark.parametrize("closed", ["0", "1", "0, 1, 2"])
def test_a_program_without_standard_streams_can_leave_it_behind_too(tmp_path: Path, closed: str) -> None:
    code = (
        f"import os\nfor fd in ({closed},): os.close(fd)\n"
        "from gumauth.platform.detached import leave_behind\n"
        f"leave_behind({command(tmp_path / 'told')!r}, b'the message', {{}})"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    found = told(tmp_path / "told")
    assert (found["message"], found["files"]) == ("the message", {"1": "/dev/null", "2": "/dev/null"})


def test_a_program_that_ignores_its_children_leaves_it_behind_too(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        leave_behind(command(tmp_path / "told"), b"", {})
    finally:
        signal.signal(signal.SIGCHLD, before)
    assert told(tmp_path / "told")["message"] == ""


def test_a_message_that_does_not_fit_into_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="does not fit"):
        leave_behind(command(tmp_path / "told"), bytes(1 << 21), {})


def test_the_first_process_of_a_container_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would have to take note of the end of what it left behind, and most programs do not."""
    monkeypatch.setattr(os, "getpid", lambda: 1)
    with pytest.raises(OSError, match="nobody takes note"):
        leave_behind(command(tmp_path / "told"), b"", {})


def test_without_a_shell_it_is_not_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detached, "SHELL", str(tmp_path / "sh"))
    with pytest.raises(FileNotFoundError):
        leave_behind(command(tmp_path / "told"), b"", {})


def test_where_the_system_does_not_tell_which_files_are_open_the_first_are_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = os.listdir

    def untold(path: str) -> list[str]:
        if path.endswith("/fd"):
            raise FileNotFoundError(path)
        return listed(path)

    monkeypatch.setattr(os, "listdir", untold)
    kept = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    os.set_inheritable(kept, True)
    try:
        leave_behind(command(tmp_path / "told"), b"", {})
    finally:
        os.close(kept)
    assert told(tmp_path / "told")["files"] == {"1": "/dev/null", "2": "/dev/null"}
