"""A primary that is killed in the middle of a refresh, and its standby promoted.

`python -m tests.programs.fleet_promotions --times 10`, and `--times 2 --behind`

The machines name both hosts. The standby is synchronous: nothing that was confirmed is lost. With `--behind` it is
cut off before the refresh: what the primary confirmed alone is lost, and the machine that refreshed has it.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter

from tests.parts.postgresql import PostgreSQL, running, standby_of
from tests.programs.fleet import Fleet, fleet, new_store
from tests.programs.fleet_kills import LEASE, judge, look, measured


def play(primary: PostgreSQL, standby: PostgreSQL, scene: Fleet, moment: float) -> str:
    """Kill the primary so many seconds after two machines have begun, and promote the standby."""
    before, machines = look(scene), scene.machines[1:3]
    processes = [scene.begin(machine, lease=LEASE) for machine in machines]
    time.sleep(moment)  # the random moment itself, not a wait for something
    fail_over(primary, standby, scene)
    first = [process.answer() for process in processes]
    again = [scene.ask(machine, lease=LEASE) for machine in machines]
    sorry = [answer for answer in first if answer.status in (5, 6)]
    wrong = [answer for answer in first if answer not in sorry and not scene.is_good(answer)]
    said = f"{len(sorry)} of 2 said to try again" if sorry else "unseen"
    return f"{said}: {judge(scene, before, [*wrong, *again], kept=False)}"


def play_behind(primary: PostgreSQL, standby: PostgreSQL, scene: Fleet, *, same_first: bool) -> str:
    """Refresh when the standby is cut off, kill the primary, and promote the standby."""
    before, (machine, other) = look(scene), scene.machines[1:3]
    standby.ask("alter system set primary_conninfo = ''")
    standby.reload()
    while primary.ask("select pid from pg_stat_replication"):
        time.sleep(0.05)
    assert scene.is_good(scene.ask(machine, lease=LEASE))
    fail_over(primary, standby, scene)
    scene.pass_time()
    order = (machine, other) if same_first else (other, machine)
    answers = [scene.ask(each, lease=LEASE) for each in order]
    who = "the machine that refreshed is the first" if same_first else "another machine is the first"
    return f"lost write, {who}: {judge(scene, before, answers, kept=True)}"


def fail_over(primary: PostgreSQL, standby: PostgreSQL, scene: Fleet) -> None:
    """Kill the primary, and promote the standby."""
    primary.stop("immediate")
    standby.configure("synchronous_standby_names = ''")  # it has none itself
    standby.promote()
    scene.move(standby)


def main() -> int:
    """Play, and print what came of it; 1 if anything was lost that need not be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60.0, help="none begins later")
    parser.add_argument("--behind", action="store_true", help="the standby has not got the last refresh")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    chance, outcomes, end = random.Random(options.seed), Counter[str](), time.monotonic() + 60 * options.minutes
    for number in range(options.times):
        if time.monotonic() < end:
            outcomes[_play_once(chance, behind=options.behind, same_first=number % 2 == 0)] += 1
    print(f"seed {options.seed}, {outcomes.total()} times")
    for outcome, count in outcomes.most_common():
        print(f"{count:>5}  {outcome}")
    return 1 if any("WRONG" in outcome for outcome in outcomes) else 0


def _play_once(chance: random.Random, *, behind: bool, same_first: bool) -> str:
    with running() as primary, new_store(primary) as store, standby_of(primary) as standby:
        if not behind:
            primary.configure("synchronous_standby_names = '*'")
            primary.reload()
        place = f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"
        with fleet(store, size=3, place=place) as scene:
            if behind:
                return play_behind(primary, standby, scene, same_first=same_first)
            return play(primary, standby, scene, chance.uniform(0, 1.2 * measured(scene)))


if __name__ == "__main__":
    sys.exit(main())
