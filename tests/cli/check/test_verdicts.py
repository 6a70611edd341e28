"""What a misbehaviour at the token endpoint comes to."""

from __future__ import annotations

import pytest

from gumauth.cli.check import cases, verdicts
from gumauth.cli.check.cases import Case
from gumauth.cli.check.finding import Finding
from gumauth.cli.check.grouping import grouped
from gumauth.cli.check.outcome import Outcome
from gumauth.cli.check.verdicts import Known, Verdict
from gumauth.errors import GumauthError, InvalidGrant, ProviderCodeError, Temporary, TokenEndpointError
from gumauth.provider import TokenResponse

BEFORE = Known(access="old-access", refresh="old-refresh")
DEAD, PASSING, MISTAKE = InvalidGrant("dead"), Temporary("busy"), ProviderCodeError("found no `access_token`")


def case(endpoint: str, name: str) -> Case:
    return next(each for each in cases.of_tokens("token" if endpoint == "exchange" else "refresh") if each.id == name)


def verdict(
    method: str,
    name: str,
    *,
    result: object = None,
    error: BaseException | None = None,
    known: GumauthError | None = None,
    seconds: float = 0,
) -> Verdict:
    outcome = Outcome(method=method, result=result, error=error, known=known, seconds=seconds)
    return verdicts.judged(case(method, name), outcome, BEFORE, deadline=12)


@pytest.mark.parametrize("name", ["error-in-200", "dead-grant", "dead-grant-400", "503", "html", "missing-field"])
@pytest.mark.parametrize("token", ["old-access", "old-refresh", "None", "<!doctype html>"])
def test_what_is_no_token_must_not_be_returned_as_one(name: str, token: str) -> None:
    told = verdict("refresh", name, result=TokenResponse(token))
    assert told.level == "breaks"
    assert "as the access token" in told.file


@pytest.mark.parametrize("token", [None, ""])
def test_what_gumauth_refuses_as_a_token_surprises_unless_a_dead_grant_is_missed(token: str | None) -> None:
    result, refused = TokenResponse(token), TokenEndpointError("refused")  # type: ignore[arg-type]
    assert verdict("refresh", "error-in-200", result=result, known=refused).level == "surprises"
    assert verdict("refresh", "dead-grant", result=result, known=DEAD).level == "surprises"
    assert verdict("refresh", "dead-grant", result=result, known=MISTAKE).level == "breaks"


@pytest.mark.parametrize("name", ["status-ignored", "denied", "429", "503"])
def test_an_error_that_hides_the_status_surprises(name: str) -> None:
    told = verdict("exchange", name, error=KeyError("access_token"), known=TokenEndpointError("refused"))
    assert (told.level, told.cause) == ("surprises", "untold")
    assert told.file == "does not look at the status and ends in KeyError on 'access_token'"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("status-ignored", RuntimeError("invalid_grant")),
        ("status-ignored", RuntimeError("the service answered 400")),
        ("denied", RuntimeError("access_denied")),
        ("503", RuntimeError("status 503")),
        ("503", Temporary("busy")),
    ],
)
def test_an_error_that_says_what_came_is_fine(name: str, error: BaseException) -> None:
    assert verdict("exchange", name, error=error, known=None).level == "fine"


@pytest.mark.parametrize("name", ["dead-grant", "dead-grant-400"])
def test_a_dead_grant_must_be_told_from_a_failure_that_passes(name: str) -> None:
    assert verdict("refresh", name, error=RuntimeError("invalid_grant"), known=DEAD).level == "fine"
    assert verdict("refresh", name, error=PASSING, known=PASSING).level == "breaks"
    assert verdict("refresh", name, error=RuntimeError("no"), known=MISTAKE).level == "breaks"


@pytest.mark.parametrize("name", ["429", "503", "html", "empty-body", "missing-field"])
def test_a_failure_that_passes_must_not_end_the_account(name: str) -> None:
    told = verdict("refresh", name, error=DEAD, known=DEAD)
    assert (told.level, told.cause) == ("breaks", "passing as dead")


@pytest.mark.parametrize("name", ["string-for-number", "no-refresh-token", "token-type-case", "scopes-list"])
def test_what_services_do_otherwise_must_be_taken(name: str) -> None:
    assert verdict("exchange", name, result=TokenResponse("a-token")).level == "fine"
    told = verdict("exchange", name, error=TypeError("no"), known=MISTAKE)
    assert (told.level, told.means) == ("breaks", "Nobody can connect.")


def test_a_list_of_scopes_with_its_brackets_surprises() -> None:
    assert verdict("exchange", "scopes-list", result=TokenResponse("t", scope="['read']")).level == "surprises"


def test_an_error_of_python_on_a_number_surprises_and_the_number_itself_does_not() -> None:
    error = AttributeError("'int' object has no attribute 'strip'")
    assert verdict("exchange", "number-for-string", error=error, known=MISTAKE).level == "surprises"
    assert verdict("exchange", "number-for-string", result=TokenResponse(12345)).level == "fine"  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["html", "empty-body", "missing-field"])
def test_an_error_on_what_is_no_token_response_is_fine(name: str) -> None:
    error = ValueError("Expecting value")
    assert verdict("exchange", name, error=error, known=MISTAKE).level == "fine"


def test_a_method_that_does_not_end_breaks() -> None:
    assert verdict("refresh", "429", error=None, known=PASSING, seconds=12).cause == "endless"


def test_findings_with_one_cause_are_one_and_the_worst_come_first() -> None:
    one = Finding(
        level="surprises", case="429", method="exchange", service="a", file="f", line="x.py:1", cause="untold"
    )
    other = Finding(
        level="surprises", case="503", method="refresh", service="b", file="f", line="x.py:1", cause="untold"
    )
    fine = Finding(level="fine", case="html", method="exchange", file="g", cause="fine")
    worst = Finding(level="breaks", case="denied", method="exchange", file="h", cause="kept")
    told = grouped([fine, one, other, worst])
    assert [each.case for each in told] == ["denied", "status-ignored", "html"]
    assert (told[1].also, told[1].service) == (("429", "503"), "a or b")
