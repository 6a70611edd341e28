"""What a benchmark finds: ratios and times beside their targets."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Seconds = Mapping[str, Sequence[float]]
"""Name of a command → how long each of its runs took."""


@dataclass(frozen=True)
class Figure:
    """One measured number and what it may be at most.

    Args:
        of: What was measured, such as "times bare".
        measured: The number; None where it could not be measured.
        limit: The target; None for a number that is only shown.
        unit: Of both; empty for a ratio or a count.
        missing: Why it could not be measured.
    """

    of: str
    measured: float | None
    limit: float | None = None
    unit: str = ""
    missing: str = ""

    @property
    def is_missed(self) -> bool:
        """Whether the target was measured and not met."""
        return self.measured is not None and self.limit is not None and self.measured > self.limit


@dataclass(frozen=True)
class Finding:
    """What one row of the table came to.

    Args:
        figures: The numbers.
        seconds: The medians that they were made of, by what took so long.
        processor: The least seconds on a processor of a few runs of each command; who else is busy is hardly in them.
        instructions: Of a run of each command, where the machine counts them; these say nothing of who else is busy.
    """

    figures: Sequence[Figure]
    seconds: Mapping[str, float] = field(default_factory=dict)
    processor: Mapping[str, float] = field(default_factory=dict)
    instructions: Mapping[str, float] = field(default_factory=dict)


def medians(times: Seconds) -> dict[str, float]:
    """The middle time of each command."""
    return {name: statistics.median(each) for name, each in times.items()}


def ratios(times: Seconds, subject: str, limits: Mapping[str, float], absent: Mapping[str, str]) -> Finding:
    """How many times as long the subject took as each of the others.

    Args:
        times: Of all of them.
        subject: Whose time is looked at.
        limits: What it is compared with → the largest ratio that is good.
        absent: Which of those could not be run → why.
    """
    middle = medians(times)
    figures = [
        Figure(f"times {other}", None, limit, missing=absent[other])
        if other in absent
        else Figure(f"times {other}", middle[subject] / middle[other], limit)
        for other, limit in limits.items()
    ]
    return Finding(figures, middle)
