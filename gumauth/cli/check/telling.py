"""What a file did, in words without secrets."""

from __future__ import annotations

from gumauth.cli.check import blame
from gumauth.cli.check.finding import Finding, Level
from gumauth.cli.check.outcome import Outcome
from gumauth.cli.check.stage import Stage
from gumauth.errors import Temporary, TokenEndpointError
from gumauth.platform.text import one_line
from gumauth.registry.foreign_code import raised as foreign


def raised(stage: Stage, outcome: Outcome, *, case: str, level: Level, means: str, mend: str | None = None) -> Finding:
    """The finding for a method that raised: the service's own words and the request, where it has refused one."""
    error = outcome.error or outcome.known
    if isinstance(outcome.known, TokenEndpointError | Temporary):
        mend = mend or (NEEDED.get(outcome.method) if isinstance(outcome.known, TokenEndpointError) else None)
        text, step = outcome.known.message.rstrip("."), blame.sending(outcome)
    else:
        text, step = "" if error is None else foreign.message(error, stage.variables.secrets), blame.raising(outcome)
        mend = mend or (None if error is None else foreign.advice(error))
    return Finding(
        level=level,
        case=case,
        method=outcome.method,
        file="does not end" if outcome.is_endless else f"raises {type(error).__name__}{f': {text}' if text else ''}",
        means=means,
        line=blame.place(step) or outcome.line,
        mend=mend,
    )


NEEDED = {
    "exchange": "Send grant_type=authorization_code, the code, the redirect URI and the client (RFC 6749 §4.1.3).",
    "refresh": "Send grant_type=refresh_token, the refresh token and the client (RFC 6749 §6).",
    "revoke": "Send the token and the client (RFC 7009 §2.1).",
}
"""What a strict service wants of each method."""


def shown(value: object) -> str:
    """A result by its kind, without its content."""
    if isinstance(value, str):
        return "an empty text" if not value.strip() else "a text"
    if value is None:
        return "None"
    if hasattr(value, "access_token"):
        return f"a TokenResponse whose access_token is {shown(value.access_token)}"
    return one_line(type(value).__name__)
