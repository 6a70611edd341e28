"""The table, as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping

from tests.benchmarks.figures import Figure, Finding

WIDTH = 48


def show_finding(name: str, title: str, finding: Finding) -> None:
    """Print a row: its name and title, then each number beside its target."""
    times = ", ".join(f"{what} {seconds * 1000:.1f} ms" for what, seconds in finding.seconds.items())
    print(f"{name:<18}{title}" + (f"   ({times})" if times else ""))
    for figure in finding.figures:
        print(f"    {figure.of:<28}{_number(figure.measured, figure.unit):>12}   {_verdict(figure)}")


def show_peers(findings: Mapping[str, Finding], absent: Mapping[str, str], seconds: float) -> None:
    """Print how many targets were met, what could not be compared with, and how long it took."""
    judged = [figure for finding in findings.values() for figure in finding.figures if figure.limit is not None]
    met = sum(figure.measured is not None and not figure.is_missed for figure in judged)
    print(f"\n{met} of {len(judged)} targets met, in {seconds:.0f} s")
    for name, why in absent.items():
        print(f"{name}: {why}")


def _verdict(figure: Figure) -> str:
    if figure.missing:
        return f"not compared: {figure.missing}"
    if figure.limit is None:
        return ""
    return f"≤ {_number(figure.limit, figure.unit)}" + ("   MISSED" if figure.is_missed else "")


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    return f"{value:.3g} {unit}".rstrip()
