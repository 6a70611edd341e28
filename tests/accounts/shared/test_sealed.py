"""What the store sees and cannot do: rows that were swapped, edited or set back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest

from gumauth.accounts.account import Account
from gumauth.accounts.record import Record, encode
from gumauth.accounts.shared import sealed
from gumauth.accounts.shared.engine import Row
from gumauth.accounts.shared.keys import DataKeys, MachineKey, new_keys, of_kind
from gumauth.errors import MayNotRefresh, PassphraseError, RecordCorrupt, RecordMissing, StoreAway
from gumauth.platform.frozen import fields_of, replace
from gumauth.platform.json import loads
from gumauth.store.sealing import seal, unseal
from tests.accounts.contract import person
from tests.accounts.shared.fleet import START, Fleet, Machine
from tests.accounts.shared.memory_engine import Kept, away
from tests.accounts.shared.refreshing import KEY, Provider, connect, due, refresh, stored

pytestmark = pytest.mark.requirement("T3")


ACCOUNT = replace(person("ada", at=100.0), expires_at=400.0, refreshed_at=200.0, failed_at=210.0, retry_at=220.0)
ACCOUNT = replace(ACCOUNT, refresh_expires_at=500.0, refused_at=230.0)
RECORD = Record(
    access_token="open",
    refresh_token="apart",
    rescue="0" * 64,
    expires_at=400.0,
    obtained_at=200.0,
    generation=3,
    grant="ada",
    account={},
    token_url="https://acme.example/token",
)


def test_a_record_comes_back_whole_by_the_clock_of_whoever_reads_it(machine: Machine) -> None:
    keys = machine.process().session.keys
    row = sealed.sealed(keys, ACCOUNT, RECORD, 50.0)
    account = sealed.listed(row.content, 20.0)
    assert account == replace(
        ACCOUNT,
        connected_at=130.0,
        expires_at=430.0,
        refreshed_at=230.0,
        failed_at=240.0,
        retry_at=250.0,
        refresh_expires_at=530.0,
        refused_at=260.0,
    )
    record = sealed.unsealed(keys, ACCOUNT, row, 20.0)
    assert (record.access_token, record.refresh_token, record.rescue) == ("open", "apart", "0" * 64)
    assert (record.expires_at, record.obtained_at, record.generation) == (430.0, 230.0, 3)
    assert (record.kept_apart, row.data_key, row.generation) == (None, keys.newest, 3)


def test_whoever_only_reads_has_no_refresh_token_and_knows_that_there_is_one(machine: Machine) -> None:
    keys = machine.process().session.keys
    row = replace(sealed.sealed(keys, ACCOUNT, RECORD, 0.0), refresh=None)
    record = sealed.unsealed(keys, ACCOUNT, row, 0.0)
    assert (record.refresh_token, record.rescue, record.kept_apart) == (None, None, True)
    row = replace(sealed.sealed(keys, ACCOUNT, replace(RECORD, refresh_token=None), 0.0), refresh=None)
    assert sealed.unsealed(keys, ACCOUNT, row, 0.0).kept_apart is False


@pytest.mark.parametrize("column", ["access", "data_key"])
def test_tokens_that_are_not_there_are_missing(machine: Machine, column: str) -> None:
    keys = machine.process().session.keys
    row = edited(sealed.sealed(keys, ACCOUNT, RECORD, 0.0), column, None)
    with pytest.raises(RecordMissing, match="are not in the database any more") as raised:
        sealed.unsealed(keys, ACCOUNT, row, 0.0)
    assert "gumauth connect linear" in str(raised.value.hint)
    assert raised.value.account == "linear/ada"


def test_what_is_no_account_is_not_listed() -> None:
    assert sealed.listed("{}", 0.0) is None
    assert sealed.listed("\ufffd", 0.0) is None


@pytest.mark.parametrize("name", ["provider", "id", "grant", "source", "issuer", "grant_type"])
def test_what_decides_where_tokens_go_is_bound_to_them(machine: Machine, name: str) -> None:
    keys = machine.process().session.keys
    row = sealed.sealed(keys, ACCOUNT, RECORD, 0.0)
    other = Account(**{**fields_of(ACCOUNT), name: "another"})
    with pytest.raises(RecordCorrupt, match="do not open"):
        sealed.unsealed(keys, other, row, 0.0)


def with_another_end(value: bytes | None) -> bytes:
    assert value
    return value[:-1] + bytes([value[-1] ^ 1])


def edited(row: Row, column: str, value: object) -> Row:
    return Row(**{**fields_of(row), column: value})


SWAPS: dict[str, Callable[[Row], Row]] = {
    "another generation": lambda row: replace(row, generation=row.generation + 1),
    "the access token in place of the refresh token": lambda row: replace(row, refresh=row.access),
    "the refresh token in place of the access token": lambda row: replace(row, access=row.refresh),
    "an edited access token": lambda row: replace(row, access=with_another_end(row.access)),
    "an edited refresh token": lambda row: replace(row, refresh=with_another_end(row.refresh)),
    "no bytes": lambda row: edited(row, "access", b""),
}


@pytest.mark.parametrize("swap", SWAPS, ids=str)
def test_a_row_that_was_edited_does_not_open(machine: Machine, swap: str) -> None:
    keys = machine.process().session.keys
    row = SWAPS[swap](sealed.sealed(keys, ACCOUNT, RECORD, 0.0))
    with pytest.raises(RecordCorrupt, match="the row was edited") as raised:
        sealed.unsealed(keys, ACCOUNT, row, 0.0)
    assert raised.value.account == "linear/ada"


def part_of(keys: DataKeys, kind: Literal["access", "refresh"], text: str, beside: bytes | None = None) -> bytes:
    """A value of the row of `ACCOUNT`, as whoever has the keys can seal it."""
    digest = "" if beside is None else hashlib.sha256(beside).hexdigest()
    about = f"{kind} memory {ACCOUNT.key} {ACCOUNT.grant} 3 {keys.newest} {digest}"
    return seal(keys.get(keys.newest, kind), text.encode(), about.encode())


def test_account_grant_generation_store_and_key_are_authenticated_with_each_value(machine: Machine) -> None:
    """In this form, which rows in databases have."""
    keys = machine.process().session.keys
    row = sealed.sealed(keys, ACCOUNT, RECORD, 0.0)
    about = f"access memory {ACCOUNT.key} {ACCOUNT.grant} 3 {keys.newest} "
    access = unseal(keys.get(keys.newest, "access"), row.access or b"", about.encode())
    assert access is not None
    assert loads(access)["access_token"] == "open"
    assert loads(access)["refresh_token"] is None
    about = (
        f"refresh memory {ACCOUNT.key} {ACCOUNT.grant} 3 {keys.newest} {hashlib.sha256(row.access or b'').hexdigest()}"
    )
    refresh = unseal(keys.get(keys.newest, "refresh"), row.refresh or b"", about.encode())
    assert loads(refresh or b"") == {"version": 1, "refresh_token": "apart", "rescue": "0" * 64}


@pytest.mark.parametrize("text", ["[]", "{", '{"version": 1, "refresh_token": "apart"}', '{"version": 1}'])
def test_a_refresh_token_in_another_form_is_an_error_of_its_own(machine: Machine, text: str) -> None:
    keys = machine.process().session.keys
    row = sealed.sealed(keys, ACCOUNT, RECORD, 0.0)
    row = replace(row, refresh=part_of(keys, "refresh", text, row.access))
    with pytest.raises(RecordCorrupt, match="the row was edited"):
        sealed.unsealed(keys, ACCOUNT, row, 0.0)


def test_tokens_that_do_not_say_whose_they_are_are_nobodys(machine: Machine) -> None:
    keys = machine.process().session.keys
    row = sealed.sealed(keys, ACCOUNT, RECORD, 0.0)
    row = replace(row, access=part_of(keys, "access", encode(RECORD)), refresh=None)
    with pytest.raises(RecordCorrupt, match="the row was edited"):
        sealed.unsealed(keys, ACCOUNT, row, 0.0)


def two_keys(fleet: Fleet, machine: Machine) -> tuple[DataKeys, str]:
    """The keys that a machine knows, and a data key that was made since."""
    keys = machine.process().session.keys
    made = new_keys(MachineKey(fleet.key_file.read_bytes()), "memory")
    fleet.memory.rows.sealed_keys += made
    return keys, made[0].data_key


def test_a_row_is_sealed_under_another_data_key_and_stays_the_same(fleet: Fleet, machine: Machine) -> None:
    keys, newer = two_keys(fleet, machine)
    row = sealed.sealed(keys, ACCOUNT, RECORD, 0.0)
    again = sealed.resealed(keys, row, newer)
    assert (again.data_key, again.generation, again.content) == (newer, 3, row.content)
    fleet.memory.rows.sealed_keys[:] = fleet.memory.rows.sealed_keys[-2:]
    alone = machine.process().session.keys
    assert alone.all == (newer,)
    assert sealed.unsealed(alone, ACCOUNT, again, 0.0) == sealed.unsealed(keys, ACCOUNT, row, 0.0)
    with pytest.raises(PassphraseError):
        sealed.unsealed(alone, ACCOUNT, row, 0.0)


def test_a_row_without_tokens_stays_without(fleet: Fleet, machine: Machine) -> None:
    keys, newer = two_keys(fleet, machine)
    row = sealed.sealed(keys, ACCOUNT, RECORD, 0.0)
    gone = sealed.resealed(keys, replace(row, access=None, refresh=None, data_key=None), newer)
    assert (gone.access, gone.refresh, gone.data_key) == (None, None, newer)
    assert sealed.resealed(keys, replace(row, refresh=None), newer).refresh is None


@pytest.mark.parametrize("column", ["access", "refresh", "data_key"])
def test_a_row_that_was_edited_is_not_sealed_under_another_data_key(
    fleet: Fleet, machine: Machine, column: str
) -> None:
    keys, newer = two_keys(fleet, machine)
    row = sealed.sealed(keys, ACCOUNT, RECORD, 0.0)
    value = None if column == "data_key" else with_another_end(getattr(row, column))
    with pytest.raises(RecordCorrupt, match="the row was edited"):
        sealed.resealed(keys, edited(row, column, value), newer)
    with pytest.raises(RecordCorrupt, match="cannot be read"):
        sealed.resealed(keys, replace(row, content="{}"), newer)


@pytest.mark.parametrize("column", ["access", "refresh", "data_key"])
def test_columns_of_another_generation_do_not_open(fleet: Fleet, machine: Machine, column: str) -> None:
    provider = Provider()
    connect(machine, provider)
    before = fleet.memory.rows.accounts[KEY]
    due(fleet)
    refresh(machine.process(), provider)
    older = {"data_key": "another"} if column == "data_key" else {column: getattr(before, column)}
    now = fleet.memory.rows.accounts[KEY]
    fleet.memory.rows.accounts[KEY] = Kept(**{**vars(now), **older})
    with pytest.raises((RecordCorrupt, PassphraseError)):
        machine.process().take_whole(account_of(machine))


def account_of(machine: Machine) -> Account:
    account = machine.process().known(KEY)
    assert account is not None
    return account


def test_a_row_in_the_place_of_another_does_not_open(fleet: Fleet, machine: Machine) -> None:
    connect(machine, Provider())
    other = replace(account_of(machine), id="0" * 16, nickname="bob", grant="other")
    with machine.process().locked(other) as locked:
        locked.put(other, replace(RECORD, grant="other"))
        locked.mark(other)
    rows = fleet.memory.rows.accounts
    mine, theirs = rows[KEY], rows[other.key]
    rows[KEY] = Kept(**{**vars(theirs), "change": mine.change})
    fleet.clock.time += 70.0
    with pytest.raises(RecordCorrupt):
        fleet.machine("b").process().take(account_of(machine))


def test_a_row_that_was_set_back_is_noticed_by_each_machine_that_saw_the_later_one(fleet: Fleet) -> None:
    machines = [fleet.machine(name) for name in ("a", "b")]
    connect(machines[0], provider := Provider())
    before = fleet.memory.rows.accounts[KEY]
    due(fleet)
    for machine in machines:
        refresh(machine.process(), provider)
    fleet.memory.rows.accounts[KEY] = before
    for machine in machines:
        account = account_of(machine)
        machine.notices.clear()
        machine.process().take(account)
        (notice,) = machine.notices
        assert notice.startswith("The database has older tokens of linear/ada than this machine has seen")
    new = fleet.machine("c")
    new.process().read(new.process().find("linear"))
    assert new.notices == []  # it cannot know


def test_a_later_token_is_not_written_over_by_an_older_one(fleet: Fleet, machine: Machine) -> None:
    connect(machine, provider := Provider())
    before = fleet.memory.copy()
    due(fleet)
    record = refresh(machine.process(), provider)
    for path in machine.folder.rglob("rescue/*"):
        path.unlink()
    fleet.memory.set_back(before)
    fleet.clock.time += 2.0
    accounts = machine.process()
    account = accounts.find("linear")
    accounts.take(account)
    assert accounts.read(account).access_token == record.access_token
    fleet.clock.time += 4000.0
    assert accounts.read(account).access_token == record.access_token
    accounts.take(account)
    assert accounts.read(account).access_token == stored(fleet).access_token != record.access_token


def test_the_machine_with_a_readers_key_reads_and_does_not_refresh(fleet: Fleet, tmp_path: Path) -> None:
    connect(fleet.machine("a"), provider := Provider())
    key = tmp_path / "reader"
    key.touch(mode=0o600)
    key.write_bytes(of_kind(fleet.key_file.read_bytes(), "access"))
    reader = fleet.machine("r", key_file=key)
    accounts = reader.process()
    account = accounts.find("linear")
    assert accounts.read(account).access_token == stored(fleet).access_token
    assert accounts.spread == float("inf")
    with pytest.raises(PassphraseError):
        accounts.take_whole(account)
    due(fleet, left=0.0)
    with pytest.raises(MayNotRefresh, match="r at memory may read tokens, and not change accounts"):
        refresh(reader.process(), provider)
    assert provider.sent == []


def test_a_role_that_may_only_read_gets_the_newest_token_that_there_is(fleet: Fleet) -> None:
    machine, reader = fleet.machine("a"), fleet.machine("r", reads_only=True)
    connect(machine, provider := Provider())
    accounts = reader.process()
    accounts.read(accounts.find("linear"))
    due(fleet)
    record = refresh(machine.process(), provider)
    with pytest.raises(MayNotRefresh):
        refresh(reader.process(), provider)
    assert accounts.read(accounts.find("linear")).access_token == record.access_token


def test_nothing_that_is_secret_is_in_the_store_or_in_the_copys_open_files(fleet: Fleet, machine: Machine) -> None:
    connect(machine, provider := Provider())
    due(fleet)
    record = refresh(machine.process(), provider)
    kept = fleet.memory.rows.accounts[KEY]
    everything = repr(vars(kept)).encode() + b"".join(
        path.read_bytes() for path in machine.folder.rglob("*") if path.is_file()
    )
    secrets = (record.access_token, record.refresh_token or "", record.rescue or "")
    assert [secret for secret in secrets if secret.encode() in everything or not secret] == []


def test_times_that_are_unknown_stay_unknown() -> None:
    assert sealed.shifted_account(person("ada", at=1.0), 5.0) == person("ada", at=6.0)
    assert START > 0


NOTE = "services/acme.json"
ONE, TWO, THREE = (b'{"version": 1, "count": %d}' % count for count in (1, 2, 3))


def test_a_note_that_no_machine_has_written_so_is_refused(fleet: Fleet, machine: Machine) -> None:
    machine.process().write_note(NOTE, ONE)
    other = fleet.machine("other")
    assert other.process().read_note(NOTE) == ONE
    for name, content in ((NOTE, TWO.decode()), ("services/else.json", ONE.decode())):
        fleet.memory.rows.notes[name] = (content, fleet.memory.change())
        for each in (machine, other):
            with pytest.raises(RecordCorrupt, match="somebody has edited it"):
                each.process().read_note(name)
    machine.process().write_note(NOTE, THREE)
    assert other.process().read_note(NOTE) == THREE


def test_a_machine_that_dies_while_it_writes_a_note_leaves_one_that_is_vouched_for(
    fleet: Fleet, machine: Machine
) -> None:
    machine.process().write_note(NOTE, ONE)
    for when, left in (("before", ONE), ("after", TWO)):
        machine.hear = away("write_note", when=when)
        with pytest.raises(StoreAway):
            machine.process().write_note(NOTE, TWO)
        machine.hear = lambda _what, _when: None
        assert fleet.machine(f"other {when}").process().read_note(NOTE) == left


def test_a_copy_of_a_note_that_is_damaged_is_made_anew(machine: Machine) -> None:
    machine.process().write_note(NOTE, ONE)
    next(machine.folder.rglob("acme.json")).write_bytes(b"damaged")
    assert machine.process().read_note(NOTE) == ONE


def test_a_machine_that_only_reads_takes_a_note_as_it_is(fleet: Fleet, machine: Machine) -> None:
    machine.process().write_note(NOTE, ONE)
    assert fleet.machine("reader", reads_only=True).process().read_note(NOTE) == ONE


@pytest.mark.parametrize(
    ("name", "content", "left"),
    [
        ("services/evil.py", "print(1)", None),
        ("services/evil.json", "print(1)", b"{}"),
        ("services/evil.json", '["a list"]', b"{}"),
        ("services/../evil.json", "{}", None),
        ("run/evil.json", "{}", None),
    ],
)
def test_a_note_becomes_a_file_of_json_and_of_nothing_else(
    fleet: Fleet, machine: Machine, name: str, content: str, left: bytes | None
) -> None:
    fleet.memory.rows.notes[name] = (content, fleet.memory.change())
    list(machine.process().all())
    found = {path.read_bytes() for path in machine.folder.rglob("evil*")}
    assert found == (set() if left is None else {left})


def test_a_refresh_token_opens_beside_its_own_access_part_only(machine: Machine) -> None:
    """Who has a reader's key and can write into the store may not say where the refresh token is sent."""
    keys = machine.process().session.keys
    row = sealed.sealed(keys, ACCOUNT, RECORD, 0.0)
    assert sealed.unsealed(keys, ACCOUNT, row, 0.0).refresh_token == RECORD.refresh_token
    elsewhere = replace(RECORD, token_url="https://elsewhere.example/token")
    forged = sealed.sealed(keys, ACCOUNT, elsewhere, 0.0)
    assert sealed.unsealed(keys, ACCOUNT, forged, 0.0).token_url == elsewhere.token_url
    with pytest.raises(RecordCorrupt, match="was edited"):
        sealed.unsealed(keys, ACCOUNT, replace(row, access=forged.access), 0.0)


@pytest.mark.parametrize("name", ["source", "issuer", "grant_type"])
def test_a_token_that_is_kept_here_is_not_handed_out_for_an_edited_account(machine: Machine, name: str) -> None:
    connect(machine, Provider())
    account = account_of(machine)
    assert machine.process().read(account).access_token
    with pytest.raises(RecordCorrupt, match="was edited"):
        machine.process().confirm(replace(account, **{name: "another"}))  # type: ignore[arg-type]


def test_an_account_that_a_newer_gumauth_wrote_is_passed_over_and_the_others_go_on(
    fleet: Fleet, machine: Machine
) -> None:
    connect(machine, Provider())
    name = "linear/" + "0" * 16
    kept = vars(fleet.memory.rows.accounts[KEY])
    newer = {"content": '{"version": 99}', "change": fleet.memory.change()}
    fleet.memory.rows.accounts[name] = Kept(**{**kept, **newer})
    for process in (machine.process(), machine.process()):
        process.outdate()
        assert [account.key for account in process.all()] == [KEY]
        assert "was written by a newer gumauth" in " ".join(process.passed_over)
