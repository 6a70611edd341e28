"""Values as literals: whatever is in a text, it stays one, and is read back as it was."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gumauth.cli.authoring.literals import WIDTH, assignment, literal, split_text, text_literal

HOSTILE = [
    'a" + __import__("os").system("id") + "',
    "it's \\",
    "both ' and \"",
    "three \"\"\" and '''",
    "a line\nend\r\n",
    "turned \u202e round \u2066 \u200b",
    "\x00\x1b[31m\x7f\x85\u2028",
    "{client_id} {0} %s",
    "\ud800 half",
    "\U0001f600 and \u0430 of another alphabet",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_is_read_back_as_it_was_from_one_line_of_latin_letters(text: str) -> None:
    written = text_literal(text)
    assert ast.literal_eval(written) == text
    assert written.isprintable()
    assert not [letter for letter in written if ord(letter) > 0x17F]


@given(st.text(st.characters(exclude_categories=())))
def test_no_text_ends_its_literal(text: str) -> None:
    tree = ast.parse(f"value = {text_literal(text)}\n")
    assert len(tree.body) == 1
    assert ast.literal_eval(tree.body[0].value) == text  # type: ignore[attr-defined]


@settings(max_examples=50)
@given(
    st.recursive(
        st.text(max_size=60) | st.integers() | st.booleans() | st.none(),
        lambda each: st.tuples(each, each) | st.tuples(each) | st.dictionaries(st.text(max_size=9), each, max_size=3),
        max_leaves=8,
    )
)
def test_an_assignment_is_read_back_whatever_its_layout(value: object) -> None:
    tree = ast.parse("\n".join(assignment("name", value)))
    assert len(tree.body) == 1
    assert ast.literal_eval(tree.body[0].value) == value  # type: ignore[attr-defined]
    assert ast.literal_eval(literal(value)) == value


def test_a_long_text_is_split_between_words_and_short_values_stay_on_one_line() -> None:
    words = " ".join(["word"] * 40)
    lines = assignment("register_note", words, indent="    ")
    assert (lines[0], lines[-1]) == ("    register_note = (", "    )")
    assert max(map(len, lines)) <= WIDTH
    assert "".join(split_text(words, 70)) == words
    assert assignment("scopes", ("read",)) == ['scopes = ("read",)']
    assert assignment("note", 'say "yes"') == ["note = 'say \"yes\"'"]


def test_letters_of_european_names_stay_and_those_that_look_like_others_do_not() -> None:
    assert text_literal("Zürich Łódź") == '"Zürich Łódź"'
    assert text_literal("\u0131 \u0430") == '"\\u0131 \\u0430"'
