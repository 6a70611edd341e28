"""Findings in the order in which they are read, those with one cause as one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gumauth.cli.check.finding import Finding, Level

ORDER: tuple[Level, ...] = ("breaks", "surprises", "fine")
MOST = 3
"""The things that a service did that one finding names."""

NAMES = {"untold": "status-ignored", "dead as passing": "dead-grant"}
"""The case by which a cause is called, where several cases have it."""


def grouped(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, worst first; of those that are not fine, the ones that one change mends are one."""
    groups: dict[object, list[Finding]] = {}
    for number, finding in enumerate(findings):
        alone = finding.level == "fine" or not finding.cause
        key = number if alone else (finding.level, finding.cause, finding.line or finding.method)
        groups.setdefault(key, []).append(finding)
    told = [_one(group) for group in groups.values()]
    return sorted(told, key=lambda each: ORDER.index(each.level))


def _one(group: list[Finding]) -> Finding:
    first = group[0]
    case = NAMES.get(first.cause, first.case) if first.level != "fine" else first.case
    others = dict.fromkeys(each.case for each in group if each.case != case)
    done = list(dict.fromkeys(each.service for each in group if each.service))
    more = ["does the like"] if len(done) > MOST else []
    service = _either(done[:MOST] + more) if done else first.service
    return replace(first, case=case, also=tuple(others), service=service)


def _either(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"
