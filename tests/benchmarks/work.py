"""Commands beside each other: how long each takes, and how much work each is."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from tests.benchmarks.figures import Figure, Finding, medians, ratios
from tests.benchmarks.scene import BARE, Scene
from tests.benchmarks.turns import PAIRS, Command, in_turn

RUNS = 8
COUNT = ("perf", "stat", "-x", ",", "-e", "instructions:u", "-o")
"""Counts the instructions of a command and of all that it starts, those of the kernel apart."""


def beside(
    commands: Mapping[str, Command],
    subject: str,
    limits: Mapping[str, float],
    absent: Mapping[str, str] | None = None,
    *,
    rounds: int = PAIRS,
) -> Finding:
    """How many times as long the subject takes as each of the others, and the work of all of them.

    Args:
        commands: The subject and the others.
        subject: The name of the one that is looked at.
        limits: What it is compared with → the largest ratio that is good.
        absent: Which of those could not be run → why.
        rounds: How often each is run.
    """
    return with_work(ratios(in_turn(commands, rounds=rounds), subject, limits, absent or {}), commands)


def each_beside_bare(commands: Mapping[str, Command], scene: Scene, limit: float) -> Finding:
    """How many times as long each of these takes as an interpreter that does nothing, and the work of all."""
    together = {BARE: scene.bare, **commands}
    middle = medians(in_turn(together))
    figures = [Figure(f"{name}, times {BARE}", middle[name] / middle[BARE], limit) for name in commands]
    return with_work(Finding(figures, middle), together)


def with_work(finding: Finding, commands: Mapping[str, Command]) -> Finding:
    """The finding, with the work of these commands."""
    processor = {name: min(command.processor() for _ in range(RUNS)) for name, command in commands.items()}
    if why_not_counted():
        return replace(finding, processor=processor)
    counts = {name: min(_instructions(command) for _ in range(RUNS)) for name, command in commands.items()}
    return replace(finding, processor=processor, instructions=counts)


@cache
def why_not_counted() -> str:
    """Why no instructions are counted here; empty where they are."""
    if shutil.which(COUNT[0]) is None:
        return f"{COUNT[0]} is not installed"
    asked = [*COUNT, "/dev/stdout", "true"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    return "" if _counted(said) is not None else "this machine counts none, or lets nobody see them"


def _instructions(command: Command) -> float:
    with tempfile.NamedTemporaryFile("r", prefix="gumauth-") as said:
        replace(command, words=(*COUNT, said.name, *command.words))()
        return _counted(Path(said.name).read_text()) or 0.0


def _counted(said: str) -> float | None:
    """The number in what perf says; None where there is none."""
    first = next((line.split(",")[0] for line in said.splitlines() if "instructions" in line), "")
    return float(first) if first.isdecimal() else None
