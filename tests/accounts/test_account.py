"""An account as a value, and as its file's line of JSON."""

from __future__ import annotations

import json
import shlex
import string
from hashlib import sha256
from typing import Any

import pytest

from gumauth.accounts.account import VERSION, Account, account_id, encode, is_name, parse
from gumauth.errors import HomeError


def account(nickname: str | None, alias: str | None = None, *, provider: str = "linear", at: float = 1.0) -> Account:
    return Account(
        provider=provider, id=account_id(nickname, alias), nickname=nickname, alias=alias, connected_at=at, grant="g"
    )


@pytest.mark.requirement("P2")
@pytest.mark.parametrize("name", ["linear", "g", "a" * 64, "my.own_provider-2", "0auth"])
def test_names_that_may_be_used(name: str) -> None:
    assert is_name(name)


@pytest.mark.requirement("K3")
def test_a_field_of_another_type_makes_the_file_unreadable() -> None:
    fields = json.loads(encode(account("ada")))
    assert parse(json.dumps(fields).encode()) is not None
    for name, value in {
        "nickname": 3,
        "refreshable": "yes",
        "scopes": "read",
        "expires_at": "soon",
        "connected_at": True,
        "retry_at": float("nan"),
        "refreshed_at": float("inf"),
        "failed_at": 10**400,
        "id": "../x",
    }.items():
        assert parse(json.dumps({**fields, name: value}).encode()) is None, name


@pytest.mark.requirement("K12")
def test_the_file_of_a_newer_version_is_not_taken_for_a_broken_one() -> None:
    fields = json.loads(encode(account("ada")))
    with pytest.raises(HomeError, match="newer gumauth"):
        parse(json.dumps({**fields, "version": VERSION + 1, "more": []}).encode())


@pytest.mark.requirement("K12")
def test_a_file_is_one_line_of_json_with_a_version() -> None:
    content = encode(account("ada\nlovelace"))
    assert content.count(b"\n") == 1
    assert json.loads(content)["version"] == 3


OLDER = (
    b'{"version": 1, "provider": "linear", "id": "3cc3756fe7788f58", "nickname": "ada@example.com", "alias": "work",'
    b' "scopes": ["read"], "requested_scopes": ["read", "write"], "expires_at": 1700003600.0, "refreshable": true,'
    b' "connected_at": 1700000000.0, "refreshed_at": null, "state": "ok", "reason": null, "store": "keyring",'
    b' "slot": "b", "grant": "g", "source": "built-in", "failed_at": null, "retry_at": null, "told_to_wait": false}\n'
)
"""A file as the first version wrote it."""


@pytest.mark.requirement("I8", "K12")
def test_the_file_of_an_older_version_is_read_and_nobody_has_been_asked_whose_it_is() -> None:
    assert parse(OLDER) == Account(
        provider="linear",
        id="3cc3756fe7788f58",
        nickname="ada@example.com",
        alias="work",
        identity=None,
        number=None,
        scopes=("read",),
        requested_scopes=("read", "write"),
        expires_at=1700003600.0,
        refreshable=True,
        connected_at=1700000000.0,
        store="keyring",
        slot="b",
        grant="g",
    )


@pytest.mark.requirement("K12", "K3")
@pytest.mark.parametrize("version", [0, -1, None, "1", 1.5, [1]])
def test_a_version_that_there_never_was_makes_a_file_unreadable(version: object) -> None:
    assert parse(json.dumps(json.loads(OLDER) | {"version": version}).encode()) is None
    assert parse(json.dumps(json.loads(encode(account("ada"))) | {"version": version}).encode()) is None


@pytest.mark.requirement("K3")
@pytest.mark.parametrize(
    ("name", "value", "fits"),
    [
        ("identity", None, True),
        ("identity", "", True),
        ("identity", "1234", True),
        ("identity", 1234, False),
        ("identity", ["1234"], False),
        ("number", None, True),
        ("number", 2, True),
        ("number", 2.5, False),
        ("number", "2", False),
        ("number", True, False),
        ("number", 10**400, False),
    ],
)
def test_an_identity_is_text_and_a_number_is_whole(name: str, value: object, fits: bool) -> None:
    fields = json.loads(encode(account("ada")))
    assert (parse(json.dumps({**fields, name: value}).encode()) is not None) is fits


@pytest.mark.requirement("I6")
@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"nickname": "ada", "alias": "work", "number": 2}, "work"),
        ({"nickname": "ada", "alias": "work"}, "work"),
        ({"alias": "work"}, "work"),
        ({"nickname": "ada", "number": 2}, "2"),
        ({"number": 1}, "1"),
        ({"nickname": "ada"}, "ada"),
        ({}, "aaaaaaaaaaaaaaaa"),
        ({"nickname": ""}, "aaaaaaaaaaaaaaaa"),
    ],
)
def test_an_account_is_called_by_its_alias_its_number_its_nickname_or_its_id(fields: dict[str, Any], name: str) -> None:
    called = Account(provider="linear", id="a" * 16, **fields)
    assert (called.name, called.label, called.key) == (name, f"linear/{name}", "linear/aaaaaaaaaaaaaaaa")


@pytest.mark.parametrize(
    ("nickname", "argument"),
    [
        ("ada@example.com", "linear/ada@example.com"),
        ("ada@example.com at acme", "'linear/ada@example.com at acme'"),
        ("$(reboot)", "'linear/$(reboot)'"),
        ("ada's", "'linear/ada'\"'\"'s'"),
    ],
)
def test_a_name_is_one_word_of_a_shells_command(nickname: str, argument: str) -> None:
    assert account(nickname).argument == argument


@pytest.mark.parametrize("letter", sorted({*string.printable, "é", "田"}))
def test_it_is_quoted_as_the_standard_library_does(letter: str) -> None:
    assert account(f"ada{letter}b").argument == shlex.quote(f"linear/ada{letter}b")


@pytest.mark.requirement("I1", "I8")
@pytest.mark.parametrize(
    ("nickname", "alias", "identity", "text"),
    [
        ("ada", "work", "1234", "identity 1234"),
        (None, None, "1234", "identity 1234"),
        ("ada", "work", "", "nickname ada"),
        ("ada", "work", None, "nickname ada"),  # as the first version made it
        (None, "work", None, "alias work"),
        ("", "work", "", "alias work"),
        (None, None, None, "alias "),
    ],
)
def test_an_id_is_made_of_the_best_that_is_known(
    nickname: str | None, alias: str | None, identity: str | None, text: str
) -> None:
    assert account_id(nickname, alias, identity=identity) == sha256(text.encode()).hexdigest()[:16]


@pytest.mark.requirement("K3")
@pytest.mark.parametrize(
    "member", ['"alias": "\\ud800"', '"source": "\\ud800.py"', '"scopes": ["\\ud800"]', '"id": "\\ud800"']
)
def test_a_file_with_half_a_character_is_no_account(member: str) -> None:
    whole = '{"version": 1, "provider": "acme", "id": "0123456789abcdef", "alias": "\u00fc\U0001f511"'
    assert parse(f"{whole}}}".encode()) is not None
    assert parse(f"{whole}, {member}}}".encode()) is None
