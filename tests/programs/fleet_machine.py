"""One machine of a fleet as a process: forked with gumauth imported, it asks for a token and sends back what it got."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import FrameType

import gumauth.accounts.postgresql.engine
import gumauth.accounts.shared.locked
import gumauth.client.refresh.request
import gumauth.oauth2.provider
import gumauth.registry.lookup
import gumauth.store.sealing  # noqa: F401  what a refresh imports is there before the fork
from gumauth.accounts.shared import held_claim
from gumauth.client.context import Context
from gumauth.client.refresh.refresh import refresh_account
from gumauth.client.token import token
from gumauth.errors import GumauthError

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        *(__name__, "tests.programs.fleet", "gumauth.registry.files.runner", "gumauth.store.encrypted_file.store"),
        *("mcp.gumstack.auth", "httpcore", "h11", "anyio._backends._asyncio", "certifi", "importlib.metadata"),
    ]
)
"""What a process of the command would import."""

BUG = 99


@dataclass(frozen=True)
class Errand:
    """What a machine is to do.

    Args:
        environ: All of its environment.
        ahead: Seconds that the time of all machines and of the provider is ahead of the database's: they have waited.
        forced: Whether a new token is wanted, however good the present one is.
        lease: Seconds of a claim, in place of 45; the provider is asked in the first third of them.
        stop: Where the process stops itself (SIGSTOP): the name of a function that is about to begin, or, with a dot
            behind it, has just ended; None for nowhere.
    """

    environ: dict[str, str] = field(repr=False)
    ahead: float = 0.0
    forced: bool = False
    lease: float | None = None
    stop: str | None = None


@dataclass(frozen=True)
class Answer:
    """What a machine came to.

    Args:
        status: The exit status that the command has for it.
        token: The access token.
        said: The error and its hint.
        seconds: How long it took.
        notices: What a person is told besides.
    """

    status: int
    token: str = field(default="", repr=False)
    said: str = ""
    seconds: float = 0.0
    notices: tuple[str, ...] = ()


LOST = Answer(status=-signal.SIGKILL, said="killed")


class Process:
    """A process of a machine, which does one errand after another until it is killed."""

    def __init__(self) -> None:
        self._pipe, theirs = FORKS.Pipe()
        self._process: BaseProcess = FORKS.Process(target=_run, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self.is_busy = False

    @property
    def pid(self) -> int:
        """Its id."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it can be given an errand, now or later."""
        return self._process.is_alive()

    def begin(self, errand: Errand) -> Process:
        """Let it do an errand."""
        self.is_busy = True
        self._pipe.send(errand)
        return self

    def answer(self, seconds: float = 150.0) -> Answer:
        """What it came to; `LOST` where the process was killed before."""
        try:
            if not self._pipe.poll(seconds):
                self.kill()
                return Answer(status=BUG, said=f"no answer after {seconds:.0f} s", seconds=seconds)
            found = self._pipe.recv()
        except (EOFError, ConnectionResetError):
            self.end()
            return LOST
        self.is_busy = False
        assert isinstance(found, Answer)
        return found

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        self._process.kill()

    def end(self) -> None:
        """End it, and wait until it has ended."""
        self.kill()
        self._process.join(10)
        self._pipe.close()

    def wait_until_stopped(self, seconds: float = 60.0) -> bool:
        """Whether it stops itself within so many seconds, before it has an answer."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self._pipe.poll(0.005):
            with open(f"/proc/{self.pid}/stat", encoding="utf-8") as file:
                if file.read().rpartition(")")[2].split()[0] == "T":
                    return True
        return False

    def stop(self) -> None:
        """Stop it where it is (SIGSTOP)."""
        os.kill(self.pid, signal.SIGSTOP)

    def wake(self) -> None:
        """Let it go on."""
        os.kill(self.pid, signal.SIGCONT)


def _run(pipe: Connection[Answer, Errand]) -> None:
    usual = held_claim.LEASE, held_claim.LATEST_SEND
    while True:
        try:
            errand = pipe.recv()
        except EOFError:
            return
        os.environ.clear()
        os.environ.update(errand.environ)
        held_claim.LEASE, held_claim.LATEST_SEND = usual
        if errand.lease is not None:
            held_claim.LEASE, held_claim.LATEST_SEND = errand.lease, errand.lease / 3
        stop = None if errand.stop is None else Stop(errand.stop)
        threading.setprofile(stop)
        sys.setprofile(stop)
        answer = asked(errand)
        sys.setprofile(None)
        pipe.send(answer)


def asked(errand: Errand) -> Answer:
    """The token, or the error, and how long it took."""
    began = time.monotonic()
    notices: list[str] = []
    try:
        context = Context(errand.environ, clock=lambda: time.time() + errand.ahead, notify=notices.append)
        if errand.forced:
            _, record = refresh_account(context, context.accounts.look_up("acme"), force=True)
        else:
            _, record = token(context, "acme")
        status, value, said = 0, record.access_token, ""
    except GumauthError as error:
        status, value, said = error.exit_code, "", f"{error.message} {error.hint or ''}"
    except Exception:  # noqa: BLE001  a bug of gumauth's, which the program prints
        status, value, said = BUG, "", traceback.format_exc()
    return Answer(status, value, said, time.monotonic() - began, tuple(notices))


class Stop:
    """Stops the process once, where a function is about to begin or has just ended.

    Args:
        where: The function's qualified name, with a dot behind it for its end.
    """

    def __init__(self, where: str) -> None:
        self._name, self._event = where.removesuffix("."), "return" if where.endswith(".") else "call"
        self._is_done = False

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        if event == self._event and not self._is_done and frame.f_code.co_qualname == self._name:
            self._is_done = True
            signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)  # this very thread goes no further
