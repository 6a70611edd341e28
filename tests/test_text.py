"""Foreign text on its way to a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gumauth.text import one_line

pytestmark = pytest.mark.requirement("S4")


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("ada@example.com", "ada@example.com"),
        ("Zoë 日本 😀", "Zoë 日本 😀"),
        ("red\x1b[31m text\x1b[0m", "red text"),
        ("\x1b]0;a new title\x07name", "name"),
        ("\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\", "click"),
        ("\x9b31mname", "name"),
        ("\x9d0;title\x9cname", "name"),
        ("\x1bP1$r payload\x1b\\name", "name"),
        ("\x1bcname", "name"),
        ("two\r\nlines\tand a tab", "two lines and a tab"),
        ("sep\u2028ar\u2029ators\x85here", "sep ar ators here"),
        ("blanks \x1a around what goes", "blanks around what goes"),
        ("back\x08space\x7f\x00", "backspace"),
        ("left\u202eright\u2066\u2069", "leftright"),
        ("zero\u200bwidth\ufeff\u200d\u2060", "zerowidth"),
        ("unfinished \x1b]0;title", "unfinished"),
    ],
)
def test_what_a_terminal_would_obey_is_gone_with_its_payload(foreign: str, shown: str) -> None:
    assert one_line(foreign) == shown


def test_it_is_capped() -> None:
    assert one_line("x" * 500, 10) == "xxxxxxxxx…"
    assert one_line("x" * 10, 10) == "xxxxxxxxxx"


def test_what_is_not_text_is_shown_as_text() -> None:
    assert one_line(["a", 1]) == "['a', 1]"


@given(st.text(max_size=300))
def test_whatever_comes_it_is_one_printable_line(foreign: str) -> None:
    shown = one_line(foreign)
    assert len(shown) <= 200
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs") for c in shown)
    assert shown == shown.strip()
    assert one_line(shown) == shown
