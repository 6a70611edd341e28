"""Tables in narrow windows, in plain encodings and in colours, beside those that Rich draws."""

from __future__ import annotations

import io
import re
from typing import TextIO

import pytest
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gumauth.cli import main
from gumauth.cli.terminal.styled import styled
from gumauth.cli.terminal.tables import Column, fitting, print_rows
from gumauth.cli.terminal.terminal import Terminal
from tests.cli.program import Screen

COLUMNS = (Column(title="Account"), Column(title="Nickname", goes=1, least=12), Column(title="State"))
ROWS = (
    (styled("acme/ada", "bold") + styled(" (default)", "cyan"), styled("ada@example.com"), styled("ok", "green")),
    (styled("acme/田中", "bold"), styled("田中太郎@例え.jp 田中太郎"), styled("expired", "yellow")),
    (styled("acme/한", "bold"), styled("ไทยแลนด์ e\u0301 x\u0302 नमस्ते 👍\U0001f3fd ½ ﾊﾝｶｸ"), styled("revoked", "red")),
    (styled("acme/1", "bold"), styled(""), styled("key", "green")),
)


class Window(Terminal):
    """A window of 60 columns."""

    columns: int | None = 60

    def width(self, stream: TextIO) -> int | None:
        """As many as the window has."""
        return self.columns


class AsciiScreen(Screen):
    """A terminal whose encoding has no lines."""

    encoding = "ANSI_X3.4-1968"


PLAIN, COLOURED = {"NO_COLOR": "1"}, {"TERM": "xterm"}


def printed(columns: int | None, environ: dict[str, str], stream: type[io.StringIO] = Screen) -> str:
    """What is printed of ROWS in a window of this width."""
    out = stream()
    terminal = Window(environ, Screen(), out, Screen())
    terminal.columns = columns
    print_rows(terminal, COLUMNS, ROWS)
    return out.getvalue()


def drawn_by_rich(width: int) -> str:
    """ROWS as Rich draws them, with the columns as wide as ours."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim", border_style="dim", show_edge=False)
    shown = fitting(COLUMNS, ROWS, width)
    assert shown is not None
    for n, columns in shown.items():
        table.add_column(COLUMNS[n].title, no_wrap=True, overflow="ellipsis", width=columns)
    for row in ROWS:
        table.add_row(*(Text.assemble(*row[n]) for n in shown))
    out = io.StringIO()
    screen = Console(file=out, width=width, force_terminal=True, color_system="standard", _environ={})
    screen.print(table, markup=False, highlight=False)
    return out.getvalue()


def seen(text: str) -> list[list[tuple[str, str]]]:
    """The letters of each line with the colours of each, but for blanks, whose colours nobody sees."""
    lines = []
    for line in text.splitlines():
        style, letters = "", []
        for code, letter in re.findall(r"\x1b\[([0-9;]*)m|(.)", line):
            if letter:
                letters.append((letter, style if letter.strip() else ""))
            else:
                style = code.removeprefix("0")
        while letters and letters[-1][0] == " ":
            letters.pop()
        lines.append(letters)
    return lines


@pytest.mark.parametrize("width", [28, 30, 40, 42, 43, 44, 45, 46, 50, 60, 80, 120])
def test_a_table_looks_as_rich_draws_it(width: int) -> None:
    assert seen(printed(width, COLOURED)) == seen(drawn_by_rich(width))


def test_a_table_has_its_colours_and_no_blanks_at_the_ends_of_its_lines() -> None:
    lines = printed(34, COLOURED).splitlines()
    assert lines[:3] == [
        "\x1b[2mAccount\x1b[0m              \x1b[2mState\x1b[0m",
        "\x1b[2m────────────────────────────\x1b[0m",
        "\x1b[1macme/ada\x1b[0m\x1b[36m (default)\x1b[0m   \x1b[32mok\x1b[0m",
    ]


def test_a_row_is_a_paragraph_where_not_even_its_first_columns_fit() -> None:
    assert printed(24, PLAIN).splitlines()[:10] == [
        "acme/ada (default)",
        "  Nickname:",
        "  ada@example.com",
        "  State: ok",
        "",
        "acme/田中",
        "  Nickname:",
        "  田中太郎@例え.jp",
        "  田中太郎",
        "  State: expired",
    ]
    assert "  \x1b[2mState: \x1b[0m\x1b[2;32mok\x1b[0m\n" in printed(24, COLOURED)


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": "unknown"}], ids=str)
def test_a_terminal_without_colours_is_sent_no_escape_sequence(environ: dict[str, str]) -> None:
    assert "\x1b" not in printed(60, {"TERM": "xterm", "FORCE_COLOR": "1", **environ})


def test_a_pipe_is_sent_one_whole_line_for_each_row() -> None:
    lines = printed(None, COLOURED, io.StringIO).splitlines()
    assert len(lines) == 2 + len(ROWS)
    assert lines[3] == "acme/田中            田中太郎@例え.jp 田中太郎    expired"


def test_an_encoding_without_lines_is_sent_dashes() -> None:
    assert printed(30, PLAIN, AsciiScreen).splitlines()[:3] == [
        "Account            | State",
        "-------------------+--------",
        "acme/ada (default) | ok",
    ]


@pytest.mark.parametrize(
    ("words", "columns", "told"),
    [
        (["providers"], 60, "This window is too narrow for Credentials."),
        (["providers"], 120, ""),
        (["link"], 60, "This window is too narrow for Where."),
        (["link"], 200, ""),
    ],
)
def test_what_a_narrow_window_has_no_room_for_is_told(
    environ: dict[str, str], words: list[str], columns: int, told: str
) -> None:
    environ |= {"SHOPIFY_CLIENT_ID": "an-id"}
    out, err = Screen(), Screen()
    terminal = Window(environ, Screen(), out, err)
    terminal.columns = columns
    assert main.run(words, terminal) == 0
    assert [line for line in err.getvalue().splitlines() if "narrow" in line] == ([told] if told else [])
