"""A machine that is killed or stopped, or a database that cuts and restarts, at random moments of a refresh.

`python -m tests.programs.fleet_kills kill --times 150`, and the same with `crowd`, `stop`, `cut`, `restart`, `crash`

Afterwards, without any repair, the same machine and another one must get tokens that the provider accepts, and the
database must have the refresh token that the provider expects next. But where a process died after the provider had
answered and before it wrote, the grant is gone with it: that is right only where the provider has answered.

Claims last three seconds here in place of 45, so that a dead machine is not waited for that long.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from tests.parts.postgresql import running
from tests.programs.fleet import Fleet, Machine, fleet, new_store
from tests.programs.fleet_machine import LOST, Answer

LEASE = 3.0
LONGEST = 60.0
GOOD = "good on both machines"


@dataclass(frozen=True)
class Before:
    """What the provider had done before a fault."""

    refreshes: int
    reuse: int


def look(scene: Fleet) -> Before:
    """Let the token end, and look at what the provider has done so far."""
    scene.pass_time()
    return Before(scene.refreshes, scene.reuse)


def kill(scene: Fleet, chance: random.Random, longest: float) -> str:
    """Kill a machine that refreshes; it comes back first, or another one does."""
    before, (victim, other, *_) = look(scene), _shuffled(scene, chance)
    process = scene.begin(victim, lease=LEASE)
    time.sleep(chance.uniform(0, longest))  # the random moment itself, not a wait for something
    process.kill()
    when = "killed" if process.answer() == LOST else "ended before"
    first, second = chance.choice([(victim, other), (other, victim)])
    kept = scene.has_kept(victim)
    answers = [scene.ask(machine, lease=LEASE) for machine in (first, second)]
    return (
        f"{when}, {'the same' if first == victim else 'another'} machine first: {judge(scene, before, answers, kept)}"
    )


def crowd(scene: Fleet, chance: random.Random, longest: float) -> str:
    """Kill the one of several machines that has the claim, while the others wait for it; it comes back afterwards."""
    before = look(scene)
    processes = {machine.name: scene.begin(machine, lease=LEASE) for machine in scene.machines}
    end = time.monotonic() + 10 * longest
    while (holder := scene.holder()) is None and time.monotonic() < end:
        time.sleep(0.002)
    time.sleep(chance.uniform(0, longest / 2))  # the random moment itself
    victim = next((each for each in scene.machines if each.name == holder), scene.machines[0])
    processes[victim.name].kill()
    when = "holder killed" if processes.pop(victim.name).answer() == LOST else "holder ended before"
    kept = scene.has_kept(victim)
    answers = [process.answer() for process in processes.values()]
    answers.append(scene.ask(victim, lease=LEASE))
    return f"{when}, others wait: {judge(scene, before, answers, kept)}"


def stop(scene: Fleet, chance: random.Random, longest: float) -> str:
    """Stop a machine that refreshes for longer than its claim, and let it go on when another one has a token."""
    before, (victim, other, *_) = look(scene), _shuffled(scene, chance)
    process = scene.begin(victim, lease=LEASE)
    time.sleep(chance.uniform(0, longest))  # the random moment itself
    process.stop()
    end = time.monotonic() + LEASE + 0.5
    time.sleep(0.1)  # what was sent before may be answered now
    kept = scene.refreshes > before.refreshes
    answers = [scene.ask(other, lease=LEASE)]
    time.sleep(max(end - time.monotonic(), 0))
    process.wake()
    answers += [process.answer(), scene.ask(victim, lease=LEASE)]
    return f"stopped for longer than its claim: {judge(scene, before, answers, kept)}"


def cut(scene: Fleet, chance: random.Random, longest: float) -> str:
    """End all connections to the database."""
    return _disturbed(scene, chance, longest, lambda: scene.store.cut())


def restart(scene: Fleet, chance: random.Random, longest: float) -> str:
    """Restart the database."""
    return _disturbed(scene, chance, longest, lambda: scene.store.server.restart())


def crash(scene: Fleet, chance: random.Random, longest: float) -> str:
    """Kill the database, and start it again."""
    return _disturbed(scene, chance, longest, lambda: scene.store.server.restart("immediate"))


FAULTS: dict[str, Callable[[Fleet, random.Random, float], str]] = {
    "kill": kill,
    "crowd": crowd,
    "stop": stop,
    "cut": cut,
    "restart": restart,
    "crash": crash,
}


def _disturbed(scene: Fleet, chance: random.Random, longest: float, fault: Callable[[], object]) -> str:
    """Two machines want a token while something happens to the database."""
    before, machines = look(scene), _shuffled(scene, chance)[:2]
    processes = [scene.begin(machine, lease=LEASE) for machine in machines]
    time.sleep(chance.uniform(0, longest))  # the random moment itself
    fault()
    first = [process.answer() for process in processes]
    again = [scene.ask(machine, lease=LEASE) for machine in machines]
    sorry = [answer for answer in first if answer.status in (5, 6)]
    wrong = [answer for answer in first if answer not in sorry and not scene.is_good(answer)]
    said = f"{len(sorry)} of 2 said to try again" if sorry else "unseen"
    return f"{said}: {judge(scene, before, [*wrong, *again], kept=False)}"


def judge(scene: Fleet, before: Before, answers: list[Answer], kept: bool) -> str:
    """What it came to; the account is connected again where its grant is gone.

    Args:
        scene: The fleet.
        before: What the provider had done before.
        answers: What the machines got afterwards.
        kept: Whether an answer was there on a machine that did not get to store it.
    """
    slowest = max(answer.seconds for answer in answers)
    if slowest > LONGEST:
        return f"WRONG: {slowest:.0f} s"
    if all(scene.is_good(answer) for answer in answers) and scene.lives and scene.can_go_on():
        return GOOD if scene.reuse == before.reuse else "WRONG: a refresh token was sent twice"
    said = "; ".join(f"{answer.status} {answer.said}" for answer in answers)
    is_lost = scene.reuse > before.reuse and scene.refreshes > before.refreshes
    is_told = all(answer.status in (0, 3) for answer in answers)
    scene.connect()
    if not is_lost or not is_told:
        return f"WRONG: {said}"
    return (
        "the answer was on a machine that was not back in time: connect again"
        if kept
        else "the answer was lost: connect again"
    )


def _shuffled(scene: Fleet, chance: random.Random) -> list[Machine]:
    return chance.sample(scene.machines, len(scene.machines))


def play(scene: Fleet, faults: list[str], chance: random.Random, *, minutes: float = 60.0) -> Counter[str]:
    """How often the faults came to what; fewer where the time is up."""
    end, outcomes = time.monotonic() + 60 * minutes, Counter[str]()
    longest = 1.2 * measured(scene)
    for fault in faults:
        if time.monotonic() > end:
            break
        outcomes[f"{fault}: {FAULTS[fault](scene, chance, longest)}"] += 1
    return outcomes


def measured(scene: Fleet) -> float:
    """Seconds that a refresh takes."""
    for machine in scene.machines:
        scene.ask(machine)  # the process is there then
    scene.pass_time()
    return scene.ask(scene.machines[1]).seconds


def main() -> int:
    """Play, and print what came of it; 1 if anything was lost that need not be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fault", choices=FAULTS)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=60.0, help="none begins later")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with running() as server, new_store(server) as store, fleet(store, size=3) as scene:
        outcomes = play(scene, [options.fault] * options.times, chance, minutes=options.minutes)
    print(f"seed {options.seed}, {outcomes.total()} times")
    for outcome, count in outcomes.most_common():
        print(f"{count:>5}  {outcome}")
    return 1 if any("WRONG" in outcome for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
