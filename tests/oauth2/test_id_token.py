"""What an id_token says of its person, and when it is not believed."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest

from gumauth.oauth2.id_token import fault_of, has_nonce, names_in, refreshed, subject_of

ISSUER = "https://issuer.example"
NOW = 1_750_000_000.0
LIFE = {"iat": NOW - 10, "exp": NOW + 3600}


def token(**claims: Any) -> str:
    """An id_token with these claims in place of the usual ones; None takes one out."""
    usual = {"iss": ISSUER, "aud": "app", "sub": "1234"}
    return made({name: value for name, value in {**usual, **claims}.items() if value is not None})


def made(payload: object) -> str:
    return signed(json.dumps(payload).encode())


def signed(payload: bytes, header: bytes = b'{"alg":"RS256"}') -> str:
    """A JWT without padding. Source: RFC 7515 §7.1."""
    return ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in (header, payload, b"sig"))


def headed(header: bytes) -> str:
    """A good id_token with another header."""
    return signed(json.dumps({"iss": ISSUER, "aud": "app", "sub": "1234", **LIFE}).encode(), header)


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


def fault(id_token: object, *, issuer: str | None = ISSUER, client_id: str | None = "app") -> str | None:
    return fault_of(id_token, issuer=issuer, client_id=client_id, now=NOW)


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"aud": ["other", "app"], "azp": "app"},
        {"azp": "app"},
        {"exp": NOW - 59},
        {"iat": NOW + 60},
        {"iat": int(NOW), "exp": int(NOW) + 1},
    ],
)
def test_an_id_token_for_this_client_by_this_issuer_and_of_now_is_kept(claims: dict[str, Any]) -> None:
    assert fault(token(**{**LIFE, **claims})) is None


@pytest.mark.requirement("H5")
@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"iss": "https://other.example"}, "is of another issuer"),
        ({"iss": f"{ISSUER}/"}, "is of another issuer"),
        ({"iss": None}, "is of another issuer"),
        ({"iss": 7}, "is of another issuer"),
        ({"aud": "other"}, "is for another client"),
        ({"aud": None}, "is for another client"),
        ({"aud": ["other"]}, "is for another client"),
        ({"aud": "app2"}, "is for another client"),
        ({"aud": ["app", "other"], "azp": "other"}, "is for another client"),
        ({"azp": None, "aud": {"app": 1}}, "is for another client"),
        ({"sub": None}, "names nobody"),
        ({"sub": ""}, "names nobody"),
        ({"sub": 7}, "names nobody"),
        ({"sub": "a" * 256}, "names nobody"),
        ({"exp": None}, "does not say when it ends"),
        ({"iat": None}, "does not say when it ends"),
        ({"exp": True}, "does not say when it ends"),
        ({"exp": "soon"}, "does not say when it ends"),
        ({"iat": "soon"}, "does not say when it ends"),
        ({"iat": True}, "does not say when it ends"),
        ({"iat": -1e11}, "does not say when it ends"),
        ({"exp": 1e11}, "does not say when it ends"),
        ({"exp": 1e30}, "does not say when it ends"),
        ({"exp": float("nan")}, "does not say when it ends"),
        ({"exp": float("inf")}, "does not say when it ends"),
        ({"exp": NOW - 60}, "has ended, or is of the future"),
        ({"iat": NOW + 61}, "has ended, or is of the future"),
    ],
)
def test_an_id_token_that_is_not_this_accounts_is_not_kept(claims: dict[str, Any], said: str) -> None:
    assert fault(token(**{**LIFE, **claims})) == said


@pytest.mark.parametrize(
    ("id_token", "said"),
    [
        (7, "is no text that a header can carry"),
        (["a.b.c"], "is no text that a header can carry"),
        (f"{token(**LIFE)}\n", "is no text that a header can carry"),
        (f"{token(**LIFE)}ä", "is no text that a header can carry"),
        ("", "is no signed JWT"),
        ("not a token", "is no signed JWT"),
        ("a.b.c.d.e", "is no signed JWT"),
        (token(**LIFE).rpartition(".")[0] + ".", "is no signed JWT"),
        (made([]), "is no signed JWT"),
        (headed(b'{"alg":"none"}'), "is no signed JWT"),
        (headed(b'{"alg":"nOnE"}'), "is no signed JWT"),
        (headed(b'{"alg":""}'), "is no signed JWT"),
        (headed(b'{"alg":["RS256"]}'), "is no signed JWT"),
        (headed(b"{}"), "is no signed JWT"),
        (headed(b"[]"), "is no signed JWT"),
        (f" {token(**LIFE)}", "is no signed JWT"),
        (token(**LIFE).replace(".", ". ", 1), "is no signed JWT"),
        (token(**LIFE) + '";x="', "is no signed JWT"),
        (token(**LIFE) + "=", "is no signed JWT"),
        (f"{token(**LIFE)}{'A' * (32769 - len(token(**LIFE)))}", "is longer than 32 KiB"),
    ],
)
def test_what_is_no_signed_jwt_is_not_kept(id_token: object, said: str) -> None:
    assert fault(id_token) == said


@pytest.mark.requirement("K9")
def test_an_id_token_of_32_kib_is_kept() -> None:
    assert fault(f"{token(**LIFE)}{'A' * (32768 - len(token(**LIFE)))}") is None


def test_what_is_not_known_is_not_compared() -> None:
    assert fault(token(**LIFE, iss="https://other.example"), issuer=None) is None
    assert fault(token(**LIFE, aud="other"), client_id=None) is None


@pytest.mark.parametrize(
    ("claims", "nonce", "has"),
    [
        ({"nonce": "n"}, "n", True),
        ({"nonce": "m"}, "n", False),
        ({"nonce": "N"}, "n", False),
        ({"nonce": ["n"]}, "n", False),
        ({}, "n", False),
        ({"nonce": "m"}, None, True),
        ({}, None, True),
    ],
)
def test_an_id_token_answers_to_the_request_with_its_nonce(
    claims: dict[str, Any], nonce: str | None, has: bool
) -> None:
    assert has_nonce(token(**claims), nonce) is has


def test_where_no_id_token_came_there_is_no_nonce_to_compare() -> None:
    assert has_nonce(None, "n") is True


PEOPLE = {"email": "ada@example.com", "preferred_username": "ada", "name": "Ada", "nickname": "a"}


def names(id_token: object) -> dict[str, str]:
    return names_in(id_token, issuer=ISSUER, client_id="app", now=NOW)


def test_the_names_are_those_claims_that_are_texts_on_one_line() -> None:
    assert names(token(**LIFE, **PEOPLE, given_name="Ada")) == {**PEOPLE, "sub": "1234"}
    assert names(token(**LIFE, email=7, name=" ", nickname="a\nb", azp="app")) == {"nickname": "a b", "sub": "1234"}


@pytest.mark.requirement("I1")
@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "other"},
        {"iss": "https://other.example"},
        {"azp": "other"},
        {"sub": None},
        {"exp": NOW - 60},
        {"iat": NOW + 61},
        {"exp": None},
    ],
)
def test_an_id_token_for_another_client_issuer_or_time_names_nobody(claims: dict[str, Any]) -> None:
    assert names(token(**{**LIFE, **PEOPLE, **claims})) == {}


def after_refresh(old: str | None, new: object, **other: str | None) -> tuple[str | None, list[str]]:
    usual: dict[str, str | None] = {"issuer": ISSUER, "client_id": "app", "identity": f"{ISSUER} 1234"}
    given = {**usual, **other}
    return refreshed(
        old, new, issuer=given["issuer"], client_id=given["client_id"], identity=given["identity"], now=NOW
    )


FOREIGN = "The id_token that came with the refresh is another person's; it was not kept."


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"auth_time": 1}),
        ({}, {"aud": ["app"]}),
        ({"aud": ["app", "other"]}, {"aud": ["other", "more", "app"]}),
        ({"nonce": "n"}, {"nonce": "n", "x": 1}),
        ({"nonce": "n"}, {}),
        ({}, {"nonce": "n"}),
    ],
)
def test_a_newer_id_token_takes_the_older_ones_place(before: dict[str, Any], after: dict[str, Any]) -> None:
    old, new = token(**LIFE, **before), token(**LIFE, **after)
    assert after_refresh(old, new) == (new, [])
    assert after_refresh(None, new) == (new, [])


@pytest.mark.requirement("H5")
@pytest.mark.parametrize(
    "new",
    [
        None,
        7,
        "no.id.token",
        token(**LIFE, aud="other"),
        token(**LIFE, iss="https://other.example"),
        token(iat=NOW - 3700, exp=NOW - 100),
        token(**LIFE, nonce="another"),
        headed(b'{"alg":"none"}'),
    ],
)
def test_an_id_token_that_cannot_be_kept_leaves_the_older_one(new: object) -> None:
    old = token(**LIFE, nonce="n")
    assert after_refresh(old, new) == (old, [])


@pytest.mark.requirement("H5")
@pytest.mark.parametrize(
    ("old", "aud"), [(["app", "other"], "app"), ("app", "other"), (["app"], ["other"]), ("app", None)]
)
def test_where_the_client_is_not_known_a_refresh_brings_no_other_audience(old: object, aud: object) -> None:
    before = token(**LIFE, aud=old)
    assert after_refresh(before, token(**LIFE, aud=aud), client_id=None) == (before, [])


@pytest.mark.requirement("H5", "I1")
def test_another_persons_id_token_is_not_kept_and_that_is_said() -> None:
    old, new = token(**LIFE), token(**LIFE, sub="5678")
    assert after_refresh(old, new) == (old, [FOREIGN])
    assert after_refresh(old, new, identity=None) == (old, [FOREIGN])
    other = token(**LIFE, iss="https://other.example")
    assert after_refresh(old, other, issuer=None) == (old, [FOREIGN])


@pytest.mark.requirement("H5", "I1")
@pytest.mark.parametrize(
    ("identity", "is_kept"),
    [
        (f"{ISSUER} 1234", True),
        (f"{ISSUER} 5678", False),
        (f"{ISSUER} 12345", False),
        ("https://other.example 5678", True),
        ("5678", True),  # of the service's API, which may count its people otherwise
        ("person workspace", True),
        ("", True),
        (None, True),
    ],
)
def test_without_an_older_one_an_id_token_has_to_be_of_the_accounts_subject(
    identity: str | None, is_kept: bool
) -> None:
    new = token(**LIFE)
    assert after_refresh(None, new, identity=identity) == ((new, []) if is_kept else (None, [FOREIGN]))
