"""A missing part is said, and where parts are required it is a failure."""

from __future__ import annotations

import pytest

from tests.parts.need import REQUIRE, need


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
