"""A machine that stops in the middle of a refresh for longer than its claim, and wakes up.

`python -m tests.programs.fleet_stops`

Meanwhile another machine has refreshed. Who wakes up may neither send the refresh token that the other one has used nor
write over what the other one has stored. Claims last three seconds here in place of 45.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

from tests.parts.postgresql import running
from tests.programs.fleet import HOUR, Fleet, fleet, new_store
from tests.programs.fleet_machine import Answer

LEASE = 3.0
CLAIMED = "SharedReservation._claimed."
CONNECTING = "BaseEventLoop.create_connection"
ANSWERED = "SharedReservation.commit"
POINTS = {
    CLAIMED: "before the provider is asked",
    CONNECTING: "while the connection to the provider is made",
    ANSWERED: "after the answer, before it is written",
}


@dataclass(frozen=True)
class Stopped:
    """What became of it.

    Args:
        other: What another machine got in between.
        woken: What the stopped machine got.
        later: What it gets when it asks once more.
        refreshes: How many refreshes the provider has answered altogether.
        reuse: How many refresh tokens were sent a second time.
        goes_on: Whether the database has the refresh token that the provider expects next.
    """

    other: Answer
    woken: Answer
    later: Answer
    refreshes: int
    reuse: int
    goes_on: bool


def play(scene: Fleet, point: str, *, life: float = 0.0) -> Stopped:
    """Stop a machine at a point until its claim has ended.

    Args:
        scene: The fleet.
        point: As `Errand.stop`.
        life: Seconds of life that the present token has left.
    """
    victim, other = scene.machines[1:3]
    scene.pass_time(HOUR - life)
    refreshes, reuse = scene.refreshes, scene.reuse
    process = scene.begin(victim, lease=LEASE, stop=point)
    assert process.wait_until_stopped(), process.answer()
    end = time.monotonic() + LEASE + 0.2
    between = scene.ask(other, lease=LEASE)
    time.sleep(max(end - time.monotonic(), 0))
    process.wake()
    woken = process.answer()
    later = scene.ask(victim, lease=LEASE)
    return Stopped(
        other=between,
        woken=woken,
        later=later,
        refreshes=scene.refreshes - refreshes,
        reuse=scene.reuse - reuse,
        goes_on=scene.lives and scene.can_go_on(),
    )


def told(scene: Fleet, found: Stopped) -> str:
    """A line that says what became of it."""
    good = [scene.is_good(answer) for answer in (found.other, found.woken, found.later)]
    names = [name for name, is_good in zip(("other", "woken", "later"), good, strict=True) if not is_good]
    said = ", ".join(f"{name}: no good token" for name in names) or "all have good tokens"
    return f"{said}; refreshes {found.refreshes}, reuse {found.reuse}, goes on: {found.goes_on}"


def is_right(scene: Fleet, found: Stopped, *, refreshes: int) -> bool:
    """Whether all have good tokens, and the provider was asked as often as it had to be."""
    answers = (found.other, found.woken, found.later)
    return all(map(scene.is_good, answers)) and (found.refreshes, found.reuse) == (refreshes, 0) and found.goes_on


def main() -> int:
    """Play all of it, and print what became of it; 1 if anything was not as it must be."""
    status = 0
    with running() as server:
        for grace in (0.0, 600.0):
            with new_store(server) as store, fleet(store, size=3, grace=grace) as scene:
                for point, where in POINTS.items():
                    for life in (0.0, 40.0):
                        is_lost = point == ANSWERED and not life and not grace
                        found = play(scene, point, life=life)
                        right = is_right(scene, found, refreshes=2 if point == ANSWERED and not life else 1)
                        status |= not right and not is_lost
                        print(f"grace {grace:.0f} s, life {life:.0f} s, {where}: {told(scene, found)}")
                        if is_lost:
                            print("  (no engine can help: only the stopped machine had the answer)")
                            scene.connect()
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
