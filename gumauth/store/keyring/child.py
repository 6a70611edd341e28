"""The worker process as its parent sees it: starts it, exchanges lines of JSON with it, and kills it."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import weakref
from typing import TYPE_CHECKING, Any

from gumauth.platform.interpreter import command

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import IO

START = "from gumauth.store.keyring.worker import main; sys.exit(main())"

LONGEST_LINE = 1 << 26
"""Characters of an answer: JSON may write each byte of the largest record as six characters."""


class ChildEnded(Exception):
    """The worker ended without an answer."""


class Child:
    """A running worker. One request at a time.

    Args:
        opening: The first line for the worker.
        environ: The worker's environment.

    Attributes:
        owner: The id of the process that started the worker.
    """

    def __init__(self, opening: dict[str, Any], environ: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            command(START),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environ,
            encoding="utf-8",
            **_apart(),
        )
        self.owner = os.getpid()
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=_read, args=(self._process.stdout, self._lines), daemon=True).start()
        self._end = weakref.finalize(self, _end, self._process, self.owner)
        self.say(opening)

    def say(self, request: dict[str, Any]) -> None:
        """Send a line.

        Raises:
            ChildEnded: The worker has ended.
        """
        stdin = self._process.stdin
        try:
            if stdin is not None:
                stdin.write(json.dumps(request) + "\n")
                stdin.flush()
        except (OSError, ValueError) as error:
            raise ChildEnded from error

    def hear(self, seconds: float) -> dict[str, Any]:
        """The next line.

        Raises:
            TimeoutError: No line has come within that time.
            ChildEnded: The worker has ended, or the line is no JSON.
        """
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty as error:
            raise TimeoutError from error
        if line is None:
            raise ChildEnded
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ChildEnded from error
        return answer if isinstance(answer, dict) else {}

    def end(self) -> None:
        """Kill the worker at once, so that it writes nothing any more."""
        self._end()


def _apart() -> dict[str, Any]:
    """Options for a process group of its own: Ctrl-C reaches only gumauth, and the worker finishes a begun write."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def _read(stream: IO[str], lines: queue.SimpleQueue[str | None]) -> None:
    with contextlib.suppress(OSError, ValueError):
        while (line := stream.readline(LONGEST_LINE)).endswith("\n"):
            lines.put(line)
    lines.put(None)


def _end(process: subprocess.Popen[str], owner: int) -> None:
    if os.getpid() != owner:
        return  # this process is a fork of the one that started the worker
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        with contextlib.suppress(OSError, ValueError):
            if stream is not None:
                stream.close()
