"""The command, run as a process with somebody at the browser where it asks for one, and how it has to end."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO

from gumauth.testing import deliver

ADDRESS = re.compile(r"(https?://\S+[?&]state=\S+)\n")
ODD = re.compile(r"Traceback|File \"|has a bug|Exception ignored|Task was destroyed|never awaited|never retrieved")
"""What stands on standard error where the interpreter complains."""
LONGEST = 90.0
"""Seconds after which a process is given up; nothing of gumauth's may take so long."""


@dataclass(frozen=True)
class Played:
    """What a run of the command came to."""

    words: tuple[str, ...]
    status: int
    out: str
    err: str
    seconds: float

    @property
    def error(self) -> str:
        """The sentence of its error."""
        lines = [line[7:] for line in self.err.splitlines() if line.startswith("error: ")]
        return lines[0] if lines else ""


def play(
    environ: Mapping[str, str],
    *words: str,
    person: Callable[[str], str] | None = None,
    command: tuple[str, ...] = (sys.executable, "-m", "gumauth"),
    watch: Callable[[int], None] | None = None,
    stdin: IO[str] | int = subprocess.DEVNULL,
) -> Played:
    """Run the command.

    Args:
        environ: All of its environment.
        words: What stands behind `gumauth`.
        person: Is given the address that `connect` prints; gives the URL to which the provider sends the browser.
        command: What stands before the words.
        watch: Is called again and again with the process's id, while it runs.
        stdin: What it reads.
    """
    began, pipe = time.monotonic(), subprocess.PIPE
    process = subprocess.Popen([*command, *words], env=dict(environ), stdin=stdin, stdout=pipe, stderr=pipe, text=True)
    printed: list[str] = []
    said: list[str] = []
    assert process.stdout
    assert process.stderr
    readers = [
        threading.Thread(target=_read, args=(process.stderr, said, person)),
        threading.Thread(target=_read, args=(process.stdout, printed, None)),
    ]
    for reader in readers:
        reader.start()
    try:
        _wait(process, began + LONGEST, watch)
    finally:
        process.kill()
        seconds = time.monotonic() - began
        for reader in readers:
            reader.join()
        process.stdout.close()
        process.stderr.close()
    return Played(words, process.wait(), "".join(printed), "".join(said), seconds)


def _wait(process: subprocess.Popen[str], end: float, watch: Callable[[int], None] | None) -> None:
    while process.poll() is None and time.monotonic() < end:
        if watch is not None:
            watch(process.pid)
        try:
            process.wait(0.01 if watch else 0.5)
        except subprocess.TimeoutExpired:
            continue


def _read(stream: IO[str], lines: list[str], person: Callable[[str], str] | None) -> None:
    for line in stream:
        lines.append(line)
        if person is not None and (found := ADDRESS.fullmatch(line)):
            threading.Thread(target=_walk, args=(person, found[1]), daemon=True).start()


def _walk(person: Callable[[str], str], url: str) -> None:
    try:
        deliver(person(url))
    except OSError:
        pass  # the program ended before it answered, which is judged by what it said


def check_failed(played: Played, status: int, within: float) -> None:
    """A failure as a person may have it: in time, one line and a hint, the right status, and nothing else.

    Raises:
        AssertionError: It is not.
    """
    lines = played.err.splitlines()
    shown = f"{' '.join(played.words)} → {played.status} after {played.seconds:.1f} s\n{played.err}{played.out}"
    assert played.status == status, f"status {status} was expected: {shown}"
    assert [line[:7] for line in lines[-2:]] == ["error: ", "hint:  "], f"no line and hint: {shown}"
    assert sum(line.startswith("error: ") for line in lines) == 1, f"more than one error: {shown}"
    assert len(played.error) < 400, f"a long error: {shown}"
    assert all(line.isprintable() for line in lines), f"control characters: {shown!r}"
    assert not ODD.search(played.err), f"a traceback: {shown}"
    assert played.out == "", f"something on standard output: {shown}"
    assert played.seconds < within, f"later than {within} s: {shown}"


def check_done(played: Played, within: float) -> None:
    """A success without an error or a traceback, in time.

    Raises:
        AssertionError: It is not.
    """
    shown = f"{' '.join(played.words)} → {played.status} after {played.seconds:.1f} s\n{played.err}"
    assert played.status == 0, shown
    assert "error:" not in played.err, shown
    assert not ODD.search(played.err), shown
    assert played.seconds < within, f"later than {within} s: {shown}"
