"""The polls of a device authorization grant: what an answer without tokens means, and when to ask again. Pure.

Source: RFC 8628 §3.4 and §3.5.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from gumauth.errors import CodeExpired, Denied, EnvironmentFault, GumauthError, InvalidGrant, Temporary
from gumauth.oauth2.device import advised, interval_of
from gumauth.oauth2.error_meaning import is_code, meaning, plain
from gumauth.oauth2.error_members import ErrorMembers, members_of
from gumauth.oauth2.error_response import error_of, is_error_response
from gumauth.oauth2.facts import Facts
from gumauth.oauth2.response import Response, is_html
from gumauth.oauth2.traits import traits_of

Verdict = Literal["pending", "slow_down", "denied", "expired", "passing", "final"]
"""Of a poll without tokens: the person has not decided yet; the same, and polls are too frequent; the person refused;
the code has ended; the poll may work later; nothing helps."""

SLOWER = 5.0
"""Seconds more after each `slow_down`. Source: RFC 8628 §3.5."""

LONGEST_PAUSE = 60.0
"""Seconds of a doubled pause, so that a person who has entered the code does not wait for long."""

VERDICTS: dict[str, Verdict] = {
    "authorization pending": "pending",
    "slow down": "slow_down",
    "expired token": "expired",
    "access denied": "denied",
    "authorization declined": "denied",  # Microsoft
}
"""What the errors of a poll mean, as `plain` writes them. Source: RFC 8628 §3.5."""

PRECONDITION_REQUIRED = 428
"""The status with which Google and Webex say that the person has not decided yet."""


def check_poll(response: Response, facts: Facts, *, shown: str, speaker: str, secrets: Collection[str] = ()) -> None:
    """Stop at the response to a poll that is an error.

    Args:
        response: Of the token endpoint.
        facts: The service's own words for errors.
        shown: What people call the service.
        speaker: The endpoint, to begin a sentence with: "GitHub's token endpoint".
        secrets: Those that were sent, which an error does not repeat.

    Raises:
        Denied: The person refused.
        CodeExpired: The code has ended.
        Temporary: No decision yet, and `error` is "authorization_pending" or "slow_down" (`retry_after` is the new
            interval then, if the service names one); or the server is in trouble.
        TokenEndpointError: Any other error response.

    Source: RFC 8628 §3.5.
    """
    if not is_error_response(response):
        return
    error = error_of(response, speaker=speaker, secrets=secrets, traits=traits_of(facts))
    verdict = _verdict(members_of(response), response.status, facts)
    if verdict == "pending":
        raise Temporary(f"Nobody has entered the code at {shown} yet.", error="authorization_pending")
    if verdict == "slow_down":
        interval = interval_of(response.fields().get("interval"))
        raise Temporary(f"{shown} wants to be asked less often.", error="slow_down", retry_after=interval)
    if verdict == "denied":
        raise Denied(f"Access was denied at {shown}.", hint="Connect again, and allow it there.", error="access_denied")
    if verdict == "expired":
        raise CodeExpired(f"The code for {shown} has expired.", error="expired_token")
    if response.data() is None and is_html(response) and not isinstance(error, Temporary):
        raise Temporary(f"{speaker} answered with a web page (status {response.status}).", hint="Try again.")
    raise advised(error, response)


def judge(error: GumauthError, denied: Collection[str] = ()) -> Verdict:
    """What an error of a poll means for the next poll.

    Args:
        error: Raised by `check_poll`, by the network, or by the code of a provider file.
        denied: The service's own codes for a person's refusal.
    """
    verdict = VERDICTS.get(plain(error.error))
    if verdict is not None:
        return verdict
    if isinstance(error, Denied) or meaning(error.error, denied=denied) == "denied":
        return "denied"
    if isinstance(error, CodeExpired | InvalidGrant):
        return "expired"
    return "passing" if isinstance(error, Temporary) and not isinstance(error, EnvironmentFault) else "final"


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How long to wait before the next poll.

    Args:
        interval: Seconds between polls that are answered.
        failures: Polls that were not answered since the last one that was.
        asked: Seconds that the server in trouble asks to wait.
    """

    interval: float
    failures: int = 0
    asked: float = 0.0

    @property
    def pause(self) -> float:
        """Seconds until the next poll: the interval, doubled with every poll that was not answered."""
        doubled = self.interval * 2.0 ** min(self.failures, 10)
        return max(min(doubled, max(LONGEST_PAUSE, self.interval)), self.asked)

    def after(self, verdict: Verdict, asked: float | None = None) -> Pace:
        """The pace after a poll without tokens. Promise V1.

        Args:
            verdict: Of the poll.
            asked: Seconds: the new interval of a `slow_down`, or the wait that a server in trouble asks for.

        Source: RFC 8628 §3.5: five seconds more for this and all later polls; GitHub names the new interval.
        """
        if verdict == "slow_down":
            return Pace(interval=max(self.interval + SLOWER, asked or 0.0))
        if verdict == "passing":
            return Pace(interval=self.interval, failures=self.failures + 1, asked=asked or 0.0)
        return Pace(interval=self.interval)


def _verdict(members: ErrorMembers, status: int, facts: Facts) -> Verdict | None:
    """What the words of a response mean; None for words that RFC 8628 does not have.

    Twitch has the code in `message`, with the status or "Bad Request" in the place of the code.
    """
    words = [word for word in (members.code, members.reason) if word]
    if any(is_code(word, facts.device_pending) for word in words):
        return "pending"
    known = [VERDICTS[plain(word)] for word in words if plain(word) in VERDICTS]
    if known:
        return known[0]
    if meaning(members.code, denied=facts.denied_errors) == "denied":
        return "denied"
    return "pending" if status == PRECONDITION_REQUIRED else None
