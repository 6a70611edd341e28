"""The list of accounts on disk."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from gumauth.accounts import Account, Accounts, account_id, encode, is_name, parse
from gumauth.errors import HomeError, NotConnected, UsageError
from gumauth.home import locate
from gumauth.values import replace


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    return Accounts(locate({"GUMAUTH_HOME": str(tmp_path)}))


def account(nickname: str | None, alias: str | None = None, *, provider: str = "linear", at: float = 1.0) -> Account:
    return Account(
        provider=provider, id=account_id(nickname, alias), nickname=nickname, alias=alias, connected_at=at, grant="g"
    )


def test_an_account_comes_back_as_it_was_saved(accounts: Accounts) -> None:
    ada = replace(account("ada@example.com", "work"), scopes=("read", "write"), expires_at=5.5)
    accounts.save(ada)
    assert list(accounts.all()) == [ada]


@pytest.mark.parametrize(
    "reference", ["linear", "linear/work", "linear/ada@example.com", f"linear/{account_id('ada@example.com', None)}"]
)
def test_it_is_found_by_default_alias_nickname_and_id(accounts: Accounts, reference: str) -> None:
    ada = account("ada@example.com", "work")
    accounts.save(ada)
    accounts.save(account("bob@example.com", at=2.0))
    assert accounts.find(reference) == ada


def test_a_nickname_may_hold_a_slash(accounts: Accounts) -> None:
    odd = account("org/team")
    accounts.save(odd)
    assert accounts.find("linear/org/team") == odd


def test_the_first_account_is_the_default_until_another_is_chosen(accounts: Accounts) -> None:
    ada, bob = account("ada", at=1.0), account("bob", at=2.0)
    accounts.save(ada)
    accounts.save(bob)
    assert accounts.find("linear") == ada
    accounts.set_default(bob)
    assert accounts.find("linear") == bob


def test_when_the_default_is_forgotten_the_first_that_is_left_takes_its_place(accounts: Accounts) -> None:
    ada, bob = account("ada", "a", at=1.0), account("bob", at=2.0)
    accounts.save(ada)
    accounts.save(bob)
    accounts.forget(ada)
    assert accounts.find("linear") == bob
    accounts.forget(bob)
    with pytest.raises(NotConnected, match="linear is not connected") as caught:
        accounts.find("linear")
    assert caught.value.hint == "Run `gumauth connect linear`."
    assert caught.value.exit_code == 3


def test_an_alias_that_moved_is_found_at_its_new_account(accounts: Accounts) -> None:
    """The alias file is only a hint: the account's own file decides."""
    ada, bob = account("ada", "work", at=1.0), account("bob", at=2.0)
    accounts.save(ada)
    accounts.save(bob)
    accounts.save(replace(ada, alias="home"))
    accounts.save(replace(bob, alias="work"))
    assert accounts.find("linear/work").nickname == "bob"
    assert accounts.find("linear/home").nickname == "ada"


def test_a_lost_alias_file_costs_time_and_nothing_else(accounts: Accounts, tmp_path: Path) -> None:
    accounts.save(account("ada", "work"))
    for file in (tmp_path / "accounts" / "linear").glob("*.alias"):
        file.unlink()
    assert accounts.find("linear/work").nickname == "ada"


@pytest.mark.requirement("P2")
@pytest.mark.parametrize("name", ["", "Linear", "../linear", "a/b", ".hidden", "a" * 65, "a b", "-x", "é"])
def test_what_is_no_name_never_becomes_a_path(accounts: Accounts, name: str) -> None:
    assert not is_name(name)
    with pytest.raises(ValueError, match="not a provider's name"):
        accounts.save(replace(account("ada"), provider=name))


@pytest.mark.requirement("P2")
@pytest.mark.parametrize("name", ["linear", "g", "a" * 64, "my.own_provider-2", "0auth"])
def test_names_that_may_be_used(name: str) -> None:
    assert is_name(name)


@pytest.mark.requirement("P2")
@pytest.mark.parametrize("reference", ["", "/", "linear/", "../x", "LINEAR", "a/../b/../"])
def test_a_reference_that_names_nothing_is_a_usage_error_or_no_account(accounts: Accounts, reference: str) -> None:
    with pytest.raises((UsageError, NotConnected)):
        accounts.find(reference)


@pytest.mark.requirement("K3")
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"version": 1}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"version": 1, "provider": 3, "id": "x"}',
    ],
)
def test_a_broken_file_is_noted_and_the_others_never_notice(accounts: Accounts, tmp_path: Path, content: bytes) -> None:
    bob = account("bob", at=2.0)
    accounts.save(bob)
    broken = tmp_path / "accounts" / "linear" / f"{account_id('ada', None)}.json"
    broken.write_bytes(content)
    assert list(accounts.all()) == [bob]
    assert accounts.unreadable == [("linear", account_id("ada", None))]


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


@pytest.mark.requirement("K3")
def test_a_broken_file_is_set_aside_under_a_dated_name(accounts: Accounts, tmp_path: Path) -> None:
    accounts.save(account("ada"))
    aside = accounts.set_aside("linear", account_id("ada", None))
    assert os.path.exists(aside)
    assert aside.endswith(".broken")
    assert list(accounts.all()) == []


@pytest.mark.requirement("K12")
def test_the_file_of_a_newer_version_is_not_taken_for_a_broken_one() -> None:
    fields = json.loads(encode(account("ada")))
    with pytest.raises(HomeError, match="newer gumauth"):
        parse(json.dumps({**fields, "version": 2, "more": []}).encode())


@pytest.mark.requirement("K12")
def test_a_file_is_one_line_of_json_with_a_version() -> None:
    content = encode(account("ada\nlovelace"))
    assert content.count(b"\n") == 1
    assert json.loads(content)["version"] == 1


@pytest.mark.requirement("K11")
def test_a_folder_that_cannot_be_made_is_known_before_the_browser_opens(tmp_path: Path) -> None:
    (tmp_path / "accounts").write_bytes(b"in the way")
    with pytest.raises(HomeError, match="cannot be used"):
        Accounts(locate({"GUMAUTH_HOME": str(tmp_path)})).prepare("linear")


@pytest.mark.requirement("K3", "K12")
def test_a_file_of_a_newer_version_is_passed_over_and_the_others_are_listed(accounts: Accounts, tmp_path: Path) -> None:
    bob = account("bob", at=2.0)
    accounts.save(bob)
    fields = json.loads(encode(account("ada")))
    newer = tmp_path / "accounts" / "linear" / f"{account_id('ada', None)}.json"
    newer.write_text(json.dumps({**fields, "version": 2}))
    assert list(accounts.all()) == [bob]
    assert ["newer gumauth" in reason for reason in accounts.passed_over] == [True]
    assert accounts.unreadable == []
