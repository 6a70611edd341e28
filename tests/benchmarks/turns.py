"""Running commands in turn (A B A B …) on a noisy machine, so that what disturbs one disturbs the others."""

from __future__ import annotations

import os
import pty
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.figures import Seconds

PAIRS = 20
WARM_UP = 2
"""Rounds that do not count: they write the bytecode and fill the caches."""


class CommandFailed(Exception):
    """A command that is to be measured did not do its work."""


@dataclass(frozen=True)
class Command:
    """A command line as a person starts it.

    Args:
        words: The program's path first.
        environ: All of its environment.
        on_terminal: Whether its standard output is a terminal.
        reads: The file that is its standard input; None for nothing.
    """

    words: Sequence[str]
    environ: Mapping[str, str]
    on_terminal: bool = False
    reads: Path | None = None

    def __call__(self) -> float:
        """Run it to its end; gives the seconds.

        Raises:
            CommandFailed: Its exit status is not 0.
        """
        began = time.perf_counter()
        self._run()
        return time.perf_counter() - began

    def processor(self) -> float:
        """Run it to its end; gives the seconds that it and the processes that it waited for were on a processor.

        Raises:
            CommandFailed: Its exit status is not 0.
        """
        used = self._run()
        return used.ru_utime + used.ru_stime

    def _run(self) -> resource.struct_rusage:
        process = self._on_terminal() if self.on_terminal else start(self)
        _, status, used = os.wait4(process, 0)
        if status != 0:
            raise CommandFailed(f"`{' '.join(self.words)}` ended with {os.waitstatus_to_exitcode(status)}")
        return used

    def _on_terminal(self) -> int:
        screen, theirs = pty.openpty()
        process = start(self, theirs)
        os.close(theirs)
        with suppress(OSError):  # how Linux says that the last writer has gone
            while os.read(screen, 1 << 16):
                pass
        os.close(screen)
        return process


def start(command: Command, out: int | None = None) -> int:
    """Start it; gives the process's id.

    Args:
        command: Which.
        out: Takes its standard output; what it says on standard error is not kept.
    """
    silent = os.open(os.devnull, os.O_RDWR)
    given = silent if command.reads is None else os.open(command.reads, os.O_RDONLY)
    streams = ((given, 0), (silent if out is None else out, 1), (silent, 2))
    try:
        moves = [(os.POSIX_SPAWN_DUP2, theirs, number) for theirs, number in streams]
        return os.posix_spawnp(command.words[0], list(command.words), dict(command.environ), file_actions=moves)
    finally:
        for descriptor in {silent, given}:
            os.close(descriptor)


def wait_for(process: int) -> int:
    """The exit status of a process that was started here."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def in_turn(tasks: Mapping[str, Callable[[], float]], *, rounds: int = PAIRS, warm_up: int = WARM_UP) -> Seconds:
    """Do each task once a round; gives what each took in the rounds that count, in seconds."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for number in range(warm_up + rounds):
        for name, task in tasks.items():
            took = task()
            if number >= warm_up:
                times[name].append(took)
    return times
