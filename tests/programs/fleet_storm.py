"""Many machines, one database, one expired token, a server that punishes reuse.

`python -m tests.programs.fleet_storm --machines 50 --rounds 100`, and the same again with `--pooler`

In every round exactly one refresh may reach the server, every machine must have a token that lives, and the grant must
live. With `--processes`, each machine is a process of `python -m gumauth token`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from dataclasses import dataclass

from gumauth.client.context import Context
from gumauth.platform.frozen import replace
from tests.parts.postgresql import pooled, running
from tests.programs.fleet import HOUR, Fleet, Machine, fleet, new_store
from tests.programs.fleet_machine import Answer

LONGEST = 60.0


@dataclass(frozen=True)
class Round:
    """What one round came to."""

    refreshes: int
    good: int
    distinct: int
    failures: tuple[str, ...]
    slowest: float

    def is_right(self, machines: int) -> bool:
        """Whether there was one refresh, and one token that lives for all."""
        return (self.refreshes, self.good, self.distinct) == (1, machines, 1) and self.slowest < LONGEST


def play_one(scene: Fleet) -> Round:
    """Let the token end, and all machines ask at once."""
    scene.pass_time()
    before = scene.refreshes
    running = [scene.begin(machine) for machine in scene.machines]
    return _judged(scene, before, [each.answer() for each in running])


def play_processes(scene: Fleet) -> Round:
    """Make the token due in the database, and start the command on all machines at once."""
    make_due(scene.context(scene.machines[0]))
    before, began = scene.refreshes, time.monotonic()
    running = [_command(machine) for machine in scene.machines]
    answers = []
    for process in running:
        out, err = process.communicate(timeout=300)
        answers.append(Answer(process.returncode, out.strip(), err.strip(), time.monotonic() - began))
    return _judged(scene, before, answers)


def _judged(scene: Fleet, before: int, answers: list[Answer]) -> Round:
    good = [answer.token for answer in answers if scene.is_good(answer)]
    return Round(
        refreshes=scene.refreshes - before,
        good=len(good),
        distinct=len(set(good)),
        failures=tuple(f"{answer.status}: {answer.said}" for answer in answers if not scene.is_good(answer)),
        slowest=max(answer.seconds for answer in answers),
    )


def _command(machine: Machine) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "gumauth", "token", "acme"],
        env={**machine.environ, "GUMAUTH_CACHE_SECONDS": "0"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def make_due(context: Context) -> None:
    """Make the access token in the database due, as an hour's wait does."""
    with context.accounts.locked(context.accounts.look_up("acme")) as locked:
        account = locked.listed()
        assert account is not None
        account, record = locked.settle(account)
        end = context.clock() - 1
        account, _ = locked.put(account, replace(record, obtained_at=end - HOUR, expires_at=end))
        locked.commit(replace(account, refreshed_at=end - HOUR))


def main() -> int:
    """Play the rounds and print what they came to; 1 if any was not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--machines", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processes", action="store_true", help="each machine is a process of the command")
    parser.add_argument("--pooler", action="store_true", help="through PgBouncer, with 5 connections to the database")
    parser.add_argument("--minutes", type=float, default=60.0, help="no round begins later")
    options = parser.parse_args()
    with running("full_page_writes = off") as server, new_store(server) as store, pooled(server, pool=5) as pooler:
        place = f"127.0.0.1:{pooler.port}" if options.pooler else None
        with fleet(store, size=options.machines, place=place) as scene:
            rounds = play(scene, options.rounds, processes=options.processes, minutes=options.minutes)
            print("\n".join(told(scene, rounds)))
            return 0 if is_right(scene, rounds) else 1


def play(scene: Fleet, rounds: int, *, processes: bool = False, minutes: float = 60.0) -> list[Round]:
    """Play so many rounds; fewer where the time is up."""
    one, end = play_processes if processes else play_one, time.monotonic() + 60 * minutes
    return [one(scene) for _ in range(rounds) if time.monotonic() < end]


def is_right(scene: Fleet, rounds: list[Round]) -> bool:
    """Whether all rounds were right, no refresh token was sent twice, and the grant can be refreshed further."""
    is_whole = not scene.reuse and scene.lives and scene.can_go_on()
    return is_whole and all(each.is_right(len(scene.machines)) for each in rounds)


def told(scene: Fleet, rounds: list[Round]) -> list[str]:
    """Lines that say what the rounds came to."""
    size = len(scene.machines)
    right = sum(each.is_right(size) for each in rounds)
    slowest = sorted(each.slowest for each in rounds)
    return [
        f"{right} of {len(rounds)} rounds right: {size} machines, one refresh, one token for all",
        f"refreshes {sum(each.refreshes for each in rounds)}, reuse {scene.reuse}",
        f"machines without a token {sum(len(each.failures) for each in rounds)}",
        f"seconds of a round's slowest: median {slowest[len(slowest) // 2]:.2f}, longest {slowest[-1]:.2f}",
        *(f"  {failure}" for failure in sorted({failure for each in rounds for failure in each.failures})),
    ]


if __name__ == "__main__":
    sys.exit(main())
