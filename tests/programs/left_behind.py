"""The processes that refresh ahead: found by their home, and a server that keeps them waiting."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event

from gumauth.client.refresh import ahead
from gumauth.testing import AuthorizationServer, Fault
from gumauth.testing.messages import Response

DEADLINE = 30.0


def processes(environ: Mapping[str, str]) -> list[int]:
    """The processes that refresh ahead in the home of an environment; not the shells that start them."""
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal() and _is_one(path, environ)]


def _is_one(path: Path, environ: Mapping[str, str]) -> bool:
    try:
        words, variables = ((path / name).read_bytes() for name in ("cmdline", "environ"))
    except OSError:
        return False
    home = f"HOME={environ['HOME']}".encode()
    return not words.startswith(b"/bin/sh\0") and ahead.START.encode() in words and home in variables.split(b"\0")


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something has come about that another process does."""
    end = time.monotonic() + DEADLINE
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


class Held:
    """Keeps every answer to a refresh until it is told to give them.

    Args:
        server: The server.

    Attributes:
        reached: Whether somebody has asked for a refresh.
        answered: Set where the answers are to be given.
    """

    def __init__(self, server: AuthorizationServer) -> None:
        self.reached, self.answered = Event(), Event()
        server.misbehave("refresh", Fault("held", self._change), times=None)

    def _change(self, answer: Response) -> Response:
        self.reached.set()
        assert self.answered.wait(DEADLINE)
        return answer
