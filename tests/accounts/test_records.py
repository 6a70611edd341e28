"""A record in its two entries: whatever is killed and whenever, a usable one is left."""

from __future__ import annotations

import dataclasses
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gumauth.accounts.account import Account
from gumauth.accounts.list import AccountList
from gumauth.accounts.record import VERSION, Record, decode, encode
from gumauth.accounts.records import Records
from gumauth.client.context import Context
from gumauth.errors import HomeError, NewerRecord, RecordCorrupt, RecordMissing, StoreError
from gumauth.platform.folders import Home
from gumauth.platform.frozen import fields_of, replace
from gumauth.store.interface import Store
from gumauth.store.split import SplitStore
from tests.accounts.directly import records_of
from tests.accounts.test_record import record
from tests.store.memory import MemoryStore

IDENTITY = "0123456789abcdef"
A, B = f"linear/{IDENTITY}/a", f"linear/{IDENTITY}/b"


class Killed(BaseException):
    """Stands for `kill -9`: nothing catches it."""


@dataclasses.dataclass
class Clock:
    """Counts the calls of a store, and kills at the one that is set."""

    left: int = -1
    calls: int = 0

    def tick(self) -> None:
        self.calls += 1
        if self.left == 0:
            raise Killed
        self.left -= 1


class MortalStore:
    """Dies before or after a call of the store in it."""

    name = "mortal"

    def __init__(self, inner: Store, clock: Clock) -> None:
        self._inner, self._clock = inner, clock

    def get(self, key: str) -> str | None:
        self._clock.tick()
        value = self._inner.get(key)
        self._clock.tick()
        return value

    def set(self, key: str, value: str) -> None:
        self._clock.tick()
        self._inner.set(key, value)
        self._clock.tick()

    def delete(self, key: str) -> None:
        self._clock.tick()
        self._inner.delete(key)
        self._clock.tick()


class DeletingStore(MortalStore):
    """Replaces by deleting first, as macOS does, and may die in between."""

    def set(self, key: str, value: str) -> None:
        self.delete(key)
        super().set(key, value)


def mortal(memory: Store, clock: Clock) -> Store:
    return MortalStore(memory, clock)


def deleting(memory: Store, clock: Clock) -> Store:
    return DeletingStore(memory, clock)


def split(memory: Store, clock: Clock) -> Store:
    return SplitStore(MortalStore(memory, clock), limit=200)


def deleting_and_split(memory: Store, clock: Clock) -> Store:
    return SplitStore(DeletingStore(memory, clock), limit=200)


KINDS = [mortal, deleting, split, deleting_and_split]
Kind = Callable[[Store, Clock], Store]


@pytest.fixture
def accounts(tmp_path: Path) -> AccountList:
    return AccountList(Home(data=str(tmp_path), service="gumauth"), lambda _name: MemoryStore(), print)


def account() -> Account:
    return Account(
        provider="linear", id=IDENTITY, nickname="ada@example.com", connected_at=1.0, store="memory", grant="g1"
    )


def records_in(store: Store, accounts: AccountList) -> Records:
    """The records of accounts that are all in one store."""
    return Records(AccountList(accounts.home, lambda _name: store, accounts.notify))


def keep(records: Records, who: Account, new: Record) -> Account:
    """All steps of writing a record, in their order."""
    who, _ = records.put(who, new)
    records.mark(who)
    records.drop_other(who)
    return who


def moments(kind: Kind, work: Callable[[Store], None], memory: Callable[[], MemoryStore]) -> Iterator[MemoryStore]:
    """The store as it is left by every moment at which the work may be killed."""
    at = 0
    while True:
        inner = memory()
        try:
            work(kind(inner, Clock(left=at)))
        except Killed:
            yield inner
            at += 1
        else:
            yield inner
            return


@pytest.mark.no_cover
@pytest.mark.requirement("K1", "K2")
@pytest.mark.parametrize("kind", KINDS)
def test_killed_before_or_after_any_call_a_refresh_leaves_the_old_or_the_new_record(
    accounts: AccountList, kind: Kind
) -> None:
    """Both are of the account's grant and whole; once the account points at the new one, it is the new one."""
    old, new = record(), record()
    seen = set()

    def fresh() -> MemoryStore:
        memory = MemoryStore()
        keep(records_in(kind(memory, Clock()), accounts), account(), old)
        return memory

    def refresh(store: Store) -> None:
        who = accounts.get("linear", IDENTITY)
        assert who is not None
        keep(records_in(store, accounts), who, new)

    count = 0
    for memory in moments(kind, refresh, fresh):
        count += 1
        records = records_in(kind(memory, Clock()), accounts)
        who = accounts.get("linear", IDENTITY)
        assert who is not None
        left = records.newest(who)
        assert left.access_token in (old.access_token, new.access_token)
        assert (left.refresh_token == new.refresh_token) == (left.access_token == new.access_token)
        seen.add(left.access_token)
        assert records.read(who).access_token in (old.access_token, new.access_token)
        again = record()
        assert records.read(keep(records, who, again)).access_token == again.access_token
    assert seen == {old.access_token, new.access_token}
    assert count > 10


@pytest.mark.requirement("K1")
def test_a_new_record_that_was_written_and_not_pointed_at_is_found(accounts: AccountList) -> None:
    """The old refresh token may be dead by then: the provider has rotated it."""
    records, old, new = records_in(MemoryStore(), accounts), record(), record()
    who = keep(records, account(), old)
    records.put(who, new)
    assert records.newest(who).refresh_token == new.refresh_token


@pytest.mark.requirement("K2")
def test_the_old_record_goes_last(accounts: AccountList) -> None:
    """New one written and read back, then pointed at, then the old one deleted; the entries change places."""
    calls: list[tuple[str, str]] = []

    class Noting(MemoryStore):
        def get(self, key: str) -> str | None:
            calls.append(("get", key))
            return super().get(key)

        def set(self, key: str, value: str) -> None:
            calls.append(("set", key))
            super().set(key, value)

        def delete(self, key: str) -> None:
            calls.append(("delete", key))
            super().delete(key)

    store = Noting()
    records = records_in(store, accounts)
    who = keep(records, account(), record())
    assert (who.slot, store.keys()) == ("b", [B])
    calls.clear()
    who, _ = records.put(who, record())
    assert calls[-2:] == [("set", A), ("get", A)]
    assert ("set", B) not in calls
    assert store.keys() == [A, B]
    pointed = accounts.get("linear", IDENTITY)
    assert pointed is not None
    assert pointed.slot == "b"
    records.mark(who)
    pointed = accounts.get("linear", IDENTITY)
    assert pointed is not None
    assert pointed.slot == "a"
    records.drop_other(who)
    assert store.keys() == [A]


@pytest.mark.requirement("R6")
def test_what_is_read_back_differently_is_not_kept(accounts: AccountList) -> None:
    """And the old record is as it was, and pointed at."""

    class Lying(MemoryStore):
        lies = False

        def get(self, key: str) -> str | None:
            value = super().get(key)
            return value.replace('"generation": 2', '"generation": 3') if value and self.lies else value

    store = Lying()
    records, old = records_in(store, accounts), record()
    who = keep(records, account(), old)
    store.lies = True
    with pytest.raises(StoreError, match=r"did not give back what was stored for linear/ada@example\.com"):
        records.put(who, record())
    assert records.read(who).access_token == old.access_token


@pytest.mark.requirement("R6", "K1")
def test_a_store_that_refuses_leaves_the_old_record(accounts: AccountList) -> None:
    class Refusing(MemoryStore):
        refuses = False

        def set(self, key: str, value: str) -> None:
            if self.refuses:
                raise StoreError("full")
            super().set(key, value)

    store = Refusing()
    records, old = records_in(store, accounts), record()
    who = keep(records, account(), old)
    store.refuses = True
    with pytest.raises(StoreError, match="full"):
        records.put(who, record())
    assert records.read(who).access_token == old.access_token
    assert store.keys() == [B]


def test_generations_count_up_and_the_highest_of_the_grant_counts(accounts: AccountList) -> None:
    store = MemoryStore()
    records = records_in(store, accounts)
    who = keep(records, account(), record())
    who, second = records.put(who, record())
    assert second.generation == 2
    store.set(B, encode(replace(second, generation=9, grant="of another connect")))
    assert records.newest(who).generation == 2


@pytest.mark.requirement("K2")
def test_an_account_takes_its_grant_and_its_end_from_the_record(accounts: AccountList) -> None:
    who, _ = records_in(MemoryStore(), accounts).put(account(), replace(record("g2"), expires_at=99.0))
    assert (who.grant, who.expires_at, who.slot) == ("g2", 99.0, "b")


def rescue(records: Records, who: Account, old: Record, new: Record) -> bool:
    """An answer that is written down, and whose process ends before the store has it."""
    with records.rescue_file(who) as file:
        file.fill(len(encode(old)))
        return records.rescue(who, old, new, file)


@pytest.mark.requirement("K13")
def test_every_record_has_a_key_of_its_own_for_the_answer_that_follows_it(accounts: AccountList) -> None:
    records = records_in(MemoryStore(), accounts)
    who, first = records.put(account(), record())
    _, second = records.put(who, first)
    assert len(str(first.rescue)) == len(str(second.rescue)) == 64
    assert first.rescue != second.rescue


@pytest.mark.requirement("K13")
def test_an_answer_that_was_rescued_is_settled_where_it_is_newer(accounts: AccountList) -> None:
    store = MemoryStore()
    records, new = records_in(store, accounts), record()
    who = keep(records, account(), record())
    old = records.read(who)
    assert not rescue(records, who, replace(old, rescue=None), new)
    assert records.settle(who) == (who, old)
    assert rescue(records, replace(who, scopes=("read",), alias="taken away since"), old, new)
    store.set(A, encode(replace(old, rescue=None, generation=0)))  # of a version that wrote no key
    rescued = os.path.join(accounts.home.data, "rescue")
    assert len(os.listdir(rescued)) == 1
    settled, kept = records.settle(who)
    assert (kept.access_token, kept.refresh_token, kept.generation) == (new.access_token, new.refresh_token, 3)
    assert (settled.scopes, settled.alias, settled.slot) == (("read",), None, "a")
    assert accounts.get("linear", IDENTITY) == settled
    assert store.keys() == [A]
    assert os.listdir(rescued) == []
    assert records.settle(settled) == (settled, kept)


@pytest.mark.requirement("K13", "R9")
@pytest.mark.parametrize("late", ["of another grant", "older"])
def test_an_answer_that_was_rescued_for_another_record_is_not_settled(accounts: AccountList, late: str) -> None:
    records = records_in(MemoryStore(), accounts)
    who = keep(records, account(), record())
    old = records.read(who)
    if late == "older":
        assert rescue(records, who, replace(old, generation=old.generation - 1), record())
    else:
        assert rescue(records, who, old, record("g2"))
    assert records.settle(who) == (who, old)


@pytest.mark.requirement("K13")
def test_an_answer_that_was_rescued_is_left_where_no_record_has_its_key(accounts: AccountList) -> None:
    store = MemoryStore()
    records = records_in(store, accounts)
    who = keep(records, account(), record())
    old = records.read(who)
    assert rescue(records, who, old, record())
    store.set(B, encode(replace(old, rescue=None)))  # of a version that wrote no key
    assert records.settle(who) == (who, replace(old, rescue=None))
    assert len(os.listdir(os.path.join(accounts.home.data, "rescue"))) == 1


@pytest.mark.requirement("L2", "K13")
def test_erasing_from_a_store_that_cannot_be_opened_leaves_what_was_rescued(accounts: AccountList) -> None:
    def locked(_name: str | None) -> Store:
        raise StoreError("The keyring is locked.")

    records = records_in(MemoryStore(), accounts)
    who = keep(records, account(), record())
    assert rescue(records, who, records.read(who), record())
    with pytest.raises(StoreError):
        Records(AccountList(accounts.home, locked, print)).erase(who)
    assert len(os.listdir(os.path.join(accounts.home.data, "rescue"))) == 1


@pytest.mark.requirement("L2", "K13")
def test_erasing_deletes_what_was_rescued_too(accounts: AccountList) -> None:
    records = records_in(MemoryStore(), accounts)
    who = keep(records, account(), record())
    assert rescue(records, who, records.read(who), record())
    records.erase(who)
    assert os.listdir(os.path.join(accounts.home.data, "rescue")) == []


@pytest.mark.requirement("R9", "L3")
def test_the_token_of_another_connect_is_not_handed_out_before_the_list_says_so(accounts: AccountList) -> None:
    """It was written over the entry that the list still points at, and may yet be taken back."""
    store = MemoryStore()
    records = records_in(store, accounts)
    who = keep(records, account(), record("g1"))
    store.set(B, encode(record("g2")))
    with pytest.raises(RecordMissing):
        records.read(who)
    accounts.save(replace(who, grant="g2"))
    assert records.read(who).grant == "g2"


@pytest.mark.requirement("L3")
def test_taking_back_deletes_what_is_of_the_grant_and_nothing_else(accounts: AccountList) -> None:
    store = MemoryStore()
    records = records_in(store, accounts)
    old = keep(records, account(), record("g1"))
    new, _ = records.put(replace(old, slot="b"), record("g2"))
    store.set(B if new.slot == "a" else A, encode(record("g1")))
    records.take_back(new)
    assert store.keys() == [B if new.slot == "a" else A]
    assert records.newest(old).grant == "g1"


@pytest.mark.requirement("K2")
def test_a_refresh_is_done_although_the_old_record_cannot_be_deleted(accounts: AccountList) -> None:
    class Clinging(MemoryStore):
        def delete(self, key: str) -> None:
            raise StoreError("no")

    records = records_in(Clinging(), accounts)
    who, new = records.put(account(), record())
    records.commit(who)
    assert accounts.get("linear", IDENTITY) == who
    assert records.read(who) == new


@pytest.mark.requirement("K1")
@pytest.mark.parametrize("described", [{}, {"provider": "github", "refreshed_at": 5.0}])
def test_a_record_that_describes_no_account_or_another_one_moves_only_the_entry(
    accounts: AccountList, described: dict[str, object]
) -> None:
    store = MemoryStore()
    records = records_in(store, accounts)
    who = keep(records, account(), record())
    fields = {**fields_of(who), **described} if described else {}
    store.set(A, encode(replace(record(), generation=5, account=fields)))
    assert records.settle(who)[0] == replace(who, slot="a")


def test_a_store_that_can_be_warmed_is(accounts: AccountList) -> None:
    class Warm(MemoryStore):
        times = 0

        def warm(self) -> None:
            self.times += 1

    store = Warm()
    records_in(MemoryStore(), accounts).warm(account())
    records_in(store, accounts).warm(account())
    assert store.times == 1


@pytest.mark.requirement("R9")
def test_a_record_of_an_older_connect_is_not_taken_for_this_ones(accounts: AccountList) -> None:
    """A late refresh wrote it; the account has been connected anew."""
    store = MemoryStore()
    records = records_in(store, accounts)
    who = keep(records, account(), record("g1"))
    with pytest.raises(RecordMissing, match="not in memory any more") as caught:
        records.newest(replace(who, grant="g2"))
    assert caught.value.hint == "Run `gumauth connect linear`."


@pytest.mark.requirement("K7")
def test_a_record_that_is_gone_is_told_from_one_that_is_broken(accounts: AccountList) -> None:
    store = MemoryStore()
    records = records_in(store, accounts)
    who = account()
    with pytest.raises(RecordMissing):
        records.read(who)
    store.set(A, "not a record")
    for read in (records.read, records.newest):
        with pytest.raises(RecordCorrupt, match="cannot be read"):
            read(who)


def test_where_the_entry_is_gone_the_other_one_is_read(accounts: AccountList) -> None:
    store = MemoryStore()
    records, new = records_in(store, accounts), record()
    who = keep(records, account(), record())
    records.put(who, new)
    store.delete(B)
    assert records.read(who).access_token == new.access_token


def test_a_broken_entry_does_not_hide_the_good_one_and_is_overwritten(accounts: AccountList) -> None:
    store = MemoryStore()
    records, good = records_in(store, accounts), record()
    who = keep(records, account(), good)
    store.set(A, '{"version": 1')
    assert records.newest(who).access_token == good.access_token
    records.put(who, record())
    assert store.get(A) != '{"version": 1'
    assert records.read(who).access_token == good.access_token


@pytest.mark.requirement("K3")
@pytest.mark.parametrize("left", [None, "broken"])
def test_over_two_entries_that_are_no_records_a_new_one_is_written(accounts: AccountList, left: str | None) -> None:
    store = MemoryStore()
    records, new = records_in(store, accounts), record()
    if left is not None:
        store.set(A, left)
        store.set(B, left)
    who, kept = records.put(account(), replace(new, generation=4))
    assert (who.slot, kept.generation) == ("b", 5)
    assert records.newest(who).access_token == new.access_token


@pytest.mark.requirement("K12")
def test_a_record_of_a_newer_gumauth_is_told_and_kept(accounts: AccountList) -> None:
    store = MemoryStore()
    newer = json.dumps({**json.loads(encode(record())), "version": VERSION + 1, "new field": 1})
    store.set(A, newer)
    records = records_in(store, accounts)
    with pytest.raises(NewerRecord, match="newer gumauth") as caught:
        records.read(account())
    assert caught.value.hint == "Update gumauth; nothing was changed."
    with pytest.raises(NewerRecord):
        records.put(account(), record())
    assert (store.keys(), store.get(A)) == ([A], newer)


@pytest.mark.requirement("L2")
def test_erasing_deletes_both_entries_and_looks(accounts: AccountList) -> None:
    store = MemoryStore()
    records = records_in(store, accounts)
    who = keep(records, account(), record())
    records.put(who, record())
    records.erase(who)
    assert store.keys() == []
    records.erase(who)


@pytest.mark.requirement("L2")
def test_an_entry_that_stays_after_deleting_is_an_error(accounts: AccountList) -> None:
    class Keeping(MemoryStore):
        def delete(self, key: str) -> None:
            """Says that it did."""

    records = records_in(Keeping(), accounts)
    who, _ = records.put(account(), record())
    with pytest.raises(StoreError, match=r"still holds the record of linear/ada@example\.com") as caught:
        records.erase(who)
    assert caught.value.hint == "Run `gumauth disconnect linear/ada@example.com` again."


@pytest.mark.requirement("L2", "K1")
def test_erasing_that_was_killed_can_be_run_again(accounts: AccountList) -> None:
    def full() -> MemoryStore:
        memory = MemoryStore()
        records = records_in(memory, accounts)
        records.put(keep(records, account(), record()), record())
        return memory

    for memory in moments(mortal, lambda store: records_in(store, accounts).erase(account()), full):
        records_in(memory, accounts).erase(account())
        assert memory.keys() == []


def test_dropping_deletes_the_one_entry(accounts: AccountList) -> None:
    store = MemoryStore()
    records = records_in(store, accounts)
    who = keep(records, account(), record())
    newer, _ = records.put(who, record())
    records.drop(newer)
    assert store.keys() == [B]


@pytest.mark.requirement("K3")
def test_a_lost_account_is_recovered_from_its_latest_record(accounts: AccountList) -> None:
    store = MemoryStore()
    records = records_in(store, accounts)
    who = keep(records, account(), record())
    who, _ = records.put(replace(who, alias="work"), record())
    assert records.recover("linear", IDENTITY) == replace(who, slot="a", alias="work")
    store.set(A, "broken")
    recovered = records.recover("linear", IDENTITY)
    assert recovered is not None
    assert (recovered.slot, recovered.alias) == ("b", None)


@pytest.mark.requirement("K3")
def test_nothing_is_recovered_from_another_accounts_record_or_from_none(accounts: AccountList) -> None:
    store = MemoryStore()
    records = records_in(store, accounts)
    assert records.recover("linear", IDENTITY) is None
    keep(records, account(), record())
    store.set("github/0123456789abcdef/a", store.get(B) or "")
    assert records.recover("github", IDENTITY) is None
    store.set(B, encode(record()))  # describes nobody
    assert records.recover("linear", IDENTITY) is None


@pytest.mark.requirement("K12")
def test_beside_a_record_of_a_newer_gumauth_nothing_is_recovered(accounts: AccountList) -> None:
    store = MemoryStore()
    records = records_in(store, accounts)
    keep(records, account(), record())
    store.set(A, f'{{"version": {VERSION + 1}}}')
    with pytest.raises(NewerRecord):
        records.recover("linear", IDENTITY)


class Failing(MemoryStore):
    """Refuses the next so many writes."""

    refusals = 0

    def set(self, key: str, value: str) -> None:
        if self.refusals > 0:
            self.refusals -= 1
            raise StoreError("busy")
        super().set(key, value)


@pytest.mark.requirement("K4")
def test_a_record_that_cannot_be_had_again_is_written_more_than_once(accounts: AccountList) -> None:
    store = Failing()
    store.refusals = 2
    new = record()
    who, _ = records_in(store, accounts).put(account(), new, firmly=True)
    assert records_in(store, accounts).read(who).access_token == new.access_token
    store.refusals = 3
    with pytest.raises(StoreError, match="busy"):
        records_in(store, accounts).put(who, record(), firmly=True)
    assert records_in(store, accounts).read(who).access_token == new.access_token


def test_reserving_shows_that_the_free_entry_can_be_written_and_changes_nothing(accounts: AccountList) -> None:
    """A store that is full is noticed before the refresh token is spent."""
    store = Failing()
    records, old = records_in(store, accounts), record()
    who = keep(records, account(), old)
    present = records.read(who)
    kept = store.get(B)
    store.delete(A)
    records.prove(who, present)
    assert decode(store.get(A) or "", "linear") == present
    assert store.get(B) == kept
    assert (records.newest(who).access_token, records.read(who)) == (old.access_token, present)
    store.refusals = 1
    with pytest.raises(StoreError, match="busy"):
        records.prove(who, present)
    assert records.read(who) == present


@pytest.mark.requirement("K1")
def test_settling_points_at_what_was_written_before_the_interruption(accounts: AccountList) -> None:
    records, new = records_in(MemoryStore(), accounts), replace(record(), expires_at=3700.0)
    who = keep(records, account(), record())
    assert records.settle(who) == (who, records.read(who))
    refreshed = replace(who, scopes=("read",), refreshed_at=2.0, expires_at=3700.0)
    written, kept = records.put(replace(refreshed, alias="taken away since", state="ok"), new)
    who = replace(who, state="leaving", reason="asked for", failed_at=1.0, retry_at=31.0, told_to_wait=True)
    leaving = replace(refreshed, state="leaving", reason="asked for", slot=written.slot)
    assert records.settle(who) == (leaving, kept)
    assert written.slot != who.slot
    assert accounts.get("linear", IDENTITY) == leaving
    assert records.settle(leaving) == (leaving, kept)


@pytest.mark.requirement("K1")
def test_settling_a_refresh_that_worked_forgets_why_an_earlier_one_had_failed(accounts: AccountList) -> None:
    records = records_in(MemoryStore(), accounts)
    who = keep(records, account(), record())
    written, kept = records.put(who, record())
    failed = replace(who, reason="it could not be reached", failed_at=1.0, retry_at=31.0)
    assert records.settle(failed) == (written, kept)
    assert (written.reason, written.failed_at) == (None, None)


@pytest.mark.requirement("K1", "K11")
def test_settling_in_a_home_that_cannot_be_written_finds_the_record_all_the_same(
    accounts: AccountList, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = records_in(MemoryStore(), accounts)
    who = keep(records, account(), record())
    written, kept = records.put(who, record())

    def unwritable(_account: Account) -> None:
        raise HomeError("read-only")

    monkeypatch.setattr(accounts, "save", unwritable)
    assert records.settle(who) == (written, kept)
    assert records.settle(who) == (written, kept)


REFRESHER = """
import sys
from gumauth.accounts.account import Account
from gumauth.client.context import Context
from gumauth.accounts.record import Record
from gumauth.accounts.records import Records
from gumauth.platform.frozen import replace
import os
context = Context(os.environ)
records = Records(context.accounts)
print("ready", flush=True)
number = int(sys.argv[1])
while True:
    account = context.accounts.get("linear", "0123456789abcdef")
    number += 1
    new = Record(access_token=f"access {number}", refresh_token=f"refresh {number}", grant="g1", account={})
    account, _ = records.put(account, new)
    records.mark(account)
    records.drop_other(account)
    print(number, flush=True)
"""


@pytest.mark.requirement("K1")
def test_a_real_process_killed_at_random_moments_leaves_a_usable_record(tmp_path: Path) -> None:
    """What it said to be kept is kept, or something newer is; the two halves of a record belong together."""
    key = tmp_path / "key"
    key.write_bytes(secrets.token_bytes(32))
    key.chmod(0o600)
    environ = {
        "GUMAUTH_HOME": str(tmp_path / "home"),
        "GUMAUTH_KEY_FILE": str(key),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    context = Context(environ)
    first = replace(record(), access_token="access 0", refresh_token="refresh 0")
    keep(records_of(context), replace(account(), store="encrypted file"), first)
    number = 0
    for _ in range(6):
        process = subprocess.Popen(
            [sys.executable, "-c", REFRESHER, str(number)], stdout=subprocess.PIPE, env=environ, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.02 + secrets.randbelow(30_000) / 1e6)
        process.send_signal(signal.SIGKILL)
        said = process.stdout.read().split()
        process.stdout.close()
        process.wait()
        who = context.accounts.get("linear", IDENTITY)
        assert who is not None
        left = records_of(context).newest(who)
        kept, number = int(said[-1]) if said else number, int(left.access_token.split()[1])
        assert left.refresh_token == f"refresh {number}"
        assert kept <= number <= kept + 1
