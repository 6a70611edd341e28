"""One run's session with a shared store: what is asked when, and how the machine and its folder are called."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from gumauth.accounts.shared import session as module
from gumauth.accounts.shared.known_keys import KnownKeys
from gumauth.accounts.shared.session import Session, holder, machine_name
from gumauth.errors import Busy, HomeError, PassphraseError, RecordCorrupt
from gumauth.platform.folders import Home
from tests.accounts.shared.fleet import Fleet
from tests.accounts.shared.memory_engine import MemoryEngine

pytestmark = pytest.mark.requirement("T2")


class Scene:
    """A session, and what it has asked."""

    def __init__(self, folder: Path, **environ: str) -> None:
        fleet = Fleet(folder)
        self.made: list[tuple[Mapping[str, str], str, str]] = []
        self.asked: list[str] = []
        self.machine = fleet.machine("a")
        self.machine.hear = lambda what, when: self.asked.append(what) if when == "before" else None
        self.environ = {"GUMAUTH_KEY_FILE": str(fleet.key_file), "GUMAUTH_MACHINE": "ci 7", **environ}
        self.home = Home(data=str(self.machine.folder), service="gumauth")
        self.session = Session(self.environ, self.home, self.make)

    def make(self, environ: Mapping[str, str], machine: str, folder: str) -> MemoryEngine:
        self.made.append((environ, machine, folder))
        return self.machine.engine()


def test_the_engine_is_made_once_and_told_which_machine_and_folder_it_is_for(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    assert scene.session.engine is scene.session.engine
    assert scene.made == [(scene.environ, "ci 7", holder(scene.home.data))]
    assert scene.asked == []


def test_it_is_asked_once_for_what_it_is_and_for_its_keys(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    keys = scene.session.keys
    assert scene.session.welcome.store == keys.store == "memory"
    assert scene.session.keys is keys
    assert scene.asked == ["welcome"]
    other = Scene(tmp_path)
    assert (other.session.welcome.store, other.session.keys.can_refresh) == ("memory", True)
    assert other.asked == ["welcome"]


def test_keys_that_were_added_since_are_asked_for(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    with pytest.raises(PassphraseError):
        scene.session.keys.get("added since", "access")
    assert scene.asked == ["welcome", "welcome"]


@pytest.mark.parametrize(("step", "asked"), [(0.5, 1), (1.0, 1), (1.5, 2), (-1.0, 1), (-1.5, 2)])
def test_the_clocks_are_compared_again_once_this_machines_was_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: float, asked: int
) -> None:
    now = [5000.0, 1000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    monkeypatch.setattr(time, "monotonic", lambda: now[1])
    scene = Scene(tmp_path)
    assert scene.session.welcome.store == "memory"
    now[0] += 1000.0 + step
    now[1] += 1000.0
    for _ in range(2):
        assert scene.session.welcome.store == "memory"
    assert scene.asked == ["welcome"] * asked


def test_without_a_key_the_store_is_not_even_asked(tmp_path: Path) -> None:
    scene = Scene(tmp_path, GUMAUTH_KEY_FILE="")
    with pytest.raises(PassphraseError):
        _ = scene.session.keys
    assert (scene.made, scene.asked) == ([], [])


@pytest.mark.parametrize(
    ("said", "name"), [("ci 7", "ci 7"), ("a\nb\x1b[31m", "a b"), ("n" * 101, "n" * 99 + "…"), ("n" * 100, "n" * 100)]
)
def test_a_machine_is_called_what_it_is_said_to_be_on_one_line(said: str, name: str) -> None:
    assert machine_name({"GUMAUTH_MACHINE": said}) == name


def test_a_machine_is_called_after_its_host_where_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine_name({}) == os.uname().nodename
    monkeypatch.delattr(os, "uname")
    assert machine_name({"COMPUTERNAME": "desk"}) == "desk"
    assert machine_name({}) == "a machine"


def test_a_folder_has_one_name_and_a_copy_of_it_another(tmp_path: Path) -> None:
    folder = tmp_path / "one"
    name = holder(str(folder))
    assert (holder(str(folder)), len(name)) == (name, 32)
    shutil.copytree(folder, tmp_path / "two")
    assert (folder / "machine").read_bytes() == (tmp_path / "two" / "machine").read_bytes()
    assert holder(str(tmp_path / "two")) != name
    assert holder(str(tmp_path / "three")) not in (name, holder(str(tmp_path / "two")))


def test_the_name_is_of_the_folder_the_boot_the_disk_and_the_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "machine").write_bytes(b"mine")
    status = (tmp_path / "machine").stat()
    monkeypatch.setattr(module, "_boot", lambda: b"boot")
    parts = [b"mine", b"boot", f"({status.st_dev}, {status.st_ino})".encode(), os.uname().nodename.encode()]
    assert holder(str(tmp_path)) == hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]
    monkeypatch.setattr(module, "_node", lambda _environ: "\udcff")
    parts[-1] = b"\xff"
    assert holder(str(tmp_path)) == hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]


def test_the_boot_is_the_kernels_name_of_it_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path("/proc/sys/kernel/random/boot_id")
    assert module._boot() == (path.read_bytes().strip() if path.exists() else b"")

    def missing(*_arguments: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(module, "open", missing, raising=False)
    assert module._boot() == b""


def test_a_folder_in_which_nothing_can_be_kept_has_a_name_for_one_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: str, _content: bytes) -> None:
        raise HomeError("machine cannot be written.")

    monkeypatch.setattr(module, "write_file", full)
    first, second = holder(str(tmp_path)), holder(str(tmp_path))
    assert (len(first), len(second), first == second) == (32, 32, False)


@pytest.mark.parametrize("fault", ["busy", "gone"])
def test_so_has_one_that_another_process_keeps_or_removes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    waited: list[float] = []

    def busy(_path: str, *, timeout: float, what: str) -> None:
        waited.append(timeout)
        raise Busy(f"Another process has {what}.")

    def gone(_path: str) -> None:
        raise FileNotFoundError

    if fault == "gone":
        holder(str(tmp_path))
    with monkeypatch.context() as patched:
        if fault == "busy":
            patched.setattr(module, "Lock", busy)
        else:
            patched.setattr(os, "stat", gone)
        first, second = holder(str(tmp_path)), holder(str(tmp_path))
    assert (len(first), len(second), first == second) == (32, 32, False)
    assert waited == ([5.0, 5.0] if fault == "busy" else [])


def test_the_keys_that_there_are_are_remembered_in_the_folder(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.session.learn_keys()
    assert scene.session.keys.newest in (tmp_path / "a" / "keys.json").read_text()


def test_the_store_is_asked_again_only_where_another_process_has_learned_of_other_keys(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    for _ in range(2):
        scene.session.learn_keys()
    assert scene.asked == ["welcome"]
    known = KnownKeys(str(tmp_path / "a" / "keys.json"))
    known.learn(known.read(), [scene.session.keys.newest, "made since"])
    scene.session.learn_keys()
    assert scene.asked == ["welcome", "welcome"]


def test_a_key_that_was_replaced_is_not_used_again(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.session.learn_keys()
    known = KnownKeys(str(tmp_path / "a" / "keys.json"))
    known.learn(known.read(), ["another"])
    with pytest.raises(RecordCorrupt, match="has a key again that was replaced"):
        _ = Session(scene.environ, scene.home, scene.make).keys


def test_of_two_processes_that_name_a_folder_the_first_does(tmp_path: Path) -> None:
    path = str(tmp_path / "machine")
    first = module._new_holder(path)
    assert (len(first), (tmp_path / "machine").read_bytes()) == (32, first)
    assert module._new_holder(path) == first
    assert [each.name for each in (tmp_path / "locks").iterdir()] == ["machine.lock"]
