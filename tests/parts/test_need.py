"""A missing part is said, and where parts are required it is a failure."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.parts.need import REQUIRE, need, node_modules

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_there_is_no_reason_to_skip() -> None:
    need(programs=("sh",), modules=("json",))


def test_a_missing_part_skips_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REQUIRE, raising=False)
    with pytest.raises(pytest.skip.Exception, match="not installed: no-such-program, no_such_module"):
        need(programs=("no-such-program",), modules=("no_such_module",))


def test_a_missing_part_fails_where_parts_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REQUIRE, "1")
    with pytest.raises(pytest.fail.Exception, match="not installed: no-such-program"):
        need(programs=("no-such-program",))


def test_a_package_of_npm_is_looked_for_beside_this_python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(REQUIRE, raising=False)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert node_modules() == tmp_path / "node" / "node_modules"
    with pytest.raises(pytest.skip.Exception, match="not installed: a-package"):
        need(packages=("a-package",))
    (node_modules() / "a-package").mkdir(parents=True)
    with pytest.raises(pytest.skip.Exception, match="not installed: a-package"):
        need(packages=("a-package",))
    (node_modules() / "a-package" / "package.json").touch()
    need(packages=("a-package",))


def test_a_missing_package_of_npm_fails_where_parts_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REQUIRE, "1")
    with pytest.raises(pytest.fail.Exception, match="not installed: no-such-package, and"):
        need(packages=("no-such-package",))
