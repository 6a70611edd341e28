"""The contract of a keeper of accounts, as a test class: what every implementation of `Accounts` passes.

A subclass gives three fixtures: `keeper`, which has no accounts; `again`, a function that gives another object for the
same accounts, as another process has one; and `impatient`, with which nobody waits long for an account.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

import pytest

from gumauth.accounts.account import Account, account_id
from gumauth.accounts.interface import Accounts, RefreshUnderWay
from gumauth.accounts.record import Record
from gumauth.errors import AmbiguousAccount, Busy, NotConnected, RecordMissing, UsageError
from gumauth.platform.frozen import replace

Again = Callable[[], Accounts]


def person(nickname: str, *, at: float = 1.0) -> Account:
    return Account(
        provider="linear",
        id=account_id(nickname, None),
        nickname=nickname,
        connected_at=at,
        grant=nickname,
        store="memory",
    )


def new_record(account: Account) -> Record:
    return Record(access_token=secrets.token_urlsafe(8), refresh_token="spent once", grant=account.grant, account={})


def connect(keeper: Accounts, account: Account) -> tuple[Account, Record]:
    """Keep an account with a record."""
    with keeper.locked(account) as locked:
        account, record = locked.put(account, new_record(account))
        locked.commit(account)
    return account, record


class AccountsContract:
    """What every keeper of accounts promises."""

    def test_an_account_is_found_by_its_names_and_read_by_everybody(self, keeper: Accounts, again: Again) -> None:
        ada, record = connect(keeper, person("ada@example.com"))
        for reference in ("linear", "linear/ada@example.com", "linear/ADA@example.com", ada.key):
            assert again().look_up(reference) == again().find(reference) == ada
        assert again().read(ada) == record
        assert again().get(ada.provider, ada.id) == ada

    def test_what_names_no_account_is_refused_or_suggested(self, keeper: Accounts, again: Again) -> None:
        with pytest.raises(NotConnected):
            keeper.find("linear")
        with pytest.raises(UsageError):
            keeper.find("Linear/")
        ada, _ = connect(keeper, person("ada@example.com"))
        assert again().find("linear/nobody", lambda error, accounts: accounts[0]) == ada

    def test_accounts_are_listed_the_oldest_first(self, keeper: Accounts, again: Again) -> None:
        bob, _ = connect(keeper, person("bob", at=2.0))
        ada, _ = connect(keeper, person("ada", at=1.0))
        other, _ = connect(keeper, replace(person("cat"), provider="acme"))
        assert list(again().all("linear")) == [ada, bob]
        assert list(again().all()) == [other, ada, bob]
        assert list(again().all(where=lambda name: name == "acme")) == [other]

    def test_the_first_is_the_default_until_another_is_chosen_or_it_leaves(
        self, keeper: Accounts, again: Again
    ) -> None:
        ada, _ = connect(keeper, person("ada", at=1.0))
        bob, _ = connect(keeper, person("bob", at=2.0))
        cat, _ = connect(keeper, person("cat", at=3.0))
        assert (again().default("linear"), again().default_keys([ada, bob])) == (ada, {ada.key})
        again().set_default(bob)
        assert again().default("linear") == bob
        with again().locked(bob) as locked:
            locked.erase(bob)
            locked.forget(bob, heir=cat)
        assert again().default("linear") == cat
        with again().locked(cat) as locked:
            locked.forget(cat)
        with pytest.raises(AmbiguousAccount):
            again().find("linear")

    @pytest.mark.usefixtures("impatient")
    def test_one_account_is_locked_by_one_at_a_time(self, keeper: Accounts, again: Again) -> None:
        ada, bob = connect(keeper, person("ada"))[0], connect(keeper, person("bob"))[0]
        with keeper.naming("linear"), keeper.locked(ada), again().locked(bob):
            with pytest.raises(Busy), again().locked(ada):
                pytest.fail("two have it")
            with pytest.raises(Busy), again().naming("linear"):
                pytest.fail("two have it")
        with again().naming("linear"), again().locked(ada) as locked:
            assert locked.listed() == ada

    def test_a_record_that_was_put_is_the_records_from_commit_on_or_where_a_commit_is_missing(
        self, keeper: Accounts, again: Again
    ) -> None:
        ada, first = connect(keeper, person("ada"))
        with keeper.locked(ada) as locked:
            put, second = locked.put(ada, new_record(ada), firmly=True)
            assert again().read(ada) == first
            assert locked.newest(ada) == second
        with again().locked(ada) as locked:
            settled, record = locked.settle(ada)
        assert (settled.slot, record) == (put.slot, second)
        assert again().read(settled) == again().read(ada) == second

    def test_a_note_changes_the_list_and_no_record(self, keeper: Accounts, again: Again) -> None:
        ada, record = connect(keeper, person("ada"))
        with keeper.locked(ada) as locked:
            locked.mark(noted := replace(ada, reason="It was slow."))
        assert (again().find("linear"), again().read(noted)) == (noted, record)

    def test_nothing_is_left_of_what_is_erased_and_forgotten(self, keeper: Accounts, again: Again) -> None:
        ada, _ = connect(keeper, person("ada"))
        with keeper.locked(ada) as locked:
            locked.erase(ada)
            locked.forget(ada)
            assert locked.listed() is None
        with pytest.raises(RecordMissing):
            again().read(ada)
        assert list(again().all()) == []

    def test_a_refresh_has_its_place_alone_and_its_record_is_everybodys(self, keeper: Accounts, again: Again) -> None:
        ada, record = connect(keeper, person("ada"))
        with keeper.locked(ada) as locked, locked.reserve(ada, record) as reservation:
            assert reservation.left is None
            with pytest.raises(RefreshUnderWay):
                locked.reserve(ada, record)
            ada, new = reservation.commit(ada, replace(record, access_token="new"))
        assert new.generation > record.generation
        assert (again().find("linear"), again().read(ada)) == (ada, new)

    def test_a_refresh_that_brings_nothing_leaves_the_record(self, keeper: Accounts, again: Again) -> None:
        ada, record = connect(keeper, person("ada"))
        with keeper.locked(ada) as locked, locked.reserve(ada, record):
            pass
        assert again().read(ada) == record

    def test_an_interrupted_connect_is_made_an_account_when_it_is_looked_for(
        self, keeper: Accounts, again: Again
    ) -> None:
        pending = replace(person("ada"), nickname=None, state="connecting")
        pending, record = connect(keeper, pending)
        assert again().look_up(pending.key).state == "connecting"
        again().resume_connects("linear")
        found = again().look_up("linear")
        assert (found.state, found.label, again().read(found)) == ("ok", "linear/1", record)
        with again().locked(found) as locked:
            locked.mark(replace(found, state="connecting"))
        assert again().find("linear") == found

    def test_a_name_is_free_again_once_it_is_forgotten(self, keeper: Accounts, again: Again) -> None:
        ada, _ = connect(keeper, replace(person("ada"), alias="work"))
        with keeper.locked(ada) as locked:
            locked.mark(keeper.named(replace(ada, alias=None)))
            locked.forget_name(ada)
        bob, _ = connect(keeper, replace(person("bob"), alias="work"))
        assert again().find("linear/work") == bob

    def test_a_place_for_accounts_is_proved_before_it_is_used(self, keeper: Accounts) -> None:
        keeper.prepare("linear")
        keeper.prove_locks()
        assert (keeper.unreadable, keeper.passed_over) == ([], [])
