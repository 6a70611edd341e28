"""Machines that share a store in memory: each with a folder, a clock and an engine of its own."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from gumauth.accounts.shared.keeper import SharedAccounts
from gumauth.accounts.shared.keys import MachineKey, new_keys
from gumauth.platform.folders import Home
from tests.accounts.shared.memory_engine import Hear, Memory, MemoryEngine

START = 1_800_000_000.0


@dataclass
class Clock:
    """A clock that a test sets."""

    time: float = START

    def __call__(self) -> float:
        return self.time


@dataclass
class Machine:
    """A machine.

    Attributes:
        hear: Hears of each question that its processes ask, and may raise.
        notices: What the person was told.
    """

    name: str
    folder: Path
    memory: Memory
    key_file: Path
    clock: Clock
    environ: dict[str, str]
    reads_only: bool = False
    hear: Hear = field(default=lambda _what, _when: None)
    notices: list[str] = field(default_factory=list)

    def process(self) -> SharedAccounts:
        """The accounts as another process of this machine has them."""
        environ = {"GUMAUTH_STORE": "postgresql://memory", "GUMAUTH_KEY_FILE": str(self.key_file), **self.environ}
        home = Home(data=str(self.folder), service="gumauth")
        return SharedAccounts(home, environ, self.notices.append, self.clock, lambda *_names: self.engine())

    def engine(self) -> MemoryEngine:
        """An engine of its own for a process."""
        return MemoryEngine(
            self.memory,
            machine=self.name,
            holder=f"folder of {self.name}",
            clock=self.clock,
            hear=lambda what, when: self.hear(what, when),
            reads_only=self.reads_only,
        )

    def freeze(self) -> None:
        """Go on with the disk as it is at this moment: what the present processes still do is not there."""
        frozen = self.folder.with_name(f"{self.folder.name}-")
        shutil.copytree(self.folder, frozen)
        self.folder = frozen


class Fleet:
    """The store, and what makes machines.

    Args:
        folder: For their folders.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, Clock()
        self.memory = Memory(self.clock)
        self.key_file = folder / "key"
        self.key_file.touch(mode=0o600)
        self.key_file.write_bytes(os.urandom(32))
        self.memory.rows.sealed_keys += new_keys(MachineKey(self.key_file.read_bytes()), self.memory.store)

    def machine(
        self, name: str, *, ahead: float = 0.0, key_file: Path | None = None, reads_only: bool = False, **environ: str
    ) -> Machine:
        """A machine whose clock is some seconds ahead of the store's."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        clock = self.clock if not ahead else Clock(self.clock() + ahead)
        return Machine(name, folder, self.memory, key_file or self.key_file, clock, environ, reads_only)
