"""Lists, help and completion, beside an interpreter that does nothing and the peers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gumauth.cli.parsing.table import COMMANDS
from tests.benchmarks.figures import Figure, Finding, medians
from tests.benchmarks.peers import GH_COMPLETES, Peers
from tests.benchmarks.scene import BARE, MANY, SOME, Scene
from tests.benchmarks.turns import Command, in_turn
from tests.benchmarks.work import beside, each_beside_bare

SCRIPT = Path(__file__).parents[2] / "completions" / "gumauth.bash"

COMPLETE_IN_BASH = f"""
source '{SCRIPT}'
COMP_LINE='gumauth dis' COMP_POINT=11
_gumauth
[[ ${{COMPREPLY[*]}} == disconnect ]]
"""
"""What the shell does between Tab and the word, and starting the shell on top."""


class Printed:
    """Rows of one process each, which hands out no token.

    Args:
        scene: What they run in.
        peers: What they run beside.
    """

    def __init__(self, scene: Scene, peers: Peers) -> None:
        self.scene, self.peers = scene, peers

    def list_json(self) -> Finding:
        """Ten accounts as JSON."""
        return self._beside(self.scene.gumauth("list", "--json"), {BARE: 1.5})

    def list_table(self) -> Finding:
        """Ten accounts as a table, on a terminal."""
        return self._beside(self.scene.gumauth("list", on_terminal=True, environ={"TERM": "xterm"}), {BARE: 5})

    def list_many(self) -> Finding:
        """Ten thousand accounts as JSON, beside a thousand, where no default is written down."""
        some, many = (f"{count} accounts" for count in (SOME, MANY))
        homes = {some: self.scene.without_default(SOME), many: self.scene.without_default(MANY)}
        lists = {name: self.scene.gumauth("list", "--json", environ=home) for name, home in homes.items()}
        found = beside(lists, many, {some: 10}, rounds=8)
        return replace(found, figures=[*found.figures, Figure(many, found.seconds[many], 1, "s")])

    def version(self) -> Finding:
        """The version."""
        return self._beside(self.scene.gumauth("--version"), {BARE: 1.4})

    def help(self) -> Finding:
        """The help of the program."""
        return self._beside(self.scene.gumauth("--help"), {BARE: 2.5})

    def help_of_commands(self) -> Finding:
        """The help of every command, of which the two count that seem slowest after a few runs."""
        commands = {name: self.scene.gumauth(name, "--help") for name in COMMANDS}
        middle = medians(in_turn(commands, rounds=4))
        slowest = sorted(commands, key=middle.__getitem__)[-2:]
        return each_beside_bare({name: commands[name] for name in slowest}, self.scene, 2.5)

    def complete_command(self) -> Finding:
        """A command's name: bash answers with the script alone."""
        command = Command(("bash", "--norc", "-c", COMPLETE_IN_BASH), self.scene.environ)
        return self._beside(command, {BARE: 1.6, GH_COMPLETES: 0.6})

    def complete_account(self) -> Finding:
        """An account's name: the script asks gumauth."""
        return self._beside(self.scene.gumauth("__complete", "accounts", ""), {BARE: 1.6, GH_COMPLETES: 0.6})

    def complete_provider(self) -> Finding:
        """A provider's name: the script asks gumauth."""
        return self._beside(self.scene.gumauth("__complete", "providers", ""), {BARE: 1.6, GH_COMPLETES: 0.6})

    def _beside(self, command: Command, limits: dict[str, float]) -> Finding:
        commands = {"gumauth": command, BARE: self.scene.bare, **self.peers.some(*limits)}
        return beside(commands, "gumauth", limits, self.peers.absent)
