"""Token responses that are changed wherever the tokens stand."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import pytest

from gumauth.cli.check.tokens_changed import with_other, without
from gumauth.testing.messages import Response


@pytest.mark.parametrize(
    ("good", "left"),
    [
        ({"access_token": "a", "scope": "read"}, {"scope": "read"}),
        ({"ok": True, "data": {"access_token": "a", "scope": "read"}}, {"ok": True, "data": {"scope": "read"}}),
        ({"access_token": "a", "data": {"token": "a", "refresh": "r"}}, {"data": {"refresh": "r"}}),
        ({"access_token": "a", "data": [{"jwt": "a", "user": "ada"}]}, {"data": [{"user": "ada"}]}),
        ({"token": {"access_token": "a", "type": "bot"}}, {"token": {"type": "bot"}}),
    ],
)
def test_no_access_token_is_left_in_an_answer_that_gives_none(good: dict[str, Any], left: dict[str, Any]) -> None:
    answer = without("access_token").change(Response(body=json.dumps(good).encode()))
    assert json.loads(answer.body) == left


def test_another_value_stands_at_each_place_and_at_the_top() -> None:
    good = {"data": {"expires_in": 3600, "access_token": "a"}}
    answer = with_other("expires_in", "3600").change(Response(body=json.dumps(good).encode()))
    assert json.loads(answer.body) == {"data": {"expires_in": "3600", "access_token": "a"}, "expires_in": "3600"}


def test_an_answer_that_is_a_form_stays_one() -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = without("refresh_token").change(Response(headers=headers, body=b"access_token=a%26&refresh_token=r"))
    assert parse_qs(answer.body.decode()) == {"access_token": ["a&"]}


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null"])
def test_an_answer_without_members_stays_as_it_is(body: bytes) -> None:
    assert without("access_token").change(Response(body=body)).body == body
