"""`gumauth connect` as a process against the strict server: with pipes, or with a terminal of its own."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from gumauth.testing import AuthorizationServer, Client, write_provider

ADDRESS = re.compile(r"^(http://127\.0\.0\.1:\S+/authorize\?\S+)\r?$", re.MULTILINE)
DEADLINE = 20.0


def acme(server: AuthorizationServer, folder: Path) -> tuple[Path, dict[str, str]]:
    """A provider file for the server, and the variable with the client id."""
    server.register(Client("acme-id", redirect_uris=("http://127.0.0.1/callback",), any_port=True))
    file = write_provider(server, folder, name="acme", public_client=True, redirect_host="127.0.0.1", redirect_ports=())
    return file, {"ACME_CLIENT_ID": "acme-id"}


class Run:
    """A running command, and what it has shown so far; its standard error is the terminal, if it has one."""

    def __init__(self, process: subprocess.Popen[bytes], screen: int) -> None:
        self.process, self.screen = process, screen
        self.shown = ""

    def until(self, pattern: str | re.Pattern[str]) -> re.Match[str]:
        """Wait until it has shown something."""
        end = time.monotonic() + DEADLINE
        while (found := re.search(pattern, self.shown)) is None:
            if time.monotonic() > end or not self._more(end):
                msg = f"{pattern!r} was not shown: {self.shown!r}"
                raise AssertionError(msg)
        return found

    def _more(self, end: float) -> bool:
        ready, _, _ = select.select([self.screen], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            return False
        try:
            piece = os.read(self.screen, 1 << 16)
        except OSError:  # a terminal whose last writer has gone
            return False
        self.shown += piece.decode("utf-8", "replace")
        return bool(piece)

    @property
    def address(self) -> str:
        """The provider's page, as it was printed: whole, on a line of its own."""
        return self.until(ADDRESS)[1]

    def type(self, text: str) -> None:
        """Type into the terminal."""
        data = text.encode()
        while data:
            data = data[os.write(self.screen, data[:1024]) :]

    def press_ctrl_c(self) -> None:
        """Type Ctrl-C, and again every few seconds until it has ended.

        Once is not enough: of a signal that comes between the last instruction before a read and the read itself,
        CPython hears only when the read returns. A person is never that quick, a test is.
        """
        for _ in range(4):
            self.type("\x03")
            end = time.monotonic() + DEADLINE / 4
            while self._more(end):
                pass
            try:
                self.process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                continue
            return

    def end(self) -> tuple[int, str]:
        """Wait for the end; the exit status and standard output."""
        out = b"" if self.process.stdout is None else self.process.stdout.read()
        while self._more(time.monotonic() + DEADLINE):
            pass
        return self.process.wait(DEADLINE), out.decode()

    def interrupt(self, number: int = signal.SIGINT) -> float:
        """Send a signal; the seconds until the program has ended."""
        begin = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(DEADLINE)
        return time.monotonic() - begin


@contextmanager
def piped(environ: dict[str, str], *words: str, python: str = sys.executable) -> Iterator[Run]:
    """Run it without a terminal."""
    command = [python, "-m", "gumauth", *words]
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=environ, **streams) as process:  # type: ignore[call-overload]
        run = Run(process, process.stderr.fileno())
        try:
            yield run
        finally:
            process.kill()


LEAD_SESSION = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""Makes the terminal the program's own, so that Ctrl-C reaches it; forking a test with threads in it is unsafe."""


def at_terminal(
    environ: dict[str, str], *words: str, columns: int = 80, lines: int = 24
) -> AbstractContextManager[Run]:
    """Run the command in the foreground of a terminal of its own, with nothing redirected."""
    return in_terminal([sys.executable, "-m", "gumauth", *words], environ, columns=columns, lines=lines)


@contextmanager
def in_terminal(
    command: Sequence[str], environ: dict[str, str], *, columns: int = 80, lines: int = 24
) -> Iterator[Run]:
    """Run any program in the foreground of a terminal of its own."""
    screen, theirs = pty.openpty()
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    leader = [sys.executable, "-c", LEAD_SESSION, *command]
    environ = {**environ, "TERM": "xterm"}
    with subprocess.Popen(leader, env=environ, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        try:
            yield Run(process, screen)
        finally:
            process.kill()
            os.close(screen)
