"""Requests and responses of other libraries, and of their errors."""

from __future__ import annotations

import io
import time
from email.message import Message
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError

import httpx
import pytest
import requests
from oauthlib.oauth2.rfc6749.errors import (  # type: ignore[import-untyped]
    InvalidClientError,
    InvalidGrantError,
    TokenExpiredError,
)

from gumauth.errors import InvalidGrant, TokenEndpointError
from gumauth.oauth2.http.errors import translate
from gumauth.oauth2.http.foreign import carries, response_in

SECRET = "Zk3vYb8mQe5rTn1x/Wc7u+Ld9h=="
URL = "https://acme.example/token"


class AuthlibError(Exception):
    """As authlib's OAuthError is."""

    def __init__(self, error: str, description: str | None = None) -> None:
        super().__init__(f"{error}: {description}")
        self.error, self.description = error, description


class SlackApiError(Exception):
    """As slack_sdk's is."""

    def __init__(self, data: Any) -> None:
        super().__init__("The request to the Slack API failed.")
        self.response = SimpleNamespace(status_code=200, data=data, headers={})


def of_aiohttp(status: int) -> Exception:
    error: Any = type("ClientResponseError", (Exception,), {"__module__": "aiohttp.client_exceptions"})()
    error.status, error.headers = status, {"Retry-After": "7"}
    return error  # type: ignore[no-any-return]


@pytest.mark.requirement("F15")
@pytest.mark.parametrize(
    "error",
    [
        InvalidGrantError("Token has been expired or revoked."),
        TokenExpiredError("old"),
        AuthlibError("invalid_grant", "Token has been expired or revoked."),
        AuthlibError("INVALID_GRANT"),
        SlackApiError({"ok": False, "error": "token_revoked"}),
        Exception("invalid_grant: Bad Request", {"error": "invalid_grant", "error_description": "Bad Request"}),
        HTTPError("https://a.example/", 400, "Bad", Message(), io.BytesIO(b'{"error": "invalid_grant"}')),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_oauth_librarys_error_tells_a_dead_grant(error: Exception) -> None:
    assert isinstance(translate(error), InvalidGrant)


@pytest.mark.requirement("F10")
def test_an_oauth_librarys_error_is_repeated() -> None:
    known = translate(InvalidClientError("No such app"))
    assert type(known) is TokenEndpointError
    assert known.message == "The provider refused: invalid_client: No such app."
    assert "client id and secret" in (known.hint or "")


@pytest.mark.parametrize(
    "error",
    [
        ValueError("invalid_grant"),
        AuthlibError(""),
        Exception({"error": None}),
        Exception({"error": "ok"}),
        KeyError("x"),
    ],
)
def test_an_error_that_carries_no_answer_is_none(error: Exception) -> None:
    assert response_in(error) is None


def test_an_error_of_aiohttp_tells_its_status() -> None:
    response = response_in(of_aiohttp(429))
    assert response is not None
    assert (response.status, response.retry_after) == (429, 7.0)
    assert response_in(of_aiohttp(0)) is None


def test_attributes_that_raise_are_no_answer() -> None:
    class Odd(Exception):
        @property
        def response(self) -> None:
            raise RuntimeError

    assert response_in(Odd()) is None


@pytest.mark.requirement("R8")
@pytest.mark.parametrize(
    "request_",
    [
        httpx.Request("POST", URL, data={"refresh_token": SECRET}),
        httpx.Request("POST", URL, json={"a": {"b": SECRET}}),
        httpx.Request("GET", URL, params={"token": SECRET}),
        httpx.Request("GET", URL, headers={"Authorization": f"Bearer {SECRET}"}),
        requests.Request("POST", URL, data={"refresh_token": SECRET}).prepare(),
        requests.Request("POST", URL, json={"t": SECRET[4:]}).prepare(),
    ],
)
def test_a_secret_is_found_wherever_a_request_has_it(request_: Any) -> None:
    assert carries(request_, SECRET) is True
    assert carries(request_, SECRET[::-1]) is False


@pytest.mark.requirement("R8")
@pytest.mark.parametrize(
    "request_",
    [
        None,
        object(),
        httpx.Request("POST", URL, content=iter([b"x"])),
        httpx.Request("POST", URL, content=b"x" * 20_000_000),
        requests.Request("POST", URL, data=iter([b"x"])).prepare(),
    ],
    ids=["none", "anything", "a stream", "an upload", "a stream of requests"],
)
def test_what_cannot_be_looked_through_tells_nothing_and_takes_no_time(request_: Any) -> None:
    before = time.process_time()
    assert carries(request_, SECRET) is None
    assert time.process_time() - before < 1


def test_a_secret_that_is_too_short_to_be_told_tells_nothing() -> None:
    assert carries(httpx.Request("GET", URL), "abc") is None
