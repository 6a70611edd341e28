"""A keyring under every name that one data folder's entries have had."""

from __future__ import annotations

import json
import os
import shutil
from collections import defaultdict
from pathlib import Path

import pytest

from gumauth.errors import StoreError
from gumauth.platform.folders import Home, locate
from gumauth.store.interface import Store
from gumauth.store.named import NamedStore
from tests.store.contract import StoreContract
from tests.store.memory import MemoryStore

KEY = "linear/00000000000000aa/a"


class Keyring(defaultdict[str, MemoryStore]):
    """What outlives every folder: entries by the name of the service, then by key."""

    def __init__(self) -> None:
        super().__init__(MemoryStore)

    def by(self, home: Home) -> NamedStore:
        return NamedStore(home, self.__getitem__)

    def holds(self) -> dict[str, list[str]]:
        return {service: store.keys() for service, store in self.items() if store.keys()}


@pytest.fixture
def keyring() -> Keyring:
    return Keyring()


def at(path: Path) -> Home:
    """The folder as GUMAUTH_HOME names it."""
    return locate({"GUMAUTH_HOME": str(path), "HOME": str(path.parent)})


class TestOfOneName(StoreContract):
    """A folder that was never moved keeps the contract."""

    @pytest.fixture
    def store(self, tmp_path: Path, keyring: Keyring) -> Store:
        return keyring.by(at(tmp_path / "g"))


class TestOfTwoNames(StoreContract):
    """A folder that a link leads to, as an older gumauth named it, keeps the contract too."""

    @pytest.fixture
    def store(self, tmp_path: Path, keyring: Keyring) -> Store:
        (tmp_path / "real").mkdir()
        (tmp_path / "link").symlink_to("real")
        return keyring.by(at(tmp_path / "link"))


@pytest.mark.requirement("Y5")
def test_what_an_older_gumauth_wrote_by_a_link_is_found_and_carried_over(tmp_path: Path, keyring: Keyring) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    real, link = f"gumauth {tmp_path}/real", f"gumauth {tmp_path}/link"
    keyring[link].set(KEY, "older")
    store = keyring.by(at(tmp_path / "link"))
    assert store.get(KEY) == "older"
    store.set(KEY, "newer")
    assert keyring.holds() == {real: [KEY]}
    assert keyring.by(at(tmp_path / "real")).get(KEY) == "newer"


@pytest.mark.requirement("Y5")
def test_once_something_was_written_by_a_link_all_of_it_is_found_without(tmp_path: Path, keyring: Keyring) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    keyring[f"gumauth {tmp_path}/link"].set(KEY, "older")
    assert keyring.by(at(tmp_path / "real")).get(KEY) is None
    keyring.by(at(tmp_path / "link")).set("linear/00000000000000bb/a", "another's")
    assert keyring.by(at(tmp_path / "real")).get(KEY) == "older"


@pytest.mark.requirement("Y5", "L1")
def test_what_is_deleted_is_gone_under_every_name(tmp_path: Path, keyring: Keyring) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    keyring[f"gumauth {tmp_path}/link"].set(KEY, "older")
    keyring.by(at(tmp_path / "link")).delete(KEY)
    assert keyring.holds() == {}


@pytest.mark.requirement("Y5")
def test_a_folder_that_was_moved_finds_its_entries(tmp_path: Path, keyring: Keyring) -> None:
    keyring.by(at(tmp_path / "before")).set(KEY, "kept")
    shutil.move(tmp_path / "before", tmp_path / "after")
    store = keyring.by(at(tmp_path / "after"))
    assert store.get(KEY) == "kept"
    store.set(KEY, "new")
    assert keyring.holds() == {f"gumauth {tmp_path}/after": [KEY]}
    shutil.move(tmp_path / "after", tmp_path / "third")
    assert keyring.by(at(tmp_path / "third")).get(KEY) == "new"


@pytest.mark.requirement("Y5")
def test_the_usual_folder_finds_its_entries_where_gumauth_home_names_it_afterwards(
    tmp_path: Path, keyring: Keyring
) -> None:
    usual = locate({"HOME": str(tmp_path)})
    keyring.by(usual).set(KEY, "kept")
    assert keyring.holds() == {"gumauth": [KEY]}
    shutil.move(usual.data, tmp_path / "g")
    assert keyring.by(at(tmp_path / "g")).get(KEY) == "kept"


@pytest.mark.requirement("Y5")
def test_a_folder_that_was_moved_is_known_also_where_another_has_taken_its_place(
    tmp_path: Path, keyring: Keyring
) -> None:
    """Docker makes the folder that it mounts, and a timer connects where nothing is left."""
    keyring.by(at(tmp_path / "before")).set(KEY, "kept")
    shutil.move(tmp_path / "before", tmp_path / "after")
    (tmp_path / "before").mkdir()
    assert keyring.by(at(tmp_path / "after")).get(KEY) == "kept"


@pytest.mark.requirement("Y5")
def test_a_copy_of_a_folder_leaves_the_entries_of_the_first_alone(tmp_path: Path, keyring: Keyring) -> None:
    """Two lists with one grant would refresh it without a common lock."""
    keyring.by(at(tmp_path / "first")).set(KEY, "the first one's")
    shutil.copytree(tmp_path / "first", tmp_path / "copy")
    copy = keyring.by(at(tmp_path / "copy"))
    assert copy.get(KEY) is None
    copy.delete(KEY)
    copy.set(KEY, "the copy's")
    assert keyring.by(at(tmp_path / "first")).get(KEY) == "the first one's"
    assert keyring.by(at(tmp_path / "copy")).get(KEY) == "the copy's"


@pytest.mark.requirement("K3", "Y6")
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b'{"folder": 1, "inode": 1, "services": []}',
        b'{"folder": "/x", "inode": 1, "services": "gumauth"}',
        None,
    ],
)
def test_what_the_folder_remembers_may_be_damaged(tmp_path: Path, keyring: Keyring, content: bytes | None) -> None:
    home = at(tmp_path / "g")
    keyring.by(home).set(KEY, "kept")
    path = Path(home.data) / "keyring.json"
    path.unlink()
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    store = keyring.by(home)
    assert store.get(KEY) == "kept"
    store.set(KEY, "new")
    assert store.get(KEY) == "new"


def test_the_names_are_written_once(tmp_path: Path, keyring: Keyring) -> None:
    home = at(tmp_path / "g")
    store = keyring.by(home)
    store.set(KEY, "one")
    path = Path(home.data) / "keyring.json"
    inode = os.stat(home.data).st_ino
    assert json.loads(path.read_text()) == {
        "version": 1,
        "folder": home.data,
        "inode": inode,
        "services": [home.service],
    }
    before = os.stat(path)
    store.set(KEY, "two")
    keyring.by(home).set(KEY, "three")
    assert os.stat(path) == before


@pytest.mark.requirement("Y5")
def test_an_older_entry_that_cannot_be_deleted_does_not_come_back(tmp_path: Path, keyring: Keyring) -> None:
    class Clinging(MemoryStore):
        """Deletes nothing."""

        def delete(self, key: str) -> None:
            raise StoreError(f"{key} stays.")

    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    keyring[f"gumauth {tmp_path}/link"] = clinging = Clinging()
    clinging.set(KEY, "older")
    store = keyring.by(at(tmp_path / "link"))
    store.set(KEY, "newer")
    assert store.get(KEY) == "newer"
    with pytest.raises(StoreError):
        store.delete(KEY)


def test_a_folder_that_was_moved_often_does_not_look_everywhere(tmp_path: Path, keyring: Keyring) -> None:
    home = at(tmp_path / "g")
    path = Path(home.data) / "keyring.json"
    path.parent.mkdir()
    older = [f"gumauth {number}" for number in range(30)]
    path.write_text(json.dumps({"version": 1, "folder": home.data, "inode": 1, "services": older}))
    keyring.by(home).set(KEY, "value")
    assert json.loads(path.read_text())["services"] == [home.service, *older[:19]]
