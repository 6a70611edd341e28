"""Frozen values without `dataclasses`."""

from __future__ import annotations

import pytest

from gumauth.accounts.record import Record
from gumauth.platform.frozen import fields_of, frozen, replace


@frozen
class Point:
    x: int
    y: int = 2

    _secret = ("y",)


def test_a_default_is_filled_in() -> None:
    assert fields_of(Point(x=1)) == {"x": 1, "y": 2}


def test_equal_fields_make_equal_values_with_equal_hashes() -> None:
    assert Point(x=1) == Point(x=1, y=2)
    assert hash(Point(x=1)) == hash(Point(x=1, y=2))
    assert Point(x=1) != Point(x=2)


def test_a_missing_or_unknown_field_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="x"):
        Point()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="z"):
        Point(x=1, z=3)  # type: ignore[call-arg]


def test_a_field_cannot_be_changed() -> None:
    point = Point(x=1)
    with pytest.raises(AttributeError, match="cannot be changed"):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(AttributeError, match="cannot be changed"):
        del point.x
    assert point.x == 1


def test_a_copy_with_changes_leaves_the_original() -> None:
    point = Point(x=1)
    assert replace(point, x=5) == Point(x=5)
    assert point.x == 1


@pytest.mark.requirement("S2")
def test_a_secret_field_is_not_in_the_repr() -> None:
    assert repr(Point(x=1, y=77)) == "Point(x=1)"
    shown = repr(Record(access_token="AAA", refresh_token="RRR", account={}))
    assert "AAA" not in shown
    assert "RRR" not in shown
