"""Decoded JSON that notes what is read of it, and the real answer that is made of the notes."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from gumauth.cli.check.shapes.decoding import Decoding
from gumauth.cli.check.shapes.evidence import Evidence
from gumauth.cli.check.shapes.shape import Node, TooDeep, put, shape_of

DECODE = json.JSONDecoder.__dict__["decode"]


def seen(read: Callable[[Any], object], node: Node | None = None) -> Any:
    """The answer that is made after some code has read one."""
    node = Node() if node is None else node
    node.kind = node.kind or "object"
    decoding = Decoding()
    with decoding.watching():
        read(json.loads(decoding.bytes_of(node, node.value({}), {})))
    node.settle()
    return node.value({})


@pytest.mark.parametrize(
    ("read", "answer"),
    [
        (lambda data: data["data"]["viewer"]["email"], {"data": {"viewer": {"email": "ada@example.com"}}}),
        (lambda data: data.get("user", {}).get("name"), {"user": {"name": "Ada Lovelace"}}),
        (lambda data: data[0]["login"], [{"login": "ada"}]),
        (lambda data: [each["id"] for each in data], [{"id": "1815"}]),
        (lambda data: data["emails"][0]["email"], {"emails": [{"email": "ada@example.com"}]}),
        (lambda data: data["team"]["name"], {"team": {"name": "Acme"}}),
        (lambda data: data["ok"] and not data.get("error"), {"ok": True}),
        (lambda data: data.get("items", []), {"items": ["made up"]}),
        (lambda data: "user" in data and "errors" not in data, {"user": "made up"}),
        (lambda data: data["name"][:3].upper(), {"name": "Ada Lovelace"}),
        (lambda data: data["count"] > 0, {"count": 1815}),
        (lambda data: data["age"] > 3, {"age": 1815}),
        (lambda data: data.get("next_page_token"), {}),
        (lambda data: data["nodes"][2]["x"], {"nodes": [{"x": "made up"}]}),
    ],
)
def test_an_answer_has_what_was_read_of_it(read: Callable[[Any], object], answer: Any) -> None:
    assert seen(read) == answer


def test_what_is_recorded_is_like_what_it_stands_for() -> None:
    def read(data: Any) -> None:
        assert isinstance(data, dict)
        assert isinstance(data["email"], str)
        assert data["email"].lower() == "ada@example.com"
        assert f"{data['email']}" == "ada@example.com"
        assert json.loads(json.dumps(data)) == {"email": "ada@example.com"}
        assert pickle.loads(pickle.dumps(data)) == copy.deepcopy(data) == {"email": "ada@example.com"}
        assert {data["email"]: 1}["ada@example.com"] == 1

    seen(read)


def test_only_marked_answers_are_recorded_and_the_decoder_is_put_back() -> None:
    with pytest.raises(RuntimeError), Decoding().watching():
        assert type(json.loads('{"a": 1}')) is dict
        raise RuntimeError
    assert json.JSONDecoder.__dict__["decode"] is DECODE


def test_reading_without_end_ends() -> None:
    def deeper(data: Any) -> None:
        while True:
            data = data["more_of_it"]

    def wider(data: Any) -> None:
        for number in range(10**9):
            data[f"member {number}"]

    for read in (deeper, wider):
        with pytest.raises(TooDeep):
            seen(read)


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (KeyError("login"), {"login": "ada"}),
        (
            TypeError("__init__() missing 2 required positional arguments: 'id' and 'plan'"),
            {"id": "1815", "plan": "made up"},
        ),
        (ValueError("Object missing required field `email` - at `$.data`"), {"data": {"email": "ada@example.com"}}),
        (AttributeError("'types.SimpleNamespace' object has no attribute 'handle'"), {"handle": "ada"}),
        (NameError("name 'x' is not defined"), {}),
    ],
)
def test_an_exception_says_what_is_missing(error: Exception, answer: Any) -> None:
    node = Node()
    node.kind = "object"
    Evidence([], None, [node]).heed(error)
    assert node.value({}) == answer


def test_the_first_exception_of_a_chain_tells() -> None:
    node = Node()
    node.kind = "object"
    try:
        try:
            raise KeyError("login")
        except KeyError as error:
            raise RuntimeError("the service is odd") from error
    except RuntimeError as error:
        Evidence([], None, [node]).heed(error)
    assert node.value({}) == {"login": "ada"}


def test_a_token_stands_only_where_one_was_issued() -> None:
    node = Node()
    put(node, "authed_user.access_token")
    put(node, "authed_user.refresh_token")
    assert node.value({"access_token": "made at run time"}) == {"authed_user": {"access_token": "made at run time"}}


def test_a_known_answer_stays_as_it_is() -> None:
    known = {"email": "grace@example.com", "teams": [{"id": 1}], "none": None}
    assert shape_of(known).value({}) == known
