"""An error response, as an error of gumauth."""

from __future__ import annotations

import json
import secrets

import pytest

from gumauth.errors import GumauthError, InvalidGrant, Temporary, TokenEndpointError
from gumauth.oauth2.error_response import error_of
from gumauth.oauth2.response import Response

HTML = b"<!doctype html><title>Sign in to the network</title>"


def told(status: int, data: object = None, **fields: object) -> GumauthError:
    body = b"" if data is None else json.dumps(data).encode()
    return error_of(Response(**{"status": status, "body": body, **fields}), speaker="Acme")  # type: ignore[arg-type]


@pytest.mark.requirement("F10", "R8")
@pytest.mark.parametrize("status", [200, 400, 401, 403, 500])
@pytest.mark.parametrize("error", ["invalid_grant", "bad_refresh_token", "invalid_refresh_token"])
def test_a_dead_grant_is_told_by_its_error_whatever_the_status(status: int, error: str) -> None:
    refused = told(status, {"error": error})
    assert isinstance(refused, InvalidGrant)
    assert refused.error == error


@pytest.mark.requirement("F10", "R8")
@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_status_alone_never_means_a_dead_grant(status: int) -> None:
    refused = told(status)
    assert type(refused) is TokenEndpointError
    assert refused.message == f"Acme answered with status {status} without saying why."


@pytest.mark.requirement("R7")
@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520])
@pytest.mark.parametrize("data", [None, {"error": "rate_limited"}, {"message": "slow down"}, ["x"]])
def test_trouble_of_the_server_is_temporary(status: int, data: object) -> None:
    refused = told(status, data, retry_after=7.0)
    assert isinstance(refused, Temporary)
    assert refused.retry_after == 7.0


@pytest.mark.requirement("R7")
@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("error", ["temporarily_unavailable", "server_error"])
def test_what_the_server_calls_temporary_is(status: int, error: str) -> None:
    assert isinstance(told(status, {"error": error}), Temporary)


@pytest.mark.requirement("R7")
@pytest.mark.parametrize(("status", "content_type"), [(200, "text/html; charset=utf-8"), (200, ""), (511, "text/html")])
def test_a_captive_portals_page_is_temporary(status: int, content_type: str) -> None:
    refused = error_of(Response(status=status, content_type=content_type, body=HTML), speaker="Acme")
    assert isinstance(refused, Temporary)


@pytest.mark.requirement("F16")
@pytest.mark.parametrize("status", [200, 400, 401])
def test_a_short_plain_text_is_quoted_and_understood(status: int) -> None:
    text = b"The app is\x1b[1m \nlocked\n"
    refused = error_of(Response(status=status, content_type="text/plain", body=text), speaker="Acme")
    assert refused.message == f"Acme answered with status {status} and said: The app is locked."
    dead = error_of(Response(status=status, content_type="text/plain", body=b"invalid_grant"), speaker="Acme")
    assert isinstance(dead, InvalidGrant)
    assert dead.message == "Acme refused: invalid_grant."


@pytest.mark.requirement("F16", "R7")
@pytest.mark.parametrize(
    ("status", "asked", "hint"),
    [
        (429, 7.0, "Try again in 7 seconds; nothing was lost."),
        (503, 0.2, "Try again in 1 second; nothing was lost."),
        (503, 600.0, "Try again in 10 minutes; nothing was lost."),
        (429, None, "Try again later; nothing was lost."),
        (502, None, "Try again later; the request may have been carried out all the same."),
    ],
)
def test_how_long_to_wait_is_said_where_the_service_said_so(status: int, asked: float | None, hint: str) -> None:
    assert told(status, retry_after=asked).hint == hint


@pytest.mark.requirement("F16")
def test_how_long_to_wait_is_also_read_from_the_body() -> None:
    refused = told(429, {"message": "You are being rate limited.", "retry_after": 64.57, "global": False})
    assert isinstance(refused, Temporary)
    assert (refused.hint, refused.retry_after) == ("Try again in 65 seconds; nothing was lost.", 64.57)
    for odd in (True, "7", -1, float("nan")):
        assert told(429, {"retry_after": odd}).hint == "Try again later; nothing was lost."


@pytest.mark.requirement("F15")
@pytest.mark.parametrize(
    ("status", "data", "doubtful"),
    [
        (400, None, True),
        (401, {"error": 401, "message": "Unauthorized"}, True),
        (400, {"error": "invalid_request"}, True),
        (400, {"error": "e42"}, True),
        (401, {"error": "invalid_client"}, False),
        (400, {"error": "invalid_scope"}, False),
        (404, None, False),
        (200, [], False),
    ],
)
def test_an_error_for_no_known_reason_may_be_a_dead_grant(status: int, data: object, doubtful: bool) -> None:
    refused = told(status, data)
    assert isinstance(refused, TokenEndpointError)
    assert refused.may_be_dead is doubtful


@pytest.mark.requirement("F10")
def test_a_web_page_with_the_status_of_an_error_is_no_captive_portal() -> None:
    refused = error_of(Response(status=404, content_type="text/html", body=HTML), speaker="Acme")
    assert type(refused) is TokenEndpointError


@pytest.mark.requirement("F10")
@pytest.mark.parametrize("status", [200, 400, 401, 500])
def test_a_clients_mistake_is_final_whatever_the_status(status: int) -> None:
    refused = told(status, {"error": "invalid_client", "error_description": "No such client"})
    assert type(refused) is TokenEndpointError
    assert refused.message == "Acme refused: invalid_client: No such client."
    assert refused.hint is not None
    assert "gumauth setup" in refused.hint


@pytest.mark.requirement("F6")
def test_a_redirect_is_named_as_one() -> None:
    assert "redirect" in told(307, location="https://elsewhere.example/").message


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "No"}}, "refused: PERMISSION_DENIED: No."),
        ({"errors": [{"message": "Bad query"}]}, "and said: Bad query."),
        ({"message": "Bad credentials"}, "and said: Bad credentials."),
        ({"error": "a" * 500}, "a…"),
    ],
)
def test_the_providers_words_are_found_in_the_shapes_that_services_use(data: object, words: str) -> None:
    assert words in told(403, data).message


@pytest.mark.requirement("S4")
def test_the_providers_words_are_one_line_of_printable_text() -> None:
    message = told(400, {"error": "x\x1b]0;title\x07", "error_description": "a\r\nb\u202ec\u200b"}).message
    assert message == "Acme refused: x: a bc."


@pytest.mark.requirement("S1", "S2")
@pytest.mark.parametrize("status", [200, 400, 401])
def test_a_secret_that_is_quoted_as_the_error_code_is_in_no_attribute(status: int) -> None:
    token = secrets.token_urlsafe(24)
    error = error_of(
        Response(status=status, body=json.dumps({"error": token, "error_description": token}).encode()),
        speaker="Linear",
        secrets=[token],
    )
    assert isinstance(error, TokenEndpointError)
    assert error.error == "…"
    assert token not in repr(vars(error)) + str(error)
