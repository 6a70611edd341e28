"""Machines whose clocks are wrong by hours and days, at one database: `python -m tests.programs.fleet_clocks`.

The clock that counts is the database's: one refresh for all, tokens that live, nothing refreshed without need, and an
end that a machine with a right clock finds where it is. And a machine whose clock is set while it has a token.
"""

from __future__ import annotations

import subprocess
import sys
import time

from tests.parts.postgresql import running
from tests.programs.fleet import HOUR, Fleet, Machine, fleet, new_store
from tests.programs.fleet_machine import Answer
from tests.programs.fleet_storm import make_due

DAY = 24 * HOUR
SHIFTS = (0.0, HOUR, -HOUR, DAY, -DAY)


def start(machine: Machine, shift: float, *words: str) -> subprocess.Popen[str]:
    """The command on a machine whose clock is that many seconds ahead."""
    clock = ["faketime", "-f", f"{shift:+.0f}s"] if shift else []
    pipe = subprocess.PIPE
    command = [*clock, sys.executable, "-m", "gumauth", *words]
    environ = {**machine.environ, "GUMAUTH_CACHE_SECONDS": "0"}  # an older token may be good still
    return subprocess.Popen(command, env=environ, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True)


def end(process: subprocess.Popen[str]) -> Answer:
    """What a command came to."""
    out, err = process.communicate(timeout=300)
    return Answer(process.returncode, out.strip(), err.strip())


def play_herd(scene: Fleet, shifts: tuple[float, ...] = SHIFTS) -> str:
    """All machines want the token that has ended, each by its own clock, and once more the one that they have then.

    Gives what was wrong; "" for nothing.
    """
    make_due(scene.context(scene.machines[0]))
    before = scene.refreshes
    first = _all(scene, shifts)
    again = _all(scene, shifts)
    refreshes, reuse = scene.refreshes - before, scene.reuse
    tokens = {answer.token for answer in first + again if scene.is_good(answer)}
    said = "; ".join(f"{answer.status} {answer.said}" for answer in first + again if not scene.is_good(answer))
    left = (scene.stored().expires_at or 0.0) - time.time()
    if (refreshes, reuse, len(tokens), said) != (1, 0, 1, "") or abs(left - HOUR) > HOUR / 2:
        return f"refreshes {refreshes}, reuse {reuse}, tokens {len(tokens)}, ends in {left:.0f} s, {said}"
    return ""


def _all(scene: Fleet, shifts: tuple[float, ...]) -> list[Answer]:
    pairs = zip(scene.machines, shifts, strict=False)
    return [end(process) for process in [start(machine, shift, "token", "acme") for machine, shift in pairs]]


def play_refresh(scene: Fleet, shift: float) -> str:
    """A machine with a wrong clock refreshes, and one with a right clock has the token, with its end."""
    machine, other = scene.machines[1], scene.machines[0]
    new, reuse = end(start(machine, shift, "refresh", "acme")), scene.reuse
    record = scene.stored()
    handed = end(start(other, 0.0, "token", "acme"))
    left = (record.expires_at or 0.0) - time.time()
    if new.status or reuse or not scene.is_good(handed) or abs(left - HOUR) > HOUR / 2:
        return f"{new.said} {handed.said} ends in {left:.0f} s, reuse {reuse}"
    return ""


def play_step(scene: Fleet, shift: float) -> str:
    """A machine's clock is set while the machine has a token, and set back; the token stays the same, and good."""
    machine, before = scene.machines[1], scene.refreshes
    answers = [end(start(machine, each, "token", "acme")) for each in (0.0, shift, 0.0)]
    if not all(map(scene.is_good, answers)) or scene.refreshes != before or scene.reuse:
        said = "; ".join(answer.said for answer in answers)
        return f"refreshes {scene.refreshes - before}, reuse {scene.reuse} {said}"
    return ""


def main() -> int:
    """Play all of it, and print what was wrong; 1 if anything was."""
    with running() as server, new_store(server) as store, fleet(store, size=len(SHIFTS)) as scene:
        found = {f"herd {number}": play_herd(scene) for number in range(3)}
        for shift in SHIFTS[1:]:
            found[f"refresh at {shift:+.0f} s"] = play_refresh(scene, shift)
            found[f"set by {shift:+.0f} s"] = play_step(scene, shift)
    for what, wrong in found.items():
        print(f"{what}: {wrong or 'right'}")
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main())
