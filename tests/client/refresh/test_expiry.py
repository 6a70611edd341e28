"""When a token is due."""

from __future__ import annotations

import pytest

from gumauth.accounts.record import Record
from gumauth.client.refresh.expiry import ahead_margin, has_life, is_due, is_nearly_due, is_too_short, margin


def record(obtained_at: float, expires_at: float | None) -> Record:
    return Record(access_token="t", obtained_at=obtained_at, expires_at=expires_at, account={})


@pytest.mark.requirement("R4")
@pytest.mark.parametrize(
    ("lifetime", "left", "due"),
    [
        (3600, 61, False),
        (3600, 60, False),
        (3600, 59, True),
        (3600, 0, True),
        (3600, -1, True),
        (100, 21, False),  # a fifth of the lifetime, not a minute
        (100, 20, False),
        (100, 19, True),
        (10, 2.1, False),
        (10, 1.9, True),
        (3, 0.7, False),
        (3, 0.5, True),
        (0, 0, False),
        (-1, -0.1, True),  # ended before it was obtained
    ],
)
def test_due_means_less_left_than_the_margin(lifetime: float, left: float, due: bool) -> None:
    assert is_due(record(1000, 1000 + lifetime), 1000 + lifetime - left) is due


@pytest.mark.requirement("R4")
def test_min_valid_raises_the_margin_and_never_lowers_it() -> None:
    assert is_due(record(1000, 4600), 4600 - 500, min_valid=600)
    assert not is_due(record(1000, 4600), 4600 - 601, min_valid=600)
    assert is_due(record(1000, 4600), 4600 - 30, min_valid=1)


@pytest.mark.parametrize("min_valid", [3600, 3601, 7200, float("inf")])
def test_a_min_valid_that_no_token_lives_longer_than_asks_for_one_with_four_fifths_of_its_lifetime_left(
    min_valid: float,
) -> None:
    assert not is_due(record(1000, 4600), 1000 + 720, min_valid=min_valid)
    assert is_due(record(1000, 4600), 1000 + 721, min_valid=min_valid)


@pytest.mark.requirement("R4")
def test_a_min_valid_that_a_new_token_can_satisfy_is_kept_to_the_second() -> None:
    assert not is_due(record(1000, 4600), 1001, min_valid=3599)
    assert is_due(record(1000, 4600), 1002, min_valid=3599)


@pytest.mark.parametrize("lifetime", [0, -5])
def test_a_token_that_never_lived_is_due_whatever_is_asked_for(lifetime: float) -> None:
    assert is_due(record(1000, 1000 + lifetime), 1001, min_valid=7200)


@pytest.mark.requirement("R4")
def test_an_unknown_lifetime_is_never_due_by_itself() -> None:
    assert not is_due(record(1000, None), 10**12)
    assert not is_due(record(1000, None), 10**12, min_valid=600)
    assert has_life(record(1000, None), 10**12)


@pytest.mark.requirement("R10")
def test_a_clock_that_went_back_makes_a_token_doubtful_not_eternal() -> None:
    token = record(obtained_at=10_000, expires_at=13_600)
    assert is_due(token, 5_000)
    assert not has_life(token, 5_000)
    assert not is_due(token, 10_001)


@pytest.mark.requirement("R10")
def test_a_clock_that_steps_back_by_a_second_is_no_doubt() -> None:
    """As NTP does it; more than that is."""
    token = record(obtained_at=10_000, expires_at=13_600)
    assert not is_due(token, 9_999)
    assert has_life(token, 9_999)
    assert is_due(token, 9_998.9)
    assert not has_life(token, 9_998.9)


@pytest.mark.requirement("R10")
def test_expiry_is_an_absolute_instant() -> None:
    """However long the machine slept: what counts is the wall clock."""
    assert has_life(record(1000, 4600), 4599)
    assert not has_life(record(1000, 4600), 4600)


@pytest.mark.parametrize(
    ("lifetime", "min_valid", "too_short"),
    [(100, 99, False), (100, 100, True), (100, 101, True), (100, 0, False), (100, None, False), (None, 100, False)],
)
def test_a_token_is_too_short_that_could_not_be_good_for_as_long_as_asked(
    lifetime: float | None, min_valid: float | None, too_short: bool
) -> None:
    kept = record(1000, None if lifetime is None else 1000 + lifetime)
    assert is_too_short(kept, min_valid) is too_short


@pytest.mark.requirement("H8")
@pytest.mark.parametrize(
    ("lifetime", "left", "nearly"),
    [
        (86400, 601, False),  # ten minutes
        (86400, 599, True),
        (3600, 601, False),
        (3600, 600, False),
        (3600, 599, True),
        (1000, 201, False),  # a fifth
        (1000, 199, True),
        (600, 121, False),
        (600, 119, True),
        (300, 121, False),  # twice the margin: a fifth is the margin itself
        (300, 119, True),
        (60, 25, False),
        (60, 23, True),
        (60, 13, True),
        (0, 0, False),
    ],
)
def test_a_token_is_nearly_due_in_the_last_fifth_of_its_life_and_always_before_it_is_due(
    lifetime: float, left: float, nearly: bool
) -> None:
    assert is_nearly_due(record(1000, 1000 + lifetime), 1000 + lifetime - left) is nearly


@pytest.mark.requirement("H8")
@pytest.mark.parametrize("lifetime", [1, 5, 60, 299, 300, 301, 599, 600, 3600, 86400])
def test_there_is_as_much_time_to_refresh_ahead_as_a_due_token_has_left(lifetime: float) -> None:
    assert ahead_margin(lifetime) >= 2 * margin(lifetime)


@pytest.mark.requirement("H8")
def test_an_unknown_lifetime_is_never_nearly_due() -> None:
    assert not is_nearly_due(record(1000, None), 10**12)
