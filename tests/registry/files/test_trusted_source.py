"""A provider file that others can write, or that is no file, is not run."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gumauth.errors import ProviderFileError
from gumauth.registry.files.runner import load
from tests.own_imports import own_imports as own_imports
from tests.parts.need import need
from tests.registry.files.conftest import FILE


@pytest.mark.parametrize("path", ["missing.py", ".", "auth.py/x.py", "a\x00.py", "\udcff/auth.py"])
def test_what_cannot_be_read_is_said(file: Path, path: str) -> None:
    with pytest.raises(ProviderFileError, match="cannot be read"):
        load(os.path.join(file.parent, path), None)


def test_what_is_no_file_or_too_large_is_not_run(file: Path) -> None:
    with pytest.raises(ProviderFileError, match="it is not a file"):
        load(os.devnull, None)
    file.write_bytes(b"#" * (1048576 + 1))
    with pytest.raises(ProviderFileError, match="larger than 1 MiB"):
        load(str(file), None)


@pytest.mark.requirement("P3")
def test_a_file_that_others_can_write_is_not_run(file: Path) -> None:
    file.write_text("raise AssertionError('it was run')")
    file.chmod(0o646)
    with pytest.raises(ProviderFileError, match="other users can write it") as caught:
        load(str(file), None)
    assert caught.value.hint == f"Take that right away: chmod o-w {file}"


@pytest.mark.requirement("P3")
def test_a_file_in_a_folder_that_others_can_write_is_not_run(tmp_path: Path) -> None:
    below = tmp_path / "open" / "below"
    below.mkdir(parents=True)
    (below / "auth.py").write_text(FILE)
    below.parent.chmod(0o777)
    with pytest.raises(ProviderFileError, match=f"other users can write its folder {below.parent}"):
        load(str(below / "auth.py"), None)
    below.parent.chmod(0o1777)  # as /tmp: others can add a file, but not replace one
    assert load(str(below / "auth.py"), None).name == "acme"


@pytest.mark.requirement("P3")
def test_a_link_does_not_hide_who_can_write(tmp_path: Path, file: Path) -> None:
    file.chmod(0o666)
    link = tmp_path / "link.py"
    link.symlink_to(file)
    with pytest.raises(ProviderFileError, match="other users can write it"):
        load(str(link), None)


@pytest.mark.requirement("P3")
def test_the_folder_that_counts_is_the_one_that_a_link_leads_to(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "auth.py").write_text(FILE)
    (tmp_path / "auth.py").symlink_to(shared / "auth.py")
    assert load(str(tmp_path / "auth.py"), None).source == f"{shared}/auth.py:Acme"
    shared.chmod(0o777)
    with pytest.raises(ProviderFileError, match="other users can write its folder"):
        load(str(tmp_path / "auth.py"), None)


@pytest.mark.requirement("P3")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_file_of_another_user_or_another_group_is_not_run(file: Path) -> None:
    os.chown(file, -1, 1)
    file.chmod(0o664)
    with pytest.raises(ProviderFileError, match="other users can write it") as caught:
        load(str(file), None)
    assert caught.value.hint == f"Take that right away: chmod g-w {file}"
    file.chmod(0o644)
    assert load(str(file), None).name == "acme"
    os.chown(file, 12345, 12345)
    with pytest.raises(ProviderFileError, match="belongs to another user") as caught:
        load(str(file), None)
    assert caught.value.hint == (f"Make it yours if you trust what is in it: sudo chown 0 {file}; or use a copy of it.")


@pytest.mark.requirement("P3")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root is known to have a group of its own name everywhere")
def test_a_group_that_is_the_users_own_may_write(file: Path) -> None:
    os.chown(file, 0, 0)
    file.chmod(0o664)
    assert load(str(file), None).name == "acme"
    os.chown(file, 0, 54321)  # a group that has no name
    with pytest.raises(ProviderFileError, match="other users can write it"):
        load(str(file), None)


@pytest.mark.requirement("Y3")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_folder_above_that_is_another_users_is_a_reason_not_to_run_it(tmp_path: Path) -> None:
    below = tmp_path / "theirs" / "below"
    below.mkdir(parents=True)
    (below / "auth.py").write_text(FILE)
    os.chown(below.parent, 12345, 12345)
    with pytest.raises(ProviderFileError, match=f"its folder {below.parent} belongs to another user") as caught:
        load(str(below / "auth.py"), None)
    copy = f"use a copy in a folder of your own: cp {below}/auth.py ~/"
    assert caught.value.hint == f"If you trust what is in it, {copy}"


@pytest.mark.requirement("Y3")
def test_an_access_control_list_that_lets_another_user_write_is_a_reason_not_to_run_it(file: Path) -> None:
    need(programs=("setfacl",))
    subprocess.run(["setfacl", "-m", "u:12345:rw", file], check=True)
    with pytest.raises(ProviderFileError, match="other users can write it") as caught:
        load(str(file), None)
    assert caught.value.hint == f"Take that right away: setfacl -b {file}"
    subprocess.run(["setfacl", "-b", file], check=True)
    assert load(str(file), None).name == "acme"


WAITS = """
import sys
from gumauth.errors import ProviderFileError
from gumauth.registry.files.runner import load
try:
    load(sys.argv[1], None)
except ProviderFileError as error:
    print(error)
"""


@pytest.mark.requirement("Y8")
@pytest.mark.parametrize("kind", ["pipe", "socket", "device"])
def test_what_is_no_file_is_said_at_once_and_not_waited_for(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "auth.py"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listening:
        if kind == "socket":
            listening.bind(str(path))
        shown = subprocess.run(
            [sys.executable, "-c", WAITS, path], capture_output=True, text=True, check=True, timeout=20
        )
    assert shown.stdout == f"{os.path.realpath(path)} is not used: it is not a file.\n"
