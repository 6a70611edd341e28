"""Text in narrow windows: lines end at blanks, and a command that fits on a line stays whole."""

from __future__ import annotations

import io
import re

import pytest

from gumauth.cli.parsing.table import COMMANDS
from gumauth.cli.terminal import formatting
from gumauth.cli.terminal.formatting import fold
from gumauth.cli.terminal.terminal import Terminal
from tests.cli.program import NOW, Screen, inside, listed


@pytest.mark.parametrize(
    ("width", "folded"),
    [
        (80, "Run `gumauth connect acme`, or see what is."),
        (40, "Run `gumauth connect acme`, or see what\n  is."),
        (29, "Run `gumauth connect acme`,\n  or see what is."),
        (26, "Run\n  `gumauth connect acme`,\n  or see what is."),
        (20, "Run `gumauth connect\n  acme`, or see what\n  is."),
    ],
)
def test_a_command_stays_whole_where_it_fits_on_a_line(width: int, folded: str) -> None:
    assert fold("Run `gumauth connect acme`, or see what is.", width, "  ") == folded


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("", ""),
        ("   ", ""),
        ("--port PORT    The port of the callback.  ", "--port PORT    The\n    port of the\n    callback."),
        ("  https://example.com/a-long-path is one", "https://example.com/a-long-path\n    is one"),
        ("one ` alone, and no other of them", "one ` alone, and no\n    other of them"),
    ],
)
def test_blanks_stay_within_a_line_and_go_at_its_ends(text: str, folded: str) -> None:
    assert fold(text, 20, "    ") == folded


@pytest.mark.parametrize(
    ("text", "taken", "folded"),
    [
        ("short", 7, "short"),
        (
            "https://service.example/settings/applications/new",
            7,
            "\n  https://service.example/settings/applications/new",
        ),
        ("one https://service.example/settings/new", 7, "one\n  https://service.example/settings/new"),
        ("it is somewhat longer than that, in words", 7, "it is somewhat longer than that,\n  in words"),
        ("nothing is taken, and it is longer than a line", 0, "nothing is taken, and it is longer than\n  a line"),
    ],
)
def test_what_does_not_fit_behind_what_is_taken_loses_nothing(
    monkeypatch: pytest.MonkeyPatch, text: str, taken: int, folded: str
) -> None:
    """An address that stood behind its label lost its beginning."""
    monkeypatch.setattr(Terminal, "width", lambda self, stream: 40)
    terminal = Terminal({}, io.StringIO(), io.StringIO(), io.StringIO())
    assert terminal.folded(text, indent="  ", taken=taken) == folded
    assert re.sub(r"\s+", "", folded) == re.sub(r"\s+", "", text)


LINES = (
    *(["providers", name] for name in ("linear", "github", "google")),
    *(["help", name] for name in COMMANDS),
    *(["help"], ["providers"], ["list"], ["refresh"], ["doctor"], ["token", "nobody"], ["disconnect", "linear"]),
)


@pytest.mark.parametrize("columns", [60, 40])
@pytest.mark.parametrize("words", LINES, ids=" ".join)
def test_no_line_is_longer_than_the_window_but_by_one_word(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, words: list[str], columns: int
) -> None:
    """What is longer is broken by the terminal, wherever that is: only an address or a path may be."""
    listed(environ, "linear", "ada.lovelace@example.com", state="reconnect", reason="The grant is dead.")
    listed(environ, "linear", "bob@example.com")
    monkeypatch.setattr(Terminal, "width", lambda self, stream: columns)
    ended = inside({**environ, "NO_COLOR": "1"}, *words, stream=Screen)
    for line in f"{ended.out}\n{ended.err}".splitlines():
        assert len(line) <= columns or len(line.split()) == 1, line


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (1, "less than a minute"),
        (59, "less than a minute"),
        (60, "1 minute"),
        (3480, "58 minutes"),
        (7200, "2 hours"),
        (3600 * 36, "36 hours"),
        (3600 * 40, "2 days"),
        (86400 * 90, "90 days"),
    ],
)
def test_a_length_of_time_in_words(seconds: float, shown: str) -> None:
    assert formatting.duration(seconds) == shown


def test_an_expiry_in_words() -> None:
    assert formatting.expiry(NOW + 3480, NOW) == "in 58 minutes"
    assert formatting.expiry(NOW - 7200, NOW) == "expired 2 hours ago"
    assert formatting.expiry(None, NOW) == "does not expire"


@pytest.mark.parametrize("time", [1e30, -1e30, float("nan"), float("inf")])
def test_a_time_that_no_calendar_has_is_unknown(time: float) -> None:
    assert formatting.iso(time) is None
