"""A client authenticates by one method at a time."""

from __future__ import annotations

from base64 import b64decode

import pytest

from gumauth.oauth2.client_authentication import ClientAuthentication, authenticate
from gumauth.oauth2.facts import AuthMethod, Facts


def authenticated(client_id: str, secret: str | None, method: AuthMethod, **facts: object) -> ClientAuthentication:
    return authenticate(type("Acme", (Facts,), facts)(), client_id, secret, method)


@pytest.mark.requirement("F13")
@pytest.mark.parametrize(
    ("method", "secret", "facts", "fields"),
    [
        ("body", "s", {}, {"client_id": "id", "client_secret": "s"}),
        ("body", None, {}, {"client_id": "id"}),
        ("body", None, {"basic_empty_secret": True}, {"client_id": "id"}),
        ("basic", None, {}, {"client_id": "id"}),
        ("none", "s", {}, {"client_id": "id"}),
        ("body", "s", {"client_id_param": "client_key"}, {"client_key": "id", "client_secret": "s"}),
        ("none", "s", {"client_id_param": "client_key"}, {"client_key": "id"}),
    ],
)
def test_without_basic_there_is_no_authorization_header(
    method: AuthMethod, secret: str | None, facts: dict[str, object], fields: dict[str, str]
) -> None:
    sent = authenticated("id", secret, method, **facts)
    assert (sent.headers, sent.fields) == ({}, fields)


@pytest.mark.requirement("F13")
@pytest.mark.parametrize(
    ("client_id", "secret", "facts", "credentials", "fields"),
    [
        ("a:b", "s %+é", {}, b"a%3Ab:s+%25%2B%C3%A9", {}),
        ("a:b", "s %+é", {"basic_raw": True}, "a:b:s %+é".encode(), {}),
        ("id", "s", {"client_id_in_body": True}, b"id:s", {"client_id": "id"}),
        ("id", "s", {"client_id_param": "client_key"}, b"id:s", {}),
        ("id", None, {"basic_empty_secret": True}, b"id:", {}),
    ],
    ids=["form-encoded", "raw", "with the id in the body", "with another name for the id", "with an empty secret"],
)
def test_basic_holds_both_credentials_as_the_service_wants_them(
    client_id: str, secret: str | None, facts: dict[str, object], credentials: bytes, fields: dict[str, str]
) -> None:
    sent = authenticated(client_id, secret, "basic", **facts)
    scheme, _, encoded = sent.headers["Authorization"].partition(" ")
    assert (scheme, b64decode(encoded), sent.fields) == ("Basic", credentials, fields)


@pytest.mark.requirement("S2")
def test_the_credentials_are_not_shown() -> None:
    assert repr(authenticated("id", "s", "body")) == "ClientAuthentication()"
