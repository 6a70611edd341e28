"""What an id_token says of its person, and when it is not believed."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest

from gumauth.oauth2.id_token import subject_of

ISSUER = "https://issuer.example"


def token(**claims: Any) -> str:
    """An id_token with these claims in place of the usual ones; None takes one out."""
    usual = {"iss": ISSUER, "aud": "app", "sub": "1234"}
    return made({name: value for name, value in {**usual, **claims}.items() if value is not None})


def made(payload: object) -> str:
    return signed(json.dumps(payload).encode())


def signed(payload: bytes) -> str:
    """A JWT without padding. Source: RFC 7515 §7.1."""
    return ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in (b'{"alg":"none"}', payload, b"sig"))


def subject(id_token: object, issuer: str | None = ISSUER) -> str:
    return subject_of(id_token, issuer=issuer, client_id="app")


@pytest.mark.requirement("I1")
@pytest.mark.parametrize(
    ("claims", "identity"),
    [
        ({}, "https://issuer.example 1234"),
        ({"aud": ["app"]}, "https://issuer.example 1234"),
        ({"aud": ["other", "app"], "azp": "other"}, "https://issuer.example 1234"),
        ({"sub": "auth0|abc def"}, "https://issuer.example auth0|abc%20def"),
        ({"sub": "a" * 255}, f"https://issuer.example {'a' * 255}"),
        ({"email": "ada@example.com", "email_verified": True}, "https://issuer.example 1234"),
    ],
)
def test_the_identity_is_the_subject_with_its_issuer(claims: dict[str, Any], identity: str) -> None:
    assert subject(token(**claims)) == identity


@pytest.mark.requirement("I1")
@pytest.mark.parametrize(
    "claims",
    [
        {"aud": None},
        {"aud": "other"},
        {"aud": "app2"},
        {"aud": "ap"},
        {"aud": "APP"},
        {"aud": []},
        {"aud": ["other"]},
        {"aud": {"app": True}},
        {"aud": 1},
        {"iss": None},
        {"iss": ""},
        {"iss": "https://other.example"},
        {"iss": "https://issuer.example/"},
        {"iss": ["https://issuer.example"]},
        {"iss": 1},
        {"sub": None},
        {"sub": ""},
        {"sub": 1234},
        {"sub": ["1234"]},
        {"sub": "a" * 256},
    ],
)
def test_another_audience_another_issuer_or_no_subject_is_not_believed(claims: dict[str, Any]) -> None:
    assert subject(token(**claims)) == ""


@pytest.mark.requirement("I1")
@pytest.mark.parametrize(
    ("issuer", "identity"),
    [
        ("https://other.example", "https://other.example 1234"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000 1234"),
        ("accounts.example", ""),
        ("ftp://issuer.example", ""),
        ("", ""),
        (None, ""),
        (7, ""),
    ],
)
def test_where_the_issuer_is_not_known_any_url_is_one(issuer: object, identity: str) -> None:
    assert subject(token(iss=issuer), issuer=None) == identity


def test_an_issuer_that_is_no_url_is_not_believed_though_it_is_the_one() -> None:
    """Google once wrote `accounts.google.com`: an identity with that in front would not be told from two values."""
    assert subject(token(iss="accounts.example"), issuer="accounts.example") == ""


@pytest.mark.parametrize("filling", ["", "x", "xx", "xxx"])
def test_a_payload_of_any_length_is_read_without_its_padding(filling: str) -> None:
    payload = token(filling=filling).split(".")[1]
    assert len({len(token(filling="x" * count).split(".")[1]) % 4 for count in range(4)}) == 3
    assert subject(f"head.{payload}.sig") == "https://issuer.example 1234"


def test_the_payload_is_in_the_alphabet_for_urls() -> None:
    text = token(sub="subjects?>~~~")
    assert set("-_") & set(text)
    assert subject(text) == "https://issuer.example subjects%3F%3E~~~"


@pytest.mark.requirement("I1")
@pytest.mark.parametrize(
    "id_token",
    [
        None,
        7,
        ["a", "b", "c"],
        {},
        b"a.b.c",
        "",
        "..",
        "no token",
        token().rpartition(".")[0],
        token() + ".more",
        "head.a.sig",
        "head.ä.sig",
        "head.\ud800.sig",
        "head.!!!!.sig",
        made([{"iss": ISSUER, "aud": "app", "sub": "1234"}]),
        made("text"),
        made(None),
        signed(b"\xff\xfe\xfd\xfc"),
        signed(b"{"),
        signed(b""),
        signed(b"[" * 100_000),
        signed(b'{"iss": ' + b"9" * 5000 + b"}"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_is_no_id_token_tells_nothing(id_token: object) -> None:
    assert subject(id_token) == ""


def test_a_payload_that_no_encoding_gives_tells_nothing() -> None:
    head, payload, signature = token().split(".")
    assert subject(f"{head}.{payload[:1]}.{signature}") == ""


@pytest.mark.parametrize("claim", ["sub", "iss"])
def test_half_a_character_is_no_part_of_an_identity(claim: str) -> None:
    assert subject(token(**{claim: "https://\ud800"}), issuer=None) == ""
