"""A data folder that somebody else could have made, or can write, is not used, and nothing is written there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.program import Ended, environment, inside, listed

COMMANDS = (("list",), ("token", "linear"), ("refresh",), ("default", "linear"), ("doctor",))
SOMEBODY = 12345
"""A number that is no user's here."""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody")


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    environ = environment(tmp_path)
    listed(environ, "linear", "ada")
    return environ


@pytest.fixture
def folder(environ: dict[str, str]) -> Path:
    return Path(environ["GUMAUTH_HOME"])


def refused(done: Ended, why: str, hint: str) -> None:
    assert (done.status, done.out) == (6, "")
    place = hint.rpartition(" ")[2]
    otherwise = "Or set GUMAUTH_HOME to a folder of your own; or, where nobody else is on this machine,"
    said = f"error: {why} hint: {hint}. {otherwise} GUMAUTH_TRUST={place}."
    assert " ".join(done.err.split()) == said


def files(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.rglob("*"))


@as_root
@pytest.mark.requirement("Y3")
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_folder_that_another_user_made_is_not_used(
    environ: dict[str, str], folder: Path, command: tuple[str, ...]
) -> None:
    """They would choose which account is meant, and which code is run."""
    os.chown(folder, SOMEBODY, SOMEBODY)
    before = files(folder)
    hint = f"Make it yours if you trust what is in it: sudo chown 0 {folder}"
    refused(inside(environ, *command), f"{folder} is not used: it belongs to another user.", hint)
    assert files(folder) == before


@pytest.mark.requirement("Y3")
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_folder_that_others_can_write_is_not_used(
    environ: dict[str, str], folder: Path, command: tuple[str, ...]
) -> None:
    folder.chmod(0o777)
    hint = f"Take that right away: chmod -R go-w {folder}"
    refused(inside(environ, *command), f"{folder} is not used: other users can write it.", hint)
    folder.chmod(0o700)
    assert inside(environ, "list").status == 0


@pytest.mark.requirement("Y3")
def test_a_folder_that_others_can_put_in_its_place_is_not_used(environ: dict[str, str], folder: Path) -> None:
    environ["HOME"] = str(folder)
    folder.parent.chmod(0o777)
    try:
        hint = f"Take that right away: chmod go-w {folder.parent}"
        environ["GUMAUTH_HOME"] = str(folder.parent / "to come")
        why = f"{folder.parent}/to come is not used: other users can write its folder {folder.parent}."
        refused(inside(environ, "list"), why, hint)
        assert not Path(environ["GUMAUTH_HOME"]).exists()
    finally:
        folder.parent.chmod(0o700)


@pytest.mark.requirement("Y3")
def test_a_folder_of_our_own_in_one_that_all_share_is_used(environ: dict[str, str], folder: Path) -> None:
    """As in /tmp: with the sticky bit nobody can put another in its place."""
    folder.parent.chmod(0o1777)
    try:
        assert "ada" in inside(environ, "list").out
        environ["GUMAUTH_HOME"] = str(folder.parent / "new")
        assert inside(environ, "list").status == 0
    finally:
        folder.parent.chmod(0o700)


@pytest.mark.requirement("Y3")
def test_a_folder_in_it_that_others_can_write_is_not_used_either(environ: dict[str, str], folder: Path) -> None:
    (folder / "accounts").chmod(0o777)
    why = f"{folder} is not used: other users can write {folder}/accounts in it."
    refused(inside(environ, "list"), why, f"Take that right away: chmod -R go-w {folder}/accounts")


@as_root
@pytest.mark.requirement("Y3")
@pytest.mark.parametrize("right", ["owner", "mode"])
def test_a_file_that_somebody_else_could_have_put_there_is_not_read(
    environ: dict[str, str], folder: Path, right: str
) -> None:
    """The folder was open to all, and is closed by now."""
    [file] = folder.rglob("*.json")
    if right == "owner":
        os.chown(file, SOMEBODY, SOMEBODY)
    else:
        file.chmod(0o666)
    done = inside(environ, "list")
    assert "ada" not in done.out
    assert {"owner": "it belongs to another user", "mode": "other users can write it"}[right] in done.err
    assert inside({**environ, "GUMAUTH_TRUST": str(folder)}, "token", "linear").status == 6


@pytest.mark.requirement("Y3")
@pytest.mark.parametrize("command", ["list", "doctor"])
def test_what_is_no_folder_is_not_used(environ: dict[str, str], command: str) -> None:
    for place in ("/dev/null", "/" + "long/" * 3000):
        done = inside({**environ, "GUMAUTH_HOME": place}, command)
        assert done.status in (1, 6), done
        assert "bug" not in done.err
        assert "chmod" not in done.err


@as_root
@pytest.mark.requirement("Y3")
def test_a_link_of_somebody_elses_is_not_followed(environ: dict[str, str], folder: Path) -> None:
    folder.parent.chmod(0o1777)
    link = folder.parent / "link"
    link.symlink_to(folder)
    environ["GUMAUTH_HOME"] = str(link)
    try:
        assert inside(environ, "list").status == 0
        os.chown(link, SOMEBODY, SOMEBODY, follow_symlinks=False)
        assert inside(environ, "list").status == 6
    finally:
        folder.parent.chmod(0o700)


@as_root
@pytest.mark.requirement("Y3", "I9")
def test_in_a_program_of_roots_another_users_folder_is_not_used(environ: dict[str, str], folder: Path) -> None:
    """The command becomes that user; a program that asks for tokens must not."""
    os.chown(folder, SOMEBODY, SOMEBODY)
    assert inside({**environ, "SUDO_UID": str(SOMEBODY)}, "list").status == 6


@pytest.mark.requirement("Y3")
def test_what_the_person_vouches_for_is_used(environ: dict[str, str], folder: Path) -> None:
    """Where nobody else is, as in a container, a volume may let everybody write."""
    folder.chmod(0o777)
    assert inside({**environ, "GUMAUTH_TRUST": f"/elsewhere:{folder.parent}"}, "list").status == 0
    assert inside({**environ, "GUMAUTH_TRUST": str(folder)}, "list").status == 0
    assert inside({**environ, "GUMAUTH_TRUST": f"{folder}-2:."}, "list").status == 6


@pytest.mark.requirement("Y3", "Y5")
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("name", ["here", "./here", "~no-such-user-here/x"])
def test_a_folder_that_depends_on_where_the_command_is_run_is_not_used(
    environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], name: str
) -> None:
    """A repository that was cloned could bring accounts whose code is run."""
    monkeypatch.chdir(tmp_path)
    before = files(tmp_path)
    done = inside({**environ, "GUMAUTH_HOME": name}, *command)
    assert (done.status, done.out) == (6, "")
    assert "which is not an absolute path" in " ".join(done.err.split())
    assert files(tmp_path) == before
