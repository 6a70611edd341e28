"""A real process killed at random moments of a refresh: `python -m tests.programs.kill_anywhere --kills 500`.

Or of a revoke, a first connect or a refresh ahead: `--command revoke`, `--command connect`, `--command ahead`.

After every kill the next command must need no repair: it prints a token that the server accepts, or the server's log
confirms that the grant is really gone, because the answer to a refresh died with the process. No lock may be held.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import time
from collections import Counter

from tests.parts.secret_service import Session
from tests.programs.kill_commands import (
    begin_ahead,
    begin_connect,
    kill_ahead_once,
    kill_connect_once,
    kill_revoke_once,
)
from tests.programs.stage import Stage, chosen_stage, make_due


def kill_once(scene: Stage, moment: float) -> str:
    """Kill a refresh after so many seconds; what the next command came to."""
    scene.expire()
    before = scene.server.count("refresh")
    process = scene.start("refresh", "acme")
    time.sleep(moment)  # the random moment itself, not a wait for something
    if process.poll() is None:
        os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    killed = process.returncode == -signal.SIGKILL
    after = scene.run("token", "acme")
    # Counted late: the server may answer a request whose process is dead already.
    reached = scene.server.count("refresh") - before
    if after.returncode == 0:
        good = scene.server.is_active(after.stdout.strip())
        return ("killed" if killed else "ended before") + (": good token" if good else ": BAD TOKEN")
    # Refused: only right where the server really gave an answer that nobody kept.
    lost = scene.server.count("reuse", "refused") > 0 and reached > 0 and after.returncode == 3
    scene.connect()
    return "killed: answer lost with the process, server agrees" if lost else f"WRONG: {after.stderr.strip()}"


def kill_daemon_once(scene: Stage, desk: Session, moment: float) -> str:
    """Kill the keyring's daemon in the middle of a refresh, start it again, unlocked; what the next command came to."""
    scene.expire()
    process = scene.start("refresh", "acme")
    time.sleep(moment)  # the random moment itself, not a wait for something
    desk.kill_daemon()
    _, said = process.communicate()
    desk.start_daemon()
    if "Traceback" in said or process.returncode not in (0, 6):
        return f"WRONG: {process.returncode} {said.strip()}"
    after = scene.run("token", "acme")
    if after.returncode == 0 and scene.server.is_active(after.stdout.strip()):
        return f"daemon killed, refresh ended with {process.returncode}: good token"
    lost = scene.server.count("reuse", "refused") > 0 and after.returncode == 3
    scene.connect()
    return "daemon killed: answer lost, server agrees" if lost else f"WRONG: {after.returncode} {after.stderr.strip()}"


def measured(scene: Stage, command: str) -> float:
    """Seconds that a command takes where nobody kills it; a connect, from the consent on."""
    if command == "connect":
        scene.run("disconnect", "acme", "--keep-grant")
        process, person = begin_connect(scene)
        began = time.monotonic()
        process.wait()
        seconds = time.monotonic() - began
        person.join()
        return seconds
    began = time.monotonic()
    if command == "ahead":
        make_due(scene.environ, "acme", left=300)
        begin_ahead(scene).wait()
    else:
        scene.run(command, "acme")
    return time.monotonic() - began


KILLS = {
    "refresh": kill_once,
    "revoke": kill_revoke_once,
    "connect": kill_connect_once,
    "ahead": kill_ahead_once,
}


def main() -> int:
    """Kill, and print what came of it; 1 if anything was lost that need not be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--keyring", action="store_true", help="on a real gnome-keyring, not the encrypted file")
    parser.add_argument("--command", choices=KILLS, default="refresh")
    parser.add_argument("--daemon", action="store_true", help="kill the keyring's daemon, not the process")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with chosen_stage(keyring=options.keyring or options.daemon) as (scene, desk):
        longest = measured(scene, options.command) * 1.1
        moments = [chance.uniform(0, longest) for _ in range(options.kills)]
        if desk is not None and options.daemon:
            outcomes = Counter(kill_daemon_once(scene, desk, moment) for moment in moments)
        else:
            outcomes = Counter(KILLS[options.command](scene, moment) for moment in moments)
    print(f"seed {options.seed}, moments up to {longest:.2f} s")
    for outcome, count in outcomes.most_common():
        print(f"{count:>5}  {outcome}")
    return 1 if any("WRONG" in outcome or "BAD" in outcome for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
