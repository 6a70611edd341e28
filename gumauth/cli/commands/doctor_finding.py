"""What a check of `gumauth doctor` finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from gumauth.errors import GumauthError
from gumauth.handout.recipes.short_environment import Advice


@dataclass(frozen=True)
class Finding:
    """One finding.

    Args:
        status: "fail" if something will not work, "warn" if something should be looked at, else "ok".
        message: The finding, one sentence.
        hint: What to do; None where nothing has to be done.
        check: The name of the check, which `named` fills in.
        advice: The hint in its parts, with lines that a person copies; () where the hint has none.
    """

    status: Literal["ok", "warn", "fail"]
    message: str
    hint: str | None = None
    check: str = ""
    advice: tuple[Advice, ...] = ()


def failure(error: GumauthError) -> Finding:
    """The finding for an error."""
    return Finding("fail", error.message, error.hint)


def named(name: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    """The findings of a check, with its name; an error that ends the check is one more finding. Promise P1."""
    try:
        for finding in findings:
            yield replace(finding, check=name)
    except GumauthError as error:
        yield replace(failure(error), check=name)
