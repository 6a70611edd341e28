"""Which variables get tokens."""

from __future__ import annotations

import pytest

from gumauth.errors import UsageError
from gumauth.handout.run.references import Reference, parse, wanted


@pytest.mark.parametrize(
    ("word", "reference"),
    [
        ("TOKEN=linear", Reference(name="TOKEN", account="linear")),
        ("_t0=github/work", Reference(name="_t0", account="github/work")),
        ("TOKEN=gumauth:linear", Reference(name="TOKEN", account="linear")),
        ("TOKEN=acme/a=b", Reference(name="TOKEN", account="acme/a=b")),
        ("TOKEN@=linear", Reference(name="TOKEN", account="linear", as_file=True)),
        ("TOKEN@=gumauth:linear", Reference(name="TOKEN", account="linear", as_file=True)),
        ("TOKEN=google#id_token", Reference(name="TOKEN", account="google", id_token=True)),
        ("T@=gumauth:acme/a#1#id_token", Reference(name="T", account="acme/a#1", as_file=True, id_token=True)),
        ("TOKEN=acme/ada#1234", Reference(name="TOKEN", account="acme/ada#1234")),
    ],
)
def test_a_word_is_split_at_its_first_equals_sign(word: str, reference: Reference) -> None:
    assert parse(word) == reference


@pytest.mark.parametrize("word", ["linear", "=linear", "@=x", "1A=x", "A-B=x", "A B=x", "Ä=x", "A@@=x", "A@B=x"])
def test_what_is_no_reference_is_refused_with_its_form(word: str) -> None:
    with pytest.raises(UsageError, match="is not NAME=ACCOUNT"):
        parse(word)


@pytest.mark.parametrize("word", ["A=acme#id-token", "A@=acme#ID_TOKEN"])
def test_a_misspelt_id_token_is_no_account(word: str) -> None:
    with pytest.raises(UsageError, match="A names a token that there is not") as raised:
        parse(word)
    assert raised.value.hint == "Write ACCOUNT#id_token for an id_token."


@pytest.mark.parametrize("word", ["A=", "A=gumauth:", "A@=", "A=#id_token"])
def test_a_reference_without_an_account_is_refused(word: str) -> None:
    with pytest.raises(UsageError, match="A refers to no account"):
        parse(word)


def test_a_variable_refers_by_its_whole_value_alone() -> None:
    variables = {
        "A": "gumauth:linear",
        "npm_config_//r.example/:_authToken": "gumauth:acme/work",
        "B": " gumauth:linear",
        "C": "Bearer gumauth:linear",
        "D": "GUMAUTH:linear",
        "E": "https://gumauth:linear@example.com",
        "F": "",
        "G": "gumauth:acme#id_token",
    }
    assert wanted([], variables) == (
        Reference(name="A", account="linear"),
        Reference(name="npm_config_//r.example/:_authToken", account="acme/work"),
        Reference(name="G", account="acme", id_token=True),
    )


def test_the_command_line_wins_over_a_reference_in_a_variable() -> None:
    assert wanted(["A=github"], {"A": "gumauth:linear"}) == (Reference(name="A", account="github"),)


def test_a_variable_that_refers_to_no_account_is_refused_by_its_name() -> None:
    with pytest.raises(UsageError, match=r"^A refers to no account"):
        wanted([], {"A": "gumauth:"})


@pytest.mark.parametrize("words", [["A=x", "A=y"], ["A=x", "B=x", "A@=x"]])
def test_a_variable_that_is_named_twice_is_refused(words: list[str]) -> None:
    with pytest.raises(UsageError, match="A is given twice"):
        wanted(words, {})


@pytest.mark.parametrize(
    "name",
    ["PATH", "Path", "LD_PRELOAD", "DYLD_INSERT_LIBRARIES", "BASH_ENV", "NODE_OPTIONS", "PYTHONPATH", "GUMAUTH_HOME"],
)
def test_no_token_says_what_is_run(name: str) -> None:
    """A service chooses its token, and would choose a library or a program."""
    with pytest.raises(UsageError, match=f"{name} cannot hold a token"):
        wanted([f"{name}=acme"], {})
    with pytest.raises(UsageError, match=f"{name} cannot hold a token"):
        wanted([], {name: "gumauth:acme"})
