"""Two hundred processes at once, on two cores."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from tempfile import TemporaryFile

from tests.benchmarks.figures import Figure, Finding, medians
from tests.benchmarks.scene import PROVIDER, Scene
from tests.benchmarks.turns import Command, in_turn, start, wait_for
from tests.programs.stage import stage

CROWD, CORES, ROUNDS = 200, 2, 3


class Crowd:
    """Rows of many processes.

    Args:
        scene: What they run in.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.failures = 0

    def good(self) -> Finding:
        """All with a good token, beside as many in two rows.

        With a row on each core there is never anybody to wait for, nor a cold page: that is what could be had at best.
        """
        command = self.scene.gumauth("token", PROVIDER)
        rows = {"at once": CROWD, "in two rows": CORES}
        tasks = {name: partial(self._run, command, at_once) for name, at_once in rows.items()}
        with two_cores():
            middle = medians(in_turn(tasks, rounds=ROUNDS, warm_up=0))
        figures = [
            Figure("failures", self.failures, 0),
            Figure("times in two rows", middle["at once"] / middle["in two rows"], 1.15),
        ]
        return Finding(figures, middle)

    def expired(self) -> Finding:
        """All with the same expired token: one of them refreshes it."""
        folder = self.scene.folder / "expired"
        folder.mkdir()
        refreshes = []
        with two_cores(), stage(folder, self.scene.environ) as scene:
            command = self.scene.gumauth("token", PROVIDER, environ=scene.world.environ)
            for _ in range(ROUNDS):
                scene.expire()
                before = scene.server.count("refresh")
                self._run(command, CROWD)
                refreshes.append(scene.server.count("refresh") - before)
            reused = scene.server.count("reuse", "refused")
        figures = [
            Figure("failures", self.failures, 0),
            Figure("refreshes", max(refreshes), 1),
            Figure("refresh tokens used twice", reused, 0),
        ]
        return Finding(figures)

    def _run(self, command: Command, at_once: int) -> float:
        """Run the crowd, so many at a time; gives the seconds and counts those without the one token."""
        with TemporaryFile("w+b") as printed:
            began = time.perf_counter()
            failed = _throng(command, printed.fileno(), at_once)
            took = time.perf_counter() - began
            printed.seek(0)
            lines = printed.read().splitlines()
        self.failures += max(failed, CROWD - len(lines), len(set(lines)) - 1)
        return took


def _throng(command: Command, out: int, at_once: int) -> int:
    """Run it `CROWD` times, so many at a time; gives how many failed."""
    with ThreadPoolExecutor(at_once) as rows:
        statuses = rows.map(lambda _: wait_for(start(command, out)), range(CROWD))
        return sum(status != 0 for status in statuses)


@contextmanager
def two_cores() -> Iterator[None]:
    """Keep this process and those that it starts on two cores, however many there are."""
    all_cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(all_cores)[:CORES])
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_cores)
