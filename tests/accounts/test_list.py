"""The list of accounts on disk."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from gumauth.accounts.account import VERSION, Account, account_id, encode, is_name
from gumauth.accounts.list import NO_DEFAULT, AccountList
from gumauth.client.context import Context
from gumauth.errors import AmbiguousAccount, HomeError, NotConnected, UsageError
from gumauth.platform.frozen import replace
from tests.accounts.directly import files_of
from tests.accounts.test_account import OLDER, account


@pytest.fixture
def accounts(tmp_path: Path) -> AccountList:
    return files_of(Context({"GUMAUTH_HOME": str(tmp_path)}))


def test_an_account_comes_back_as_it_was_saved(accounts: AccountList) -> None:
    ada = replace(account("ada@example.com", "work"), scopes=("read", "write"), expires_at=5.5)
    accounts.save(ada)
    assert list(accounts.all()) == [ada]


@pytest.mark.parametrize(
    "reference", ["linear", "linear/work", "linear/ada@example.com", f"linear/{account_id('ada@example.com', None)}"]
)
def test_it_is_found_by_default_alias_nickname_and_id(accounts: AccountList, reference: str) -> None:
    ada = account("ada@example.com", "work")
    accounts.save(ada)
    accounts.save(account("bob@example.com", at=2.0))
    assert accounts.look_up(reference) == ada


def test_a_nickname_may_hold_a_slash(accounts: AccountList) -> None:
    odd = account("org/team")
    accounts.save(odd)
    assert accounts.look_up("linear/org/team") == odd


def test_the_first_account_is_the_default_until_another_is_chosen(accounts: AccountList) -> None:
    ada, bob = account("ada", at=1.0), account("bob", at=2.0)
    accounts.save(ada)
    accounts.save(bob)
    assert accounts.look_up("linear") == ada
    accounts.set_default(bob)
    assert accounts.look_up("linear") == bob


@pytest.mark.requirement("I6")
def test_when_the_default_is_forgotten_no_other_takes_its_place_until_it_is_chosen(accounts: AccountList) -> None:
    ada, bob = account("ada", "a", at=1.0), account("bob", at=2.0)
    accounts.save(ada)
    accounts.save(bob)
    accounts.forget(ada)
    with pytest.raises(
        AmbiguousAccount, match=r"linear has no default account any more\. There is linear/bob\."
    ) as lost:
        accounts.look_up("linear")
    assert lost.value.exit_code == 2
    assert lost.value.hint == "Name one of them, or choose one: `gumauth default linear/bob`."
    accounts.set_default(bob)
    assert accounts.look_up("linear") == bob
    accounts.forget(bob)
    with pytest.raises(NotConnected, match="linear is not connected") as caught:
        accounts.look_up("linear")
    assert caught.value.hint == "Run `gumauth connect linear`."
    assert caught.value.exit_code == 3


def test_an_alias_that_moved_is_found_at_its_new_account(accounts: AccountList) -> None:
    """The alias file is only a hint: the account's own file decides."""
    ada, bob = account("ada", "work", at=1.0), account("bob", at=2.0)
    accounts.save(ada)
    accounts.save(bob)
    accounts.save(replace(ada, alias="home"))
    accounts.save(replace(bob, alias="work"))
    assert accounts.look_up("linear/work").nickname == "bob"
    assert accounts.look_up("linear/home").nickname == "ada"


def test_a_lost_alias_file_costs_time_and_nothing_else(accounts: AccountList, tmp_path: Path) -> None:
    accounts.save(account("ada", "work"))
    for file in (tmp_path / "accounts" / "linear").glob("*.alias"):
        file.unlink()
    assert accounts.look_up("linear/work").nickname == "ada"


@pytest.mark.requirement("P2")
@pytest.mark.parametrize("name", ["", "Linear", "../linear", "a/b", ".hidden", "a" * 65, "a b", "-x", "é"])
def test_what_is_no_name_never_becomes_a_path(accounts: AccountList, name: str) -> None:
    assert not is_name(name)
    with pytest.raises(ValueError, match="not a provider's name"):
        accounts.save(replace(account("ada"), provider=name))


@pytest.mark.requirement("P2")
@pytest.mark.parametrize("reference", ["", "/", "linear/", "../x", "LINEAR", "a/../b/../", "linear/\udcff"])
def test_a_reference_that_names_nothing_is_a_usage_error_or_no_account(accounts: AccountList, reference: str) -> None:
    with pytest.raises((UsageError, NotConnected)):
        accounts.look_up(reference)


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
def test_a_broken_file_is_noted_and_the_others_never_notice(
    accounts: AccountList, tmp_path: Path, content: bytes
) -> None:
    bob = account("bob", at=2.0)
    accounts.save(bob)
    broken = tmp_path / "accounts" / "linear" / f"{account_id('ada', None)}.json"
    broken.write_bytes(content)
    assert list(accounts.all()) == [bob]
    assert accounts.unreadable == [("linear", account_id("ada", None))]


@pytest.mark.requirement("K3")
def test_a_broken_file_is_set_aside_under_a_dated_name(accounts: AccountList, tmp_path: Path) -> None:
    accounts.save(account("ada"))
    aside = accounts.set_aside("linear", account_id("ada", None))
    assert os.path.exists(aside)
    assert aside.endswith(".broken")
    assert list(accounts.all()) == []


@pytest.mark.requirement("K11")
def test_a_folder_that_cannot_be_made_is_known_before_the_browser_opens(tmp_path: Path) -> None:
    (tmp_path / "accounts").write_bytes(b"in the way")
    with pytest.raises(HomeError, match="cannot be used"):
        files_of(Context({"GUMAUTH_HOME": str(tmp_path)})).check_folder("linear")


@pytest.mark.requirement("K3", "K12")
def test_a_file_of_a_newer_version_is_passed_over_and_the_others_are_listed(
    accounts: AccountList, tmp_path: Path
) -> None:
    bob = account("bob", at=2.0)
    accounts.save(bob)
    fields = json.loads(encode(account("ada")))
    newer = tmp_path / "accounts" / "linear" / f"{account_id('ada', None)}.json"
    newer.write_text(json.dumps({**fields, "version": VERSION + 1}))
    assert list(accounts.all()) == [bob]
    assert ["newer gumauth" in reason for reason in accounts.passed_over] == [True]
    assert accounts.unreadable == []


def older(folder: Path, nickname: str, alias: str | None, *, hinted: bool = True) -> str:
    """Write an older account's file, with its hint; gives its id, which was made of the nickname."""
    identifier = sha256(f"nickname {nickname}".encode()).hexdigest()[:16]
    fields = json.loads(OLDER) | {"id": identifier, "nickname": nickname, "alias": alias}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{identifier}.json").write_text(json.dumps(fields))
    if alias and hinted:
        (folder / f"{account_id(None, alias)}.alias").write_text(identifier)
    return identifier


def hints(folder: Path) -> dict[str, str]:
    return {path.stem: path.read_text() for path in folder.glob("*.alias")}


@pytest.mark.requirement("I8", "K12")
def test_an_older_account_is_written_as_one_of_this_version(accounts: AccountList, tmp_path: Path) -> None:
    folder = tmp_path / "accounts" / "linear"
    folder.mkdir(parents=True)
    (folder / "3cc3756fe7788f58.json").write_bytes(OLDER)
    accounts.save(accounts.look_up("linear/work"))
    fields = json.loads((folder / "3cc3756fe7788f58.json").read_text())
    new = dict.fromkeys(("scopes_chosen", "refresh_expires_at", "refused_at", "refused_as", "identity", "number"))
    assert fields == json.loads(OLDER) | new | {"version": 3, "missing_scopes": []}


@pytest.mark.requirement("I8")
@pytest.mark.parametrize(
    "reference", ["linear", "linear/work", "linear/ada@example.com", "linear/3cc3756fe7788f58", "linear/WORK"]
)
@pytest.mark.parametrize("hinted", [True, False])
def test_an_older_account_is_found_by_what_it_was_called(
    accounts: AccountList, tmp_path: Path, reference: str, hinted: bool
) -> None:
    folder = tmp_path / "accounts" / "linear"
    older(folder, "bob", "home")
    (folder / "3cc3756fe7788f58.json").write_bytes(OLDER)
    (folder / "default").write_text("3cc3756fe7788f58")
    if hinted:
        (folder / f"{account_id(None, 'work')}.alias").write_text("3cc3756fe7788f58")
    assert accounts.look_up(reference).id == "3cc3756fe7788f58"


@pytest.mark.requirement("I6")
@pytest.mark.parametrize(
    ("fields", "name", "stays"),
    [
        ({"alias": "work"}, "work", False),
        ({}, "ada", False),
        ({"number": 2}, "2", True),  # whoever remembers it must not be given another account
        ({"nickname": None, "number": 1}, "1", True),
    ],
)
def test_the_name_that_is_shown_is_hinted_at_and_leads_to_the_account(
    accounts: AccountList, tmp_path: Path, fields: dict[str, Any], name: str, stays: bool
) -> None:
    folder = tmp_path / "accounts" / "linear"
    ada = replace(Account(provider="linear", id="a" * 16, nickname="ada"), **fields)
    accounts.save(account("bob", "home"))
    accounts.save(ada)
    assert hints(folder) == {account_id(None, "home"): account_id("bob", "home"), account_id(None, name): "a" * 16}
    bob = folder / f"{account_id('bob', None)}.json"
    whole = bob.read_bytes()
    bob.write_bytes(b"broken, and not looked at")
    assert accounts.look_up(ada.label) == ada
    assert accounts.unreadable == []
    bob.write_bytes(whole)
    accounts.forget(ada)
    left = {account_id(None, name): "a" * 16} if stays else {}
    assert hints(folder) == {account_id(None, "home"): account_id("bob", "home"), **left}


def test_an_account_that_is_called_by_its_id_needs_no_hint(accounts: AccountList, tmp_path: Path) -> None:
    accounts.save(Account(provider="linear", id="a" * 16))
    assert hints(tmp_path / "accounts" / "linear") == {}
    assert accounts.look_up("linear/aaaaaaaaaaaaaaaa").id == "a" * 16


@pytest.mark.requirement("I6")
def test_a_hint_does_not_go_over_to_another_account_of_the_name(accounts: AccountList, tmp_path: Path) -> None:
    ada, bob = account("ada", "work", at=1.0), account("bob", at=2.0)
    accounts.save(ada)
    accounts.save(replace(bob, alias="work"))
    assert hints(tmp_path / "accounts" / "linear") == {account_id(None, "work"): ada.id}
    accounts.forget(ada)
    assert hints(tmp_path / "accounts" / "linear") == {}
    assert accounts.look_up("linear/work").id == bob.id


@pytest.mark.requirement("I6")
def test_a_nickname_that_two_have_is_the_one_who_is_called_so(accounts: AccountList) -> None:
    """The other is a number; the hint, and the id that an older gumauth made of a nickname, decide nothing."""
    first = replace(account("ada", at=1.0), number=2)
    second = Account(provider="linear", id="b" * 16, nickname="ada", connected_at=2.0)
    accounts.save(first)
    accounts.save(second)
    assert first.id == account_id("ada", None)
    assert accounts.look_up("linear/ada") == second
    assert accounts.look_up("linear/2") == first


@pytest.mark.requirement("I6", "I8")
@pytest.mark.parametrize(
    "hinted",
    [True],
)
def test_a_name_that_an_older_gumauth_gave_two_accounts_is_decided_by_nobody(
    accounts: AccountList, tmp_path: Path, hinted: bool
) -> None:
    """The alias of one could be the nickname of another."""
    folder = tmp_path / "accounts" / "linear"
    ann, bob = older(folder, "ann", "bob", hinted=hinted), older(folder, "bob", None)
    (folder / "default").write_text(ann)
    with pytest.raises(AmbiguousAccount) as refused:
        accounts.look_up("linear/bob")
    words = "linear/72cbe52314f4bec3 (bob) or linear/7c347bb0c311fae6 (ann)"
    assert refused.value.message == f"linear/bob could mean {words}."
    assert (accounts.look_up("linear").id, accounts.look_up("linear/ann").id) == (ann, ann)
    assert [accounts.look_up(f"linear/{each}").nickname for each in (ann, bob)] == ["ann", "bob"]


@pytest.mark.requirement("I6", "I8")
def test_an_alias_that_two_accounts_have_is_decided_by_nobody_where_nothing_hints_at_one(
    accounts: AccountList, tmp_path: Path
) -> None:
    for nickname in ("ann", "bob"):
        older(tmp_path / "accounts" / "linear", nickname, "work", hinted=False)
    with pytest.raises(AmbiguousAccount, match=r"^linear/work could mean linear/[0-9a-f]{16} \((ann|bob)\) or linear/"):
        accounts.look_up("linear/work")


def default_file(folder: Path) -> bytes | None:
    path = folder / "accounts" / "linear" / "default"
    return path.read_bytes() if path.exists() else None


ADA, BOB, CAT = account("ada", "a", at=1.0), account("bob", at=2.0), account("cat", at=3.0)


@pytest.mark.requirement("I6")
@pytest.mark.parametrize(
    ("listed", "chosen", "forgotten", "heir", "kept"),
    [
        ([ADA], None, ADA, None, None),
        ([ADA, BOB], None, ADA, None, b"none"),
        ([ADA, BOB], None, BOB, None, ADA.id.encode()),
        ([ADA, BOB], BOB, BOB, None, b"none"),
        ([ADA, BOB], BOB, ADA, None, BOB.id.encode()),
        ([ADA, BOB], None, ADA, BOB, BOB.id.encode()),
        ([ADA, BOB, CAT], None, ADA, CAT, CAT.id.encode()),
        ([ADA, BOB, CAT], None, BOB, CAT, ADA.id.encode()),  # an heir of what was not the default is none
        ([ADA, BOB], None, ADA, CAT, CAT.id.encode()),
        # What another connect holds is no account yet.
        ([ADA, replace(BOB, state="connecting")], None, ADA, None, None),
        ([ADA, replace(BOB, state="connecting")], None, replace(BOB, state="connecting"), None, ADA.id.encode()),
        ([replace(ADA, state="connecting"), BOB], None, replace(ADA, state="connecting"), None, None),
        ([replace(ADA, state="connecting"), BOB], None, replace(ADA, state="connecting"), BOB, BOB.id.encode()),
        ([ADA, replace(BOB, state="reconnect")], None, ADA, None, b"none"),
        ([ADA, replace(BOB, state="leaving")], None, ADA, None, b"none"),
    ],
)
def test_who_is_the_default_when_an_account_is_forgotten(
    accounts: AccountList,
    tmp_path: Path,
    listed: list[Account],
    chosen: Account | None,
    forgotten: Account,
    heir: Account | None,
    kept: bytes | None,
) -> None:
    for each in listed:
        accounts.save(each)
    if chosen is not None:
        accounts.set_default(chosen)
    accounts.forget(forgotten, heir=heir)
    assert default_file(tmp_path) == kept
    assert list(accounts.all()) == [each for each in listed if each != forgotten]


@pytest.mark.requirement("I6")
def test_where_the_default_has_left_there_is_none_until_it_is_chosen(accounts: AccountList, tmp_path: Path) -> None:
    for each in (ADA, BOB, CAT):
        accounts.save(each)
    accounts.forget(ADA)
    assert default_file(tmp_path) == NO_DEFAULT == b"none"
    assert (accounts.default("linear"), accounts.default_id("linear")) == (None, None)
    with pytest.raises(AmbiguousAccount) as refused:
        accounts.look_up("linear")
    words = "linear has no default account any more. There are linear/bob and linear/cat."
    assert refused.value.message == words
    assert refused.value.hint == "Name one of them, or choose one: `gumauth default linear/bob`."
    accounts.save(ADA)
    assert accounts.default("linear") is None, "a new account does not become it by itself"
    accounts.set_default(CAT)
    assert (accounts.look_up("linear"), accounts.default_id("linear")) == (CAT, CAT.id)
    accounts.forget(CAT, heir=BOB)
    assert accounts.look_up("linear") == BOB


@pytest.mark.requirement("I6")
def test_the_last_account_leaves_nothing_behind(accounts: AccountList, tmp_path: Path) -> None:
    accounts.save(ADA)
    accounts.save(BOB)
    accounts.forget(ADA)
    accounts.forget(BOB)
    assert list((tmp_path / "accounts" / "linear").iterdir()) == []
    accounts.save(CAT)
    assert accounts.look_up("linear") == CAT


@pytest.mark.requirement("I6")
def test_a_hint_to_an_account_that_is_called_otherwise_by_now_leads_nowhere(accounts: AccountList) -> None:
    accounts.save(ADA)
    accounts.save(replace(ADA, alias="b"))
    with pytest.raises(NotConnected, match=r"(?m)^linear/a is not connected\.$"):
        accounts.look_up("linear/a")


@pytest.mark.requirement("I6")
def test_a_name_that_nobody_has_is_not_connected_whoever_else_is(accounts: AccountList) -> None:
    accounts.save(ADA)
    accounts.save(BOB)
    accounts.forget(ADA)
    with pytest.raises(NotConnected, match=r"(?m)^linear/zoe is not connected\.$") as caught:
        accounts.look_up("linear/zoe")
    assert caught.value.hint == "Run `gumauth connect linear`."


@pytest.mark.requirement("I6")
def test_what_another_connect_holds_is_not_offered_as_a_default(accounts: AccountList) -> None:
    for each in (ADA, BOB, replace(CAT, state="connecting")):
        accounts.save(each)
    accounts.forget(ADA)
    with pytest.raises(AmbiguousAccount, match=r"(?m)There is linear/bob\.$"):
        accounts.look_up("linear")


@pytest.mark.requirement("I6", "K3")
def test_without_a_default_it_is_the_first_connected(accounts: AccountList, tmp_path: Path) -> None:
    accounts.save(BOB)
    accounts.save(ADA)
    (tmp_path / "accounts" / "linear" / "default").unlink()
    assert accounts.look_up("linear") == ADA


@pytest.mark.requirement("I6", "Y6")
@pytest.mark.parametrize("content", [b"", b"../../etc", None])
def test_where_the_default_cannot_be_read_only_a_single_account_is_meant(
    accounts: AccountList, tmp_path: Path, content: bytes | None
) -> None:
    """Of two, either could be the one that was chosen; None stands for a folder in its place."""
    accounts.save(BOB)
    path = tmp_path / "accounts" / "linear" / "default"
    path.unlink()
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    assert accounts.look_up("linear") == BOB
    accounts.save(ADA)
    with pytest.raises(AmbiguousAccount, match="no default account"):
        accounts.look_up("linear")
    assert accounts.look_up("linear/bob") == BOB
    assert len(accounts.passed_over) == (1 if content is None else 0)


@pytest.mark.requirement("Y6")
def test_an_alias_that_cannot_be_read_is_found_without_its_hint(accounts: AccountList, tmp_path: Path) -> None:
    accounts.save(BOB)
    accounts.save(ADA)
    hint = tmp_path / "accounts" / "linear" / f"{account_id(None, 'a')}.alias"
    hint.unlink()
    hint.mkdir()
    assert accounts.look_up("linear/a") == ADA
    assert accounts.passed_over == [f"linear/a: {hint} cannot be used: it is not a file."]


@pytest.mark.requirement("Y6")
def test_a_providers_folder_that_cannot_be_read_is_passed_over(accounts: AccountList, tmp_path: Path) -> None:
    accounts.save(BOB)
    folder = tmp_path / "accounts" / "acme"
    folder.symlink_to(folder)
    assert list(accounts.all()) == [BOB]
    assert accounts.passed_over == [f"acme: {folder} cannot be used: Too many levels of symbolic links."]
    with pytest.raises(HomeError):
        accounts.look_up("acme")


@pytest.mark.requirement("I6")
def test_where_the_default_is_not_there_any_more_no_other_one_is_meant(accounts: AccountList, tmp_path: Path) -> None:
    accounts.save(BOB)
    (tmp_path / "accounts" / "linear" / "default").write_bytes(b"bbbbbbbbbbbbbbbb")
    with pytest.raises(AmbiguousAccount):
        accounts.look_up("linear")


@pytest.mark.requirement("I6")
def test_a_number_is_not_given_again_while_other_accounts_are_there(accounts: AccountList, tmp_path: Path) -> None:
    one, two = (Account(provider="linear", id=letter * 16, nickname="ada") for letter in "bc")
    accounts.save(account("ada"))
    accounts.save(one := accounts.named(one))
    assert one.number == 2
    assert accounts.named(one).number == 2, "it is its own"
    accounts.forget(one)
    accounts.save(two := accounts.named(two))
    assert two.number == 3
    accounts.forget(two)
    accounts.forget(account("ada"))
    assert list((tmp_path / "accounts" / "linear").iterdir()) == []


@pytest.mark.requirement("I6")
def test_a_name_is_free_of_oneself_of_other_providers_and_of_what_has_been_read_already(accounts: AccountList) -> None:
    accounts.save(account("ada"))
    accounts.save(account("cat", provider="github"))
    assert accounts.named(account("ada")).number is None
    assert accounts.named(account("cat")).number is None
    assert accounts.named(Account(provider="linear", id="a" * 16, nickname="ada")).number == 2
    assert accounts.named(Account(provider="linear", id="a" * 16, nickname="ada"), []).number is None


@pytest.mark.requirement("I6", "K3")
def test_an_account_whose_file_is_broken_does_not_become_the_default_unsaid(
    accounts: AccountList, tmp_path: Path
) -> None:
    accounts.save(ADA)
    accounts.save(BOB)
    file = tmp_path / "accounts" / "linear" / f"{BOB.id}.json"
    whole = file.read_bytes()
    file.write_bytes(b"{")
    accounts.forget(ADA)
    file.write_bytes(whole)
    with pytest.raises(AmbiguousAccount):
        accounts.look_up("linear")
