"""What is said of a command line that is wrong: our own words, with what to type."""

from __future__ import annotations

import json
import re
import shlex

import pytest

from gumauth.cli.parsing import fast_parser, other_programs
from gumauth.cli.parsing.mistakes import mistake
from gumauth.cli.parsing.table import COMMANDS
from tests.cli.program import inside


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        (
            "token acme work",
            "work is one word too many for `gumauth token`.",
            "Did you mean `gumauth token acme/work`?",
        ),
        (
            "connect acme work",
            "work is one word too many for `gumauth connect`.",
            "Did you mean `gumauth connect acme --as work`?",
        ),
        (
            "connect acme -- --as",
            "--as is one word too many for `gumauth connect`.",
            "Write `gumauth connect [PROVIDER]`.",
        ),
        ("demo twice", "twice is one word too many for `gumauth demo`.", "Write `gumauth demo`."),
        (
            "setup a b c",
            "There is a word too many for `gumauth setup`.",
            "Write `gumauth setup PROVIDER [-]`. A secret is never an argument; pipe it in.",
        ),
        (
            "token",
            "`gumauth token` needs ACCOUNT behind it.",
            "Write `gumauth token ACCOUNT`; `gumauth list` shows the accounts.",
        ),
        (
            "setup",
            "`gumauth setup` needs PROVIDER behind it.",
            "Write `gumauth setup PROVIDER [-]`; `gumauth providers` lists what can be connected.",
        ),
        (
            "token --as work",
            "`gumauth token` has no option --as.",
            "Write the name without it: `gumauth token PROVIDER/work`.",
        ),
        (
            "token --as",
            "`gumauth token` has no option --as.",
            "Write the name without it: `gumauth token PROVIDER/ALIAS`.",
        ),
        (
            "token acme --as=work",
            "`gumauth token` has no option --as.",
            "Write the name without it: `gumauth token acme/work`.",
        ),
        (
            "refresh acme --account work --json",
            "`gumauth refresh` has no option --account.",
            "Write the name without it: `gumauth refresh acme/work`.",
        ),
        (
            "rename acme/work --as home",
            "`gumauth rename` has no option --as.",
            "Write the name without it: `gumauth rename acme/work home`.",
        ),
        ("list --version", "`gumauth list` has no option --version.", "Write `gumauth --version`."),
        ("''", "gumauth has no command ''.", "`gumauth help` lists the commands."),
        ("list -a", "`gumauth list` has no option -a.", "Leave it away: `gumauth list` means all."),
        (
            "token acme --heder",
            "`gumauth token` has no option --heder.",
            "Did you mean --header? `gumauth help token` explains it.",
        ),
        (
            "connect acme --alias x",
            "`gumauth connect` has no option --alias.",
            "Did you mean --as? `gumauth help connect` explains it.",
        ),
        ("demo -x", "`gumauth demo` has no option -x.", "`gumauth help demo` explains it."),
        (
            "connect acme --port",
            "--port needs a value behind it.",
            (
                "Write `gumauth connect … --port PORT`. Listen for the callback on this port."
                " The redirect URI changes with it."
            ),
        ),
        ("list --json=yes", "--json takes no value.", "Write it alone: `gumauth list … --json`."),
        ("--json list", "--json stands behind the command.", "Write `gumauth list --json`."),
        ("-x", "gumauth has no option -x.", "`gumauth help` shows those that it has."),
        ("-v", "gumauth has no option -v.", "Did you mean --version? `gumauth help` shows those that it has."),
        ("nosuch", "gumauth has no command nosuch.", "`gumauth help` lists the commands."),
        ("'$(reboot)'", "gumauth has no command '$(reboot)'.", "`gumauth help` lists the commands."),
    ],
)
def test_a_wrong_line_is_told_what_is_wrong_and_what_to_type(
    environ: dict[str, str], line: str, message: str, hint: str
) -> None:
    ended = inside(environ, *shlex.split(line))
    assert (ended.status, ended.out) == (2, "")
    assert (mistake(shlex.split(line)).message, mistake(shlex.split(line)).hint) == (message, hint)
    assert message in ended.err or json.loads(ended.err)["error"]["message"] == message


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("login", "gumauth connect PROVIDER"),
        ("login linear", "gumauth connect linear"),
        ("auth linear --no-browser", "gumauth connect linear --no-browser"),
        ("add linear", "gumauth connect linear"),
        ("logout linear/work", "gumauth disconnect linear/work"),
        ("remove", "gumauth disconnect ACCOUNT"),
        ("rm", "gumauth disconnect ACCOUNT"),
        ("mv acme/work home", "gumauth rename acme/work home"),
        ("delete", "gumauth disconnect ACCOUNT"),
        ("status", "gumauth list"),
        ("whoami", "gumauth list"),
        ("ls", "gumauth list"),
        ("LS --json", "gumauth list --json"),
        ("show", "gumauth list"),
        ("switch linear/work", "gumauth default linear/work"),
        ("use work", "gumauth default work"),
        ("get", "gumauth token ACCOUNT"),
        ("print", "gumauth token ACCOUNT"),
        ("get 'a b'", "gumauth token 'a b'"),
        ("docs", "gumauth help"),
        ("topics", "gumauth help"),
        ("version", "gumauth --version"),
        ("tokn --json", "gumauth token ACCOUNT --json"),
        ("conect", "gumauth connect"),
        ("dotcor", "gumauth doctor"),
    ],
)
def test_what_people_type_elsewhere_is_answered_with_what_it_is_called_here(line: str, meant: str) -> None:
    hint = mistake(shlex.split(line)).hint or ""
    assert hint.startswith(f"Did you mean `{meant}`?")


def test_a_topic_alone_is_help_on_it() -> None:
    assert mistake(["storage"]).hint == "Did you mean `gumauth help storage`?"


@pytest.mark.parametrize("word", ["de", "preset", "toc", "nix", "c", "frob"])
def test_nothing_is_guessed_that_is_not_very_like(word: str) -> None:
    assert mistake([word]).hint == "`gumauth help` lists the commands."


def test_what_is_suggested_exists() -> None:
    """No word of the tables leads to a command or an option that there is not, nor is one itself."""
    for word, written in other_programs.COMMANDS.items():
        assert word not in COMMANDS, f"{word!r} is a command now: take it out of other_programs.py"
        name, *arguments = written.split()
        if name == "--version":
            continue
        assert [argument.strip("[]") for argument in arguments] in (
            [],
            [argument.metavar for argument in COMMANDS[name].arguments][: len(arguments)],
        )
        assert fast_parser.read(COMMANDS[name], arguments) is not None
    options = {option for command in COMMANDS.values() for option in command.options} | {"--version"}
    assert set(other_programs.OPTIONS.values()) <= options


@pytest.mark.requirement("S1")
@pytest.mark.parametrize(
    "line",
    [
        "setup linear my-id s3cr3t-value",
        "setup linear - s3cr3t-value",
        "setup linear s3cr3t-value",
        "setup linear --client-secret s3cr3t-value",
        "setup linear --client-secret=s3cr3t-value",
        "config linear my-id s3cr3t-value",
        "config linear s3cr3t-value",
        "setpu linear my-id s3cr3t-value",
        "login linear --client-secret s3cr3t-value",
        "login linear s3cr3t-value",
        "credentials linear --client-secret=s3cr3t-value",
        "--json setup linear my-id s3cr3t-value",
        "--json connect linear --client-secret s3cr3t-value",
    ],
)
def test_a_secret_that_is_typed_as_an_argument_is_not_repeated(environ: dict[str, str], line: str) -> None:
    ended = inside(environ, *line.split())
    assert ended.status == 2
    assert "s3cr3t" not in ended.out + ended.err


PARSERS = re.compile(r"Got unexpected|No such|Missing argument|requires an argument|not a valid|does not take")


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(
    "words", ["", "a b c d", "--nosuch", "-q", "--json=1", "--min-valid", "--port x", "--env-file", "-- -- -- --"]
)
def test_no_word_of_the_parsers_own_is_shown(environ: dict[str, str], name: str, words: str) -> None:
    error = mistake([name, *words.split()])
    assert not PARSERS.search(f"{error.message} {error.hint}")
    assert error.hint
