"""Files are written whole, for their owner to write, and never over one that is there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gumauth.cli.authoring.files import write
from gumauth.errors import GumauthError, UsageError


@pytest.mark.parametrize(("umask", "mode"), [(0o000, 0o644), (0o002, 0o644), (0o077, 0o600)])
@pytest.mark.requirement("P3")
def test_nobody_else_can_write_what_is_written(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        paths = write(str(tmp_path), {"acme.py": "", "a/b/c.py": ""})
    finally:
        os.umask(before)
    assert [Path(path).stat().st_mode & 0o777 for path in paths] == [mode, mode]
    assert not any(folder.stat().st_mode & 0o022 for folder in (tmp_path / "a", tmp_path / "a" / "b"))


@pytest.mark.parametrize("kind", ["file", "folder", "link to nothing"])
def test_nothing_is_written_where_one_of_them_is_there(tmp_path: Path, kind: str) -> None:
    there = tmp_path / "test_acme.py"
    if kind == "file":
        there.write_text("mine")
    elif kind == "folder":
        there.mkdir()
    else:
        there.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="is there already, and nothing was written"):
        write(str(tmp_path), {"acme.py": "text", "test_acme.py": "text"})
    assert [path.name for path in tmp_path.iterdir()] == ["test_acme.py"]
    assert kind != "file" or there.read_text() == "mine"


def test_what_was_written_is_taken_back_where_the_rest_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(GumauthError, match="cannot be written: File name too long"):
        write(str(tmp_path), {"acme/src/acme.py": "text", f"acme/{'x' * 300}.py": "text"})
    assert list(tmp_path.iterdir()) == []
