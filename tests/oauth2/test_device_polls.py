"""What an answer to a poll means, and when the next poll is due: RFC 8628 §3.5, and services' own words."""

from __future__ import annotations

import json

import pytest

from gumauth.errors import (
    CodeExpired,
    Denied,
    EnvironmentFault,
    GumauthError,
    InvalidGrant,
    MissingCredentials,
    NetworkError,
    ProviderCodeError,
    Temporary,
    TokenEndpointError,
)
from gumauth.oauth2.device_polls import Pace, check_poll, judge
from gumauth.oauth2.facts import Facts
from gumauth.oauth2.response import Response

pytestmark = pytest.mark.requirement("V1")


class Twitch(Facts):
    device_pending = ("invalid device code",)


class Acme(Facts):
    denied_errors = ("nope",)


def poll(data: object, status: int = 400, facts: Facts | None = None, *, wait: float | None = None) -> GumauthError:
    """The error of a poll that is answered so."""
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    response = Response(status=status, body=body, retry_after=wait)
    with pytest.raises(GumauthError) as caught:
        check_poll(response, facts or Facts(), shown="Acme", speaker="Acme's token endpoint", secrets=["s3cret"])
    return caught.value


@pytest.mark.parametrize(
    ("data", "status", "verdict"),
    [
        ({"error": "authorization_pending"}, 400, "pending"),
        ({"error": "authorization_pending"}, 428, "pending"),  # Google
        ({"error": "authorization_pending"}, 200, "pending"),  # GitHub
        ({"status": 400, "message": "authorization_pending"}, 400, "pending"),  # Twitch
        ({"status": 400, "error": "Bad Request", "message": "authorization_pending"}, 400, "pending"),
        ({"message": "Precondition Required"}, 428, "pending"),  # Webex
        ({"error": "slow_down"}, 400, "slow_down"),
        ({"error": "slow_down"}, 403, "slow_down"),  # Google
        ({"error": "slow_down", "interval": 10}, 200, "slow_down"),  # GitHub
        ({"error": "slow_down"}, 429, "slow_down"),
        ({"error": "access_denied"}, 400, "denied"),
        ({"error": "access_denied"}, 403, "denied"),  # Google
        ({"error": "authorization_declined"}, 400, "denied"),  # Microsoft
        ({"error": "expired_token"}, 400, "expired"),
        ({"error": "invalid_grant"}, 400, "expired"),
        ({"error": "bad_verification_code"}, 400, "expired"),  # Microsoft, of a code that it does not know any more
        ({}, 500, "passing"),
        ({"error": "internal"}, 503, "passing"),
        (b"<html>502 Bad Gateway</html>", 502, "passing"),
        (b"<html>Sign in</html>", 200, "passing"),
        (b"<html>Blocked</html>", 403, "passing"),
        ({"message": "Too Many Requests"}, 429, "passing"),
        (b"", 504, "passing"),
        ({"error": "temporarily_unavailable"}, 400, "passing"),
        ({"error": "invalid_client"}, 401, "final"),
        ({"error": "incorrect_device_code"}, 200, "final"),
        ({"error": "device_flow_disabled"}, 200, "final"),
        ({"error": "unsupported_grant_type"}, 400, "final"),
        ({"status": 400, "message": "invalid device code"}, 400, "final"),
        (b"", 404, "final"),
        (b"[]", 200, "final"),
    ],
)
def test_every_answer_without_tokens_has_its_meaning(data: object, status: int, verdict: str) -> None:
    assert judge(poll(data, status)) == verdict


def test_a_service_may_have_words_of_its_own() -> None:
    assert judge(poll({"status": 400, "message": "invalid device code"}, 400, Twitch())) == "pending"
    assert judge(poll({"error": "nope"}, 400, Acme())) == "denied"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({"error": "authorization_pending"}, Temporary),
        ({"error": "slow_down"}, Temporary),
        ({"error": "access_denied"}, Denied),
        ({"error": "expired_token"}, CodeExpired),
        ({"error": "invalid_client"}, TokenEndpointError),
    ],
)
def test_the_error_is_of_the_kind_that_the_word_means(data: object, kind: type[GumauthError]) -> None:
    assert type(poll(data)) is kind


def test_tokens_are_no_error() -> None:
    response = Response(status=200, body=b'{"access_token": "a"}', content_type="text/html")
    check_poll(response, Facts(), shown="Acme", speaker="Acme's token endpoint")


@pytest.mark.requirement("S1")
def test_no_error_repeats_the_device_code() -> None:
    error = poll({"error": "invalid_request", "error_description": "unknown code s3cret"})
    assert "s3cret" not in f"{error.message} {error.hint} {error.error}"


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (NetworkError("No network."), "passing"),
        (EnvironmentFault("The proxy is no URL."), "final"),
        (Temporary("Later."), "passing"),
        (InvalidGrant("Dead.", error="invalid_grant"), "expired"),
        (TokenEndpointError("Not yet.", error="authorization_pending"), "pending"),
        (TokenEndpointError("Slower.", error="slow_down"), "slow_down"),
        (TokenEndpointError("No.", error="AuthorizationDeclined"), "denied"),
        (TokenEndpointError("No.", error="nope"), "denied"),
        (TokenEndpointError("Odd."), "final"),
        (MissingCredentials("No id."), "final"),
        (ProviderCodeError("It raised KeyError."), "final"),
    ],
)
def test_errors_of_the_network_and_of_provider_files_are_judged_too(error: GumauthError, verdict: str) -> None:
    assert judge(error, ["nope"]) == verdict


def test_polls_keep_the_interval_while_the_person_has_not_decided() -> None:
    pace = Pace(interval=5)
    assert [pace.pause, pace.after("pending").pause, pace.after("pending").after("pending").pause] == [5, 5, 5]


def test_slow_down_adds_five_seconds_for_good_each_time() -> None:
    pace = Pace(interval=5)
    pauses = []
    for verdict in ("slow_down", "pending", "slow_down", "passing", "pending"):
        pace = pace.after(verdict)
        pauses.append(pace.pause)
    assert pauses == [10, 10, 15, 30, 15]


@pytest.mark.parametrize(("said", "pause"), [(10, 10), (12, 12), (6, 10), (None, 10), (1, 10)])
def test_a_new_interval_that_the_server_names_counts_where_it_is_larger(said: float | None, pause: float) -> None:
    assert Pace(interval=5).after("slow_down", said).pause == pause


@pytest.mark.parametrize(("said", "taken"), [(10, 10), ("12", 12), (0, None), (1e9, None), ("x", None)])
def test_the_new_interval_is_read_from_the_answer(said: object, taken: float | None) -> None:
    assert poll({"error": "slow_down", "interval": said}, 200).retry_after == taken


def test_pauses_double_while_nobody_answers_up_to_a_minute() -> None:
    pace, pauses = Pace(interval=5), []
    for _ in range(6):
        pace = pace.after("passing")
        pauses.append(pace.pause)
    assert pauses == [10, 20, 40, 60, 60, 60]
    for _ in range(2000):
        pace = pace.after("passing")
    assert pace.pause == 60
    assert pace.after("pending").pause == 5


def test_a_long_interval_is_not_made_shorter() -> None:
    assert Pace(interval=90).after("passing").pause == 90


def test_a_server_in_trouble_may_ask_for_a_longer_pause_once() -> None:
    error = poll({}, 503, wait=75)
    pace = Pace(interval=5).after("passing", error.retry_after)
    assert pace.pause == 75
    assert pace.after("pending").pause == 5
