"""A key is changed: at each moment every machine with a key that is to work has one that opens everything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gumauth.accounts.shared import rekey
from gumauth.accounts.shared.keys import DataKeys, MachineKey, new_keys
from gumauth.errors import PassphraseError, StoreError
from tests.accounts.shared.fleet import Fleet, Machine
from tests.accounts.shared.memory_administered import AdministeredMemory
from tests.accounts.shared.memory_engine import Hear, Kept
from tests.accounts.shared.refreshing import KEY, Killed, Provider, connect

pytestmark = pytest.mark.requirement("T3")

ENVIRON = {"GUMAUTH_KEY_FILE": "/keys/mine"}
ENTRY = "client/linear"


class Scene:
    """A store with an account and an entry, its key, and another that is to replace it."""

    def __init__(self, folder: Path) -> None:
        self.fleet = Fleet(folder)
        self.old = MachineKey(self.fleet.key_file.read_bytes())
        self.new_file = folder / "new"
        self.new_file.touch(mode=0o600)
        self.new_file.write_bytes(os.urandom(32))
        self.new = MachineKey(self.new_file.read_bytes())
        self.hear: Hear = lambda _what, _when: None
        connect(self.fleet.machine("a"), Provider())
        self.fleet.machine("a").process().entries.set(ENTRY, "s3cret")
        self.first = self.fleet.memory.rows.sealed_keys[0].data_key

    def engine(self) -> AdministeredMemory:
        return AdministeredMemory(
            self.fleet.memory,
            machine="admin",
            holder="admin",
            clock=self.fleet.clock,
            hear=lambda what, when: self.hear(what, when),
        )

    def begin(self) -> None:
        begin(self, self.old, self.new)

    def finish(self, key: MachineKey | None = None) -> int | None:
        return rekey.finish(self.engine(), key or self.new, ENVIRON)

    def reads(self, file: Path) -> bool:
        """Whether a machine that comes with this key file has the account whole, and the entry."""
        machine: Machine = self.fleet.machine(f"of {os.urandom(4).hex()}", key_file=file)
        try:
            accounts = machine.process()
            account = accounts.find("linear")
            return bool(accounts.take_whole(account)[1].refresh_token) and accounts.entries.get(ENTRY) == "s3cret"
        except PassphraseError:
            return False

    def opened_by(self) -> tuple[bool, bool]:
        """Whether the old key opens everything, and whether the new one does."""
        return self.reads(self.fleet.key_file), self.reads(self.new_file)


def begin(scene: Scene, old: MachineKey, new: MachineKey) -> None:
    engine = scene.engine()
    rekey.begin(engine, DataKeys(old, engine.welcome(old.all_ids), ENVIRON), old, new)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_both_keys_open_everything_until_the_old_one_is_forgotten(scene: Scene) -> None:
    assert scene.opened_by() == (True, False)
    for _ in range(2):
        scene.begin()
        assert scene.opened_by() == (True, True)
    assert scene.finish() == 2
    assert scene.opened_by() == (False, True)
    (fresh,) = {key.data_key for key in scene.fleet.memory.rows.sealed_keys}
    assert fresh != scene.first
    assert len(scene.fleet.memory.rows.sealed_keys) == 2
    assert scene.finish() is None
    assert {key.data_key for key in scene.fleet.memory.rows.sealed_keys} == {fresh}


def test_a_key_does_not_replace_itself(scene: Scene) -> None:
    before = list(scene.fleet.memory.rows.sealed_keys)
    with pytest.raises(PassphraseError, match="the key that the database has already; nothing was changed"):
        begin(scene, scene.old, scene.old)
    assert scene.fleet.memory.rows.sealed_keys == before
    assert scene.finish(scene.old) is None


def test_only_a_key_that_opens_every_data_key_can_be_replaced_or_stay_alone(scene: Scene) -> None:
    other = MachineKey(os.urandom(32))
    scene.fleet.memory.rows.sealed_keys += new_keys(other, "memory")
    for key in (scene.old, other):
        with pytest.raises(PassphraseError):
            begin(scene, key, scene.new)
        with pytest.raises(PassphraseError):
            scene.finish(key)
    assert scene.opened_by() == (True, False)


@pytest.mark.parametrize("kind", ["access", "refresh"])
def test_each_kind_of_every_data_key_has_to_be_opened(scene: Scene, kind: str) -> None:
    scene.begin()
    rows = scene.fleet.memory.rows
    rows.sealed_keys[:] = [
        key for key in rows.sealed_keys if key.kind != kind or key.key_id not in scene.new.all_ids
    ] + [key for key in rows.sealed_keys if key.kind != kind and key.key_id in scene.new.all_ids]
    with pytest.raises(PassphraseError):
        scene.finish()
    assert {key.data_key for key in rows.sealed_keys} == {scene.first}


def test_the_key_that_is_being_replaced_does_not_finish(scene: Scene) -> None:
    scene.begin()
    with pytest.raises(
        PassphraseError, match=r"^The key of GUMAUTH_KEY_FILE is the one that is being replaced; nothing was changed\."
    ):
        scene.finish(scene.old)
    assert scene.opened_by() == (True, True)
    rows = scene.fleet.memory.rows
    rows.sealed_keys.append(rows.sealed_keys.pop(0))
    with pytest.raises(PassphraseError, match="is the one that is being replaced"):
        scene.finish()


def test_two_data_keys_of_one_key_become_one(scene: Scene) -> None:
    """As a change leaves them that was killed before the end."""
    rows = scene.fleet.memory.rows
    rows.sealed_keys += new_keys(scene.old, "memory")
    assert scene.finish(scene.old) == 2
    assert len(rows.sealed_keys) == 2
    assert scene.opened_by() == (True, False)


def test_of_two_new_keys_the_one_that_was_added_last_finishes(scene: Scene) -> None:
    third = MachineKey(os.urandom(32))
    scene.begin()
    begin(scene, scene.old, third)
    with pytest.raises(PassphraseError, match="is being replaced"):
        scene.finish()
    scene.begin()
    assert scene.finish() == 2
    assert scene.opened_by() == (False, True)


def test_killed_at_any_question_it_is_run_again(tmp_path: Path) -> None:
    killed, at = True, 0
    while killed:
        folder = tmp_path / str(at)
        folder.mkdir()
        scene = Scene(folder)
        scene.begin()
        left = [at]

        def hear(_what: str, _when: str, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise Killed

        scene.hear = hear
        try:
            scene.finish()
            killed = False
        except Killed:
            assert scene.reads(scene.new_file)
        scene.hear = lambda _what, _when: None
        scene.finish()
        assert scene.opened_by() == (False, True)
        assert len(scene.fleet.memory.rows.sealed_keys) == 2
        at += 3
    assert at > 15


def test_what_is_written_under_another_key_meanwhile_is_sealed_anew_in_the_next_round(scene: Scene) -> None:
    scene.begin()
    before = dict(scene.fleet.memory.rows.entries)
    rounds: list[str] = []

    def hear(what: str, when: str) -> None:
        if (what, when) == ("drop_keys", "before"):
            rounds.append(what)
            if len(rounds) < 3:
                scene.fleet.memory.rows.entries.update(before)

    scene.hear = hear
    assert scene.finish() == 4
    assert (len(rounds), scene.opened_by()) == (3, (False, True))


def test_where_others_write_all_the_time_the_old_key_is_kept(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rekey.ROUNDS == 100
    monkeypatch.setattr(rekey, "ROUNDS", 3)
    scene.begin()
    before, rounds = dict(scene.fleet.memory.rows.entries), list[str]()

    def hear(what: str, when: str) -> None:
        if (what, when) == ("drop_keys", "before"):
            rounds.append(what)
            scene.fleet.memory.rows.entries.update(before)

    scene.hear = hear
    with pytest.raises(StoreError, match="wrote all the time; the old key was kept"):
        scene.finish()
    assert (len(rounds), scene.reads(scene.new_file)) == (3, True)
    assert scene.first in {key.data_key for key in scene.fleet.memory.rows.sealed_keys}


@pytest.mark.parametrize("what", ["take", "entry"])
@pytest.mark.parametrize("change", ["gone", "written"])
def test_what_changes_between_two_questions_is_left_as_it_is(scene: Scene, what: str, change: str) -> None:
    """It is looked at in the next round."""
    scene.begin()
    rows, changed = scene.fleet.memory.rows, list[str]()

    def hear(asked: str, when: str) -> None:
        if asked != what or changed or when == ("before" if change == "written" else "after"):
            return
        changed.append(asked)
        if what == "entry":
            if change == "gone":
                rows.entries.pop(ENTRY)
            else:
                scene.hear = lambda _what, _when: None
                scene.fleet.machine("a").process().entries.set(ENTRY, "s3cret")
        else:
            kept = rows.accounts[KEY]
            if change == "gone":
                rows.accounts[KEY] = Kept(number=kept.number, generation=kept.generation + 1, change=kept.change)
            else:
                scene.hear = lambda _what, _when: None
                accounts = scene.fleet.machine("a").process()
                account = accounts.find("linear")
                with accounts.locked(account) as locked:
                    account, record = locked.settle(account)
                    locked.put(account, record)
                    locked.commit(account)

    scene.hear = hear
    scene.finish()
    assert (changed, {key.key_id for key in rows.sealed_keys} <= set(scene.new.all_ids)) == ([what], True)
    if change == "written":
        assert scene.opened_by() == (False, True)


def test_an_account_or_entry_that_is_gone_when_it_is_read_is_passed_over(scene: Scene) -> None:
    scene.begin()
    rows = scene.fleet.memory.rows

    def hear(what: str, when: str) -> None:
        if (what, when) == ("to_reseal", "after"):
            rows.accounts.clear()
            rows.entries.clear()

    scene.hear = hear
    assert scene.finish() == 0
    assert {key.key_id for key in rows.sealed_keys} <= set(scene.new.all_ids)


def test_where_something_does_not_open_the_old_key_is_kept_and_all_of_it_is_named(scene: Scene) -> None:
    scene.begin()
    rows = scene.fleet.memory.rows
    kept = rows.accounts[KEY]
    rows.accounts["linear/" + "0" * 16] = Kept(**{**vars(kept), "content": '{"version": 99}'})
    rows.accounts["linear/" + "1" * 16] = Kept(**{**vars(kept), "content": "{}"})
    rows.entries["client/evil"] = rows.entries[ENTRY]
    with pytest.raises(StoreError) as raised:
        scene.finish()
    assert raised.value.message == (
        "linear/0000000000000000, linear/1111111111111111, client/evil in the database cannot be opened, and so not be"
        " sealed anew; the old key was kept."
    )
    assert scene.first in {key.data_key for key in rows.sealed_keys}
    assert scene.reads(scene.new_file)
