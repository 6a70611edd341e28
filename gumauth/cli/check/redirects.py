"""What follows a redirect to another host. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from gumauth.accounts.references import joined
from gumauth.cli.check import blame
from gumauth.cli.check.cases import ELSEWHERE
from gumauth.cli.check.outcome import Outcome, Seen
from gumauth.cli.check.verdicts import Verdict

SECRET = {"code", "refresh_token", "client_secret", "access_token", "token", "code_verifier"}
"""Members of a body or a query."""


def judged(outcome: Outcome) -> Verdict:
    """The verdict on a method whose request was redirected."""
    there = [each for each in outcome.requests if urlsplit(each.url).hostname == ELSEWHERE]
    told = sorted({name for each in there for name in _secrets(each)})
    if not told:
        return Verdict(level="fine", cause="fine", file="sends no secret there")
    return Verdict(
        level="breaks",
        cause="redirect",
        file=f"follows with {joined([f'`{name}`' for name in told], 'and')}",
        means="Whoever can make the service redirect gets the secrets.",
        step=blame.sending(outcome),
        mend=_mend(outcome),
    )


def _secrets(request: Seen) -> set[str]:
    return (SECRET & set(request.members)) | ({"authorization"} & set(request.headers))


def _mend(outcome: Outcome) -> str:
    agent = blame.agent(outcome)
    if agent == "httpx":
        return "Leave `follow_redirects` out."
    return "Follow no redirect of this request." if agent is None else "Give the request `allow_redirects=False`."
