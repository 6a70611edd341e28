"""The process in which a file is played: the task comes on standard input, each finding goes out as a line of JSON."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from gumauth.accounts.references import joined
from gumauth.cli.check import settings_libraries
from gumauth.cli.check.answers import Answers
from gumauth.cli.check.book import DEADLINE, Book
from gumauth.cli.check.finding import Finding
from gumauth.cli.check.grouping import grouped
from gumauth.cli.check.isolation import isolate
from gumauth.cli.check.learning import Learning
from gumauth.cli.check.life import Life
from gumauth.cli.check.listener import Listener
from gumauth.cli.check.own_network import leave_the_network
from gumauth.cli.check.sources import Sources
from gumauth.cli.check.stage import Stage
from gumauth.cli.check.untold import excused
from gumauth.cli.check.waiting import Connections
from gumauth.errors import GumauthError
from gumauth.registry import lookup
from gumauth.testing.messages import Request, Response

LEARNING = 5.0
"""Seconds for one method, as long as it is only found out what the file reads."""


class Switchboard:
    """Hands the requests of the process to the service of the stage that plays."""

    def __init__(self) -> None:
        self.answer: Callable[[Request], Response] = lambda _: Response(status=503)

    def __call__(self, request: Request) -> Response:
        """The answer of the present service."""
        return self.answer(request)


def main() -> None:
    """Be the process."""
    leave_the_network()
    given, out = _own_input(), _own_output()
    task = json.loads(given.readline())
    threading.Thread(target=_end_with, args=(given, task["folder"]), daemon=True).start()
    for said in play(task["file"], task["environ"], Path(task["folder"]), task["answers"]):
        out.write(json.dumps(said) + "\n")
        out.flush()
    os._exit(0)  # threads that the file has left behind are not waited for


def _own_input() -> BinaryIO:
    """Standard input under another number; the file finds none."""
    given = os.fdopen(os.dup(0), "rb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return given


def _end_with(given: BinaryIO, folder: str) -> None:
    """End this process, and those that the file has forked, when whoever has started it has ended, in whatever way."""
    given.read()
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):
        os.killpg(os.getpid(), signal.SIGKILL)  # not the group of somebody else, where this process has none
    os._exit(1)


def _own_output() -> TextIO:
    """Standard output under a number that no other code writes to: what the file prints, in C too, is no finding."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return out


def play(
    reference: str, environ: Mapping[str, str], folder: Path, given: Sequence[Sequence[Any]] = ()
) -> Iterator[dict[str, Any]]:
    """The findings of one file as objects; an object with `error` where it cannot be played.

    Args:
        reference: The file, as PROVIDER of a command line, from the root.
        environ: The person's variables.
        folder: Empty, and of this process alone; whoever started it takes it away.
        given: Samples of the service's answers, each behind a part of the address that gives it.
    """
    switchboard = Switchboard()
    listener = Listener(folder, switchboard)
    os.environ["GUMAUTH_HOME"] = str(folder / "home")
    sources = Sources()
    isolate(listener.port, listener.certificates)
    try:
        yield from findings_of(reference, environ, switchboard, given=given)
        yield {"sources": sources.paths}
        yield {"ended": True}
    except GumauthError as error:
        yield {"sources": sources.paths}
        yield {"error": error.code, "status": error.exit_code, "message": error.message, "hint": error.hint}
    finally:
        listener.close()


def findings_of(
    reference: str,
    environ: Mapping[str, str],
    switchboard: Switchboard,
    *,
    given: Sequence[Sequence[Any]] = (),
    has_book: bool = True,
    only: str | None = None,
) -> Iterator[dict[str, Any]]:
    """The provider's name, then the findings of one file as objects.

    Args:
        reference: As in `play`.
        environ: As in `play`.
        switchboard: Answers the requests of this process.
        given: As in `play`.
        has_book: Whether the misbehaviours follow the ordinary life.
        only: The id of the one misbehaviour that follows; None for all.
    """
    environ = dict(environ)  # what a `.env` file says comes in
    if lookup.is_path(reference):
        settings_libraries.lead(os.path.dirname(lookup.split_path(reference)[0]), environ)
    answers, connections = _learnt(reference, environ, switchboard, given), Connections()

    def make(special: bool = False) -> Stage:
        stage = Stage(reference, environ, deadline=DEADLINE, special=special, answers=answers)
        switchboard.answer = stage.service.answer
        return stage

    stage = make()
    try:
        yield {"provider": stage.resolved.name}
        life = Life(stage)
        findings = [*life.play(), _of_environment(stage), *_of_answers(given, stage)]
    finally:
        stage.close()
    if life.connects and has_book:
        book = Book(make, life, connections, only=only)
        try:
            findings += book.play()
        finally:
            book.close()
    for finding in grouped(list(excused(findings, answers))):
        said = asdict(finding)
        del said["cause"]
        yield said


def _learnt(
    reference: str, environ: Mapping[str, str], switchboard: Switchboard, given: Sequence[Sequence[Any]]
) -> Answers:
    """What the file reads of answers, found out on a stage of its own."""
    stage = Stage(reference, environ, deadline=LEARNING)
    stage.service.answers.given = [(part, value) for part, value in given]
    switchboard.answer = stage.service.answer
    try:
        return Learning(stage).run()
    finally:
        stage.close()


def _of_environment(stage: Stage) -> Finding:
    read, needed = set(stage.variables.read), stage.variables.needed
    others = f"; and, where it is set, {joined(sorted(read - needed), 'and')}" if read - needed else ""
    text = f"reads {joined(sorted(read & needed), 'and') or 'nothing that it needs'} from its environment{others}"
    return Finding(level="fine", case="environment", method="file", file=text)


def _of_answers(given: Sequence[Sequence[Any]], stage: Stage) -> list[Finding]:
    """That nobody has asked the service itself, where no sample of its answers was given."""
    if given or not lookup.is_path(stage.reference):
        return []
    text = "was given answers that were made up after what it reads; --answer FILE plays one that the service gave"
    return [Finding(level="fine", case="answers", method="file", file=text)]
