"""The copy's rules, one by one: what is read, written, removed and left, of rows that a test gives."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gumauth.accounts.account import Account, encode
from gumauth.accounts.shared.engine import Change, Changes
from gumauth.accounts.shared.mirror import Mirror, State, mirror_home
from gumauth.accounts.shared.sealed import content
from gumauth.errors import NewerRecord
from gumauth.platform.folders import Home
from gumauth.platform.frozen import replace
from tests.store.memory import MemoryStore

pytestmark = pytest.mark.requirement("T4")

ONE, TWO = "1" * 16, "2" * 16
ADA = Account(provider="linear", id=ONE, nickname="ada", connected_at=5.0, grant="g")
BOB = replace(ADA, id=TWO, nickname="bob")
CLIENT = '{"version": 1, "client_id": "x"}'
ADA_FILE, BOB_FILE = f"accounts/linear/{ONE}.json", f"accounts/linear/{TWO}.json"
ADA_HINT, BOB_HINT = "accounts/linear/0609a638e6f81e1a.alias", "accounts/linear/183ed3f636021312.alias"
WORK_HINT = "accounts/linear/c54cee5aa1e92cb5.alias"
"""Of the alias "work"."""
SECOND_HINT = "accounts/linear/a7ab53b8a3455794.alias"
"""Of the number 2."""


class Copy(Mirror):
    """A copy that remembers what it has heard of tokens."""

    def __init__(self, folder: Path) -> None:
        super().__init__(Home(data=str(folder), service="gumauth"), store, print)
        self.heard: list[tuple[str, int, int]] = []

    def has_tokens(self, key: str, generation: int, seen: int) -> None:
        super().has_tokens(key, generation, seen)
        self.heard.append((key, generation, seen))


def store(_name: str | None) -> MemoryStore:
    return MemoryStore()


def account(of: Account, change: int = 1, generation: int = 0, number: int | None = None) -> Change:
    """The row of an account."""
    return Change(kind="account", name=of.key, change=change, content=content(of), number=number, generation=generation)


def note(name: str, text: str | None = CLIENT, change: int = 1) -> Change:
    """The row of a note."""
    return Change(kind="note", name=name, change=change, content=text)


def changes(*rows: Change, unchanged: tuple[Change, ...] = (), defaults: dict[str, str] | None = None) -> Changes:
    """What a store says that has these rows, of which some are not new."""
    numbers = [row.change for row in (*rows, *unchanged)]
    return Changes(
        rows=rows, defaults=defaults or {}, last=max(numbers, default=0), count=len(numbers), total=sum(numbers)
    )


def files(folder: Path, pattern: str = "*") -> dict[str, bytes]:
    """What is there but `changes.json`: path → content."""
    found = [path for path in folder.rglob(pattern) if path.is_file() and path.name != "changes.json"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def put(path: Path, text: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    return path


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def test_a_copy_has_the_folder_the_stores_and_the_notices_that_it_is_given(copy: Copy, tmp_path: Path) -> None:
    assert (copy.home.data, copy.store, copy.notify) == (str(tmp_path), store, print)


def test_nothing_is_known_before_the_store_is_asked(copy: Copy) -> None:
    assert copy.state == State(at=0.0, is_away=False, why="", store="", connects=True, offset=0.0, last=0, spread=0.0)


@pytest.mark.parametrize(
    "state",
    [
        State(at=1.5, is_away=True, why="No.", store="s", connects=False, offset=-0.5, last=(1 << 63) - 1, spread=2.5),
        State(store="s"),
        State(store="s", spread=0.5),
    ],
)
def test_what_is_known_is_known_to_the_next_process(copy: Copy, tmp_path: Path, state: State) -> None:
    copy.know(state)
    assert Copy(tmp_path).state == state


def test_the_state_is_one_line_of_json(copy: Copy, tmp_path: Path) -> None:
    copy.know(State(store="s", last=7))
    assert files(tmp_path) == {
        "state.json": b'{"version": 1, "at": 0.0, "is_away": false, "why": "", "store": "s", "connects": true,'
        b' "offset": 0.0, "last": 7, "spread": 0.0}\n'
    }


@pytest.mark.parametrize("wrong", [State(last=1 << 63), State(last=-1), State(spread=-1.0), State(spread=-0.5)])
def test_a_state_that_cannot_be_is_none(copy: Copy, tmp_path: Path, wrong: State) -> None:
    copy.know(wrong)
    assert Copy(tmp_path).state == State()


def test_a_damaged_state_is_none(copy: Copy, tmp_path: Path) -> None:
    put(tmp_path / "state.json", b"{")
    assert copy.state == State()


def test_the_state_is_read_once_in_a_process(copy: Copy, tmp_path: Path) -> None:
    before = copy.state
    Copy(tmp_path).know(State(store="s"))
    assert copy.state is before


def test_a_state_that_cannot_be_written_is_known_to_this_process(tmp_path: Path) -> None:
    copy = Copy(put(tmp_path / "file", b""))
    assert copy.state == State()
    copy.know(State(store="s"))
    assert copy.state == State(store="s")


@pytest.mark.parametrize("name", ["state.json", "changes.json"])
def test_a_copy_of_a_newer_gumauth_is_left(copy: Copy, tmp_path: Path, name: str) -> None:
    put(tmp_path / name, b'{"version": 2}')
    with pytest.raises(NewerRecord, match=r"^The copy was written by a newer gumauth."):
        copy.state if name == "state.json" else copy.generation(ADA.key, "s")


def test_accounts_notes_and_defaults_are_copied_whole(copy: Copy, tmp_path: Path) -> None:
    rows = account(ADA, 3, 4), note("clients/linear.json", change=2)
    assert copy.apply(changes(*rows, defaults={"linear": ONE}), 0, 2.0, "s") is True
    assert files(tmp_path) == {
        ADA_FILE: encode(replace(ADA, connected_at=3.0)),
        ADA_HINT: ONE.encode(),
        "accounts/linear/default": ONE.encode(),
        "clients/linear.json": CLIENT.encode(),
    }
    assert (tmp_path / "changes.json").read_bytes() == (
        b'{"version": 1, "store": "s", "rows": {"account linear/%s": [3, 4, true],'
        b' "note clients/linear.json": [2, 0, true]}}\n' % ONE.encode()
    )
    assert copy.known(ADA.key) == replace(ADA, connected_at=3.0)


def test_changes_that_do_not_add_up_are_not_copied(copy: Copy, tmp_path: Path) -> None:
    one = changes(note("clients/a.json", change=3))
    nothing_new = replace(one, rows=())
    assert copy.apply(replace(one, total=4), 0, 0.0, "s") is False
    assert copy.apply(replace(one, count=2), 0, 0.0, "s") is False
    assert files(tmp_path) == {}
    assert copy.apply(one, 0, 0.0, "s") is True
    assert copy.apply(nothing_new, 3, 0.0, "s") is True
    assert copy.apply(replace(nothing_new, total=4), 3, 0.0, "s") is False
    assert copy.apply(replace(nothing_new, count=2), 3, 0.0, "s") is False
    assert copy.apply(nothing_new, 3, 0.0, "another") is False
    assert copy.apply(nothing_new, 0, 0.0, "s") is False


def test_what_is_new_is_added_to_what_was_known(copy: Copy, tmp_path: Path) -> None:
    ada, kept, gone = account(ADA, 1, 1), note("clients/a.json", change=2), note("clients/b.json", None, change=3)
    assert copy.apply(changes(ada, kept, gone), 0, 0.0, "s") is True
    bob, new = account(BOB, 4, 1), note("services/c.json", change=5)
    assert copy.apply(changes(bob, new, unchanged=(ada, kept, gone)), 3, 0.0, "s") is True
    assert copy.apply(changes(unchanged=(ada, kept, gone, bob, new)), 5, 0.0, "s") is True
    assert sorted(files(tmp_path)) == sorted(
        [ADA_FILE, ADA_HINT, BOB_FILE, BOB_HINT, "clients/a.json", "services/c.json"]
    )
    assert (tmp_path / "changes.json").read_bytes() == (
        b'{"version": 1, "store": "s", "rows": {"account linear/%s": [1, 1, true],'
        b' "note clients/a.json": [2, 0, true], "note clients/b.json": [3, 0, false],'
        b' "account linear/%s": [4, 1, true], "note services/c.json": [5, 0, true]}}\n' % (ONE.encode(), TWO.encode())
    )


@pytest.mark.parametrize("removed", [ADA_FILE, "clients/a.json"])
def test_a_file_of_the_copy_that_somebody_has_removed_is_missed(copy: Copy, tmp_path: Path, removed: str) -> None:
    rows = account(ADA), account(BOB), note("clients/a.json"), note("clients/b.json")
    copy.apply(changes(*rows), 0, 0.0, "s")
    (tmp_path / removed).unlink()
    assert copy.apply(changes(unchanged=rows), 1, 0.0, "s") is False
    assert copy.apply(changes(*rows), 0, 0.0, "s") is True
    assert removed in files(tmp_path)


def test_an_update_writes_nothing_that_it_has(copy: Copy, tmp_path: Path) -> None:
    row = account(ADA)
    copy.apply(changes(row, defaults={"linear": ONE}), 0, 0.0, "s")
    for name in ("changes.json", "accounts/linear/default", ADA_HINT):
        os.utime(tmp_path / name, (0, 0))
    assert copy.apply(changes(unchanged=(row,), defaults={"linear": ONE}), 1, 0.0, "s") is True
    copy.copy(ADA, ADA)
    for name in ("changes.json", "accounts/linear/default", ADA_HINT):
        assert (tmp_path / name).stat().st_mtime == 0


def test_an_update_looks_into_no_file_of_what_is_not_new(copy: Copy, tmp_path: Path) -> None:
    row = account(ADA)
    copy.apply(changes(row), 0, 0.0, "s")
    put(tmp_path / ADA_FILE, b"damaged")
    assert copy.apply(changes(unchanged=(row,)), 1, 0.0, "s") is True
    assert files(tmp_path)[ADA_FILE] == b"damaged"
    assert copy.apply(changes(row), 0, 0.0, "s") is True
    assert (files(tmp_path)[ADA_FILE], copy.unreadable) == (encode(ADA), [])


def test_what_the_store_does_not_know_leaves_a_copy_that_is_made_anew(copy: Copy, tmp_path: Path) -> None:
    copy.apply(changes(account(ADA), account(BOB), note("issuers/a.json"), note("issuers/b.json")), 0, 0.0, "s")
    put(tmp_path / f"accounts/linear/{'3' * 16}.json", b"damaged")
    under_way = put(tmp_path / "issuers/b.json.1.tmp", b"another process writes it")
    copy.heard.clear()
    assert copy.apply(changes(account(ADA), note("issuers/a.json")), 0, 0.0, "s") is True
    assert sorted(files(tmp_path)) == [ADA_HINT, ADA_FILE, "issuers/a.json", str(under_way.relative_to(tmp_path))]
    assert copy.heard == [(BOB.key, 1 << 63, 0), (ADA.key, 0, 0)]


def test_a_copy_that_is_made_anew_is_never_without_a_note_that_stays(copy: Copy, tmp_path: Path) -> None:
    rows = account(ADA), note("clients/a.json")
    copy.apply(changes(*rows), 0, 0.0, "s")
    meanwhile: list[bool] = []

    class Watched(Copy):
        def has_tokens(self, key: str, generation: int, seen: int) -> None:
            meanwhile.append((tmp_path / "clients/a.json").exists())

    assert Watched(tmp_path).apply(changes(*rows), 0, 0.0, "s") is True
    assert meanwhile == [True]


def test_the_generation_is_heard_of_with_the_one_that_was_seen_before(copy: Copy) -> None:
    copy.apply(changes(account(ADA, 1, 5)), 0, 0.0, "s")
    copy.apply(changes(account(ADA, 2, 4)), 1, 0.0, "s")
    assert copy.heard == [(ADA.key, 5, 0), (ADA.key, 4, 5)]
    assert [copy.generation(*of) for of in ((ADA.key, "s"), (BOB.key, "s"), (ADA.key, "another"))] == [4, 0, 0]


@pytest.mark.parametrize(
    "damaged",
    [
        *(b"", b"{", b"[]", b"{}", b'{"version": 1}', b'{"version": 1, "store": "s"}'),
        b'{"version": 1, "store": "s", "rows": []}',
        *(
            b'{"version": 1, "store": "s", "rows": {"account linear/1111111111111111": %s}}' % row
            for row in (
                b"7",
                b"null",
                b"[1, 2]",
                b"[1.0, 7, true]",
                b"[1, 7.0, true]",
                b"[1, 7, 1]",
                b"[1, 7, true, 1]",
            )
        ),
    ],
)
def test_what_is_known_of_the_rows_is_nothing_where_it_is_damaged(copy: Copy, tmp_path: Path, damaged: bytes) -> None:
    put(tmp_path / "changes.json", damaged)
    assert copy.generation(ADA.key, "s") == 0
    assert copy.apply(changes(account(ADA, 1, 7)), 0, 0.0, "s") is True
    assert copy.generation(ADA.key, "s") == 7


def test_what_is_gone_leaves_with_its_name(copy: Copy, tmp_path: Path) -> None:
    copy.apply(changes(account(ADA), note("clients/a.json")), 0, 0.0, "s")
    gone = replace(account(ADA, 3), content=None), note("clients/a.json", None, change=2)
    assert copy.apply(changes(*gone), 1, 0.0, "s") is True
    assert files(tmp_path) == {}
    assert copy.apply(changes(*gone), 0, 0.0, "s") is True


def test_an_account_with_another_name_is_not_found_by_the_one_before(copy: Copy, tmp_path: Path) -> None:
    copy.apply(changes(account(ADA)), 0, 0.0, "s")
    copy.apply(changes(account(replace(ADA, alias="work"), 2)), 1, 0.0, "s")
    assert sorted(files(tmp_path)) == sorted([ADA_FILE, WORK_HINT])


def test_a_row_whose_content_is_another_account_is_not_listed(copy: Copy, tmp_path: Path) -> None:
    copy.apply(changes(account(ADA), replace(account(ADA), name=BOB.key)), 0, 0.0, "s")
    assert sorted(files(tmp_path)) == sorted([ADA_FILE, ADA_HINT])
    copy.apply(changes(account(BOB, 2), unchanged=(account(ADA),)), 1, 0.0, "s")
    copy.apply(changes(replace(account(ADA, 3), name=BOB.key), unchanged=(account(ADA),)), 1, 0.0, "s")
    assert sorted(files(tmp_path)) == sorted([ADA_FILE, ADA_HINT])


def test_an_account_of_a_newer_gumauth_is_copied_as_it_is_and_leaves_again(copy: Copy, tmp_path: Path) -> None:
    newer = replace(account(ADA), content='{"version": 99}')
    assert copy.apply(changes(newer, account(BOB)), 0, 0.0, "s") is True
    assert files(tmp_path, "*.json") == {ADA_FILE: b'{"version": 99}', BOB_FILE: encode(BOB)}
    gone = replace(account(ADA, 2), content=None)
    assert copy.apply(changes(gone, unchanged=(account(BOB),)), 1, 0.0, "s") is True
    assert files(tmp_path, "*.json") == {BOB_FILE: encode(BOB)}


@pytest.mark.parametrize(
    "name",
    [
        *(f"../{ONE}", f"Linear/{ONE}", f"/{ONE}", ONE),
        *("linear", "linear/", "linear/..", f"linear/{ONE}/x", f"linear/{ONE} ", "linear/" + "é" * 16),
    ],
)
def test_an_account_of_a_name_that_is_none_is_known_and_not_copied(copy: Copy, tmp_path: Path, name: str) -> None:
    row = replace(account(ADA), name=name, number=2)
    assert copy.apply(changes(row), 0, 0.0, "s") is True
    assert copy.apply(changes(unchanged=(row,)), 1, 0.0, "s") is True
    assert (files(tmp_path), copy.heard) == ({}, [])


@pytest.mark.parametrize("name", ["clients/a.json", "issuers/b.json", "services/a-b.json", f"clients/{'a' * 64}.json"])
def test_a_note_has_one_of_three_folders_and_a_plain_name(copy: Copy, tmp_path: Path, name: str) -> None:
    assert copy.apply(changes(note(name)), 0, 0.0, "s") is True
    assert files(tmp_path) == {name: CLIENT.encode()}
    assert copy.apply(changes(), 0, 0.0, "s") is True
    assert files(tmp_path) == {}


@pytest.mark.parametrize(
    "name",
    [
        *("accounts/x.json", "x.json", "secrets/x.json", "clients", "clients/", "clients/.json", "/clients/x.json"),
        *("clients/../../x.json", "clients/.x.json", "clients/linearX.json", f"clients/{'a' * 65}.json"),
        *("clients/linear.yaml", "clients/linear.json.tmp"),
    ],
)
def test_a_note_of_a_name_that_is_none_is_known_and_not_copied(copy: Copy, tmp_path: Path, name: str) -> None:
    assert copy.apply(changes(note(name)), 0, 0.0, "s") is True
    assert copy.apply(changes(unchanged=(note(name),)), 1, 0.0, "s") is True
    assert files(tmp_path) == {}


@pytest.mark.parametrize("text", ["#!/bin/sh", "", "[]", "{}", '{"version": 0}', '{"version": 9223372036854775809}'])
def test_a_note_that_is_no_stored_object_is_copied_as_an_empty_one(copy: Copy, tmp_path: Path, text: str) -> None:
    assert copy.apply(changes(note("clients/a.json", text)), 0, 0.0, "s") is True
    assert files(tmp_path) == {"clients/a.json": b"{}"}


@pytest.mark.parametrize(("there", "left"), [(None, ONE.encode()), (TWO.encode(), TWO.encode())])
def test_a_number_that_was_a_name_stays_that_of_the_first(
    copy: Copy, tmp_path: Path, there: bytes | None, left: bytes
) -> None:
    if there is not None:
        put(tmp_path / SECOND_HINT, there)
    copy.apply(changes(replace(account(ADA, number=2), content=None)), 0, 0.0, "s")
    assert files(tmp_path) == {SECOND_HINT: left}


def test_the_default_of_each_provider_is_the_stores(copy: Copy, tmp_path: Path) -> None:
    def defaults(**of: str) -> dict[str, bytes]:
        assert copy.apply(changes(account(ADA), defaults={"../x": ONE, **of}), 0, 0.0, "s") is True
        return {path: text for path, text in files(tmp_path).items() if not path.endswith((".json", ".alias"))}

    assert defaults() == {}
    assert defaults(linear=ONE, other=TWO) == {
        "accounts/linear/default": ONE.encode(),
        "accounts/other/default": TWO.encode(),
    }
    assert defaults(linear="-") == {"accounts/linear/default": b"none"}
    assert defaults(linear=TWO) == {"accounts/linear/default": TWO.encode()}
    assert defaults() == {}


@pytest.mark.parametrize(
    ("default", "why"),
    [
        ("-", "linear has no default account any more."),
        (TWO, "The default account of linear is not for this role of the database."),
    ],
)
def test_a_provider_that_stands_for_no_account_is_refused_with_the_reason(copy: Copy, default: str, why: str) -> None:
    copy.apply(changes(account(ADA), defaults={"linear": default}), 0, 0.0, "s")
    assert copy.no_default([ADA]).message == f"{why} There is linear/ada."


@pytest.mark.parametrize(
    ("address", "name"),
    [("postgresql://memory", "333c6f0ea636083b"), ("postgresql://\udcff", "a19c0f79382cc92f")],
)
def test_each_store_has_a_copy_of_its_own(address: str, name: str) -> None:
    home = Home(data="/data", service="gumauth", older_locks="/older")
    assert mirror_home(home, address) == Home(data=os.path.join("/data", "shared", name), service="gumauth")
