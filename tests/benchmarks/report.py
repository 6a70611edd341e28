"""The table, as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping

from tests.benchmarks.figures import Figure, Finding


def show_finding(name: str, title: str, finding: Finding) -> None:
    """Print a row: its name and title, what was measured, then each number beside its target."""
    print(f"{name:<18}{title}")
    _show("time", "ms", {what: seconds * 1000 for what, seconds in finding.seconds.items()})
    _show("of processor", "ms", {what: seconds * 1000 for what, seconds in finding.processor.items()})
    _show("instructions", "M", {what: count / 1e6 for what, count in finding.instructions.items()})
    for figure in finding.figures:
        print(f"    {figure.of:<32}{_number(figure.measured, figure.unit):>12}   {_verdict(figure)}", flush=True)


def show_end(findings: Mapping[str, Finding], absent: Mapping[str, str], seconds: float) -> None:
    """Print how many targets were met, in what time, which were missed, and what could not be compared or counted."""
    judged = [(name, each) for name, row in findings.items() for each in row.figures if each.limit is not None]
    met = sum(figure.measured is not None and not figure.is_missed for _, figure in judged)
    print(f"\n{met} of {len(judged)} targets met, in {seconds:.0f} s")
    for name, figure in judged:
        if figure.is_missed:
            measured = _number(figure.measured, figure.unit)
            print(f"missed: {name}: {figure.of} {measured}, not {_number(figure.limit, figure.unit)}")
    for name, why in absent.items():
        print(f"{name}: {why}")


def _show(what: str, unit: str, numbers: Mapping[str, float]) -> None:
    if numbers:
        print(f"    {what:<16}" + ", ".join(f"{of} {number:.1f} {unit}" for of, number in numbers.items()))


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
