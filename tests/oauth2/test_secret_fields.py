"""Which fields of a request hold secrets."""

from __future__ import annotations

import base64
import secrets
from urllib.parse import quote_plus

import pytest

from gumauth.oauth2.secret_fields import credentials_in, is_secret, secrets_in


@pytest.mark.requirement("S1", "S2")
@pytest.mark.parametrize(
    "name",
    [
        *("access_token", "refresh_token", "token", "accessToken", "id_token_hint", "subject_token", "code"),
        *("client_secret", "clientSecret", "code_verifier", "device_code", "client_assertion", "assertion", "password"),
        *("secret_name", "token_url", "verification_code_uri", "token_status", "Code_Path", "api_key", "token_hint"),
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


@pytest.mark.requirement("S1")
@pytest.mark.parametrize(
    ("name", "holds"), [("token", True), ("token_hint", False), ("token_url", False), ("code", False)]
)
def test_a_variable_is_no_field_of_a_request(name: str, *, holds: bool) -> None:
    assert is_secret(name) is holds


@pytest.mark.requirement("S1", "S2")
def test_credentials_are_known_as_they_are_sent_and_as_they_are() -> None:
    secret = f"{secrets.token_urlsafe()}/+"
    basic = base64.b64encode(f"app:{quote_plus(secret)}".encode()).decode()
    assert credentials_in(f"Basic {basic}") == [basic, quote_plus(secret), secret]
    assert credentials_in(f"Bearer {secret}") == [secret]
    assert credentials_in("Basic ???") == ["???"]
    assert credentials_in("") == []
