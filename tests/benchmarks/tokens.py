"""A good token, however it is asked for and wherever it is kept, beside an empty interpreter and the peers."""

from __future__ import annotations

import shutil
import subprocess
import sys

from gumauth.handout.programs import PROGRAMS
from tests.benchmarks.figures import Figure, Finding
from tests.benchmarks.peers import GH, GH_FOR_GIT, KEYRING, SECRET_TOOL, Peers
from tests.benchmarks.scene import BARE, FEW, MANY, PROVIDER, Scene, in_kwallet
from tests.benchmarks.turns import Command
from tests.benchmarks.work import beside, each_beside_bare

PLAIN = "gumauth token"

MEASURE_MEMORY = """
import os, sys
out = os.open(os.devnull, os.O_WRONLY)
moves = [(os.POSIX_SPAWN_DUP2, out, 1)]
process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=moves)
_, status, used = os.wait4(process, 0)
print(used.ru_maxrss if status == 0 else "failed")
"""
"""Linux counts what the parent held when the child was made, so a small parent is needed."""


class Tokens:
    """Rows of one process each, which prints a good token.

    Args:
        scene: What they run in.
        peers: What they run beside.
    """

    def __init__(self, scene: Scene, peers: Peers) -> None:
        self.scene, self.peers = scene, peers

    def plain(self) -> Finding:
        """From the Secret Service."""
        limits = {BARE: 2.0, KEYRING: 0.13, GH: 0.6, SECRET_TOOL: 1.9}
        commands = {"gumauth": self._token(), BARE: self.scene.bare, **self.peers.some(*limits)}
        return beside(commands, "gumauth", limits, self.peers.absent)

    def forms(self) -> Finding:
        """Printed otherwise, and for each program."""
        person = self.scene.with_id_token()
        forms = {
            "--json": self._token("--json"),
            "--header": self._token("--header"),
            **{f"--for {each}": self.scene.gumauth("token", person, "--for", each) for each in PROGRAMS},
            "--for git": self.scene.for_git(),
        }
        return each_beside_bare(forms, self.scene, 2.0)

    def for_git(self) -> Finding:
        """A credential for git, beside the token alone and beside gh."""
        others = {PLAIN: self._token(), **self.peers.some(GH_FOR_GIT)}
        limits = {PLAIN: 1.15, GH_FOR_GIT: 0.7}
        return beside({"gumauth": self.scene.for_git(), **others}, "gumauth", limits, self.peers.absent)

    def run(self) -> Finding:
        """In the environment of a command, beside the token alone."""
        run = self.scene.gumauth("run", f"X={PROVIDER}", "--", "true")
        return beside({PLAIN: self._token(), "gumauth run": run}, "gumauth run", {PLAIN: 1.15})

    def encrypted(self) -> Finding:
        """From the encrypted file, under a key file."""
        command = self.scene.gumauth("token", PROVIDER, environ=self.scene.encrypted())
        return beside({"gumauth": command, BARE: self.scene.bare}, "gumauth", {BARE: 1.9})

    def kwallet(self) -> Finding:
        """From KWallet, on a bus of its own."""
        if shutil.which("kwalletd5") is None:
            return Finding([Figure(f"times {BARE}", None, 3, missing="kwalletd5 is not installed")])
        with in_kwallet(self.scene) as command:
            return beside({"gumauth": command, BARE: self.scene.bare}, "gumauth", {BARE: 3})

    def of_many(self) -> Finding:
        """With ten thousand accounts, beside ten."""
        few, many = f"{FEW} accounts", f"{MANY} accounts"
        with_many = self.scene.gumauth("token", PROVIDER, environ=self.scene.many_accounts())
        return beside({few: self._token(), many: with_many}, many, {few: 1.1})

    def memory(self) -> Finding:
        """The most memory at any moment."""
        self._token()()  # writes the bytecode: compiling takes more
        peak = max(_peak(self._token()) for _ in range(5))
        return Finding([Figure("peak", peak, 10.5, "MiB"), Figure(BARE, _peak(self.scene.bare), None, "MiB")])

    def _token(self, *options: str) -> Command:
        return self.scene.gumauth("token", PROVIDER, *options)


def _peak(command: Command) -> float:
    """The largest resident size of a run, in MiB."""
    words = [sys.executable, "-S", "-c", MEASURE_MEMORY, *command.words]
    done = subprocess.run(words, env=dict(command.environ), capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024
