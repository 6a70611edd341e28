"""What a file did, in words without secrets."""

from __future__ import annotations

from gumauth.cli.check.finding import Finding, Level
from gumauth.cli.check.outcome import Outcome
from gumauth.cli.check.stage import Stage
from gumauth.platform.text import one_line
from gumauth.registry.foreign_code import raised as foreign


def raised(stage: Stage, outcome: Outcome, *, case: str, level: Level, means: str, mend: str | None = None) -> Finding:
    """The finding for a method that raised."""
    error = outcome.error or outcome.known
    text = "" if error is None else foreign.message(error, stage.variables.secrets)
    return Finding(
        level=level,
        case=case,
        method=outcome.method,
        file=f"raises {type(error).__name__}{f': {text}' if text else ''}",
        means=means,
        line=outcome.line,
        mend=mend,
    )


def shown(value: object) -> str:
    """A result by its kind, without its content."""
    if isinstance(value, str):
        return "an empty text" if not value.strip() else "a text"
    if value is None:
        return "None"
    if hasattr(value, "access_token"):
        return f"a TokenResponse whose access_token is {shown(value.access_token)}"
    return one_line(type(value).__name__)
