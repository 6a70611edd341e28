"""Whether a request has a certain secret in it."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
import requests

from gumauth.oauth2.sent_secrets import carries

SECRET = "Zk3vYb8mQe5rTn1x/Wc7u+Ld9h=="
URL = "https://acme.example/token"


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
