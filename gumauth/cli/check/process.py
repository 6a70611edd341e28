"""Starts the worker for one file, and reads its findings as they come."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gumauth.errors import GumauthError, ProviderFileError
from gumauth.platform import interpreter
from gumauth.platform.child_environment import for_child
from gumauth.platform.detached import for_interpreter

START = "from gumauth.cli.check.worker import main; main()"
LONGEST = 300.0
"""Seconds that the play of one file may take."""
LOOK = 0.3
"""Seconds between two looks whether it still has to be played."""


class Overtaken(Exception):
    """The file was saved while it was played."""


def played(
    reference: str,
    environ: Mapping[str, str],
    is_overtaken: Callable[[], bool] = lambda: False,
    *,
    answers: Sequence[tuple[str, Any]] = (),
) -> Iterator[dict[str, Any]]:
    """What the worker says of a file: its provider's name, then findings.

    Args:
        reference: The file, as PROVIDER of a command line, from the root.
        environ: The person's variables. Only what is no secret reaches the file.
        is_overtaken: Whether nobody wants to know any more; asked again and again, on another thread.
        answers: Samples of the service's answers, each with a part of the address that gives it.

    Raises:
        GumauthError: The file cannot be played.
        Overtaken: Nobody wanted to know any more.
    """
    ended = False
    with tempfile.TemporaryDirectory(prefix="gumauth-check-", ignore_cleanup_errors=True) as folder:
        variables = for_child(environ, also=("",))
        task = {"file": reference, "environ": variables, "folder": folder, "answers": list(answers)}
        with (
            subprocess.Popen(
                interpreter.command(START),
                env=_bare(environ),
                cwd=_folder(reference),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                process_group=0,
                stderr=sys.stderr if environ.get("GUMAUTH_DEBUG") else subprocess.DEVNULL,
            ) as worker,
            _limited(worker, is_overtaken),
        ):
            for said in _conversation(worker, json.dumps(task).encode() + b"\n"):
                if ended := "ended" in said:
                    break
                yield _checked(said)
    if not ended and is_overtaken():
        raise Overtaken
    if not ended:
        raise ProviderFileError(
            "The process in which the file was played ended before the play did.",
            hint="Run it again with GUMAUTH_DEBUG=1 to see what the file prints.",
        )


@contextlib.contextmanager
def _limited(worker: subprocess.Popen[bytes], is_overtaken: Callable[[], bool]) -> Iterator[None]:
    """End the worker, and the processes that the file has forked, with this block, or before.

    Before: when the worker has ended by itself, after `LONGEST`, and where nobody wants to know any more.
    """
    over, end = threading.Event(), time.monotonic() + LONGEST

    def look() -> None:
        while not over.wait(LOOK):
            if worker.poll() is not None or time.monotonic() > end or is_overtaken():
                _kill(worker)
                return

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    try:
        yield
    finally:
        over.set()
        _kill(worker)


def _kill(worker: subprocess.Popen[bytes]) -> None:
    worker.kill()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(worker.pid, signal.SIGKILL)


def _folder(reference: str) -> Path | None:
    """The folder of a file, in which the file is played; None where there is none."""
    folder = Path(reference.partition(":")[0]).parent
    return folder if os.sep in reference and folder.is_dir() else None


def _conversation(worker: subprocess.Popen[bytes], task: bytes) -> Iterator[dict[str, Any]]:
    """What the worker says for a task, until it ends."""
    if worker.stdin is None or worker.stdout is None:
        return
    with contextlib.suppress(BrokenPipeError):
        worker.stdin.write(task)
        worker.stdin.flush()  # it stays open: by its end the worker knows that nobody listens any more
    yield from map(json.loads, worker.stdout)


def _checked(said: dict[str, Any]) -> dict[str, Any]:
    if "error" not in said:
        return said
    error = GumauthError(said["message"], hint=said["hint"])
    error.code, error.exit_code = said["error"], said["status"]
    raise error


def _bare(environ: Mapping[str, str]) -> dict[str, str]:
    """What an interpreter needs, and nothing that a file could mistake for its own."""
    return for_interpreter(environ) | {name: environ[name] for name in ("TMPDIR",) if name in environ}
