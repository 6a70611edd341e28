"""The command as somebody runs it who sits there: on a terminal, with its answer read by a program."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from gumauth.testing import deliver
from tests.cli.program import Ended


class Attended:
    """A command whose standard input and error are a terminal.

    Args:
        environ: Its environment.
        words: Behind `gumauth`.
    """

    def __init__(self, environ: dict[str, str], *words: str) -> None:
        self._master, slave = pty.openpty()
        command = [sys.executable, "-m", "gumauth", *words]
        self._process = subprocess.Popen(
            command, env=environ, stdin=slave, stdout=subprocess.PIPE, stderr=slave, text=True
        )
        os.close(slave)
        self._said = bytearray()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 4096)
            except OSError:  # nobody has the other end any more
                return
            self._said += data

    @property
    def said(self) -> str:
        """What stands on the terminal."""
        return self._said.decode(errors="replace").replace("\r\n", "\n")

    def url(self) -> str:
        """The address that `connect` shows."""
        end = time.monotonic() + 60
        while time.monotonic() < end and self._process.poll() is None:
            for line in self.said.split("\n")[:-1]:
                if line.strip().startswith("https://"):
                    return line.strip()
            time.sleep(0.02)
        self.end()
        raise AssertionError(self.said)

    def ended(self) -> Ended:
        """What it has left, when it has come to its end; what it said is on one line, however wide a terminal is."""
        try:
            out, _ = self._process.communicate(timeout=60)
        finally:
            self.end()
        return Ended(self._process.returncode, out, " ".join(self.said.split()))

    def end(self) -> None:
        """End the process, if it is still there."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        os.close(self._master)
        if self._process.stdout is not None:
            self._process.stdout.close()


def attended(environ: dict[str, str], *words: str) -> Ended:
    """Run the command to its end."""
    return Attended(environ, *words).ended()


def connect_attended(environ: dict[str, str], provider: str, follow: Callable[[str], str], *options: str) -> Ended:
    """Connect, with the person's consent played over HTTP; with --json, because nobody answers other questions."""
    command = Attended(environ, "connect", provider, "--no-browser", "--json", *options)
    deliver(follow(command.url()))
    return command.ended()
