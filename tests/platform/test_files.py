"""How files of gumauth's own are read and written."""

from __future__ import annotations

import errno
import os
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gumauth.errors import HomeError
from gumauth.platform.files import LARGEST, make_folder, read_file, read_named, remove_file, write_file

ROOT_MAY_WRITE_ANYWHERE = hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.mark.requirement("S6", "K3")
def test_files_and_folders_are_for_their_owner_only_from_the_start(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_file(str(tmp_path / "a" / "b" / "c.json"), b"{}")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "a" / "b" / "c.json").stat().st_mode) == 0o600


@pytest.mark.requirement("S6")
def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"of somebody else")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(HomeError):
        read_file(str(tmp_path / "link"))
    write_file(str(tmp_path / "link"), b"mine")
    assert (tmp_path / "real").read_bytes() == b"of somebody else"
    assert not (tmp_path / "link").is_symlink()


@pytest.mark.requirement("K3")
def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    """The file size limit stands in for a full disk: the kernel stops the write in the middle."""
    path = tmp_path / "kept.json"
    write_file(str(path), b"old")
    code = (
        "import resource, signal, sys; from gumauth.platform.files import write_file\n"
        "from gumauth.errors import HomeError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "try:\n    write_file(sys.argv[1], b'x' * 5000)\nexcept HomeError as e:\n    print(e.message)\n"
    )
    said = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert "File too large" in said.stdout
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["kept.json"]


def test_a_missing_file_is_none_and_removing_it_is_no_error(tmp_path: Path) -> None:
    assert read_file(str(tmp_path / "no")) is None
    remove_file(str(tmp_path / "no"))


def test_what_is_larger_than_the_limit_is_not_read_in_part(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * 100)
    assert read_file(str(tmp_path / "big"), 100) == b"x" * 100
    with pytest.raises(HomeError, match="File too large"):
        read_file(str(tmp_path / "big"), 99)


@pytest.mark.requirement("Y2")
def test_what_can_be_written_can_be_read_and_nothing_else_is_written(tmp_path: Path) -> None:
    """One limit for both: a larger file would be lost at its first reading."""
    path = str(tmp_path / "largest")
    write_file(path, b"x" * LARGEST)
    assert read_file(path) == b"x" * LARGEST
    with pytest.raises(HomeError, match="File too large"):
        write_file(path, b"y" * (LARGEST + 1))
    assert read_file(path) == b"x" * LARGEST


@pytest.mark.requirement("Y8")
@pytest.mark.parametrize("kind", ["pipe", "socket", "folder"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "odd"
    with socket.socket(socket.AF_UNIX) as other:
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "socket":
            other.bind(str(path))
        else:
            path.mkdir()
        began = time.monotonic()
        with pytest.raises(HomeError, match="cannot be used"):
            read_file(str(path))
    assert time.monotonic() - began < 1


@pytest.mark.requirement("Y8")
def test_a_file_that_the_person_names_may_be_a_link_or_a_pipe_that_ends(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"NAME=value")
    (tmp_path / "link").symlink_to("real")
    assert read_named(str(tmp_path / "link"), 100) == b"NAME=value"
    reader, writer = os.pipe()
    try:
        os.write(writer, b"NAME=value")
        os.close(writer)
        assert read_named(f"/dev/fd/{reader}", 100) == b"NAME=value"
    finally:
        os.close(reader)


@pytest.mark.requirement("Y8")
def test_a_pipe_that_nobody_writes_to_is_not_waited_for_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gumauth.platform.files.PIPE_SECONDS", 0.2)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="did not come to its end"):
        read_named(str(tmp_path / "pipe"), 100)


@pytest.mark.requirement("Y8")
@pytest.mark.parametrize("kind", ["file", "pipe"])
def test_a_file_that_the_person_names_has_a_limit(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "big"
    if kind == "file":
        path.write_bytes(b"x" * 101)
    else:
        os.mkfifo(path)
        reader = os.open(path, os.O_RDWR)  # so that writing does not wait for somebody who reads
        os.write(reader, b"x" * 101)
    with pytest.raises(OSError, match="File too large"):
        read_named(str(path), 100)
    if kind == "pipe":
        os.close(reader)


@pytest.mark.requirement("K11")
@pytest.mark.parametrize("rest", ["/a" * 3000, "/a/" + "b" * 300])
def test_nothing_is_left_of_a_folder_whose_path_is_too_long(tmp_path: Path, rest: str) -> None:
    with pytest.raises(HomeError, match="cannot be used"):
        make_folder(f"{tmp_path}{rest}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.requirement("K11")
def test_a_file_in_the_place_of_a_folder_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"")
    with pytest.raises(HomeError, match="cannot be used"):
        make_folder(str(tmp_path / "f" / "below"))
    with pytest.raises(HomeError):
        remove_file(str(tmp_path))


@pytest.mark.requirement("K3", "K11")
def test_a_file_system_without_fsync_of_folders_is_good_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CIFS and some of FUSE say EINVAL; what else is said of the folder is an error."""
    fsync, says = os.fsync, [errno.EINVAL]

    def picky(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(says[0], os.strerror(says[0]))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", picky)
    write_file(str(tmp_path / "a.json"), b"new")
    assert read_file(str(tmp_path / "a.json")) == b"new"
    says[0] = errno.EIO
    with pytest.raises(HomeError, match="Input/output error"):
        write_file(str(tmp_path / "a.json"), b"newer")
