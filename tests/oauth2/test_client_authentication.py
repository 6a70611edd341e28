"""A client proves itself in one way at a time."""

from __future__ import annotations

from base64 import b64decode

import pytest

from gumauth.oauth2.client_authentication import Manner, Way, prove


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
    proof = prove("id", secret, Manner(way=way))
    assert (proof.headers, proof.fields) == ({}, fields)


@pytest.mark.requirement("F13")
@pytest.mark.parametrize(("raw", "sent"), [(False, b"a%3Ab:s+%25%2B%C3%A9"), (True, "a:b:s %+é".encode())])
def test_basic_form_encodes_both_unless_the_server_wants_them_raw(raw: bool, sent: bytes) -> None:
    proof = prove("a:b", "s %+é", Manner(way="basic", raw=raw))
    kind, _, encoded = proof.headers["Authorization"].partition(" ")
    assert (kind, b64decode(encoded)) == ("Basic", sent)
    assert proof.fields == {}


@pytest.mark.requirement("F13")
def test_the_id_stands_beside_basic_where_the_service_wants_it() -> None:
    proof = prove("id", "s", Manner(way="basic", id_in_body=True))
    assert (b64decode(proof.headers["Authorization"][6:]), proof.fields) == (b"id:s", {"client_id": "id"})


@pytest.mark.requirement("F13")
def test_a_client_without_a_secret_uses_basic_with_an_empty_one_where_the_service_wants_it() -> None:
    proof = prove("id", None, Manner(way="basic", empty_secret=True))
    assert (b64decode(proof.headers["Authorization"][6:]), proof.fields) == (b"id:", {})
    assert prove("id", None, Manner(way="body", empty_secret=True)).fields == {"client_id": "id"}


@pytest.mark.requirement("F13")
@pytest.mark.parametrize(
    ("way", "fields"),
    [("body", {"client_key": "id", "client_secret": "s"}), ("none", {"client_key": "id"}), ("basic", {})],
)
def test_the_id_is_called_as_the_service_calls_it(way: Way, fields: dict[str, str]) -> None:
    assert prove("id", "s", Manner(way=way, id_param="client_key")).fields == fields


@pytest.mark.requirement("S2")
def test_a_proof_shows_nothing() -> None:
    assert repr(prove("id", "s", Manner(way="body"))) == "Proof()"
