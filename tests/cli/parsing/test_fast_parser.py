"""The two parsers are held together: a line that one accepts, refuses or prints ends in the same way by the other."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from gumauth.cli import main
from gumauth.cli.parsing import fast_parser, typer_app
from gumauth.cli.parsing.parameters import Arguments, Parameter
from gumauth.cli.parsing.table import COMMANDS
from gumauth.cli.terminal.terminal import Terminal
from gumauth.errors import UsageError
from tests.cli.program import Ended, inside, listed

LINES = (
    "",
    "--version",
    "--help",
    "list",
    "list --json",
    "list --jsn",
    "list --json=yes",
    "list extra",
    "list linear",
    "list linear/ada@example.com --json",
    "list linear extra",
    "doctor nosuch",
    "doctor linear extra",
    "token --as work",
    "login linear",
    "--json list",
    "token",
    "token --json",
    "token linear",
    "token linear/nobody --json",
    "token --json linear/nobody",
    "token -- linear/nobody",
    "token linear --min-valid 5",
    "token linear --min-valid=5",
    "token linear --min-valid",
    "token linear --min-valid -1",
    "token linear --min-valid=-1",
    "token linear --min-valid nan",
    "token linear --min-valid soon --json",
    "token linear --header --json",
    "token linear two",
    "token 'Not A Name'",
    "token -x linear",
    "token --head linear",
    "default linear/ada@example.com",
    "default linear/ada@example.com --json",
    "default github",
    "default --help",
    "default -h",
    "-h",
    "help",
    "help connect",
    "help nosuch",
    "help connect list",
    "refresh nobody",
    "refresh nobody --json",
    "refresh one two",
    "revoke nobody",
    "disconnect nobody --keep-grant --json",
    "disconnect --keep-grant",
    "connect",
    "connect nosuch",
    "connect linaer --json",
    "connect linear --port 0",
    "connect linear --port=65536",
    "connect linear --scope",
    "connect linear --scope= --no-browser",
    "providers",
    "providers nosuch --json",
    "providers linear --json",
    "setup linear extra",
    "setup linear",
    "setup linear - extra",
    "nosuch",
    "nosuch --json",
    "--nosuch",
    "--json",
    "__complete providers li",
)


def by_typer(words: Sequence[str], terminal: Terminal) -> int:
    """A run of which Typer reads every command line."""
    return main.guarded(terminal, lambda: typer_app.run(words, terminal))


@pytest.mark.parametrize("line", LINES)
def test_a_line_ends_in_the_same_way_by_both_parsers(environ: dict[str, str], line: str) -> None:
    import shlex

    words = shlex.split(line)
    listed(environ, "linear", "ada@example.com", scopes=("read",))
    if line.startswith("__complete"):
        assert inside(environ, *words).status == 0
        return
    assert inside(environ, *words) == inside(environ, *(words or ["--help"]), run=by_typer)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_in_the_same_way(environ: dict[str, str], name: str) -> None:
    ended = inside(environ, name, "--help")
    assert ended == inside(environ, name, "--help", run=by_typer)
    assert ended.status == 0
    assert ended.out.startswith(f"Usage: gumauth {name} [OPTIONS]")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_by_three_spellings(environ: dict[str, str], name: str) -> None:
    ended = inside(environ, name, "--help")
    assert inside(environ, name, "-h") == ended
    assert inside(environ, "help", name) == ended


def test_the_program_explains_itself_by_four_spellings(environ: dict[str, str]) -> None:
    ended = inside(environ, "--help")
    assert ended.status == 0
    assert ended.out.startswith("Usage: gumauth COMMAND")
    assert {inside(environ, "-h"), inside(environ, "help"), inside(environ)} == {ended}


def test_help_on_what_is_no_command_says_what_was_perhaps_meant(environ: dict[str, str]) -> None:
    assert inside(environ, "help", "conect") == Ended(
        2,
        "",
        "error: There is no help on 'conect'.\n"
        "hint:  Did you mean `gumauth help connect`? `gumauth help` lists the commands and topics.\n",
    )
    assert inside(environ, "help", "zzz").err.endswith("hint:  `gumauth help` lists the commands and topics.\n")


def test_the_last_of_a_repeated_option_counts_and_a_repeatable_one_keeps_all() -> None:
    command = COMMANDS["connect"]
    words = ["linear", "--port", "1", "--port=2", "--scope", "read", "--scope", "write", "--as", "work"]
    read = fast_parser.read(command, words)
    assert read == {"port": "2", "scope": ["read", "write"], "as": "work", "provider": "linear"}
    arguments = Arguments(command, read)
    assert (arguments.port("port"), arguments.many("scope")) == (2, ("read", "write"))


@pytest.mark.parametrize(
    "words",
    [["linear", "--port", "-1"], ["--", "linear"], ["linear", "--nosuch"], ["linear", "--json=1"], ["a", "b"]],
)
def test_what_is_odd_is_left_to_typer(words: list[str]) -> None:
    assert fast_parser.read(COMMANDS["connect"], words) is None


@pytest.mark.requirement("S3")
def test_no_option_takes_a_secret() -> None:
    """Only the client id, which is public, has one; the words for secrets are in no name of an option with a value."""
    options = [option for command in COMMANDS.values() for option in command.options.values()]
    names = [option.name for option in options if option.metavar]
    assert "--client-id" in names
    assert not [name for name in names if any(word in name for word in ("secret", "token", "password", "passphrase"))]


@pytest.mark.parametrize("value", ["", "a\nb", "a\x00b", "a\x1bb"])
def test_a_value_with_control_characters_is_refused(value: str) -> None:
    with pytest.raises(UsageError):
        Arguments(COMMANDS["connect"], {"provider": "linear", "as": value})


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "1e12", "soon", "", "٣x"])
def test_seconds_are_a_number_that_can_be_waited(value: str) -> None:
    with pytest.raises(UsageError):
        Arguments(COMMANDS["token"], {"account": "linear", "min_valid": value})


def test_a_usage_error_is_one_json_object_where_json_is_asked_for(environ: dict[str, str]) -> None:
    ended = inside(environ, "tokn", "--json")
    assert ended.out == ""
    assert json.loads(ended.err)["error"]["code"] == "usage"
    assert "Did you mean `gumauth token ACCOUNT --json`?" in ended.err


def test_the_exit_status_of_a_wrong_command_line_is_two(environ: dict[str, str]) -> None:
    assert inside(environ, "token") == Ended(
        2,
        "",
        "error: `gumauth token` needs ACCOUNT behind it.\n"
        "hint:  Write `gumauth token ACCOUNT`; `gumauth list` shows the accounts.\n",
    )


def _sentences(parameter: Parameter) -> bool:
    return parameter.help[0].isupper() and parameter.help.endswith(".")


def test_help_is_complete_sentences() -> None:
    for command in COMMANDS.values():
        assert command.summary.endswith(".")
        assert command.details.endswith(".")
        assert all(_sentences(parameter) for parameter in command.parameters), command.name
