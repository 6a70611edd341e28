"""Findings about a nickname that no answer of the stand-in could bring about: they are no fault of the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gumauth.cli.check.answers import Answers
from gumauth.cli.check.finding import Finding


def excused(findings: Iterable[Finding], answers: Answers) -> Iterator[Finding]:
    """The findings, with one sentence in place of all that are about a nickname, where no answer has brought one.

    Args:
        findings: Of a life.
        answers: What the service has answered in it.
    """
    said = False
    for finding in findings:
        if answers.untold is None or finding.method != "get_nickname":
            yield finding
        elif not said:
            said = True
            yield Finding(level="fine", case="nickname", method="get_nickname", file=answers.untold)
