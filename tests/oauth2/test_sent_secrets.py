"""Which secrets a request holds."""

from __future__ import annotations

import base64
import secrets
import time
from typing import Any
from urllib.parse import quote_plus

import httpx
import pytest
import requests

from gumauth.oauth2.sent_secrets import carries, credentials_in, secrets_in

SECRET = "Zk3vYb8mQe5rTn1x/Wc7u+Ld9h=="
URL = "https://acme.example/token"


@pytest.mark.requirement("S1", "S2")
@pytest.mark.parametrize(
    "name",
    [
        *("access_token", "refresh_token", "token", "accessToken", "id_token_hint", "subject_token", "code"),
        *("client_secret", "clientSecret", "code_verifier", "device_code", "client_assertion", "assertion", "password"),
    ],
)
def test_a_field_is_known_as_secret_by_its_name(name: str) -> None:
    assert secrets_in({name: "x"}) == ["x"]
    assert secrets_in({"auth": {name: "x"}}) == ["x"]


@pytest.mark.requirement("S1", "S2")
@pytest.mark.parametrize(
    "name", ["grant_type", "token_type_hint", "requested_token_type", "client_assertion_type", "code_challenge_method"]
)
def test_what_says_of_which_kind_a_secret_is_is_none(name: str) -> None:
    assert secrets_in({name: "access_token", "client_id": "x", "redirect_uri": "y", "scope": "z"}) == []


@pytest.mark.requirement("S1", "S2")
def test_credentials_are_known_as_they_are_sent_and_as_they_are() -> None:
    secret = f"{secrets.token_urlsafe()}/+"
    basic = base64.b64encode(f"app:{quote_plus(secret)}".encode()).decode()
    assert credentials_in(f"Basic {basic}") == [basic, quote_plus(secret), secret]
    assert credentials_in(f"Bearer {secret}") == [secret]
    assert credentials_in("Basic ???") == ["???"]
    assert credentials_in("") == []


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
