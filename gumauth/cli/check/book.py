"""Plays a file against the misbehaviours of the book, each against a fresh connection."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from gumauth.cli.check import blame, cases, nicknames, verdicts
from gumauth.cli.check.cases import Case
from gumauth.cli.check.finding import Finding
from gumauth.cli.check.life import Life
from gumauth.cli.check.outcome import Outcome
from gumauth.cli.check.stage import REDIRECT_URI, Stage
from gumauth.cli.check.verdicts import Known, Verdict
from gumauth.testing import PageRefused

DEADLINE = 12.0
"""Seconds that a method has to answer a misbehaviour; a polite file tries a few times."""


class Book:
    """The misbehaviours, played one after the other.

    Args:
        make: Makes a stage with the file imported anew.
        life: What the ordinary life has shown.
    """

    def __init__(self, make: Callable[[], Stage], life: Life) -> None:
        self._make, self._life = make, life
        self.stage = make()

    def close(self) -> None:
        """End the stage."""
        self.stage.close()

    def play(self) -> Iterator[Finding]:
        """The findings, in the order of the book."""
        for case in (*cases.of_tokens("token"), cases.redirect("token")):
            yield from self._tokens(case)
        if self._life.refreshes:
            for case in (*cases.of_tokens("refresh"), cases.redirect("refresh")):
                yield from self._tokens(case)
        if self._life.nickname is not None:
            for case in (*cases.OF_NICKNAMES, cases.redirect("userinfo")):
                yield from self._nickname(case)

    def code(self, stage: Stage) -> str | None:
        """A fresh authorization code; None where the file gives no URL for one."""
        url = stage.get_url(secrets.token_urlsafe(24))
        if url.error is not None or not isinstance(url.result, str):
            return None
        try:
            return stage.service.consent(url.result).get("code")
        except PageRefused:
            return None

    def connect(self, stage: Stage) -> Known | None:
        """Tokens of a new connection; None where none comes about."""
        code = self.code(stage)
        if code is None or stage.call("exchange", code, REDIRECT_URI).known is not None:
            return None
        return self._known(stage)

    def _known(self, stage: Stage) -> Known:
        latest = stage.service.latest
        return Known(access=latest.get("access_token", ""), refresh=latest.get("refresh_token", ""))

    def _tokens(self, case: Case) -> Iterator[Finding]:
        stage = self.stage
        is_code = case.endpoint == "token"
        given = self.code(stage) if is_code else (self.connect(stage) or Known()).refresh
        if not given:
            return
        before = self._known(stage)
        stage.service.misbehave(case.endpoint, case.fault, times=None if case.always else 1)
        outcome = stage.call("exchange", given, REDIRECT_URI) if is_code else stage.call("refresh", given)
        stage.service.behave()
        leaks = _leak(case, outcome)
        if leaks is not None or case.id != "redirect":
            verdict = leaks or verdicts.judged(case, outcome, before, deadline=DEADLINE)
            yield finding(case, outcome, verdict)
        else:
            yield finding(case, outcome, Verdict(level="fine", cause="fine", file="does not follow with secrets"))
        if outcome.seconds >= DEADLINE:
            self._renew()

    def _nickname(self, case: Case) -> Iterator[Finding]:
        stage = self.stage
        before = self.connect(stage)
        if before is None:
            return
        stage.service.misbehave("userinfo", case.fault, times=None if case.always else 1)
        outcome = stage.call("get_nickname", before.access)
        stage.service.behave()
        if not any(each.endpoint == "userinfo" for each in outcome.requests):
            return
        leaks = _leak(case, outcome)
        yield finding(case, outcome, leaks or nicknames.judged(case, outcome, usual=self._life.nickname))

    def _renew(self) -> None:
        self.stage.close()
        self.stage = self._make()


def finding(case: Case, outcome: Outcome, verdict: Verdict) -> Finding:
    """The finding for a verdict."""
    return Finding(
        level=verdict.level,
        case=case.id,
        method=outcome.method,
        service=case.service,
        file=verdict.file,
        means=verdict.means,
        line=None if verdict.step is None else verdict.step.place,
        mend=verdict.mend,
        cause=verdict.cause,
    )


def _leak(case: Case, outcome: Outcome) -> Verdict | None:
    """The verdict where a secret has followed a redirect to another host; None where none has."""
    for each in outcome.requests:
        if case.id == "redirect" and urlsplit(each.url).hostname == cases.ELSEWHERE:
            told = sorted(SECRET & set(each.members)) + sorted({"authorization"} & set(each.headers))
            if told:
                return Verdict(
                    level="breaks",
                    cause="redirect",
                    file=f"follows with {_listed(told)}",
                    means="Whoever can make the service redirect gets the secrets.",
                    step=blame.sending(outcome),
                    mend=_mend_of_redirect(outcome),
                )
    return None


SECRET = {"code", "refresh_token", "client_secret", "access_token", "token", "code_verifier"}


def _listed(names: list[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _mend_of_redirect(outcome: Outcome) -> str:
    agent = next((each.headers.get("user-agent", "") for each in outcome.requests), "")
    if agent.startswith("python-httpx"):
        return "Leave `follow_redirects` out."
    if agent.startswith(("python-requests", "Python/")):
        return "Give the request `allow_redirects=False`."
    return "Follow no redirect of this request."
