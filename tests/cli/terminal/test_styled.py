"""Lines in pieces: how wide letters are, where a line is cut and folded, and what stands in its place."""

from __future__ import annotations

import pytest

from gumauth.cli.terminal.styled import cut, drawn, folded, plain, stripped, styled, width_of

TWO = styled("acme/ada", "bold") + styled(" (default)", "cyan")


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("ada", 3),
        ("é", 1),
        ("e\u0301", 1),
        ("田中", 4),
        ("한", 2),
        ("\u1112\u1161\u11ab", 2),  # the same in parts
        ("ﾊﾝ", 2),
        ("\uff46\uff55", 4),
        ("ไทย", 3),
        ("ที่", 1),
        ("नि", 1),
        ("🎉", 2),
        ("👍\U0001f3fd", 2),
        ("שלום", 4),
        ("…", 1),
    ],
)
def test_a_letter_takes_two_columns_or_one_or_none(text: str, width: int) -> None:
    assert width_of(text) == width


@pytest.mark.parametrize(
    ("text", "width", "left"),
    [
        ("ada@example.com", 15, "ada@example.com"),
        ("ada@example.com", 14, "ada@example.c…"),
        ("田中太郎", 8, "田中太郎"),
        ("田中太郎", 7, "田中太…"),
        ("田中太郎", 6, "田中 …"),
        ("e\u0301e\u0301e\u0301", 2, "e\u0301…"),
    ],
)
def test_a_line_is_cut_to_its_width(text: str, width: int, left: str) -> None:
    line = cut(styled(text), width)
    assert plain(line) == left
    assert width_of(left) == min(width, width_of(text))


def test_what_stands_for_the_rest_has_the_style_of_the_rest() -> None:
    assert cut(TWO, 9) == (("acme/ada", "bold"), ("…", "cyan"))
    assert cut(TWO, 8) == (("acme/ad", "bold"), ("…", "bold"))


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 9, [""]),
        ("read write", 10, ["read write"]),
        ("read write", 9, ["read", "write"]),
        ("a bc def ghij", 5, ["a bc", "def", "ghij"]),
        ("https://example.com/read", 10, ["https://ex", "ample.com/", "read"]),
        ("to abcdefgh it", 4, ["to", "abcd", "efgh", "it"]),
        ("to abcdefghi it", 4, ["to", "abcd", "efgh", "i it"]),
        ("読む 書く", 5, ["読む", "書く"]),
        ("読む書く", 5, ["読む", "書く"]),
        ("読む書く", 1, ["読", "む", "書", "く"]),
    ],
)
def test_a_line_is_folded_at_blanks_and_in_long_words(text: str, width: int, lines: list[str]) -> None:
    assert [plain(line) for line in folded(styled(text), width)] == lines


def test_each_line_keeps_the_styles_of_its_letters() -> None:
    assert list(folded(TWO, 10)) == [(("acme/ada", "bold"),), (("(default)", "cyan"),)]


def test_a_stripped_line_ends_with_a_letter() -> None:
    assert stripped((("ada  ", "bold"), ("  ", ""))) == (("ada", "bold"),)


def test_a_line_is_drawn_in_its_colours_or_plain() -> None:
    line = (*TWO, ("  ", "dim"), ("ok", "dim green"), ("!", ""))
    assert drawn(line, colours=True) == ("\x1b[1macme/ada\x1b[0m\x1b[36m (default)\x1b[0m  \x1b[2;32mok\x1b[0m!")
    assert drawn(line, colours=False) == "acme/ada (default)  ok!"
