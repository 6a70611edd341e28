"""QR codes are drawn whole, dark on light, or not at all."""

from __future__ import annotations

import io
import os
import pty
import sys
from collections.abc import Iterator
from fcntl import ioctl
from struct import pack
from termios import TIOCSWINSZ

import pytest
import segno

from gumauth.cli.terminal.qr_code import BORDER, drawn
from gumauth.cli.terminal.terminal import Terminal

pytestmark = pytest.mark.requirement("V2")

ADDRESS = "https://acme.example/device?user_code=WDJB-MJHT"


class Window:
    """A terminal of any size."""

    def __init__(self) -> None:
        self.theirs, ours = pty.openpty()
        self.stream = open(ours, "w", encoding="utf-8")  # noqa: SIM115
        self.terminal = Terminal({"TERM": "xterm"}, io.StringIO(), io.StringIO(), self.stream)

    def resize(self, columns: int, lines: int) -> Terminal:
        ioctl(self.stream.fileno(), TIOCSWINSZ, pack("HHHH", lines, columns, 0, 0))
        return self.terminal


@pytest.fixture
def window() -> Iterator[Window]:
    made = Window()
    yield made
    made.stream.close()
    os.close(made.theirs)


def modules(code: str) -> list[list[int]]:
    """The modules that were drawn, two to a character."""
    rows: list[list[int]] = []
    for line in code.splitlines():
        assert line.startswith("\x1b[38;5;16;48;5;231m")
        assert line.endswith("\x1b[0m")
        shown = line.removeprefix("\x1b[38;5;16;48;5;231m").removesuffix("\x1b[0m")
        rows += [[int(letter in "▀█") for letter in shown], [int(letter in "▄█") for letter in shown]]
    return rows


def test_every_module_is_drawn_black_on_white_with_a_margin(window: Window) -> None:
    code = drawn(window.resize(80, 50), ADDRESS, beside=10)
    assert code is not None
    right = [list(row) for row in segno.make(ADDRESS, error="l", boost_error=False).matrix_iter(border=BORDER)]
    assert modules(code)[: len(right)] == right
    assert len(right) == 29 + 2 * 2
    assert not any(map(any, modules(code)[len(right) :]))


def test_a_code_is_shown_only_where_it_fits_with_the_text_beside_it(window: Window) -> None:
    """33 columns and 17 lines, and one column more, because some terminals fold a line that fills the window."""
    sizes = [(34, 27), (33, 27), (34, 26)]
    shown = [drawn(window.resize(*size), ADDRESS, beside=10) is not None for size in sizes]
    assert shown == [True, False, False]


def test_json_a_plain_terminal_a_pipe_and_other_encodings_get_none(window: Window) -> None:
    terminal = window.resize(80, 50)
    terminal.json = True
    assert drawn(terminal, ADDRESS, beside=10) is None
    for environ in ({"TERM": "dumb"}, {"NO_COLOR": "1"}):
        assert drawn(Terminal(environ, io.StringIO(), io.StringIO(), window.stream), ADDRESS, beside=10) is None
    pipe = io.StringIO()
    assert drawn(Terminal({}, pipe, pipe, pipe), ADDRESS, beside=10) is None
    with open(os.dup(window.stream.fileno()), "w", encoding="latin-1") as latin:
        assert drawn(Terminal({}, pipe, pipe, latin), ADDRESS, beside=10) is None


def test_without_segno_and_for_an_address_too_long_there_is_none(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = window.resize(500, 500)
    assert drawn(terminal, ADDRESS, beside=10) is not None
    assert drawn(terminal, ADDRESS + "x" * 3000, beside=10) is None
    monkeypatch.setitem(sys.modules, "segno", None)
    assert drawn(terminal, ADDRESS, beside=10) is None
