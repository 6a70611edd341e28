"""What became of one call of a file's method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gumauth.cli.check.lines import Step
from gumauth.errors import GumauthError, NetworkError

Endpoint = Literal["token", "refresh", "revoke", "userinfo", "unknown"]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A request of the file, as it came.

    Args:
        endpoint: What it was for.
        method: Of HTTP.
        url: Whole; secret.
        headers: Lower-case names; secret.
        members: Of the body, or of the query where there is no body; secret.
        line: The line of the file from which it was sent, such as "auth.py:31"; None where that is unknown.
        status: Of the answer.
    """

    endpoint: Endpoint
    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    members: Mapping[str, str] = field(repr=False)
    line: str | None
    status: int


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a call.

    Args:
        method: The contract's method.
        result: What it returned; None where it raised. Secret.
        error: What it raised itself; None where it returned. Its message may hold secrets.
        known: What gumauth makes of it; None where it is a good result for gumauth.
        seconds: How long it took.
        line: The line at which it raised or returned; None where none of the file's ran.
        raised_at: The innermost line of the file in the traceback of its error.
        steps: The lines of the file that ran, in order.
        requests: What it sent, in order.
    """

    method: str
    result: Any = field(default=None, repr=False)
    error: BaseException | None = field(default=None, repr=False)
    known: GumauthError | None = field(default=None, repr=False)
    seconds: float = 0.0
    line: str | None = None
    raised_at: Step | None = None
    steps: tuple[Step, ...] = ()
    requests: tuple[Seen, ...] = ()

    @property
    def request(self) -> Seen | None:
        """The first request that was not for something unknown."""
        return next((each for each in self.requests if each.endpoint != "unknown"), None)

    @property
    def is_endless(self) -> bool:
        """Whether it has neither returned nor raised, not even when it was told to end."""
        return self.error is None and self.result is None and isinstance(self.known, NetworkError)
