"""The words that a shell offers."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from gumauth.cli.parsing.completion import complete
from gumauth.cli.terminal.terminal import Terminal
from gumauth.registry import lookup
from tests.cli.program import inside, listed

TITLE, LINK = "\x1b]0;owned\x07", "\x1b]8;;https://evil.example\x1b\\here"
HOSTILE = f"[link=https://evil.example]x[/link][/]{TITLE}{LINK}\x9b31m‮⁦​\r\nnext"


def test_words_that_a_shell_would_split_or_run_are_not_offered(environ: dict[str, str]) -> None:
    for nickname in ("ada@example.com", "two words", "$(reboot)", "a;b", "a'b", HOSTILE):
        listed(environ, "linear", nickname)
    out = io.StringIO()
    complete(["accounts", ""], Terminal(environ, io.StringIO(), out, io.StringIO()))
    assert out.getvalue().splitlines() == ["linear", "linear/ada@example.com"]


def test_the_offered_providers_are_those_of_the_registry(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An installed distribution's too; it is read by hand, because importlib.metadata is slow."""
    info = tmp_path / "site" / "acme-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[console_scripts]\nother = x:y\n\n[gumauth.providers]\nacme = acme:Acme\n\n[zzz]\nnot-this = x:y\n"
    )
    monkeypatch.syspath_prepend(info.parent)
    offered = inside(environ, "__complete", "providers", "").out.split()
    assert offered == [listed_.name for listed_ in lookup.names()]
    assert {"acme", "linear"} <= set(offered)


def test_providers_are_offered_through_links_and_past_what_cannot_be_read(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Some installers put links to a cache in place of files."""
    (tmp_path / "cached").write_text("[gumauth.providers]\nacme = acme:Acme\n")
    for name in ("linked", "pipe"):
        (tmp_path / "site" / f"{name}-1.0.dist-info").mkdir(parents=True)
    (tmp_path / "site" / "linked-1.0.dist-info" / "entry_points.txt").symlink_to(tmp_path / "cached")
    os.mkfifo(tmp_path / "site" / "pipe-1.0.dist-info" / "entry_points.txt")
    monkeypatch.syspath_prepend(tmp_path / "site")
    ended = inside(environ, "__complete", "providers", "")
    assert {"acme", "linear"} <= set(ended.out.split()), ended
