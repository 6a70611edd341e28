"""Foreign text on its way to a terminal."""

from __future__ import annotations

import json
import secrets
import time
import unicodedata
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gumauth.platform.text import MOST_MARKS, SHORTEST, one_line, without_secrets

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


@pytest.mark.parametrize(
    "unseen",
    [
        *("\u00ad", "\u034f", "\u115f", "\u1160", "\u17b4", "\u180b", "\u180f", "\u2800", "\u3164", "\ufe0f", "\uffa0"),
        *("\ufffc", "\U00013441", "\U00016fe4", "\U0001bca0", "\U0001d159", "\U0001d173", "\U000e0020", "\U000e0100"),
        *("\U000e0fff", "\u2065", "\ufff8"),
    ],
)
def test_what_shows_nothing_is_gone_so_that_two_names_do_not_look_the_same(unseen: str) -> None:
    assert one_line(f"a{unseen}da{unseen}") == "ada"
    assert one_line(unseen) == ""


def test_two_spellings_of_a_letter_are_one() -> None:
    assert one_line("Zoe\u0308") == one_line("Zo\u00eb") == "Zo\u00eb"
    assert one_line("e\u034f\u0301") == "\u00e9"  # also where something that shows nothing stands between
    assert one_line("\u1112\u1161\u11ab") == "\ud55c"


def test_sixty_accents_on_a_letter_are_a_few() -> None:
    assert one_line("x" + "\u0300" * 60 + "y") == "x" + "\u0300" * MOST_MARKS + "y"


@pytest.mark.parametrize(("said", "shown"), [("\u0338ada", "ada"), (" \u0338 ada", "ada"), ("a \u0338b", "a b")])
def test_an_accent_with_nothing_to_stand_on_is_gone(said: str, shown: str) -> None:
    """It would be put on what stands before the name, such as the slash of a label."""
    assert one_line(said) == shown


@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn Văn Ân",
        "שָׁלוֹם",
        "สวัสดีค่ะ ผู้ใช้",
        "नमस्ते क्षत्रिय",
        "한국어",
        "Ελληνικά",
        "தமிழ்",
        "محمد",
        "山田太郎",
        "O\u2019Brien",
        "Zoë 😀 👍🏽",
        "བོད་སྐད་",
        "שָׁ֑לֽוֹם",
    ],
)
def test_names_of_many_languages_stay_as_they_are(name: str) -> None:
    assert one_line(name) == unicodedata.normalize("NFC", name)


SECRET = "Zk3vYb8mQe5rTn1x/Wc7u+Ld9h=="


@pytest.mark.requirement("S1")
@pytest.mark.parametrize(
    ("said", "left"),
    [
        (f"the token {SECRET} is old", "the token … is old"),
        (f"the token {SECRET.upper()} is old", "the token … is old"),
        ("t=Zk3vYb8mQe5rTn1x%2FWc7u%2bLd9h%3D%3D", "t=…"),
        ("Zk3vYb8mQe5rTn1x\\/Wc7u+Ld9h==", "…"),
        ("\\u005ak3vYb8mQe5rTn1x/Wc7u+Ld9h== is old", "… is old"),
        ("token Zk3vYb8mQe5r is cut short", "token … is cut short"),
        ("ends in Tn1x/Wc7u+Ld9h==", "ends in …"),
        ("token=Zk3vYb8mQe5r is cut short", "token=… is cut short"),
        ("Zk3vYb8mQe5r... is cut short", "…... is cut short"),
        ("/token/Zk3vYb8mQe5r/", "/token/…/"),
        ("it is Zk3vYb8mXX, then XY/Wc7u+Ld", "it is …XX, then XY…"),
        ("t=Zk3vYb8mQe5rTn1x%252FWc7u%252BLd9h%253D", "t=…"),
        ("begins with Zk3v", "begins with Zk3v"),
        ("nothing of it, 100% sure, %41 \\u0041", "nothing of it, 100% sure, %41 \\u0041"),
    ],
)
def test_a_secret_is_hidden_however_it_is_quoted(said: str, left: str) -> None:
    assert without_secrets(said, {SECRET, ""}) == left


@pytest.mark.requirement("S1")
@pytest.mark.parametrize("secret", ['p%41ss word"s', "une phrase été", "İstanbul'da"])
def test_a_secret_of_any_letters_is_hidden_as_it_is_and_as_it_is_written(secret: str) -> None:
    for written in (secret, quote(secret), quote_plus(secret)):
        assert without_secrets(f"<{written}>", {secret}) == "<…>"
    assert len(without_secrets(json.dumps(secret), {secret})) < SHORTEST


@pytest.mark.requirement("Y8")
def test_the_time_that_a_text_takes_grows_as_the_text_does() -> None:
    """Accents on one letter, in the order that takes longest to sort; and a secret as long as an answer may be."""

    def seconds(size: int) -> float:
        began = time.process_time()
        assert one_line("a" + "\u0300\u0316" * size, 4000) == "\u00e0\u0316\u0316\u0300"
        token = secrets.token_urlsafe(20 * size)
        assert without_secrets(f"{token[:300]} and {token[-300:]}" + "%25" * (size // 4), [token]).startswith(
            "… and …%"
        )
        return time.process_time() - began

    assert seconds(36_000) < 3 * 9 * max(seconds(4_000), 0.01)  # where it grew as the square, it would be 81 times


@pytest.mark.requirement("S1")
def test_a_short_secret_is_hidden_where_it_stands_as_a_word() -> None:
    assert without_secrets("not s3cret, nor (s3cret), but s3crets", {"s3cret"}) == "not …, nor (…), but s3crets"


def test_what_is_too_short_to_be_a_secret_takes_no_word_apart() -> None:
    assert without_secrets("found no code", {"code", ""}) == "found no code"
    assert without_secrets("server_error: see the errors", {"e", "error"}) == "server_error: see the errors"
    assert without_secrets("as it is: %41", set()) == "as it is: %41"


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
    assert unicodedata.is_normalized("NFC", shown)
