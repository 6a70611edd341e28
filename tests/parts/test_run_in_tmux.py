"""`gumauth run` on a terminal: job control, full-screen programs and Ctrl-C are those of the command. Promise H1."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.program import environment, keep
from tests.parts.need import need

pytestmark = pytest.mark.requirement("H1")


class Tmux:
    """A bash in a tmux of its own, which is seen and typed into.

    Args:
        folder: Of the socket.
        environ: The shell's environment.
    """

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self._command = ["tmux", "-S", str(folder / "tmux"), "-f", "/dev/null"]
        self._environ = {**environ, "TERM": "xterm"}
        start = folder / "bashrc"
        run = f'{sys.executable} -m gumauth run A=acme T@=acme -- "$@"'
        start.write_text(f"PS1='ready> '\nunset HISTFILE\nrun() {{ {run}; }}\n")
        self._do("new-session", "-d", "-x", "80", "-y", "24", f"exec bash --noprofile --rcfile {start}")
        self.until("ready>")

    def _do(self, *words: str) -> str:
        command = [*self._command, *words]
        return subprocess.run(command, env=self._environ, capture_output=True, text=True, check=True).stdout

    def keys(self, *keys: str) -> None:
        """Press keys, by tmux's names."""
        self._do("send-keys", *keys)

    def line(self, text: str) -> None:
        """Type a line."""
        self._do("send-keys", "-l", text)
        self._do("send-keys", "Enter")

    @property
    def seen(self) -> str:
        """What stands on the screen."""
        return self._do("capture-pane", "-p")

    def until(self, text: str) -> None:
        """Wait until a text is seen."""
        end = time.monotonic() + 15
        while text not in self.seen:
            assert time.monotonic() < end, self.seen
            time.sleep(0.02)

    def close(self) -> None:
        """Close the window, as a person does while a program runs in it."""
        self._do("kill-pane")

    def end(self) -> None:
        """End the terminal and all in it, if a test has not."""
        subprocess.run([*self._command, "kill-server"], env=self._environ, capture_output=True, check=False)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    """With the account acme, and `run` for `gumauth run` with a token and a file."""
    need(programs=("tmux", "bash", "less"))
    environ = environment(tmp_path)
    keep(environ, "an-access-token")
    tmux = Tmux(tmp_path, environ)
    try:
        yield tmux
    finally:
        tmux.end()


def test_a_job_is_stopped_and_goes_on(tmux: Tmux) -> None:
    tmux.line("run sh -c 'echo be${A:+gun}; while read x; do echo got $x; done'")
    tmux.until("begun")
    tmux.keys("C-z")
    tmux.until("Stopped")
    tmux.line("jobs -s | wc -l | sed s/^/stopped:/")
    tmux.until("stopped:1")
    tmux.line("fg")
    tmux.line("hello")
    tmux.until("got hello")
    tmux.keys("C-d")
    tmux.line("echo status:$?")
    tmux.until("status:0")


def test_a_full_screen_program_is_stopped_goes_on_and_leaves_the_screen_as_it_was(tmux: Tmux, tmp_path: Path) -> None:
    page = tmp_path / "page"
    page.write_text("\n".join(f"line {number}." for number in range(1, 400)))
    tmux.line("echo before")
    tmux.line(f"run less {page}")
    tmux.until("line 1.")
    tmux.keys("G")
    tmux.until("line 399.")
    tmux.keys("C-z")
    tmux.until("Stopped")
    tmux.line("fg")
    tmux.until("line 399.")
    tmux.keys("q")
    tmux.line("echo status:$?")
    tmux.until("status:0")
    assert "before" in tmux.seen
    assert "line 399." not in tmux.seen


def test_ctrl_c_reaches_the_command_once_and_ends_a_script_around_it(tmux: Tmux) -> None:
    tmux.line("run bash -c 'trap \"echo caught\" INT; echo be${A:+gun}; sleep 60; sleep 60'")
    tmux.until("begun")
    tmux.keys("C-c")
    tmux.until("caught")
    tmux.keys("C-\\")
    tmux.until("ready>")
    assert tmux.seen.count("caught\n") == 1
    tmux.line("run sh -c 'echo asl${A:+eep}; exec sleep 60'; echo after:$?")
    tmux.until("asleep")
    tmux.keys("C-c")
    tmux.line("echo ne${PS1:+xt}")
    tmux.until("next")
    assert "after:1" not in tmux.seen  # as bash does where Ctrl-C has ended a command of its line


def test_in_the_background_it_is_a_job_as_any(tmux: Tmux) -> None:
    tmux.line("run sh -c 'kill -TERM $$' & wait $!; echo status:$?")
    tmux.until("status:143")
    tmux.line("run sh -c 'exit 37' & wait %%; echo status:$?")
    tmux.until("status:37")


def test_a_closed_terminal_ends_it_and_the_file_goes(tmux: Tmux, tmp_path: Path) -> None:
    path = tmp_path / "path"
    tmux.line(f"run sh -c 'echo $T >{path}.new; mv {path}.new {path}; sleep 60'")
    end = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < end
        time.sleep(0.02)
    file = path.read_text().strip()
    assert os.path.exists(file)
    tmux.close()
    while os.path.exists(file):
        assert time.monotonic() < end
        time.sleep(0.02)
