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


def told(record: Record) -> tuple[str, int, str]:
    """What of a record whoever reads it is told, also where the refresh token is kept apart."""
    return record.access_token, record.generation, record.grant


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
        assert told(again().read(ada)) == told(record)
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

    def test_a_record_that_was_put_is_the_records_from_commit_on(self, keeper: Accounts, again: Again) -> None:
        ada, first = connect(keeper, person("ada"))
        with keeper.locked(ada) as locked:
            new, second = locked.put(ada, new_record(ada), firmly=True)
            assert told(again().read(ada)) == told(first)
            assert locked.newest(new) == second
            locked.commit(new)
        assert told(again().read(new)) == told(second)

    def test_where_a_commit_is_missing_one_of_the_two_records_is_there_whole(
        self, keeper: Accounts, again: Again
    ) -> None:
        ada, first = connect(keeper, person("ada"))
        with keeper.locked(ada) as locked:
            _, second = locked.put(ada, new_record(ada), firmly=True)
        with again().locked(ada) as locked:
            settled, record = locked.settle(ada)
        assert record.refresh_token == "spent once"
        assert told(record) in (told(first), told(second))
        assert told(again().read(settled)) == told(again().read(ada)) == told(record)

    def test_the_records_of_a_grant_that_is_taken_back_are_gone(self, keeper: Accounts, again: Again) -> None:
        ada, _ = connect(keeper, person("ada"))
        with keeper.locked(ada) as locked:
            locked.take_back(ada)
        with pytest.raises(RecordMissing), again().locked(ada) as locked:
            locked.newest(ada)

    def test_taking_back_another_grant_leaves_the_records_of_the_present_one(
        self, keeper: Accounts, again: Again
    ) -> None:
        ada, record = connect(keeper, person("ada"))
        with keeper.locked(ada) as locked:
            new = replace(ada, grant="another")
            new, _ = locked.put(new, new_record(new))
            try:
                locked.take_back(new)
            except RecordMissing:
                pass
        assert told(again().read(ada)) == told(record)

    def test_an_account_that_was_erased_is_written_without_what_was_put_before(
        self, keeper: Accounts, again: Again
    ) -> None:
        ada, _ = connect(keeper, person("ada"))
        with keeper.locked(ada) as locked:
            locked.put(ada, new_record(ada))
            locked.erase(ada)
            locked.mark(revoked := replace(ada, state="revoked"))
        assert again().look_up("linear") == revoked
        with pytest.raises(RecordMissing):
            again().read(revoked)

    def test_an_account_that_has_left_is_connected_again_with_newer_records(
        self, keeper: Accounts, again: Again
    ) -> None:
        ada, _ = connect(keeper, person("ada"))
        with keeper.locked(ada) as locked:
            locked.erase(ada)
            locked.forget(ada)
        ada, record = connect(again(), replace(ada, grant="new"))
        assert again().find("linear") == ada
        assert told(again().read(ada)) == told(record)

    def test_a_note_changes_the_list_and_no_record(self, keeper: Accounts, again: Again) -> None:
        ada, record = connect(keeper, person("ada"))
        with keeper.locked(ada) as locked:
            locked.mark(noted := replace(ada, reason="It was slow."))
        assert (again().find("linear"), told(again().read(noted))) == (noted, told(record))

    def test_nothing_is_left_of_what_is_erased_and_forgotten(self, keeper: Accounts, again: Again) -> None:
        ada, _ = connect(keeper, person("ada"))
        with keeper.locked(ada) as locked:
            locked.erase(ada)
            locked.forget(ada)
            assert locked.listed() is None
        with pytest.raises((RecordMissing, NotConnected)):
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
        assert (again().find("linear"), told(again().read(ada))) == (ada, told(new))

    def test_a_refresh_by_another_is_found_in_place_of_ones_own(self, keeper: Accounts, again: Again) -> None:
        ada, record = connect(keeper, person("ada"))
        with again().locked(ada) as locked:
            other, newer = locked.put(ada, new_record(ada))
            locked.commit(other)
        with keeper.locked(ada) as locked:
            ada, found = locked.settle(ada)
        assert (told(found), told(found) != told(record)) == (told(newer), True)

    def test_a_refresh_that_brings_nothing_leaves_the_record(self, keeper: Accounts, again: Again) -> None:
        ada, record = connect(keeper, person("ada"))
        with keeper.locked(ada) as locked, locked.reserve(ada, record):
            pass
        assert told(again().read(ada)) == told(record)

    def test_an_interrupted_connect_is_made_an_account_when_it_is_looked_for(
        self, keeper: Accounts, again: Again
    ) -> None:
        pending = replace(person("ada"), nickname=None, state="connecting")
        pending, record = connect(keeper, pending)
        assert again().look_up(pending.key).state == "connecting"
        again().resume_connects("linear")
        found = again().look_up("linear")
        assert (found.state, found.label, told(again().read(found))) == ("ok", "linear/1", told(record))
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

    def test_a_note_is_kept_beside_the_accounts_until_it_is_removed(self, keeper: Accounts) -> None:
        keeper.write_note("clients/linear.json", b"{}")
        keeper.write_note("clients/linear.json", None)
        keeper.write_note("clients/linear.json", None)

    def test_a_number_that_was_a_name_is_not_given_again(self, keeper: Accounts, again: Again) -> None:
        connect(keeper, person("ada"))
        second = keeper.named(replace(person("ada", at=2.0), id=account_id("another", None)))
        second, _ = connect(keeper, second)
        with keeper.locked(second) as locked:
            locked.erase(second)
            locked.forget(second)
        third = again().named(replace(person("ada", at=3.0), id=account_id("a third", None)))
        assert (second.label, third.label) == ("linear/2", "linear/3")
