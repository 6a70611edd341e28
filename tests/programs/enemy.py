"""gumauth where everything around it is hostile: `python -m tests.programs.enemy [--small] [--only TABLE]`.

Three tables of situations: disks that are full (`disks`), environments and files that somebody has prepared
(`environments`), and programs that listen in the keyring's place (`peers`). Every row runs the command in processes of
its own against a strict server, takes the situation away again, and compares what is left with the server's own truth.
It prints a line for each row that is not right.

In every row: no traceback and no bug, an end within 30 s, a status with a message and a hint, no secret in what is
printed, no refresh token that is used twice, and no living grant that is lost without a word.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gumauth
from gumauth.accounts.account import Account
from gumauth.client.context import Context
from gumauth.testing.messages import Request, Response
from gumauth.testing.misbehaviour import place_of
from tests.cli.program import environment
from tests.programs.hostile_scene import CountingServer
from tests.programs.playing import Played, play
from tests.programs.stage import Stage, make_due

DEADLINE = 30.0
"""Seconds within which every command ends, whatever is around it."""

TABLES = ("disks", "environments", "peers")

BUG = re.compile(r"Traceback|File \"|has a bug|Exception ignored|Exception in thread")
LIVES_ON = re.compile(r"lives? on")
"""What the program says of a grant that it leaves behind."""

PIPED = ("made-up-client", "made-up-word")
"""What is piped into `setup`; the second is a secret."""


class Server(CountingServer):
    """A strict server; something may happen between what it does and what it answers."""

    def __init__(self) -> None:
        self.meanwhile: dict[str, Callable[[], None]] = {}
        self.failed: list[str] = []
        super().__init__(rotate=True)

    def answer(self, request: Request) -> Response:
        response = super().answer(request)
        act = self.meanwhile.pop(place_of(request) or "", None)
        if act is not None:
            try:
                act()
            except Exception:  # noqa: BLE001 - it is a row that is not right, and not an answer of the server's
                self.failed.append(traceback.format_exc(limit=2))
        return response

    def tokens(self) -> dict[str, set[str]]:
        """Every token that was given out."""
        return {"access token": set(self._grants._access), "refresh token": set(self._grants._refresh)}

    def living(self) -> int:
        """How many grants are alive."""
        return sum(family.ended is None for family in self.families)


@dataclass(frozen=True)
class Command:
    """A command as a row runs it.

    Args:
        words: What stands behind `gumauth`; FILE is the provider's file.
        usual: The statuses with which it ends where nothing is hostile.
        due: Whether the stored access token has expired.
        touches: Whether it needs the data folder at all.
    """

    words: tuple[str, ...]
    usual: frozenset[int] = frozenset({0})
    due: bool = False
    touches: bool = True

    @property
    def name(self) -> str:
        return " ".join(self.words)


COMMANDS = (
    Command(("list",)),
    Command(("token", "acme"), due=True),
    Command(("token", "--json", "acme")),
    Command(("refresh", "acme")),
    Command(("revoke", "acme")),
    Command(("disconnect", "acme")),
    Command(("default", "acme")),
    Command(("providers",), touches=False),
    Command(("setup", "FILE", "-")),
    Command(("doctor",), frozenset({0, 1})),
    Command(("__complete", "accounts", "")),
    Command(("connect", "FILE", "--no-browser")),
)
BY_NAME = {command.name: command for command in COMMANDS}


@dataclass
class Scene:
    """What a row plays on: a folder and, once it has begun, a server and ada's account `acme` on it.

    Attributes:
        environ: Of the commands, where nothing is hostile.
        wrong: What is not right, in words.
        secrets: What nothing may print, besides the tokens: it says what it is → the text.
    """

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    played: list[Played] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)

    def begin(
        self, environ: Mapping[str, str] | None = None, *, connected: bool = True, home: str | None = None
    ) -> None:
        """Start the server and connect the account.

        Args:
            environ: Where nothing is hostile; by default with the encrypted file as the store.
            connected: Whether the account is connected.
            home: GUMAUTH_HOME; by default a folder that is nowhere else by itself.
        """
        self.server = Server()
        kept = dict(environment(self.folder) if environ is None else environ)
        self.stage = Stage(self.server, self.folder, kept)
        self.stage.world.attributes["separate_grants"] = True
        self.stage.world.write_provider()
        self.environ = self.stage.environ = self.stage.world.environ
        self.environ |= {"GUMAUTH_KEEP_KEY": "0", "PYTHONPATH": str(Path(gumauth.__file__).parents[1])}
        if home is not None:
            self.environ["GUMAUTH_HOME"] = home
        self.secrets |= {"client secret": self.environ["ACME_CLIENT_SECRET"], "piped secret": PIPED[1]}
        if connected:
            self.stage.connect()

    def end(self) -> None:
        if hasattr(self, "server"):
            self.server.close()

    @property
    def home(self) -> Path:
        """The data folder, where nothing is hostile."""
        return Path(Context(self.environ).home.data)

    def account(self) -> Account:
        return Context(self.environ).accounts.look_up("acme")

    def expire(self) -> None:
        make_due(self.environ, "acme")

    def check(self, fact: bool, otherwise: str) -> None:
        if not fact:
            self.wrong.append(otherwise)

    def run(
        self,
        command: Command | Sequence[str],
        environ: Mapping[str, str] | None = None,
        watch: Callable[[int], None] | None = None,
    ) -> Played:
        """Run a command to its end, and judge what is to hold in every row.

        Args:
            command: The command, or its words.
            environ: All of its environment; by default that in which nothing is hostile.
            watch: Is given the id of its process, again and again while it runs.
        """
        words = command.words if isinstance(command, Command) else command
        words = [str(self.stage.world.file) if word == "FILE" else word for word in words]
        with tempfile.TemporaryFile("w+") as stdin:
            stdin.write("\n".join(PIPED) + "\n")
            stdin.seek(0)
            played = play(
                self.environ if environ is None else environ,
                *words,
                person=self.server.follow,
                command=("env", "-C", str(self.folder), sys.executable, "-m", "gumauth"),
                stdin=stdin,
                watch=watch,
            )
        self.played.append(played)
        self.wrong += [f"{told}: {shown(played)}" for told in faults(played)]
        self.wrong += [f"{told} is printed by {' '.join(words)}" for told in self._printed(played)]
        return played

    def ends(self, played: Played, statuses: frozenset[int] | set[int]) -> None:
        """A command has to end with one of these."""
        self.check(played.status in statuses, f"not one of {sorted(statuses)}: {shown(played)}")

    def _printed(self, played: Played) -> list[str]:
        """What is printed that is secret: an access token is for the output of `token` alone."""
        everywhere = played.err + ("" if "token" in played.words else played.out)
        tokens = self.server.tokens()
        found = [what for what, text in self.secrets.items() if text in played.err + played.out]
        found += ["an access token"] * any(token in everywhere for token in tokens["access token"])
        return found + ["a refresh token"] * any(t in played.err + played.out for t in tokens["refresh token"])

    def truth(self) -> None:
        """What the server knows, and what the program says by now, with nothing hostile any more."""
        self.wrong += self.server.failed
        self.check(not self.server.count("reuse", "refused"), "a refresh token was used twice")
        token = self.run(("token", "acme"))
        if token.status == 0:
            self.check(self.server.is_active(token.out.strip()), "the token that is printed is not good")
            self._all_but(1)
            return
        self.ends(token, {3})
        if any(listed["state"] in ("revoking", "leaving") for listed in self.listed()):
            self.ends(self.run(("disconnect", "acme")), {0})  # what was begun is run again, as it is told
        self._all_but(0)

    def _all_but(self, known: int) -> None:
        said = "".join(played.out + played.err for played in self.played)
        living = self.server.living()
        self.check(living >= known, "a grant has ended that the list takes for alive")
        self.check(living <= known or bool(LIVES_ON.search(said)), "a living grant is lost without a word")

    def listed(self) -> list[dict[str, Any]]:
        listed = self.run(("list", "--json"))
        self.ends(listed, {0})
        accounts: list[dict[str, Any]] = json.loads(listed.out)["accounts"] if listed.status == 0 else []
        return accounts


def shown(played: Played) -> str:
    """A run in one line."""
    said = " | ".join((played.err + played.out).splitlines())
    return f"`{' '.join(played.words)}` ended with {played.status} after {played.seconds:.1f} s: {said[:600]}"


def faults(played: Played) -> list[str]:
    """What no command may do, whatever is around it."""
    found = ["a bug"] * bool(BUG.search(played.err))
    found += ["ended by a signal"] * (played.status < 0)
    found += ["late"] * (played.seconds > DEADLINE)
    found += ["an odd status"] * (played.status not in (0, 1, 2, 3, 5, 6))
    return found + ["no message and hint"] * (played.status != 0 and not _is_told(played))


def _is_told(played: Played) -> bool:
    """Whether a failure has one message and a hint; of `doctor`, every finding."""
    lines = played.out.splitlines()
    if failed := [number for number, line in enumerate(lines) if line.startswith("✗")]:
        return all("→" in "".join(lines[number + 1 : number + 2]) for number in failed)
    lines = played.err.splitlines()
    if "--json" in played.words or "__complete" in played.words:
        told = json.loads(lines[-1])["error"] if lines and lines[-1].startswith("{") else {}
        return bool(told.get("message") and told.get("hint"))
    return [line[:7] for line in lines[-2:]] == ["error: ", "hint:  "]


@dataclass(frozen=True)
class Row:
    """One situation.

    Args:
        name: What it is, in words.
        act: Plays it on a scene.
    """

    name: str
    act: Callable[[Scene], None]


@dataclass(frozen=True)
class Outcome:
    """What a row came to."""

    row: Row
    wrong: list[str]
    processes: int


@contextmanager
def folder_however_deep() -> Iterator[Path]:
    """A folder for one row; `rm` takes away also what is too deep for Python's recursion."""
    folder = tempfile.mkdtemp(prefix="enemy-")
    try:
        yield Path(folder)
    finally:
        subprocess.run(["rm", "-rf", "--", folder], check=False, capture_output=True)


def play_row(row: Row) -> Outcome:
    """Play a row in a folder of its own."""
    with folder_however_deep() as folder:
        scene = Scene(folder)
        try:
            row.act(scene)
        except Exception:  # noqa: BLE001 - a row that cannot be played to its end is not right
            scene.wrong.append(f"could not be played: {traceback.format_exc(limit=-3)}")
        finally:
            scene.end()
    return Outcome(row, scene.wrong, len(scene.played))


Table = Callable[[random.Random | None], AbstractContextManager[list[Row]]]
"""Gives the rows: all of them, or a sample of the size for CI that is drawn with this chance."""


def tables() -> dict[str, Table]:
    from tests.programs import enemy_disks, enemy_environments, enemy_peers

    return {"disks": enemy_disks.rows, "environments": enemy_environments.rows, "peers": enemy_peers.rows}


@contextmanager
def threads(jobs: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that begin nothing new once there was an interruption."""
    pool = ThreadPoolExecutor(jobs)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def play_table(table: Table, options: argparse.Namespace) -> list[Outcome]:
    """Play a table, and print each row that is not right."""
    outcomes = []
    with table(random.Random(options.seed) if options.small else None) as rows:
        chosen = [row for row in rows if options.match in row.name]
        with threads(options.jobs) as pool:
            running: list[Future[Outcome]] = [pool.submit(play_row, row) for row in chosen]
            for future in as_completed(running):
                outcome = future.result()
                outcomes.append(outcome)
                if outcome.wrong:
                    print(f"{outcome.row.name}: {'; '.join(outcome.wrong)}", flush=True)
    return outcomes


def end_by_sigterm() -> None:
    """Let SIGTERM end the program as Ctrl-C does, so that what is mounted is unmounted."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, interrupt)


def main() -> int:
    """Play the tables; 1 if a row is not right."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true", help="a sample of the rows, of the size for CI")
    parser.add_argument("--only", choices=TABLES, help="one table")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="draws the sample")
    parser.add_argument("--match", default="", help="only the rows in whose name this stands")
    parser.add_argument("--jobs", type=int, default=2 * (os.cpu_count() or 1), help="rows that are played at once")
    options = parser.parse_args()
    end_by_sigterm()
    began, outcomes = time.monotonic(), list[Outcome]()
    print(f"seed {options.seed}", flush=True)
    for name, table in tables().items():
        if options.only in (None, name):
            outcomes += play_table(table, options)
    right = sum(not outcome.wrong for outcome in outcomes)
    processes, seconds = sum(outcome.processes for outcome in outcomes), time.monotonic() - began
    print(f"{right} of {len(outcomes)} rows right ({processes} processes, {seconds:.0f} s)")
    return 0 if outcomes and right == len(outcomes) else 1


if __name__ == "__main__":
    from tests.programs import enemy  # the module that the tables import, and not a second one of the same file

    sys.exit(enemy.main())
