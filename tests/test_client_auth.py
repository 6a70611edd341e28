"""A client proves itself in one way at a time."""

from __future__ import annotations

from base64 import b64decode

import pytest

from gumauth.client_auth import Way, prove


@pytest.mark.requirement("F13")
@pytest.mark.parametrize(
    ("way", "secret", "fields"),
    [
        ("body", "s", {"client_id": "id", "client_secret": "s"}),
        ("body", None, {"client_id": "id"}),
        ("basic", None, {"client_id": "id"}),
        ("none", "s", {"client_id": "id"}),
    ],
)
def test_without_basic_there_is_no_authorization_header(way: Way, secret: str | None, fields: dict[str, str]) -> None:
    proof = prove("id", secret, way=way)
    assert (proof.headers, proof.fields) == ({}, fields)


@pytest.mark.requirement("F13")
@pytest.mark.parametrize(("raw", "sent"), [(False, b"a%3Ab:s+%25%2B%C3%A9"), (True, "a:b:s %+é".encode())])
def test_basic_form_encodes_both_unless_the_server_wants_them_raw(raw: bool, sent: bytes) -> None:
    proof = prove("a:b", "s %+é", way="basic", raw=raw)
    kind, _, encoded = proof.headers["Authorization"].partition(" ")
    assert (kind, b64decode(encoded)) == ("Basic", sent)
    assert proof.fields == {}


@pytest.mark.requirement("S2")
def test_a_proof_shows_nothing() -> None:
    assert repr(prove("id", "s", way="body")) == "Proof()"
