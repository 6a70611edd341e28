"""Key files: whole, their owner's, and never in the place of another."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from gumauth.accounts.shared import key_files
from gumauth.accounts.shared.key_files import full_path, is_there, make_key_file
from gumauth.errors import StoreError

pytestmark = pytest.mark.requirement("T3")

KEY = bytes(range(32))


def test_a_key_file_is_made_for_its_owner_with_folders_that_are_missing(tmp_path: Path) -> None:
    path = tmp_path / "new" / "key"
    assert make_key_file(str(path), KEY) is True
    assert path.read_bytes() == KEY
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["key"]


@pytest.mark.parametrize("kind", ["a file", "a link to nothing"])
def test_what_is_there_is_left_as_it_is(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "key"
    if kind == "a file":
        path.write_bytes(b"older")
    else:
        path.symlink_to(tmp_path / "nothing")
    assert is_there(str(path)) is True
    assert make_key_file(str(path), KEY) is False
    assert [each.name for each in tmp_path.iterdir()] == ["key"]
    assert path.is_symlink() or path.read_bytes() == b"older"
    assert is_there(str(tmp_path / "nothing")) is False


def test_the_key_has_its_name_only_once_it_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, seen, fsync = tmp_path / "key", list[tuple[bool, bytes]](), os.fsync

    def synced(handle: int) -> None:
        (temporary,) = tmp_path.glob("key.*.tmp")
        seen.append((path.exists(), temporary.read_bytes()))
        fsync(handle)

    folders: list[str] = []
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", synced)
        patched.setattr(key_files, "sync_folder", folders.append)
        make_key_file(str(path), KEY)
    assert seen == [(False, KEY)]
    assert folders == [str(tmp_path)]


@pytest.mark.parametrize("kind", ["a file", "a link"])
def test_a_temporary_file_of_another_is_never_written_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Nor where a link leads."""
    temporary, aim = tmp_path / "key.00000000.tmp", tmp_path / "aim"
    aim.write_bytes(b"theirs")
    if kind == "a link":
        temporary.symlink_to(aim)
    else:
        temporary.write_bytes(b"theirs")
    monkeypatch.setattr(os, "urandom", bytes)
    with pytest.raises(StoreError, match=r"key cannot be written: File exists\."):
        make_key_file(str(tmp_path / "key"), KEY)
    assert (temporary.read_bytes(), aim.read_bytes()) == (b"theirs", b"theirs")


def test_a_disk_that_is_full_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int, _key: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(key_files, "write_all", full)
    with pytest.raises(StoreError, match=r"key cannot be written: No space left on device\."):
        make_key_file(str(tmp_path / "key"), KEY)
    assert list(tmp_path.iterdir()) == []

    def odd(_handle: int, _key: bytes) -> None:
        raise OSError("odd")

    monkeypatch.setattr(key_files, "write_all", odd)
    with pytest.raises(StoreError, match=r"key cannot be written: OSError\."):
        make_key_file(str(tmp_path / "key"), KEY)


def test_the_home_directory_and_this_folder_are_where_people_mean_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert full_path("~/key") == full_path("key") == str(tmp_path / "key")
    assert make_key_file("~/key", KEY) is True
    assert (tmp_path / "key").read_bytes() == KEY
    assert is_there("~/key") is True


def test_nothing_stays_open(tmp_path: Path) -> None:
    free = os.dup(0)
    os.close(free)
    make_key_file(str(tmp_path / "key"), KEY)
    make_key_file(str(tmp_path / "key"), KEY)
    after = os.dup(0)
    os.close(after)
    assert after == free
