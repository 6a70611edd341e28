"""`gumauth list`: the table in every window, and the remarks below it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gumauth.cli.terminal.terminal import Terminal
from tests.cli.program import NOW, Screen, inside, listed


def shown_at(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, columns: int) -> list[str]:
    """The lines of a list of three accounts in a window of this width."""
    monkeypatch.setattr(Terminal, "width", lambda self, stream: columns)
    scopes = ("read", "write", "issues:create")
    fields: dict[str, object] = {"connected_at": 1.0, "expires_at": NOW + 3480, "refreshable": True}
    listed(environ, "linear", "ada.lovelace@mail.example.com", alias="work", scopes=scopes, **fields)
    listed(environ, "linear", "ada", alias="play", expires_at=NOW - 60, refreshable=True)
    listed(environ, "google", "ada@example.com", scopes=("https://www.googleapis.com/auth/gmail.readonly",))
    ended = inside({**environ, "NO_COLOR": "1"}, "list", stream=Screen, clock=lambda: NOW)
    return ended.out.splitlines()


def test_an_empty_list_says_what_to_run(environ: dict[str, str]) -> None:
    ended = inside(environ, "list")
    assert (ended.status, ended.out) == (0, "")
    assert "gumauth providers" in ended.err
    assert json.loads(inside(environ, "list", "--json").out) == {"schema_version": 1, "accounts": []}


@pytest.mark.parametrize("columns", [30, 40, 60, 80, 120, 200])
def test_a_list_fits_its_window(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    """No line is longer, and the first column is whole: it is what other commands take."""
    lines = shown_at(environ, monkeypatch, columns)
    assert max(len(line) for line in lines) <= columns
    assert [line.split()[0] for line in lines if line.startswith(("linear", "google"))] == [
        "google/ada@example.com",
        "linear/work",
        "linear/play",
    ]


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_each_account_has_one_row(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    assert len(shown_at(environ, monkeypatch, columns)) == 5


@pytest.mark.parametrize(
    ("columns", "cells"),
    [
        (40, ["linear/work *", "ok, 58 min"]),
        (60, ["linear/work *", "ada.lovelace@mail.e…", "ok, 58 min"]),
        (80, ["linear/work (default)", "ada.lovelace@mail.example.…", "ok, 58 min"]),
        (102, ["linear/work (default)", "ada.lovelace@mail.example.com", "ok, 58 min", "read write issue…"]),
        (120, ["linear/work (default)", "ada.lovelace@mail.example.com", "ok, 58 min", "read write issues:create"]),
    ],
)
def test_the_scopes_give_way_first_and_then_the_nickname(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, columns: int, cells: list[str]
) -> None:
    [row] = [line for line in shown_at(environ, monkeypatch, columns) if line.startswith("linear/work")]
    assert re.split(" {3,}", row) == cells


@pytest.mark.parametrize(("columns", "state"), [(60, "renews"), (80, "expired, renews")])
def test_a_token_that_renews_itself_takes_no_other_room(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, columns: int, state: str
) -> None:
    [row] = [line for line in shown_at(environ, monkeypatch, columns) if line.startswith("linear/play")]
    assert row.endswith(f"   {state}")


def test_a_name_of_two_words_stands_as_a_shell_takes_it(environ: dict[str, str]) -> None:
    listed(environ, "linear", "ada@example.com at acme")
    assert inside(environ, "list").out.splitlines()[-1].startswith("'linear/ada@example.com at acme' (default)")


@pytest.mark.parametrize(
    ("ends", "refreshable", "shown"),
    [
        (None, False, "ok"),
        (NOW + 30, False, "ok, <1 min"),
        (NOW + 60, False, "ok, 1 min"),
        (NOW + 3480, False, "ok, 58 min"),
        (NOW + 7200, False, "ok, 2 h"),
        (NOW + 86400 * 3, False, "ok, 3 d"),
        (NOW - 7200, False, "expired 2 h ago"),
        (NOW - 7200, True, "expired, renews"),
    ],
)
def test_the_state_is_told_in_short_words(
    environ: dict[str, str], ends: float | None, refreshable: bool, shown: str
) -> None:
    listed(environ, "acme", "ada", expires_at=ends, refreshable=refreshable)
    assert inside(environ, "list", clock=lambda: NOW).out.splitlines()[-1] == f"acme/ada (default)   {shown}"


def test_a_list_in_a_pipe_has_one_line_for_each_account(environ: dict[str, str]) -> None:
    listed(environ, "linear", "ada", scopes=tuple(f"scope-{number}" for number in range(40)))
    listed(environ, "linear", "bob")
    lines = inside(environ, "list").out.splitlines()
    assert len(lines) == 4
    assert "scope-39" in "".join(lines)
    assert not [line for line in lines if line != line.rstrip()]


@pytest.mark.requirement("K3")
def test_a_list_names_the_files_that_it_had_to_pass_over(environ: dict[str, str]) -> None:
    folder = Path(environ["GUMAUTH_HOME"]) / "accounts" / "linear"
    folder.mkdir(parents=True)
    (folder / "0123456789abcdef.json").write_text("{")
    (folder / "fedcba9876543210.json").write_text('{"version": 99}')
    ended = inside(environ, "list")
    assert ended.status == 0
    assert "linear/0123456789abcdef.json cannot be read" in ended.err
    assert "fedcba9876543210.json" in ended.err
    assert "newer gumauth" in ended.err


@pytest.mark.requirement("F17")
def test_the_list_says_which_scopes_are_missing_why_a_refresh_failed_and_when_all_ends(environ: dict[str, str]) -> None:
    told = {
        "missing_scopes": ("write",),
        "reason": "No such client.",
        "refused_at": NOW,
        "refresh_expires_at": NOW + 60,
    }
    listed(environ, "linear", "ada@example.com", **told)
    ended = inside(environ, "list", clock=lambda: NOW)
    said = " ".join((ended.out + ended.err).split())
    assert "linear/ada@example.com lacks scopes that it asked for: write." in said
    assert "linear/ada@example.com could not be refreshed: No such client." in said
    assert "The refresh token of linear/ada@example.com ends 2027-01-15T08:01:00Z" in said
    shown = json.loads(inside(environ, "list", "--json", clock=lambda: NOW).out)["accounts"][0]
    assert (shown["missing_scopes"], shown["reason"]) == (["write"], "No such client.")
    assert shown["refresh_expires_at"] == "2027-01-15T08:01:00Z"
