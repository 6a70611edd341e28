"""Frozen values without `dataclasses`."""

from __future__ import annotations

from typing import Any

import pytest

from gumauth.accounts.record import Record
from gumauth.errors import HomeError, NewerRecord
from gumauth.platform.frozen import fields_of, from_json, frozen, members, replace


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


@frozen
class Kept:
    name: str
    alias: str | None = None
    count: int = 0
    ended_at: float | None = None
    is_due: bool = False
    salt: bytes = b""
    scopes: tuple[str, ...] = ()
    extras: dict[str, str] = {}  # noqa: RUF012 - a default that is never changed
    account: dict[str, Any] = {}  # noqa: RUF012


@pytest.mark.requirement("K3", "K7")
@pytest.mark.parametrize(
    ("member", "read"),
    [
        ({"alias": None}, {"alias": None}),
        ({"alias": "\ud800"}, {"alias": "\ud800"}),  # a path may be no UTF-8
        ({"count": -3}, {"count": -3}),
        ({"count": 1 << 127}, {"count": 1 << 127}),  # the number of a folder on ReFS
        ({"ended_at": 5}, {"ended_at": 5}),
        ({"ended_at": -1.5}, {"ended_at": -1.5}),
        ({"is_due": True}, {"is_due": True}),
        ({"salt": "00fF"}, {"salt": b"\x00\xff"}),
        ({"scopes": ["a", "b"]}, {"scopes": ("a", "b")}),
        ({"extras": {"a": "b"}}, {"extras": {"a": "b"}}),
        ({"account": {"a": [1]}}, {"account": {"a": [1]}}),
    ],
)
def test_a_member_of_the_annotated_type_is_read(member: dict[str, Any], read: dict[str, Any]) -> None:
    assert from_json(Kept, {"name": "n", **member}) == Kept(name="n", **read)


@pytest.mark.requirement("K3", "K7")
@pytest.mark.parametrize(
    "member",
    [
        {"name": None},
        {"name": 1},
        {"alias": ["a"]},
        {"count": True},
        {"count": 1.0},
        {"count": 1 << 128},
        {"count": None},
        {"ended_at": True},
        {"ended_at": "1"},
        {"ended_at": 1e11},
        {"ended_at": -(10**400)},
        {"ended_at": float("nan")},
        {"ended_at": float("inf")},
        {"is_due": 0},
        {"is_due": None},
        {"salt": "0g"},
        {"salt": "0"},
        {"scopes": "ab"},
        {"scopes": ["a", 1]},
        {"extras": []},
        {"extras": {"a": None}},
        {"account": None},
        {"unknown": "a"},
        {"version": 1},
    ],
)
def test_a_member_that_is_unknown_or_of_another_type_is_refused(member: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        from_json(Kept, {"name": "n", **member})
    assert type(caught.value) is ValueError


def test_a_missing_member_is_its_default_or_refused() -> None:
    assert from_json(Kept, {"name": "n"}) == Kept(name="n")
    with pytest.raises(ValueError, match="missing"):
        from_json(Kept, {"alias": "a"})


@pytest.mark.requirement("K12")
def test_the_members_of_a_newer_version_are_an_error_that_names_them() -> None:
    assert members('{"version": 2, "a": 1}', 2, "The record") == {"a": 1}
    with pytest.raises(NewerRecord, match=r"^The record was written by a newer gumauth\."):
        members('{"version": 3, "a": 1}', 2, "The record")
    with pytest.raises(HomeError) as caught:
        members(b'{"version": 3}', 2, "The file", HomeError)
    assert caught.value.hint == "Update gumauth; nothing was changed."


@pytest.mark.parametrize("version", ["0", "-1", "null", '"1"', "1.0", "true", "[1]", "{}"])
def test_a_version_that_there_never_was_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match="version"):
        members(f'{{"version": {version}}}', 2, "The record")


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "[" * 100_000, "{", b"\xff"])
def test_a_text_that_is_no_versioned_object_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        members(text, 1, "The record")
