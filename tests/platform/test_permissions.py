"""Who is on the other side of a file or folder: root and this user, or somebody else."""

from __future__ import annotations

import grp
import os
import pwd
import shlex
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gumauth.platform.permissions import Fault, is_private_folder, why_not_trusted
from gumauth.platform.permissions import why_not_private as fault_of
from tests.parts.need import need
from tests.parts.people import NOBODY, Nobody, as_nobody

pytestmark = [
    pytest.mark.requirement("Y3"),
    pytest.mark.skipif(not hasattr(os, "geteuid"), reason="rights are not in the mode on this system"),
]
as_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")

Allow = Callable[..., None]


def why_not_private(folder: str, owners: frozenset[int] | None = None) -> str | None:
    """The words alone."""
    fault = fault_of(folder, owners)
    assert fault is None or isinstance(fault, Fault)
    return None if fault is None else fault.words


@pytest.fixture(autouse=True)
def _unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known of groups from an earlier test."""
    monkeypatch.setattr("gumauth.platform.users._known", {})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of ours, and no home directory above it."""
    monkeypatch.delenv("HOME", raising=False)
    path = tmp_path / "a" / "b"
    path.mkdir(parents=True)
    for each in (path, path.parent):
        each.chmod(0o755)
    return path


@pytest.fixture
def file(folder: Path) -> Path:
    path = folder / "auth.py"
    path.touch(mode=0o644)
    return path


@pytest.fixture
def allow() -> Allow:
    """Changes an access control list."""
    need(programs=("setfacl",))

    def allow(path: Path, *entries: str) -> None:
        for entry in entries:
            subprocess.run(["setfacl", "-m", entry, path], check=True)

    return allow


def trusted(path: Path) -> str | None:
    """Why a file is not; None where it is."""
    handle = os.open(path, os.O_RDONLY)
    try:
        fault = why_not_trusted(handle, str(path))
        return None if fault is None else fault.words
    finally:
        os.close(handle)


def hint(path: Path) -> str:
    handle = os.open(path, os.O_RDONLY)
    try:
        fault = why_not_trusted(handle, str(path))
        assert fault is not None
        return fault.hint()
    finally:
        os.close(handle)


def test_what_is_ours_alone_is_trusted(file: Path) -> None:
    assert trusted(file) is None
    assert why_not_private(str(file.parent)) is None
    assert is_private_folder(str(file.parent))


@as_root
@pytest.mark.requirement("Y3")
def test_a_group_without_a_name_is_this_users_alone_where_it_is_in_it(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a volume in a container, whose one user was given a group that stands in no list."""
    number = 54321
    os.chown(file.parent, 0, number)
    file.parent.chmod(0o770)
    assert why_not_private(str(file.parent)) == "other users can write it"
    monkeypatch.setattr(os, "getgroups", lambda: [number])
    monkeypatch.setattr("gumauth.platform.users._known", {})
    monkeypatch.setattr("gumauth.platform.users._is_known_here", lambda: True)
    assert why_not_private(str(file.parent)) is None


@as_root
@pytest.mark.requirement("Y3")
def test_a_link_that_somebody_else_has_put_where_everybody_can_is_not_trusted(file: Path) -> None:
    file.parent.chmod(0o1777)
    link = file.parent / "link"
    link.symlink_to(file)
    assert trusted(link) is None
    os.chown(link, 12345, 12345, follow_symlinks=False)
    assert trusted(link) == f"its folder {link} belongs to another user"


def test_what_the_mode_lets_all_others_write_is_not(file: Path) -> None:
    file.chmod(0o646)
    assert trusted(file) == "other users can write it"
    assert hint(file) == f"Take that right away: chmod o-w {file}"
    file.chmod(0o644)
    file.parent.chmod(0o757)
    assert trusted(file) == f"other users can write its folder {file.parent}"
    assert hint(file) == f"Take that right away: chmod o-w {file.parent}"
    assert why_not_private(str(file.parent)) == "other users can write it"
    assert not is_private_folder(str(file.parent))


def test_a_folder_with_the_sticky_bit_is_passed_through_but_is_not_private(file: Path) -> None:
    file.parent.parent.chmod(0o1777)
    assert trusted(file) is None
    assert why_not_private(str(file.parent)) is None
    assert why_not_private(str(file.parent.parent)) == "other users can write it"


@as_root
def test_a_folder_above_that_is_another_users_is_named(file: Path) -> None:
    os.chown(file.parent.parent, 12345, 12345)
    assert trusted(file) == f"its folder {file.parent.parent} belongs to another user"
    assert hint(file) == (f"Make it yours if you trust what is in it: sudo chown {os.geteuid()} {file.parent.parent}")
    assert why_not_private(str(file.parent)) == f"its folder {file.parent.parent} belongs to another user"
    assert why_not_private(str(file.parent.parent)) == "it belongs to another user"
    assert not is_private_folder(str(file.parent.parent))


@as_root
def test_who_is_trusted_can_be_said(folder: Path) -> None:
    os.chown(folder, 12345, 12345)
    assert why_not_private(str(folder), frozenset({0, 12345})) is None
    assert why_not_private(str(folder), frozenset({0})) == "it belongs to another user"
    assert why_not_private(str(folder), frozenset({12345})) == "its folder / belongs to another user"


@as_root
@pytest.mark.parametrize(
    ("entries", "words"),
    [
        (["u:12345:rw"], "other users can write it"),
        (["g:12345:rw"], "other users can write it"),
        (["u:12345:r"], None),
        (["u:0:rw"], None),
        (["g:0:rw"], None),
        (["u:12345:rw", "m::r"], None),
        (["g::rw", "u:12345:r"], None),
    ],
)
def test_an_access_control_list_counts_under_its_mask(
    file: Path, allow: Allow, entries: list[str], words: str | None
) -> None:
    allow(file, *entries)
    assert trusted(file) == words


@as_root
@pytest.mark.parametrize("what", ["file", "folder", "above"])
def test_what_lets_another_user_in_by_a_list_is_closed_by_the_command_of_the_hint(
    nobody: Nobody, allow: Allow, file: Path, what: str
) -> None:
    place = {"file": file, "folder": file.parent, "above": file.parent.parent}[what]
    allow(place, f"u:{NOBODY}:rwx")
    assert stat.S_IMODE(place.stat().st_mode) & 0o002 == 0
    assert trusted(file) == (
        "other users can write it" if what == "file" else f"other users can write its folder {place}"
    )
    told = hint(file)
    assert told == f"Take that right away: setfacl -b {place}"
    subprocess.run(shlex.split(told.partition(": ")[2]), check=True)
    assert trusted(file) is None
    assert nobody.home.exists()


@as_root
def test_a_group_that_is_another_users_primary_one_is_not_private(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has a group as primary one is not in the list of its members."""
    folder.chmod(0o775)
    os.chown(folder, 0, 54321)
    own = pwd.getpwuid(0)
    private = grp.struct_group((own.pw_name, "x", 54321, []))
    monkeypatch.setattr(grp, "getgrgid", lambda _: private)
    assert why_not_private(str(folder)) is None
    monkeypatch.setattr("gumauth.platform.users._known", {})
    other = pwd.struct_passwd(("eve", "x", 12345, 54321, "", "/", "/bin/sh"))
    everybody = [*pwd.getpwall(), other]
    monkeypatch.setattr(pwd, "getpwall", lambda: everybody)
    assert why_not_private(str(folder)) == "other users can write it"


@as_root
def test_a_group_without_a_name_or_with_members_is_not_private(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.chmod(0o775)
    os.chown(folder, 0, 54321)
    assert why_not_private(str(folder)) == "other users can write it"
    monkeypatch.setattr("gumauth.platform.users._known", {})
    shared = grp.struct_group((pwd.getpwuid(0).pw_name, "x", 54321, ["root", "eve"]))
    monkeypatch.setattr(grp, "getgrgid", lambda _: shared)
    assert why_not_private(str(folder)) == "other users can write it"


def test_what_is_above_the_home_does_not_count(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.parent.parent.chmod(0o777)
    assert why_not_private(str(folder)) == f"other users can write its folder {folder.parent.parent}"
    monkeypatch.setenv("HOME", str(folder.parent))
    assert why_not_private(str(folder)) is None
    monkeypatch.setenv("HOME", f"{folder}/")
    assert why_not_private(str(folder)) is None
    folder.parent.chmod(0o777)
    assert why_not_private(str(folder)) is None
    monkeypatch.setenv("HOME", str(folder.parent))
    assert why_not_private(str(folder)) == f"other users can write its folder {folder.parent}"
    for home in ("/", "b", f"{folder.parent}/x", f"{folder}x"):
        monkeypatch.setenv("HOME", home)
        assert why_not_private(str(folder)) == f"other users can write its folder {folder.parent.parent}"


def test_a_home_that_is_a_link_is_the_folder_that_it_leads_to(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = tmp_path / "home"
    link.symlink_to(folder.parent)
    tmp_path.chmod(0o777)
    monkeypatch.setenv("HOME", str(link))
    assert why_not_private(str(folder)) is None
    assert why_not_private(str(link / "b")) is None


def test_the_way_out_of_the_home_counts(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder.parent))
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "c").mkdir(parents=True)
    elsewhere.chmod(0o777)
    for name, target in (("far", str(elsewhere / "c")), ("near", "../elsewhere/c"), ("two", "near")):
        (folder.parent / name).symlink_to(target)
        assert why_not_private(str(folder.parent / name)) == f"other users can write its folder {elsewhere}"
    elsewhere.chmod(0o755)
    assert why_not_private(str(folder.parent / "two")) is None


def test_a_link_that_others_can_put_another_in_the_place_of_is_not_followed_blindly(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "open").mkdir()
    link = tmp_path / "open" / "link"
    link.symlink_to(folder)
    (tmp_path / "open").chmod(0o777)
    assert why_not_private(str(link)) == f"other users can write its folder {tmp_path / 'open'}"
    (tmp_path / "open").chmod(0o1777)
    assert why_not_private(str(link)) is None
    if os.geteuid() == 0:
        os.chown(link, 12345, 12345, follow_symlinks=False)
        assert why_not_private(str(link)) == f"its folder {link} belongs to another user"


def test_links_in_a_ring_are_an_error_and_no_endless_walk(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="symbolic links"):
        why_not_private(str(tmp_path / "a"))


@as_root
def test_a_files_folder_that_is_another_real_users_is_refused(nobody: Nobody, monkeypatch: pytest.MonkeyPatch) -> None:
    """In /tmp, as people share files: the file is ours, the folder theirs, and they put another in its place."""
    monkeypatch.delenv("HOME", raising=False)
    file = nobody.home / "auth.py"
    file.touch(mode=0o644)
    assert trusted(file) == f"its folder {nobody.home} belongs to another user"
    moved = as_nobody(["mv", str(file), f"{file}.old"], nobody.environ())
    assert moved.returncode == 0, moved


@as_root
def test_what_nobodys_user_sees_is_told_from_their_side(nobody: Nobody) -> None:
    program = (
        "import sys; from gumauth.platform.permissions import why_not_private\n"
        "for folder in sys.argv[1:]: print(getattr(why_not_private(folder), 'words', None))"
    )
    theirs = nobody.home / "own"
    theirs.mkdir()
    os.chown(theirs, NOBODY, NOBODY)
    done = as_nobody([nobody.python, "-c", program, str(theirs), "/usr/bin", "/tmp"], nobody.environ())
    assert done.stdout.splitlines() == ["None", "None", "other users can write it"], done


NAMESPACE = """
import os
from gumauth.platform.permissions import why_not_private
print(os.stat("/usr").st_uid == int(open("/proc/sys/kernel/overflowuid").read()), why_not_private("/usr/bin"))
"""


@as_root
def test_in_a_user_namespace_the_systems_own_files_are_trusted(nobody: Nobody) -> None:
    """As in a sandbox of bubblewrap's: only the user's own number is there, and root's files are the overflow one's."""
    need(programs=("unshare",))
    sandbox = ["unshare", "--user", "--map-user=1000"]
    if as_nobody([*sandbox, "true"], nobody.environ()).returncode != 0:
        pytest.skip("this system lets nobody make user namespaces")
    shown = as_nobody([*sandbox, nobody.python, "-c", NAMESPACE], nobody.environ())
    assert shown.stdout == "True None\n", shown
