"""Plays a file against the misbehaviours of the book, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gumauth.cli.check import at_once, cases, characters, nicknames, redirects, verdicts, waiting
from gumauth.cli.check.cases import Case
from gumauth.cli.check.connecting import code, connect, known
from gumauth.cli.check.finding import Finding
from gumauth.cli.check.life import Life
from gumauth.cli.check.outcome import Outcome
from gumauth.cli.check.stage import REDIRECT_URI, Stage
from gumauth.cli.check.telling import raised
from gumauth.cli.check.verdicts import Known, Verdict
from gumauth.cli.check.waiting import Connections, Slow

DEADLINE = 12.0
"""Seconds that a method has to answer a misbehaviour; a polite file tries a few times."""


class Book:
    """The misbehaviours.

    Args:
        make: Makes a stage with the file imported anew; with True, one whose secrets have to be escaped.
        life: What the ordinary life has shown.
        connections: Of this process.
    """

    def __init__(
        self, make: Callable[[bool], Stage], life: Life, connections: Connections, *, only: str | None = None
    ) -> None:
        self._make, self._life, self._connections, self._only = make, life, connections, only
        self._endless: set[str] = set()
        self.stage = make(False)

    def close(self) -> None:
        """End the stage."""
        self.stage.close()

    def play(self) -> Iterator[Finding]:
        """The findings, in the order of the book."""
        if self._wants("denied"):
            yield from self._denied()
        yield from self._answers()
        if self._wants("two-at-once"):
            yield from self._two_at_once()
        if self._wants("special-characters"):
            yield from self._special_characters()

    def _answers(self) -> Iterator[Finding]:
        """The findings of answers that are wrong."""
        for case in filter(self._plays, cases.of_tokens("token")):
            yield from self._exchange(case)
        if self._life.refreshes:
            self._connected()
            for case in filter(self._plays, cases.of_tokens("refresh")):
                yield from self._refresh(case)
        if self._life.nickname is not None:
            for case in filter(self._plays, cases.of_nicknames()):
                yield from self._nickname(case)

    def _wants(self, case: str) -> bool:
        return self._only in (None, case)

    def _plays(self, case: Case) -> bool:
        """Whether a case is played: one that has not ended before at another endpoint is not waited for again."""
        return self._wants(case.id) and case.id not in self._endless

    def _code(self) -> str | None:
        """A fresh code, on a new stage where the present one gives none any more."""
        found = code(self.stage)
        if found is None:
            self._renew()
            found = code(self.stage)
        return found

    def _connected(self) -> Known | None:
        found = connect(self.stage)
        if found is None:
            self._renew()
            found = connect(self.stage)
        return found

    def _present(self) -> Known | None:
        """The tokens that the service gave last, which are good however the file took them; else new ones."""
        return known(self.stage) if self.stage.service.latest else self._connected()

    def _renew(self, *, special: bool = False) -> None:
        self.stage.close()
        self.stage = self._make(special)

    def _exchange(self, case: Case) -> Iterator[Finding]:
        given = self._code()
        if given is not None:
            yield from self._played(case, known(self.stage), "exchange", given, REDIRECT_URI)

    def _refresh(self, case: Case) -> Iterator[Finding]:
        before = self._present()
        if before is not None and before.refresh:
            yield from self._played(case, before, "refresh", before.refresh)

    def _nickname(self, case: Case) -> Iterator[Finding]:
        before = self._present()
        if before is not None:
            yield from self._played(case, before, "get_nickname", before.access)

    def _played(self, case: Case, before: Known, method: verdicts.Played, *given: str) -> Iterator[Finding]:
        """The finding of one case; none where the service was not asked."""
        stage, slow = self.stage, Slow(self.stage, self._connections)
        fault = slow.fault if case.id == "slow" else case.fault
        stage.service.misbehave(case.endpoint, fault, times=None if case.always else 1)
        outcome = stage.call(method, *given)
        stage.service.behave()
        if any(each.endpoint == case.endpoint for each in outcome.requests):
            yield _finding(case.id, case.service, outcome, self._verdict(case, outcome, before, slow))
        if outcome.seconds >= DEADLINE:
            self._endless.add(case.id)
            self._renew()

    def _verdict(self, case: Case, outcome: Outcome, before: Known, slow: Slow) -> Verdict:
        if case.id == "slow":
            return waiting.judged(slow, outcome)
        if case.id == "redirect":
            return redirects.judged(outcome)
        if case.endpoint == "userinfo":
            return nicknames.judged(case, outcome, usual=self._life.nickname)
        token = getattr(outcome.result, "access_token", None)
        if case.fault.done and token is not None and token == self.stage.service.latest.get("access_token"):
            return Verdict(level="fine", cause="fine", file="takes the token that the answer holds")
        return verdicts.judged(case, outcome, before, deadline=DEADLINE)

    def _denied(self) -> Iterator[Finding]:
        """The person refuses, and tries again."""
        code(self.stage, approve=False)
        again = self.stage.get_url("a-second-state")
        if again.error is None:
            yield Finding(
                level="fine",
                case="denied",
                method="get_url",
                service="tells that the person has refused",
                file="lets the person try again",
            )
            return
        yield raised(
            self.stage,
            again,
            case="denied",
            level="breaks",
            means="Nobody can connect after a person has refused once.",
            mend="Keep nothing between `get_url` and `exchange` that must be taken away again.",
        )

    def _two_at_once(self) -> Iterator[Finding]:
        stage = self.stage
        # With PKCE, and with gumauth's own class, one object serves one connection at a time.
        if not stage.service.app.has_challenge and not hasattr(stage.resolved.provider_class, "authorize_url"):
            codes = self._code(), code(self.stage)
            if codes[0] is not None and codes[1] is not None:
                yield from at_once.exchanged(self.stage, (codes[0], codes[1]))
        one, other = self._connected(), connect(self.stage)
        if one is None or other is None:
            return
        if self._life.nickname is not None:
            yield from at_once.named(self.stage, (one.access, other.access))
        if self._life.refreshes and one.refresh and other.refresh:
            yield from at_once.refreshed(self.stage, (one.refresh, other.refresh))

    def _special_characters(self) -> Iterator[Finding]:
        outcome = self.stage.call("exchange", characters.CODE, REDIRECT_URI)
        verdict = characters.of_code(outcome)
        if verdict is not None:
            yield _finding("special-characters", f"gives a code such as {characters.CODE}", outcome, verdict)
        self._renew(special=True)
        given = self._code()
        if given is None:
            return
        outcome = self.stage.call("exchange", given, REDIRECT_URI)
        verdict = characters.of_secret(outcome, self.stage.variables.secrets)
        if verdict is not None:
            service = "gave the app a secret with characters such as + and &"
            yield _finding("special-characters", service, outcome, verdict)


def _finding(case: str, service: str, outcome: Outcome, verdict: Verdict) -> Finding:
    return Finding(
        level=verdict.level,
        case=case,
        method=outcome.method,
        service=service,
        file=verdict.file,
        means=verdict.means,
        line=None if verdict.step is None else verdict.step.place,
        mend=verdict.mend,
        cause=verdict.cause,
    )
