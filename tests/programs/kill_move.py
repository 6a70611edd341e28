"""A move of an account killed at random instructions: `python -m tests.programs.kill_move --kills 300`.

The account goes to a database and back, on one machine, while another one uses it. After every kill, at most one of the
two places may have the account as usable; the same command, or the one for the way back, has to end the move; and the
place that has it then refreshes it, at a server that ends a grant whose refresh token comes twice.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from types import FrameType

from tests.client.move.scene import Scene, scene
from tests.parts.postgresql import running
from tests.parts.shared_store import SharedStore
from tests.programs.stage import session

COUNTED = tuple(
    os.path.join("gumauth", *each)
    for each in (("accounts", ""), ("client", "move", ""), ("store", ""), ("platform", "files.py"))
)
"""Where an instruction is one at which the process may be killed: what writes is called from there."""


@cache
def is_counted(path: str) -> bool:
    """Whether the instructions of a file are counted."""
    return any(part in path for part in COUNTED)


def forked(environ: Mapping[str, str], words: Sequence[str], place: Scene, kill_at: int | None) -> tuple[int, int]:
    """Run the command in a process of its own, which kills itself at that instruction.

    Returns:
        The wait status, and how many instructions there were; 0 where it was killed.
    """
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        count = 0

        def profile(frame: FrameType, _event: str, _argument: object) -> None:
            nonlocal count
            if is_counted(frame.f_code.co_filename):
                count += 1
                if count == kill_at:
                    os.kill(os.getpid(), signal.SIGKILL)

        status = 99
        try:
            sys.setprofile(profile)
            ended = place.run(environ, *words)
            sys.setprofile(None)
            status = ended.status
            os.write(writing, f"{count} {ended.err}".encode())
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode()
    _, status = os.waitpid(process, 0)
    return status, int(said.partition(" ")[0] or 0)


def usable_places(place: Scene) -> list[str]:
    """Which of the two lists have the account as usable, as the database itself says and as the machine's files do."""
    own = place.states(place.own)
    shared = place.shared.ask("select state from gumauth.account where content is not null")
    return ["own"] * sum(each.endswith(" ok") for each in own) + ["shared"] * shared.count("ok")


def kill_once(place: Scene, chance: random.Random, kind: str, kill_at: int) -> str:
    """Kill a move once, end it, and use the account; what came of it."""
    before = usable_places(place)
    to, back = ("postgresql", kind) if before == ["own"] else (kind, "postgresql")
    status, _ = forked(place.at_database, ("move", "acme", "--to", to), place, kill_at)
    killed = "killed" if os.WIFSIGNALED(status) else "ended before"
    after = usable_places(place)
    if len(after) > 1:
        return f"WRONG: usable in {after}"
    place.let_claims_end()
    elsewhere = place.run(place.b, "refresh", "acme")
    if "Traceback" in elsewhere.err or elsewhere.status not in ((0, 5) if after == ["shared"] else (3, 5)):
        return f"WRONG: another machine, {after}: {elsewhere}"
    way = to if chance.random() < 0.7 else back
    ended = place.run(place.at_database, "move", "acme", "--to", way)
    now = usable_places(place)
    if ended.status != 0 or now != (["shared"] if way == "postgresql" else ["own"]):
        return f"WRONG: {killed} with {after} on the way to {to}, then to {way}: {ended} {now}"
    if not place.refreshes(place.at_database if way == "postgresql" else place.own):
        return f"WRONG: it cannot be refreshed: {place.server.count('reuse')} {place.run(place.own, 'list')}"
    if place.server.count("reuse"):
        return "WRONG: a refresh token was sent twice"
    return f"to {to}, {killed}, usable {after or 'nowhere'}, ended {'forward' if way == to else 'backward'}"


def play(kills: int, chance: random.Random, *, keyring: bool) -> Counter[str]:
    """Kill so many times."""
    kind = "keyring" if keyring else "file"
    outcomes: Counter[str] = Counter()
    with ExitStack() as stack:
        server = stack.enter_context(running())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        passwords = server.password_file(folder)
        os.environ["PGPASSFILE"] = str(passwords)
        shared = SharedStore(server, folder, passwords)
        shared.make()
        own = {**stack.enter_context(session()).environ, "GUMAUTH_STORE": "keyring"} if keyring else {}
        place = stack.enter_context(scene(shared, own))
        lengths = []
        for to in ("postgresql", kind):
            status, count = forked(place.at_database, ("move", "acme", "--to", to), place, None)
            assert status == 0, (to, status)
            lengths.append(count)
        for _ in range(kills):
            length = lengths[usable_places(place) != ["own"]]
            outcomes[kill_once(place, chance, kind, chance.randint(1, length))] += 1
    return outcomes


def main() -> int:
    """Kill, and print what came of it; 1 if anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--keyring", action="store_true", help="on a real gnome-keyring, not the encrypted file")
    options = parser.parse_args()
    outcomes = play(options.kills, random.Random(options.seed), keyring=options.keyring)
    print(f"seed {options.seed}")
    for outcome, count in sorted(outcomes.items()):
        print(f"{count:>5}  {outcome}")
    return 1 if any("WRONG" in outcome for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
