"""Commands that machines and people call, beside an interpreter that does nothing and beside the peers."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.figures import Figure, Finding, medians, ratios
from tests.benchmarks.peers import GH, GH_COMPLETES, GH_FOR_GIT, KEYRING, SECRET_TOOL, Peers
from tests.benchmarks.scene import BARE, FEW, MANY, PROVIDER, SOME, Scene, in_kwallet
from tests.benchmarks.turns import Command, in_turn

SCRIPT = Path(__file__).parents[2] / "completions" / "gumauth.bash"

COMPLETE_IN_BASH = f"""
source '{SCRIPT}'
COMP_LINE='gumauth dis' COMP_POINT=11
_gumauth
[[ ${{COMPREPLY[*]}} == disconnect ]]
"""
"""What the shell does between Tab and the word, and starting the shell on top."""

MEASURE_MEMORY = """
import os, sys
out = os.open(os.devnull, os.O_WRONLY)
moves = [(os.POSIX_SPAWN_DUP2, out, 1)]
process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=moves)
_, status, used = os.wait4(process, 0)
print(used.ru_maxrss if status == 0 else "failed")
"""
"""Linux counts what the parent held when the child was made, so a small parent is needed."""


class Commands:
    """Rows that are one process each.

    Args:
        scene: What they run in.
        peers: What they run beside.
    """

    def __init__(self, scene: Scene, peers: Peers) -> None:
        self.scene, self.peers = scene, peers

    def token(self, *options: str) -> Finding:
        """A good token from the Secret Service."""
        command = self.scene.gumauth("token", PROVIDER, *options)
        return self._beside(command, {BARE: 3.3, KEYRING: 0.22, GH: 0.95}, also=(SECRET_TOOL,))

    def for_mcp(self) -> Finding:
        """The headers for an MCP client, beside the token alone."""
        plain = "gumauth token"
        words = {plain: ("token", PROVIDER), "gumauth": ("token", PROVIDER, "--for", "mcp")}
        times = in_turn({name: self.scene.gumauth(*each) for name, each in words.items()})
        return ratios(times, "gumauth", {plain: 1.15}, {})

    def for_git(self) -> Finding:
        """A credential for git, beside the token alone and beside gh."""
        plain = "gumauth token"
        others = {plain: self.scene.gumauth("token", PROVIDER), **self.peers.some(GH_FOR_GIT)}
        times = in_turn({"gumauth": self.scene.for_git(), **others})
        return ratios(times, "gumauth", {plain: 1.15, GH_FOR_GIT: 0.95}, self.peers.absent)

    def run(self) -> Finding:
        """A command with a good token in its environment, beside the token alone."""
        alone, run = "gumauth token", "gumauth run"
        commands = {
            alone: self.scene.gumauth("token", PROVIDER),
            run: self.scene.gumauth("run", f"X={PROVIDER}", "--", "true"),
            BARE: self.scene.bare,
        }
        return ratios(in_turn(commands), run, {alone: 1.15}, {})

    def encrypted(self) -> Finding:
        """A good token from the encrypted file, under a key file."""
        return self._beside(self.scene.gumauth("token", PROVIDER, environ=self.scene.encrypted()), {BARE: 3.3})

    def kwallet(self) -> Finding:
        """A good token from KWallet, on a bus of its own."""
        if shutil.which("kwalletd5") is None:
            return Finding([Figure(f"times {BARE}", None, 3, missing="kwalletd5 is not installed")])
        with in_kwallet(self.scene) as command:
            return self._beside(command, {BARE: 3})

    def list_json(self) -> Finding:
        """Ten accounts as JSON."""
        return self._beside(self.scene.gumauth("list", "--json"), {BARE: 2.2})

    def list_table(self) -> Finding:
        """Ten accounts as a table, on a terminal."""
        return self._beside(self.scene.gumauth("list", on_terminal=True, environ={"TERM": "xterm"}), {BARE: 10})

    def version(self) -> Finding:
        """The version."""
        return self._beside(self.scene.gumauth("--version"), {BARE: 2})

    def help(self) -> Finding:
        """The help of the program."""
        return self._beside(self.scene.gumauth("--help"), {BARE: 8})

    def complete_command(self) -> Finding:
        """A command's name: bash answers with the script alone."""
        command = Command(("bash", "--norc", "-c", COMPLETE_IN_BASH), self.scene.environ)
        return self._beside(command, {BARE: 2, GH_COMPLETES: 0.6})

    def complete_account(self) -> Finding:
        """An account's name: the script asks gumauth."""
        return self._beside(self.scene.gumauth("__complete", "accounts", ""), {BARE: 2, GH_COMPLETES: 0.6})

    def complete_provider(self) -> Finding:
        """A provider's name: the script asks gumauth."""
        return self._beside(self.scene.gumauth("__complete", "providers", ""), {BARE: 2, GH_COMPLETES: 0.6})

    def many_accounts(self) -> Finding:
        """A good token with ten thousand accounts, beside ten."""
        few, many = f"{FEW} accounts", f"{MANY} accounts"
        with_many = self.scene.gumauth("token", PROVIDER, environ=self.scene.many_accounts())
        times = in_turn({few: self.scene.gumauth("token", PROVIDER), many: with_many})
        return ratios(times, many, {few: 1.1}, {})

    def list_many(self) -> Finding:
        """Ten thousand accounts as JSON, beside a thousand, where no default is written down."""
        some, many = (f"{count} accounts" for count in (SOME, MANY))
        homes = {some: self.scene.without_default(SOME), many: self.scene.without_default(MANY)}
        lists = {name: self.scene.gumauth("list", "--json", environ=home) for name, home in homes.items()}
        times = in_turn(lists, rounds=8)
        found = ratios(times, many, {some: 10}, {})
        return Finding([*found.figures, Figure(many, found.seconds[many], 1, "s")], found.seconds)

    def memory(self) -> Finding:
        """The most memory that a good token takes at any moment."""
        command = self.scene.gumauth("token", PROVIDER)
        peak = max(_peak(command) for _ in range(5))
        return Finding([Figure("peak", peak, 15, "MiB"), Figure("bare", _peak(self.scene.bare), None, "MiB")])

    def _beside(self, command: Command, limits: dict[str, float], also: tuple[str, ...] = ()) -> Finding:
        others = {BARE: self.scene.bare, **self.peers.some(*limits, *also)}
        times = in_turn({"gumauth": command, **others})
        found = ratios(times, "gumauth", limits, self.peers.absent)
        return Finding(found.figures, medians(times))


def _peak(command: Command) -> float:
    """The largest resident size of a run, in MiB."""
    words = [sys.executable, "-S", "-c", MEASURE_MEMORY, *command.words]
    done = subprocess.run(words, env=dict(command.environ), capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024
