"""Who an account belongs to, as text that can be compared."""

from __future__ import annotations

import pytest

from gumauth.oauth2.identity import identity_of, same_identity

ISSUER = "https://issuer.example"


@pytest.mark.requirement("I1")
@pytest.mark.parametrize(
    ("values", "issuer", "identity"),
    [
        (["1234"], None, "1234"),
        ([1234], None, "1234"),
        ([0], None, "0"),
        ([-1], None, "-1"),
        (["user-1", "space-2"], None, "user-1 space-2"),
        ([7, "space-2"], None, "7 space-2"),
        (["space-2", "user-1"], None, "space-2 user-1"),
        (["1234"], ISSUER, "https://issuer.example 1234"),
        (["1234"], "", "1234"),
        (["user-1", "space-2"], ISSUER, "https://issuer.example user-1 space-2"),
        (["1234"], "https://issuer.example/a b", "https://issuer.example/a%20b 1234"),
        (["auth0|abc", "ada+x@example.com", "a:b/c"], None, "auth0|abc ada+x@example.com a:b/c"),
        (["ä"], None, "%C3%A4"),
        (["100%"], None, "100%25"),
        (["a\nb\x1b[31m"], None, "a%0Ab%1B%5B31m"),
    ],
)
def test_an_identity_is_its_values_in_their_order_as_printable_words(
    values: list[object], issuer: str | None, identity: str
) -> None:
    assert identity_of(values, issuer) == identity


@pytest.mark.requirement("I1")
def test_values_with_blanks_in_them_are_not_taken_for_other_ones() -> None:
    assert identity_of(["a b", "c"]) == "a%20b c"
    assert identity_of(["a", "b c"]) == "a b%20c"
    assert identity_of(["a", "b", "c"]) == "a b c"


@pytest.mark.requirement("I1")
@pytest.mark.parametrize("missing", [None, "", True, False, 1.5, ["1"], {"id": "1"}, b"1"])
def test_no_identity_comes_of_a_value_that_is_missing_or_neither_text_nor_a_whole_number(missing: object) -> None:
    assert identity_of([missing]) == ""
    assert identity_of([missing, "space-2"]) == ""
    assert identity_of(["user-1", missing]) == ""
    assert identity_of([missing], ISSUER) == ""


@pytest.mark.parametrize("odd", ["\ud800", 10**5000], ids=["half a character", "5001 digits"])
def test_no_identity_comes_of_what_json_can_hold_and_python_cannot_write(odd: object) -> None:
    assert identity_of([odd]) == ""
    assert identity_of(["user-1", odd]) == ""


@pytest.mark.requirement("I1")
@pytest.mark.parametrize("issuer", [None, ISSUER])
def test_no_identity_comes_of_no_values(issuer: str | None) -> None:
    assert identity_of([], issuer) == ""


@pytest.mark.parametrize(
    ("values", "issuer", "length"),
    [
        (["a" * 500], None, 500),
        (["a" * 501], None, 0),
        (["a" * 249, "b" * 250], None, 500),
        (["a" * 250, "b" * 250], None, 0),
        (["a" * 477], ISSUER, 500),
        (["a" * 478], ISSUER, 0),
        (["ä" * 83], None, 498),  # as it is kept, six characters each
        (["ä" * 84], None, 0),
    ],
)
def test_an_identity_is_no_longer_than_500_characters(values: list[object], issuer: str | None, length: int) -> None:
    assert len(identity_of(values, issuer)) == length


@pytest.mark.requirement("I1")
@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1234", "1234", True),
        ("1234", "1235", False),
        ("1234", "12345", False),
        ("user-1 space-2", "user-1 space-2", True),
        ("user-1 space-2", "user-1 space-3", False),
        ("user-1 space-2", "space-2", False),
        ("user-1 space-2", "user-1", False),
        ("https://issuer.example 1234", "https://issuer.example 1234", True),
        ("https://issuer.example 1234", "https://issuer.example 1235", False),
        ("https://issuer.example 1234", "https://other.example 1234", False),
        ("https://issuer.example 1234", "http://issuer.example 1234", False),
        ("https://issuer.example 1234", "1234", True),
        ("http://127.0.0.1:8000 1234", "1234", True),
        ("https://issuer.example 1234", "1235", False),
        ("https://issuer.example 1234", "issuer.example 1234", False),
        ("https://issuer.example user-1 space-2", "user-1 space-2", True),
        ("https://issuer.example user-1 space-2", "space-2", False),
        ("https://issuer.example", "https://issuer.example", True),
        ("https://issuer.example", "", False),
        ("ftp://issuer.example 1234", "1234", False),
        ("a https://issuer.example 1234", "1234", False),
    ],
)
def test_two_identities_are_one_where_both_say_the_same_and_an_issuer_counts_only_against_an_issuer(
    one: str, other: str, same: bool
) -> None:
    assert same_identity(one, other) is same
    assert same_identity(other, one) is same


@pytest.mark.requirement("I1")
@pytest.mark.parametrize("unknown", [None, ""])
@pytest.mark.parametrize("other", [None, "", "1234", "https://issuer.example 1234", "https://issuer.example "])
def test_an_identity_that_is_not_known_is_nobodys(unknown: str | None, other: str | None) -> None:
    assert same_identity(unknown, other) is False
    assert same_identity(other, unknown) is False
