"""The end of a token, as services really write it."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gumauth.oauth2.token_lifetime import Life, read, settle

NOW = 1_750_000_000.0


@pytest.mark.requirement("F14")
@pytest.mark.parametrize(
    "ends",
    [
        1_750_003_600,
        1_750_003_600.0,
        "1750003600",
        1_750_003_600_000,
        "1750003600000",
        "2025-06-15T16:06:40Z",
        "2025-06-15T16:06:40z",
        "2025-06-15T16:06:40.0000000Z",
        "2025-06-15T18:06:40+02:00",
        "2025-06-15T16:06:40",
        "2025-06-15 16:06:40 UTC",
        "20250615T160640Z",
    ],
)
@pytest.mark.parametrize("member", ["expires_at", "expires"])
def test_an_end_is_understood_as_the_service_writes_it(member: str, ends: object) -> None:
    life = read({member: ends})
    assert (life.instant, life.odd) == (1_750_003_600.0, None)
    assert settle(life.seconds, life.instant, NOW) == (3600, None)


@pytest.mark.requirement("F14")
def test_a_small_number_under_expires_is_a_life() -> None:
    """Facebook's older API: `access_token=…&expires=5183999`."""
    assert read({"expires": "5183999"}) == Life(seconds=5183999)
    assert read({"expires": 60, "expires_in": 3600}).seconds == 3600


@pytest.mark.requirement("F14")
@pytest.mark.parametrize(
    ("seconds", "instant", "left"),
    [
        (3600, NOW + 3600, 3600),
        (3600, NOW + 3541, 3600),
        (3600, NOW + 3539, 3539),
        (3600, NOW + 600, 600),
        (600, NOW + 3600, 600),
        (3600, NOW - 7200, 3600),
        (3600, None, 3600),
        (None, NOW + 0.5, 1),
        (None, None, None),
    ],
)
def test_the_earlier_end_holds_where_two_are_more_than_a_minute_apart(
    seconds: int | None, instant: float | None, left: int | None
) -> None:
    assert settle(seconds, instant, NOW) == (left, None)


@pytest.mark.requirement("F9")
@pytest.mark.parametrize("instant", [NOW - 1, NOW + 367 * 86400, 253_402_300_799.0])
def test_an_end_that_cannot_be_is_unknown_and_said(instant: float) -> None:
    left, odd = settle(None, instant, NOW)
    assert left is None
    assert odd is not None
    assert "clock" in odd


@pytest.mark.requirement("F9")
@pytest.mark.parametrize("value", ["soon", True, [], {}, 3600, -5, "NaN", float("inf"), "9" * 400, "0000-00-00"])
def test_an_end_that_is_no_time_is_unknown_and_said(value: object) -> None:
    life = read({"expires_at": value})
    assert (life.seconds, life.instant) == (None, None)
    assert life.odd is not None
    assert "unknown" in life.odd


@pytest.mark.requirement("F9")
@pytest.mark.parametrize("value", [1_795_702_325, "1795702325", 367 * 86400])
def test_an_instant_in_the_place_of_a_life_is_unknown_and_said(value: object) -> None:
    life = read({"expires_in": value})
    assert life.seconds is None
    assert life.odd == (
        f"The provider says that the token lives {str(value)!r} seconds; when it expires is taken as unknown."
    )


@pytest.mark.requirement("F9")
def test_a_date_after_all_others_is_repeated_as_it_came() -> None:
    said = read({"expires_at": "9999-12-31T23:59"})
    assert said.instant is None
    assert "ends at '9999-12-31T23:59'" in (said.odd or "")


def test_a_year_is_a_life() -> None:
    assert read({"expires_in": 31_536_059}) == Life(seconds=31_536_059)


@pytest.mark.parametrize("nothing", [None, "", 0])
def test_no_end_is_nothing_odd(nothing: object) -> None:
    assert read({"expires_in": nothing, "expires_at": nothing, "expires": nothing}) == Life()


@pytest.mark.requirement("F14")
def test_what_one_member_says_is_enough() -> None:
    assert read({"expires_in": 3600, "expires": "never"}) == Life(seconds=3600)
    assert read({"expires_in": -1, "expires_at": NOW}) == Life(instant=NOW)


@pytest.mark.requirement("S1")
def test_a_token_in_the_place_of_an_end_is_not_shown() -> None:
    token = secrets.token_hex(8)
    assert token not in str(read({"expires_at": token}, [token]).odd)


ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers())


@given(ANYTHING, ANYTHING, ANYTHING)
def test_anything_is_a_life_of_at_most_a_year_or_unknown(seconds: object, at: object, expires: object) -> None:
    life = read({"expires_in": seconds, "expires_at": at, "expires": expires})
    left, odd = settle(life.seconds, life.instant, NOW)
    assert left is None or 0 < left <= 366 * 86400
    assert f"{life.odd} {odd}".isprintable()
