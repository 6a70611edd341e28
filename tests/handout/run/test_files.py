"""The folder with the files of `NAME@=`."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from gumauth.errors import HomeError
from gumauth.handout.run import files
from gumauth.handout.run.start_keeper import file_names

pytestmark = pytest.mark.requirement("H10")


def test_they_are_in_the_runtime_folder_if_that_is_ours_alone(tmp_path: Path) -> None:
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    assert files.place({"XDG_RUNTIME_DIR": str(runtime)}, "/data") == f"{runtime}/gumauth"


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_a_runtime_folder_that_others_can_look_into_is_not_used(tmp_path: Path, mode: int) -> None:
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    runtime.chmod(mode)
    assert str(runtime) not in files.place({"XDG_RUNTIME_DIR": str(runtime)}, "/data")


@pytest.mark.parametrize("named", ["", "relative", "/no/such/folder", "/dev/null"])
def test_without_one_they_are_in_the_systems_or_in_the_data_folder(named: str) -> None:
    assert files.place({"XDG_RUNTIME_DIR": named}, "/data") in ("/data/run", f"/run/user/{os.geteuid()}/gumauth")


def test_folder_and_files_are_for_their_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        folder, lock = files.make(str(tmp_path / "above"))
        files.put(f"{folder}/T", "a-token")
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(os.stat(path).st_mode) for path in (tmp_path / "above", folder, f"{folder}/T")]
    assert modes == [0o700, 0o700, 0o600]
    assert Path(folder, "T").read_bytes() == b"a-token"
    lock.release()


def test_what_a_killed_run_has_left_is_removed_by_the_next(tmp_path: Path) -> None:
    above = tmp_path / "above"
    living, lock = files.make(str(above))
    dead, killed = files.make(str(above))
    for folder in (living, dead):
        files.put(f"{folder}/T", "a-token")
    killed.release()
    (above / "half-made").mkdir()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    (above / "link").symlink_to(outside)
    new, own = files.make(str(above))
    assert {path.name for path in above.iterdir()} == {".lock", "link", os.path.basename(living), os.path.basename(new)}
    assert (outside / "kept").exists()
    assert Path(living, "T").exists()
    lock.release()
    own.release()


def test_a_folder_that_is_gone_already_is_no_error(tmp_path: Path) -> None:
    files.remove(str(tmp_path / "gone"))


def test_what_the_command_puts_beside_its_files_keeps_no_token_there(tmp_path: Path) -> None:
    folder, lock = files.make(str(tmp_path / "above"))
    for name in ("A", "B", "C", "D"):
        files.put(f"{folder}/{name}", "a-token")
        Path(folder, f"{name}.cache").mkdir()
    with pytest.raises(HomeError, match="not empty"):
        files.remove(folder)
    assert sorted(os.listdir(folder)) == ["A.cache", "B.cache", "C.cache", "D.cache"]
    lock.release()


def test_two_variables_have_two_files_also_where_the_disk_knows_no_case() -> None:
    assert file_names(["TOKEN", "Token", "OTHER", "token"]) == {
        "TOKEN": "TOKEN",
        "Token": "Token.1",
        "OTHER": "OTHER",
        "token": "token.3",
    }
