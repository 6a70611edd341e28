"""What `gumauth doctor` finds, one thing at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gumauth.errors import GumauthError


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One finding.

    Args:
        check: What was looked at.
        status: "fail" where something will not work, "warn" where something is odd.
        message: What was found, one sentence.
        hint: What to do.
    """

    check: str
    status: Literal["ok", "warn", "fail"]
    message: str
    hint: str | None = None


def failure(check: str, error: GumauthError) -> Finding:
    """The finding of an error."""
    return Finding(check=check, status="fail", message=error.message, hint=error.hint)
