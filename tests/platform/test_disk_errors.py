"""Each fault of a disk has an advice of its own."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from gumauth.platform.disk_errors import ADVICE, OTHERWISE, advice
from gumauth.platform.files import read_file, unusable


def of(code: int, path: str = "/data/gumauth/accounts/x.json") -> str:
    return advice(path, OSError(code, os.strerror(code)))


@pytest.mark.requirement("K11", "K16")
@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "Free space there (`df -h /` and"),
        (errno.EDQUOT, "Your share of that disk is used up"),
        (errno.EROFS, "mounted for reading only"),
        (errno.EIO, "The disk itself failed"),
        (errno.ENAMETOOLONG, "set GUMAUTH_HOME to a shorter one"),
        (errno.ENOTDIR, "A file is where a folder has to be"),
        (errno.ELOOP, "links are not followed there"),
        (errno.EMFILE, "too many files open"),
        (errno.ESTALE, "mount it again"),
        (errno.EXDEV, OTHERWISE),
    ],
)
def test_a_fault_has_its_own_advice(code: int, words: str) -> None:
    assert words in of(code)


def test_only_what_lacks_space_or_rights_is_told_to_free_space_or_mend_rights() -> None:
    spoken = {name for name, text in ADVICE.items() if "Free space" in text or "chmod" in text}
    assert spoken == {"ENOSPC"}


@pytest.mark.requirement("K11")
def test_missing_rights_are_given_by_the_command_for_what_is_there(tmp_path: Path) -> None:
    file = tmp_path / "list"
    assert of(errno.EACCES, str(file)).startswith(f"Give yourself the right: chmod u+rwX {tmp_path}.")
    file.touch()
    assert of(errno.EACCES, str(file)).startswith(f"Give yourself the right: chmod u+rw {file}.")
    assert f"lsattr -d {file}" in of(errno.EPERM, str(file))


@pytest.mark.requirement("I9", "K11")
@pytest.mark.parametrize("path", ["/gumauth", "/gumauth/accounts/acme/x.json", "/etc/gumauth", "/usr/gumauth/locks"])
def test_no_command_gives_a_folder_of_the_systems_away(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    for home in ("/", "/home/nobody-has-this"):
        monkeypatch.setenv("HOME", home)
        assert of(errno.EACCES, path) == "It belongs to root: set GUMAUTH_HOME to a folder of your own."


def test_a_file_that_others_can_write_is_told_with_the_command_that_mends_it(tmp_path: Path) -> None:
    (tmp_path / "list").touch()
    (tmp_path / "list").chmod(0o666)
    with pytest.raises(Exception, match="other users can write it") as caught:
        read_file(str(tmp_path / "list"))
    assert getattr(caught.value, "hint", "").endswith(f"chmod go-w {tmp_path / 'list'}")


def test_the_message_has_the_systems_own_words() -> None:
    error = unusable("/data/list", OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)))
    assert error.message == "/data/list cannot be used: Disk quota exceeded."
