"""What a service's words for an error mean, and what they do not."""

from __future__ import annotations

import json
import time

import pytest

from gumauth.oauth2.error_meaning import Meaning, is_code, meaning
from gumauth.oauth2.error_members import members_of
from gumauth.oauth2.response import Response


def means(data: object, status: int = 400, **words: tuple[str, ...]) -> Meaning:
    members = members_of(Response(status=status, body=json.dumps(data).encode()))
    return meaning(members.code, members.reason, status=status, **words)


@pytest.mark.requirement("F15", "R8")
@pytest.mark.parametrize(
    "data",
    [
        {"error": "invalid_grant"},
        {"error": "INVALID_GRANT"},
        {"ok": False, "error": "token_revoked"},
        {"ok": False, "error": "invalid_refresh_token"},
        {"error": "bad_verification_code"},
        {"error": "RefreshTokenExpiredException"},
        {"error": "refresh_token_reused"},
        {"error": "consent_revoked"},
        {"error": "interaction_required"},
        {"status": "BAD_REFRESH_TOKEN", "message": "missing or invalid refresh token"},
        {"errors": [{"errorType": "invalid_grant", "message": "Refresh token invalid: 4d5e"}], "success": False},
        {"message": "Bad Request", "errors": [{"field": "refresh_token", "code": "invalid"}]},
        {"code": 400, "error_code": "refresh_token_not_found", "msg": "Not found"},
        {"error": {"code": 400, "message": "TOKEN_EXPIRED", "status": "INVALID_ARGUMENT"}},
        {"status": 400, "message": "Invalid refresh token"},
        {"error": "invalid_request", "error_description": "Invalid refresh_token"},
        {"error": "unauthorized_client", "error_description": "refresh_token is invalid"},
        {"error": "Invalid Params: invalid refresh_token", "status": 503},
        {"detail": "token_revoked"},
        {"detail": {"error": "invalid_grant"}},
        {"error_description": "Token has been expired or revoked."},
        {"message": "AADSTS700082: The refresh token has expired due to inactivity. It was issued in 2020."},
        {"message": "The provided authorization grant or refresh token is invalid, expired or revoked"},
        {"message": "This refresh token isn't valid any more."},
        {"message": "The user has revoked access"},
        {"fault": {"detail": {"errorcode": "oauth.v2.InvalidRefreshToken"}}},
    ],
    ids=json.dumps,
)
def test_a_dead_grant_is_told_in_whatever_words(data: object) -> None:
    assert means(data) == "dead"


@pytest.mark.requirement("F15")
@pytest.mark.parametrize(
    "data",
    [
        {"message": "user_not_found in authorization header"},
        {"message": "The authorization server is expired"},
        {"message": "The authorization server's certificate has expired"},
        {"message": "invalid grant type"},
        {"error": "invalid_grant_type"},
        {"error": "missing_refresh_token"},
        {"message": "refresh token is not expired"},
        {"error": "unsupported_grant_type", "error_description": "Invalid grant"},
        {"error": "invalid_scope", "error_description": "The grant is invalid"},
        {"error": "busy", "error_description": "Invalid refresh token. Or a temporary failure: try again later."},
        {"message": "It could not be checked whether the refresh token is expired"},
        {"message": "Unauthorized. Possible causes: refresh token expired; client disabled"},
        {"message": "If the refresh token is expired, connect again"},
        {"message": "The access token has been revoked"},
        {"error": "access_token_expired"},
        {"error": "invalid_token"},
        {"error": "session_expired"},
        {"error": "user_not_found"},
        {"error": "license_expired"},
        {"error": "invalid_country_code"},
        {"message": "Refresh token invalid " + "and so on " * 40},
        {"error": "invalid_client", "error_description": "The refresh token has expired"},
        {"error": "invalid_client_id", "error_description": "The refresh token has expired"},
        {"error": "rate_limited", "error_description": "The refresh token has expired"},
        {"error": {}},
        [],
        None,
    ],
    ids=json.dumps,
)
def test_what_says_anything_else_kills_no_grant(data: object) -> None:
    assert means(data) != "dead"


@pytest.mark.requirement("F15")
@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
@pytest.mark.parametrize(
    "data", [{"message": "Invalid refresh token"}, {"error": "token_expired"}, {"detail": "grant_revoked"}]
)
def test_a_server_in_trouble_kills_no_grant_by_words_of_its_own(status: int, data: object) -> None:
    assert means(data, status) != "dead"


@pytest.mark.requirement("F15")
def test_facts_have_words_of_their_own_in_any_case_and_in_any_part_of_the_reason() -> None:
    twitter = {"error": "invalid_request", "error_description": "Value passed for the token was invalid."}
    assert means(twitter) == "app"
    assert means(twitter, dead=("the token was invalid",)) == "dead"
    assert means({"error": "Invalid_Token"}, dead=("invalid_token",)) == "dead"
    assert means({"error": "invalid_token_type"}, dead=("invalid_token",)) == "unknown"
    assert means({"error": "E42"}, denied=("e42",)) == "denied"
    assert means({"error": "x"}, dead=("", "-")) == "unknown"


@pytest.mark.parametrize(
    "code",
    [
        *("access_denied", "ACCESS_DENIED", "user_cancelled_login", "user_cancelled_authorize", "user_denied"),
        *("UserCanceled", "consent_denied", "authorization_declined", "cancelled", "rejected_by_user"),
    ],
)
def test_a_persons_no_is_told_in_whatever_words(code: str) -> None:
    assert meaning(code) == "denied"


@pytest.mark.parametrize("code", ["request_denied", "client_denied", "app_rejected", "denied_scope"])
def test_what_another_has_refused_is_no_persons_no(code: str) -> None:
    assert meaning(code) == "unknown"


@pytest.mark.parametrize("data", [{"message": "the user denied having an account here"}, {"message": "was denied"}])
def test_a_reason_alone_is_no_persons_no(data: object) -> None:
    assert means(data) == "unknown"


@pytest.mark.requirement("R7")
@pytest.mark.parametrize(
    "data",
    [
        *({"error": code} for code in ("temporarily_unavailable", "server_error", "slow_down", "ratelimited")),
        *({"error": code} for code in ("RATE_LIMIT_EXCEEDED", "TooManyRequests", "service_unavailable")),
        {"message": "Rate limit exceeded"},
        {"status": 601, "error": "Too Many Requests"},
    ],
)
def test_what_passes_is_told_by_its_words(data: object) -> None:
    assert means(data) == "passing"


@pytest.mark.parametrize(
    "data",
    [
        *({"error": code} for code in ("invalid_client", "bad_client_secret", "incorrect_client_credentials")),
        *({"error": code} for code in ("client_not_found", "INVALID_CLIENT_ID", "InvalidClientError")),
        {"errors": [{"field": "client_id", "code": "invalid"}]},
    ],
)
def test_wrong_credentials_are_told_by_their_words(data: object) -> None:
    assert means(data) == "client"


def test_a_code_is_known_however_it_is_written() -> None:
    assert all(is_code(code, ["unsupported_token_type"]) for code in ("UNSUPPORTED_TOKEN_TYPE", "UnsupportedTokenType"))
    assert not is_code("unsupported_token", ["unsupported_token_type"])
    assert not is_code(None, [""])
    assert not is_code("", [""])


@pytest.mark.requirement("Y8")
def test_no_words_take_long() -> None:
    began = time.process_time()
    for words in ("refresh token is already been used ", "the ", "or the refresh token ", "denied user ", "user has "):
        means({"error": words * 200 + "x", "message": words * 5000})
    assert time.process_time() - began < 5
