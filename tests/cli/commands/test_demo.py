"""`gumauth demo`: agrees with its server, or fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import inside, process


def test_the_demo_agrees_with_its_server(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    ended = process({**environ, "TMPDIR": str(tmp_path / "tmp")}, "demo")
    assert ended.status == 0, ended.out + ended.err
    assert ended.err == ""
    for line in ("$ gumauth connect", "$ gumauth disconnect", "The server's log agrees with every step."):
        assert line in ended.out
    assert list((tmp_path / "tmp").iterdir()) == []
    assert not (tmp_path / "gumauth").exists()


def test_the_demo_fails_where_the_server_saw_something_else(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from gumauth.cli.commands import demo

    monkeypatch.setattr(demo, "CONSENT", ("consent", "code issued", "token"))
    ended = inside(environ, "demo", "--json")
    assert (ended.status, ended.out) == (1, "")
    assert "should have seen" in json.loads(ended.err)["error"]["message"]
