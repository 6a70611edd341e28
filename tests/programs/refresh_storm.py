"""Many processes, one expired token, a server that punishes reuse.

`python -m tests.programs.refresh_storm --rounds 200`

In every round exactly one refresh may reach the server, every process must print a token, and the grant must live.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass

from tests.programs.stage import Stage, chosen_stage


@dataclass(frozen=True)
class Round:
    """What one round came to."""

    refreshes: int
    tokens: int
    distinct: int
    failures: tuple[str, ...]
    seconds: float


def play(scene: Stage, processes: int) -> Round:
    """Expire the token and start this many `gumauth token` at once."""
    scene.expire()
    before = scene.server.count("refresh")
    began = time.monotonic()
    running = [scene.start("token", "acme") for _ in range(processes)]
    done = [(process.communicate(timeout=300), process.returncode) for process in running]
    printed = [out.strip() for (out, _), status in done if status == 0]
    return Round(
        refreshes=scene.server.count("refresh") - before,
        tokens=len(printed),
        distinct=len(set(printed)),
        failures=tuple(err.strip() for (_, err), status in done if status != 0),
        seconds=time.monotonic() - began,
    )


def main() -> int:
    """Play the rounds and print what they came to; 1 if any was not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--processes", type=int, default=50)
    parser.add_argument("--keyring", action="store_true", help="on a real gnome-keyring, not the encrypted file")
    options = parser.parse_args()
    with chosen_stage(keyring=options.keyring) as (scene, _):
        rounds = [play(scene, options.processes) for _ in range(options.rounds)]
        reuse, lives = scene.server.count("reuse", "refused"), scene.server.families[-1].ended is None
    right = [r.refreshes == 1 and r.tokens == options.processes and r.distinct == 1 for r in rounds]
    print(f"{sum(right)} of {len(rounds)} rounds right: {options.processes} processes, one refresh, one token for all")
    print(
        f"refreshes {sum(r.refreshes for r in rounds)}, failures {sum(len(r.failures) for r in rounds)}, reuse {reuse}"
    )
    print(f"seconds for a round: median {sorted(r.seconds for r in rounds)[len(rounds) // 2]:.2f}")
    for failure in sorted({failure for r in rounds for failure in r.failures}):
        print(f"  {failure}")
    return 0 if all(right) and not reuse and lives else 1


if __name__ == "__main__":
    sys.exit(main())
