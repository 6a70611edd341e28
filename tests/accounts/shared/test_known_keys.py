"""What a machine remembers of the store's data keys, and that what was replaced is not believed again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gumauth.accounts.shared.keys import MachineKey, new_keys
from gumauth.accounts.shared.known_keys import KnownKeys, Seen, check
from gumauth.errors import RecordCorrupt
from tests.accounts.shared.fleet import Fleet

pytestmark = pytest.mark.requirement("T3")


def looked(folder: Path, *looks: str) -> Seen:
    """What is known after looks at a store that had these keys, one letter each."""
    known = KnownKeys(str(folder / "keys.json"))
    for look in looks:
        known.learn(known.read(), tuple(look))
    return known.read()


@pytest.mark.parametrize(
    ("looks", "present", "replaced"),
    [
        ([], "", ""),
        (["a"], "a", ""),
        (["a", "ab"], "ab", ""),
        (["a", "ab", "b"], "b", "a"),
        (["a", "b", "c"], "c", "ab"),
        (["ab", "b", "ab", "b"], "b", "a"),
    ],
)
def test_a_key_that_is_not_there_any_more_was_replaced(
    tmp_path: Path, looks: list[str], present: str, replaced: str
) -> None:
    assert looked(tmp_path, *looks) == Seen(present=tuple(present), replaced=tuple(replaced))


def test_a_key_that_was_replaced_is_refused_in_words() -> None:
    check(Seen(present=("b",), replaced=("a",)), ["b", "c"])
    for present in (["a"], ["a", "b"], ["b", "a"]):
        with pytest.raises(RecordCorrupt) as caught:
            check(Seen(present=("b",), replaced=("a",)), present)
        assert caught.value.exit_code == 6
        assert "has a key again that was replaced" in caught.value.message
        assert "`gumauth store rekey FILE`" in (caught.value.hint or "")


def test_what_is_known_already_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    known = KnownKeys(str(path))
    known.learn(known.read(), ["a", "b"])
    assert path.read_bytes() == b'{"version": 1, "present": ["a", "b"], "replaced": []}\n'
    os.utime(path, ns=(0, 0))
    known.learn(known.read(), ["a", "b"])
    assert path.stat().st_mtime_ns == 0


def test_what_cannot_be_written_is_learned_the_next_time(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    KnownKeys(str(tmp_path / "file" / "keys.json")).learn(Seen(), ("a",))
    assert looked(tmp_path, "a") == Seen(present=("a",))


@pytest.mark.parametrize("content", ["", "{", '{"version": 1, "present": 1}', '{"version": 1}'])
def test_a_damaged_file_is_written_anew(tmp_path: Path, content: str) -> None:
    (tmp_path / "keys.json").write_text(content)
    assert looked(tmp_path) == Seen()
    assert looked(tmp_path, "a") == Seen(present=("a",))


def test_a_process_that_asked_before_a_key_was_made_does_not_say_that_it_was_replaced(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    machine, keys = fleet.machine("a"), fleet.memory.rows.sealed_keys
    early = machine.process()
    assert early.session.keys.all == (keys[0].data_key,)
    keys += new_keys(MachineKey(fleet.key_file.read_bytes()), fleet.memory.store)
    machine.process().update_now()
    early.update_now()
    seen = KnownKeys(f"{early.home.data}/keys.json").read()
    assert (seen.present, seen.replaced) == ((keys[0].data_key, keys[2].data_key), ())
    first, keys[:] = keys[0].data_key, keys[2:]
    early.update_now()  # it has asked before that
    assert KnownKeys(f"{early.home.data}/keys.json").read().replaced == ()
    machine.process().update_now()
    assert KnownKeys(f"{early.home.data}/keys.json").read().replaced == (first,)
