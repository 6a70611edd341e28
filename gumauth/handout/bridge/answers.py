"""What the answer of an MCP server to one request means. Pure.

Source: Model Context Protocol, "Streamable HTTP": "Session Management" and "Backwards Compatibility".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from gumauth.accounts.account import Account
from gumauth.errors import GumauthError, ReconnectNeeded, Temporary
from gumauth.handout.bridge import frames
from gumauth.handout.bridge.headers import EVENTS

UNAUTHORIZED, FORBIDDEN, NOT_FOUND, TOO_MANY = 401, 403, 404, 429
OLDER = (400, 404, 405)

Meaning = Literal["events", "json", "accepted", "ended", "older", "refused"]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer, as far as it was read.

    Args:
        status: Of HTTP.
        content_type: Of the body; "" where there is none.
        body: Of a refusal; foreign.
        challenges: The values of WWW-Authenticate; foreign.
    """

    status: int
    content_type: str = ""
    body: bytes = field(default=b"", repr=False)
    challenges: Sequence[str] = ()

    @property
    def is_ok(self) -> bool:
        """Whether the server took the request."""
        return 200 <= self.status < 300

    @property
    def told(self) -> dict[str, Any] | None:
        """The error response in the body; None where there is none."""
        message = frames.read(self.body) if self.body else None
        part = message.only if message else None
        return part.members if part and isinstance(part.members.get("error"), dict) else None


def meaning(answer: Answer, *, in_session: bool, opens: bool) -> Meaning:
    """What an answer means for the one that sent the request.

    Args:
        answer: Of the server.
        in_session: Whether the request carried the id of a session.
        opens: Whether the request was an `initialize`.
    """
    if answer.is_ok:
        kind = answer.content_type.partition(";")[0].strip().lower()
        return "events" if kind == EVENTS else "json" if answer.status == 200 and kind else "accepted"
    if in_session and _ends_session(answer):
        return "ended"
    return "older" if opens and answer.status in OLDER and answer.told is None else "refused"


def _ends_session(answer: Answer) -> bool:
    """Whether the session is over; some servers say so with 400, as if it had never been."""
    if answer.status != OLDER[0]:
        return answer.status == NOT_FOUND
    said = answer.told["error"].get("message") if answer.told else None
    return isinstance(said, str) and "session" in said.lower()


def lacking(answer: Answer) -> tuple[str, ...] | None:
    """The scopes that the token lacks, empty where the server does not say which; None where it lacks none."""
    if answer.status != FORBIDDEN:
        return None
    from gumauth.handout.insufficient_scope import wanted

    return wanted(answer.challenges)


def refusal(answer: Answer, account: Account, host: str) -> GumauthError:
    """The error for a request that the server refused.

    Args:
        answer: Of the server.
        account: Whose token was sent.
        host: Of the server.
    """
    needed = lacking(answer)
    if needed is not None:
        from gumauth.handout.insufficient_scope import sentence

        return GumauthError(sentence(account, host, needed))
    if answer.status == UNAUTHORIZED:
        return ReconnectNeeded(
            f"{host} refuses the token of {account.label}.", command=f"gumauth connect {account.argument}"
        )
    words = f"{host} answered with status {answer.status}."
    if answer.status >= 500 or answer.status == TOO_MANY:
        return Temporary(words, hint="Try again later.")
    return GumauthError(words)
