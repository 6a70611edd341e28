"""Many processes, one token that is nearly due, a provider that does not answer.

`python -m tests.programs.ahead_storm --rounds 5 --processes 200`

In every round all processes must have printed the present token before the provider answers, as it does after 20 s at
the latest, without a word on standard error, and exactly one refresh may have reached the provider. Once it has
answered, the account has the new token, and neither a process nor a file is left that was not there before.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

from tests.programs.left_behind import DEADLINE, Held, processes, until
from tests.programs.stage import Stage, file_store, make_due, stage

NEARLY = 300.0
"""Seconds that a token of an hour has left which is nearly due."""

LONGEST = 20.0
"""Seconds for which the provider does not answer; the process ahead waits for half a minute. Processes that end later
may have the new token."""


@dataclass(frozen=True)
class Round:
    """What one round came to: what was not as it must be, and how long the processes and the refresh took."""

    faults: tuple[str, ...]
    seconds: float
    after: float


def play(scene: Stage, count: int) -> Round:
    """Make the token nearly due, start this many `gumauth token` at once, and let the provider answer afterwards."""
    make_due(scene.environ, "acme", left=NEARLY)
    old = scene.context.accounts.read(scene.context.accounts.look_up("acme")).access_token
    before, files = scene.server.count("refresh"), files_of(scene)
    held, began = Held(scene.server), time.monotonic()
    timer = Timer(LONGEST, held.answered.set)
    timer.start()
    running = [scene.start("token", "acme") for _ in range(count)]
    ended = [(*process.communicate(timeout=1800), process.returncode) for process in running]
    seconds = time.monotonic() - began
    reached = held.reached.wait(DEADLINE)
    timer.cancel()
    is_early, at_it = held.answered.is_set(), len(processes(scene.environ))
    answered = time.monotonic()
    held.answered.set()
    until(lambda: not processes(scene.environ))
    scene.server.behave()
    new = scene.context.accounts.read(scene.context.accounts.look_up("acme")).access_token
    refreshes = scene.server.count("refresh") - before
    good = {(f"{token}\n", "", 0) for token in ((old, new) if is_early else (old,))}
    faults = [repr(each) for each in ended if each not in good]
    if (reached, at_it or is_early, refreshes) != (True, 1, 1):
        faults.append(f"provider asked: {reached}, processes at it: {at_it}, refreshes: {refreshes}")
    if new == old or not scene.server.is_active(new):
        faults.append("the account has no new token")
    if left := len(files_of(scene)) - len(files):  # a record's new file takes the place of an older one
        faults.append(f"files left behind: {left}")
    return Round(faults=tuple(faults), seconds=seconds, after=time.monotonic() - answered)


def files_of(scene: Stage) -> set[Path]:
    """All files of the home but locks."""
    every = Path(scene.environ["GUMAUTH_HOME"]).rglob("*")
    return {path for path in every if path.is_file() and path.suffix != ".lock"}


def main() -> int:
    """Play the rounds and print what they came to; 1 if any was not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--processes", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environ = {**file_store(Path(folder)), "HOME": folder, "GUMAUTH_AHEAD": "1"}
        with stage(Path(folder), environ) as scene:
            rounds = [play(scene, options.processes) for _ in range(options.rounds)]
            reuse = scene.server.count("reuse", "refused")
    right = sum(not each.faults for each in rounds)
    print(
        f"{right} of {len(rounds)} rounds right: {options.processes} processes, none waits, one refresh, nothing left"
    )
    print(f"seconds for all processes: {', '.join(f'{each.seconds:.2f}' for each in rounds)}; reuse {reuse}")
    print(f"seconds from the answer to the end of the process ahead: {', '.join(f'{r.after:.2f}' for r in rounds)}")
    for fault in sorted({fault for each in rounds for fault in each.faults}):
        print(f"  {fault}")
    return 0 if right == len(rounds) and not reuse else 1


if __name__ == "__main__":
    sys.exit(main())
