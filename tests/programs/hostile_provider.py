"""Providers that misbehave, met by real processes of the command: `python -m tests.programs.hostile_provider`.

After each misbehaviour: one line and a hint, the right exit status, in time; nothing stored that is none; and the
account works once the provider behaves, or is marked and says so.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tests.programs import hostile_files, hostile_gumstack, hostile_tokens, hostile_trials, hostile_words
from tests.programs.hostile_scene import CountingServer, Scene
from tests.programs.hostile_trials import Trial


@dataclass(frozen=True)
class Outcome:
    """What a trial came to."""

    trial: Trial
    complaint: str
    processes: int
    longest: float
    seconds: float


def attempt(trial: Trial) -> Outcome:
    """Play a trial on a server and a folder of its own."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, CountingServer(rotate=trial.rotate) as server:
        scene, complaint = Scene(server, Path(folder), gumstack=trial.gumstack), ""
        try:
            trial.play(scene)
        except AssertionError as error:
            complaint = str(error) or "an assertion failed"
        except Exception as error:  # noqa: BLE001  a trial that cannot be played is one more complaint, and the others go on
            complaint = f"{type(error).__name__}: {error}"
    seconds = [played.seconds for played in scene.played]
    return Outcome(trial, complaint, len(seconds), max(seconds, default=0.0), time.monotonic() - began)


def every() -> list[Trial]:
    kinds = (hostile_trials, hostile_tokens, hostile_words, hostile_files, hostile_gumstack)
    return [trial for kind in kinds for trial in kind.trials()]


def run(trials: Sequence[Trial], jobs: int = 3, tell: Callable[[Outcome], None] = lambda _: None) -> list[Outcome]:
    """Attempt them, a few at once."""

    def one(trial: Trial) -> Outcome:
        outcome = attempt(trial)
        tell(outcome)
        return outcome

    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(one, trials))


def failed(outcomes: Sequence[Outcome]) -> list[str]:
    """What is not as it must be, in words."""
    return [f"{o.trial.line} {o.trial.kind}: {o.trial.name}: {o.complaint}" for o in outcomes if o.complaint]


def table(outcomes: Sequence[Outcome]) -> str:
    """The figures by promise and command."""
    lines = [f"{'line':<5} {'met by':<18} {'trials':>6} {'right':>6} {'processes':>9} {'longest':>8}"]

    def place(outcome: Outcome) -> tuple[str, str]:
        return outcome.trial.line, outcome.trial.kind

    for (line, kind), group in groupby(sorted(outcomes, key=place), place):
        rows = list(group)
        right, processes = sum(not row.complaint for row in rows), sum(row.processes for row in rows)
        longest = max(row.longest for row in rows)
        lines.append(f"{line:<5} {kind:<18} {len(rows):>6} {right:>6} {processes:>9} {longest:>6.1f} s")
    right, processes = sum(not o.complaint for o in outcomes), sum(o.processes for o in outcomes)
    return "\n".join([*lines, f"{right} of {len(outcomes)} trials right, {processes} processes"])


def main() -> int:
    """Play the trials and print the figures; 1 if any was not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="only those that the tests play")
    parser.add_argument("--only", default="", help="only those with this in their line, command or name")
    parser.add_argument("--jobs", type=int, default=3, help="how many at once")
    options = parser.parse_args()
    chosen = [
        trial
        for trial in every()
        if (trial.quick or not options.quick) and options.only in f"{trial.line} {trial.kind}: {trial.name}"
    ]
    began = time.monotonic()
    outcomes = run(chosen, options.jobs, lambda o: print("." if not o.complaint else "x", end="", flush=True))
    print(f"\n{table(outcomes)} in {time.monotonic() - began:.0f} s")
    for complaint in failed(outcomes):
        print(f"\n{complaint}")
    return 1 if failed(outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
