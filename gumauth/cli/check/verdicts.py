"""What a misbehaviour at the token endpoint has come to: pure, from what a method returned, raised and sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gumauth.cli.check import blame
from gumauth.cli.check.cases import MADE_UP_NUMBER, Case
from gumauth.cli.check.finding import Level
from gumauth.cli.check.lines import Step
from gumauth.cli.check.outcome import Outcome
from gumauth.errors import GumauthError, InvalidGrant, ProviderCodeError, ReconnectNeeded, Temporary, TokenEndpointError
from gumauth.oauth2.token_response import token_fault
from gumauth.platform.text import one_line

Played = Literal["exchange", "refresh", "get_nickname"]
"""The methods that the book calls."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a case has come to.

    Args:
        level: How bad it is.
        cause: The same for cases that one change of the file mends.
        file: What the file did, in words that follow the method's name.
        means: What that means for its user.
        step: The line to be changed.
        mend: The change.
    """

    level: Level
    cause: str
    file: str
    means: str = ""
    step: Step | None = None
    mend: str | None = None


@dataclass(frozen=True, kw_only=True)
class Known:
    """Tokens that were there before a case was played. Secret."""

    access: str = ""
    refresh: str = ""


def judged(case: Case, outcome: Outcome, before: Known, *, deadline: float) -> Verdict:
    """The verdict on a case at the token endpoint.

    Args:
        case: What the service did.
        outcome: What the method did.
        before: The tokens that were there before.
        deadline: Seconds that the method was given.
    """
    if outcome.seconds >= deadline:
        return _endless(outcome)
    if case.wants == "tokens":
        return _understood(case, outcome)
    if outcome.error is None:
        return _returned(case, outcome, before)
    return _told(case, outcome)


def _endless(outcome: Outcome) -> Verdict:
    again = len(outcome.requests) > 1
    return Verdict(
        level="breaks",
        cause="endless",
        file=f"asks {'again and again' if again else 'once'} and does not end",
        means="Whoever waits for it waits for ever.",
        step=blame.sending(outcome),
        mend="End after a few tries, with the error that came."
        if again
        else "Give the client a timeout of 20 seconds.",
    )


def lost(method: str) -> str:
    """What it means that a method fails where it need not."""
    return "Nobody can connect." if method == "exchange" else "Every refresh fails, and its user has to connect again."


def error_shown(error: BaseException | None) -> str:
    """An error by its class and, where that is a word for programmers, its subject; without what may be secret."""
    name = type(error).__name__
    return f"{name} on {error.args[0]!r}" if isinstance(error, KeyError) and _is_word(error) else name


def _is_word(error: KeyError) -> bool:
    return (
        bool(error.args) and isinstance(error.args[0], str) and error.args[0].isidentifier() and len(error.args[0]) < 30
    )


def _understood(case: Case, outcome: Outcome) -> Verdict:
    if outcome.error is not None:
        return Verdict(
            level="breaks",
            cause=f"crash {case.id}",
            file=f"ends in {error_shown(outcome.error)}",
            means=lost(outcome.method),
            step=blame.raising(outcome),
            mend=MENDS.get(case.id),
        )
    fault = token_fault(getattr(outcome.result, "access_token", None))
    if fault is not None:
        return Verdict(
            level="breaks",
            cause=f"no token {case.id}",
            file=f"returns an access token that is {fault}",
            means=lost(outcome.method),
            step=blame.returning(outcome),
            mend=MENDS.get(case.id),
        )
    scope = getattr(outcome.result, "scope", None)
    if case.id == "scopes-list" and isinstance(scope, str) and scope.startswith("["):
        return Verdict(
            level="surprises",
            cause="scopes",
            file="makes a text of the list, brackets and all",
            means="What the account may do is shown wrongly.",
            step=blame.returning(outcome),
            mend=MENDS[case.id],
        )
    return Verdict(level="fine", cause="fine", file="takes it")


MENDS = {
    "string-for-number": 'Reckon with `int(data["expires_in"])`, or hand it on as it is.',
    "no-refresh-token": 'Read it with `data.get("refresh_token")`.',
    "token-type-case": "Compare the type in lower case (RFC 6749 §5.1), or not at all.",
    "scopes-list": 'Join it: `" ".join(scope) if isinstance(scope, list) else scope`.',
    "number-for-string": "Hand the token on as it came.",
}


def _returned(case: Case, outcome: Outcome, before: Known) -> Verdict:
    """The verdict on a method that returned although there are no tokens."""
    if outcome.result is None or not hasattr(outcome.result, "access_token"):
        return Verdict(
            level="surprises",
            cause="returned nothing",
            file=f"returns {one_line(type(outcome.result).__name__)} in place of an error",
            means="Nobody is told what has happened.",
            step=blame.returning(outcome),
            mend=blame.status_mend(outcome),
        )
    token = outcome.result.access_token
    if case.id == "number-for-string" and token in (MADE_UP_NUMBER, str(MADE_UP_NUMBER)):
        return Verdict(level="fine", cause="fine", file="hands it on")
    is_missed = case.wants == "dead" and not isinstance(outcome.known, InvalidGrant | ReconnectNeeded)
    kept, is_kept = _kept(token, before), is_missed or token_fault(token) is None
    return Verdict(
        level="breaks" if is_kept else "surprises",
        cause="kept" if is_kept else "none",
        file=f"returns {kept} as the access token",
        means=_of_kept(case, kept) if is_kept else "gumauth refuses it; where nobody does, it is kept as a token.",
        step=blame.keeping(outcome),
        mend=_mend_of_kept(case, outcome),
    )


def _kept(token: object, before: Known) -> str:
    """What stands in place of an access token, in words."""
    if isinstance(token, str) and token and token in (before.access, before.refresh):
        return "the old access token" if token == before.access else "the refresh token"
    if token in (None, "", "None"):
        return {None: "None", "": "an empty text"}.get(token, 'the word "None"')
    return "another text" if isinstance(token, str) else f"a value of the type {one_line(type(token).__name__)}"


def _of_kept(case: Case, kept: str) -> str:
    if case.wants == "dead":
        return "A dead grant is taken for a good one: nobody is asked to connect again."
    if kept == "the old access token":
        return "It is taken for a fresh one, and every call with it fails."
    return "It is kept as a token, and every call with it fails."


def _mend_of_kept(case: Case, outcome: Outcome) -> str:
    if case.status >= 400:
        return f"{blame.status_mend(outcome)[:-1]}, and let the error out."
    if case.id in ("html", "empty-body"):
        return "Read every answer with `response.json()`, and let its error out."
    return 'Take `data["access_token"]`, and nothing in its place.'


def _told(case: Case, outcome: Outcome) -> Verdict:
    """The verdict on an error."""
    wrong = _misread(case, outcome)
    if wrong is not None:
        return wrong
    if case.status >= 400:
        if blame.tells(outcome.error, case):
            return Verdict(level="fine", cause="fine", file="says so")
        return Verdict(
            level="surprises",
            cause="untold",
            file=f"does not look at the status and ends in {error_shown(outcome.error)}",
            means="The error does not say what has happened.",
            step=blame.reading(outcome) or blame.raising(outcome),
            mend=blame.status_mend(outcome),
        )
    if _is_clear(outcome):
        return Verdict(level="fine", cause="fine", file="ends in an error, and nothing is kept")
    return Verdict(
        level="surprises",
        cause=f"puzzling {error_shown(outcome.error)}",
        file=f"ends in {error_shown(outcome.error)}",
        means="The error speaks of Python, and not of the answer.",
        step=blame.raising(outcome),
        mend=MENDS.get(case.id, 'Take `data["access_token"]` first, so that the error names what is missing.'),
    )


def _is_clear(outcome: Outcome) -> bool:
    """Whether an error on an answer that is no token response points at the answer."""
    if isinstance(outcome.error, ValueError | GumauthError):
        return True
    if isinstance(outcome.error, KeyError) or "access_token" in str(outcome.error):
        return True
    return not isinstance(outcome.known, ProviderCodeError)


def _misread(case: Case, outcome: Outcome) -> Verdict | None:
    """The verdict on an error that takes a dead grant for a failure that passes, or the other way round."""
    known = outcome.known
    is_dead = isinstance(known, InvalidGrant | ReconnectNeeded)
    if case.wants == "dead" and not is_dead:
        maybe = isinstance(known, TokenEndpointError) and known.may_be_dead
        return Verdict(
            level="surprises" if maybe else "breaks",
            cause="dead as passing",
            file=_called(known),
            means="Nobody is asked to connect again, and every program asks the service again and again.",
            step=blame.raising(outcome),
            mend="Let the error of the answer out, or raise gumauth.errors.InvalidGrant for `invalid_grant`.",
        )
    if outcome.method == "refresh" and case.wants != "dead" and not case.words and is_dead:
        return Verdict(
            level="breaks",
            cause="passing as dead",
            file="takes that for the end of the grant",
            means="An account that is good has to be connected again.",
            step=blame.raising(outcome),
            mend="Raise InvalidGrant only where the answer's `error` is `invalid_grant`.",
        )
    if case.wants == "refusal" and case.status >= 400 and isinstance(known, Temporary):
        return Verdict(
            level="breaks",
            cause="refusal as passing",
            file="takes that for a failure that passes",
            means="Its user is told to try again, which never helps.",
            step=blame.raising(outcome),
            mend="Let the error of the answer out: `raise_for_status()` does.",
        )
    return None


def _called(known: GumauthError | None) -> str:
    if isinstance(known, Temporary):
        return "takes that for a failure that passes"
    return "raises an error from which nobody can tell that the grant is dead"
