"""What is written to a terminal: no foreign byte that it obeys, colour, other encodings."""

from __future__ import annotations

import io

import pytest

from gumauth.cli import main
from gumauth.cli.terminal.terminal import Terminal
from tests.cli.program import Ended, Screen, inside, listed

TITLE, LINK = "\x1b]0;owned\x07", "\x1b]8;;https://evil.example\x1b\\here"
HOSTILE = f"[link=https://evil.example]x[/link][/]{TITLE}{LINK}\x9b31m‮⁦​\r\nnext"


def harmless(text: str) -> bool:
    """Whether there is nothing in a text that a terminal obeys."""
    return all(letter.isprintable() or letter == "\n" for letter in text)


def _both(ended: Ended) -> tuple[str, str]:
    return ended.out, ended.err


@pytest.mark.requirement("S4")
@pytest.mark.parametrize(
    "words_", [["list"], ["list", "--json"], ["doctor"], ["refresh"], ["token", "linear"]], ids=" ".join
)
def test_foreign_text_does_nothing_to_the_terminal(environ: dict[str, str], words_: list[str]) -> None:
    """Nickname, alias, scopes, reason and source come from outside; a pipe gets no colour of ours either."""
    evil = {"alias": HOSTILE, "scopes": (HOSTILE,), "reason": HOSTILE, "state": "reconnect", "source": HOSTILE}
    listed(environ, "linear", HOSTILE, **evil)
    ended = inside(environ, *words_)
    assert harmless(ended.out), ended.out
    assert harmless(ended.err), ended.err
    assert "owned" not in ended.out.replace("\\u001b]0;owned", "") + ended.err


@pytest.mark.requirement("S4")
def test_markup_is_shown_and_not_obeyed(environ: dict[str, str]) -> None:
    listed(environ, "linear", "[link=https://evil.example]x[/link][/] :smile:")
    assert "[link=https://evil.example]x[/link][/] :smile:" in inside(environ, "list").out


def test_colour_is_for_terminals_and_goes_with_no_color(environ: dict[str, str]) -> None:
    plain = {**environ, "TERM": "xterm"}
    listed(environ, "linear", "ada")
    for words_ in (["list"], ["token", "nobody"], ["--help"], ["doctor"]):
        assert "\x1b" not in "".join(_both(inside(plain, *words_)))
        assert "\x1b[" in "".join(_both(inside(plain, *words_, stream=Screen)))
        for quiet in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            assert "\x1b" not in "".join(_both(inside({**plain, **quiet}, *words_, stream=Screen)))


def test_a_stream_of_another_encoding_gets_what_it_knows(environ: dict[str, str]) -> None:
    listed(environ, "linear", "ädä")
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    assert main.run(["list"], Terminal(environ, io.StringIO(), out, io.StringIO())) == 0
    out.seek(0)
    assert "?d?" in out.read()
