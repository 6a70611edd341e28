"""`gumauth run NAME@=`, with the command, its keeper or both killed at random moments.

`python -m tests.programs.keeper_storm --kills 200`

The file goes with its command where the keeper lives. Where the keeper was killed, the next run removes it: at the end
no folder of a run is left, no keeper lives, and the account works.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.programs.left_behind import until
from tests.programs.stage import Stage, file_store, stage

VICTIMS = ("command", "keeper", "both")
WORDS = ("run", "T@=acme", "--", "sleep", "60")


def kill_once(scene: Stage, victim: str, moment: float) -> str:
    """Kill after so many seconds from the start of gumauth; what was left."""
    run = scene.start(*WORDS)
    time.sleep(moment)  # the random moment itself, not a wait for something
    keepers = keepers_of(scene)
    if victim != "command":
        _kill(keepers)
    if victim == "keeper" and not (keepers and run.poll() is None and has_become(run)):
        victim = "keeper, too early"
    run.kill()
    _, said = run.communicate()
    if "Traceback" in said:
        return f"WRONG: {said}"
    if not (victim != "command" and keepers):
        try:
            until(lambda: not keepers_of(scene) and not tokens(scene, run))
        except AssertionError:
            return f"WRONG: {victim} killed after {moment:.3f} s: {tokens(scene, run)} left"
        return f"{victim} killed: no token left"
    left = "a token left for the next run" if tokens(scene, run) else "no token left"
    return f"{victim} killed: {left}"


def keepers_of(scene: Stage) -> list[int]:
    """The keepers, which have the lock of a run as their file 3."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(each / "fd" / "3").startswith(f"{top(scene)}/"):
                found.append(int(each.name))
        except OSError:
            continue
    return found


def has_become(run: subprocess.Popen[str]) -> bool:
    """Whether gumauth is the command already."""
    return Path(f"/proc/{run.pid}/cmdline").read_bytes().startswith(b"sleep\0")


def _kill(processes: list[int]) -> None:
    for each in processes:
        try:
            os.kill(each, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it has ended


def top(scene: Stage) -> Path:
    """The folder for the folders of runs."""
    return Path(scene.environ["XDG_RUNTIME_DIR"], "gumauth")


def tokens(scene: Stage, run: subprocess.Popen[str]) -> list[Path]:
    """The files with tokens of a run."""
    return [path for path in top(scene).glob(f"{run.pid}-*/*") if path.name != ".lock"]


def main() -> int:
    """Kill, and print what came of it; 1 if anything was left that may not be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        environ = {**file_store(Path(folder)), "XDG_RUNTIME_DIR": folder}
        with stage(Path(folder), environ) as scene:
            began = time.monotonic()
            scene.run("run", "T@=acme", "--", "true")
            longest = (time.monotonic() - began) * 1.6
            outcomes = Counter(
                kill_once(scene, chance.choice(VICTIMS), chance.uniform(0, longest)) for _ in range(options.kills)
            )
            last = scene.run("run", "T@=acme", "--", "sh", "-c", 'cat "$T"')
            until(lambda: not keepers_of(scene))
            left = [path.name for path in top(scene).iterdir() if path.name != ".lock"]
            if left or not scene.server.is_active(last.stdout):
                outcomes[f"WRONG: at the end {last.stdout!r} {last.stderr!r}, left {left}"] += 1
    print(f"seed {options.seed}, moments up to {longest:.2f} s")
    for outcome, count in outcomes.most_common():
        print(f"{count:>5}  {outcome}")
    return 1 if any("WRONG" in outcome for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
