"""A provider's response as a value."""

from __future__ import annotations

import json

import pytest

from gumauth.oauth2.response import Response, at

NOON = "Wed, 21 Oct 2015 12:00:00 GMT"


@pytest.mark.requirement("R7", "Y10")
@pytest.mark.parametrize(
    ("asked", "date", "seconds"),
    [
        ("7", NOON, 7.0),
        ("0", "", 0.0),
        ("9" * 5000, "", 3600.0),
        ("Wed, 21 Oct 2015 12:01:30 GMT", NOON, 90.0),
        ("Wed, 21 Oct 2015 11:00:00 GMT", NOON, 0.0),
        ("Wed, 21 Oct 2099 12:00:00 GMT", NOON, 3600.0),
        ("Wed, 21 Oct 2015 12:01:30 GMT", "", None),
        ("Wed, 21 Oct 2015 12:01:30", NOON, None),
        ("-1", NOON, None),
        ("1.5", NOON, None),
        ("soon", NOON, None),
        ("", NOON, None),
    ],
)
def test_a_wait_is_read_in_seconds_or_as_a_date_up_to_an_hour(asked: str, date: str, seconds: float | None) -> None:
    response = Response.of(429, {"Retry-After": asked, "Date": date}, b"")
    assert (response.retry_after, response.wait()) == (seconds, seconds)


@pytest.mark.requirement("R7", "Y10")
@pytest.mark.parametrize(
    ("data", "seconds"),
    [({"retry_after": 64.57}, 64.57), ({"retry_after": 10**30}, 3600.0), ({"retry_after": "7"}, None), (["x"], None)],
)
def test_without_a_header_the_body_tells_the_wait(data: object, seconds: float | None) -> None:
    assert Response(status=429, body=json.dumps(data).encode()).wait() == seconds


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("", {"data": {"emails": ["ada"], "id": 7}}),
        ("data.id", 7),
        ("data.emails.0", "ada"),
        ("data.emails.1", None),
        ("data.emails.x", None),
        ("data.id.0", None),
        ("nothing", None),
        ("data.emails." + "9" * 30, None),
    ],
)
def test_a_dotted_path_leads_through_objects_and_lists(path: str, value: object) -> None:
    assert at({"data": {"emails": ["ada"], "id": 7}}, path) == value
