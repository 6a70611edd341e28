"""The fast parser: reads the ordinary command line without Typer.

Why there are two parsers: importing Typer takes longer than a whole `gumauth token`, and help and mistakes want Typer.

The contract between them:

1. Both read one table, `table.COMMANDS`, and hand `execute` the same values.
2. The fast parser reads a line only where Typer would read it with the same values; for any other line (`--help`, a
   mistake, an option whose value begins with a dash, `--` but before another program's words) it gives None, and `main`
   hands the line to `typer_app`.
3. The fast parser prints nothing and raises nothing. A line that Typer refuses is worded by `mistakes`.

The test that holds them together: tests/cli/parsing/test_fast_parser.py runs each of its lines through `main.run` and
through `typer_app.run`, and compares status, standard output and standard error.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from gumauth.cli.parsing.parameters import Command, Parameter


def read(command: Command, words: Sequence[str]) -> dict[str, Any] | None:
    """The values of the words behind the command's name, by `Parameter.key`; None where Typer has to read the line."""
    values: dict[str, Any] = {}
    places: list[str] = []
    rest, behind = split(command, words)
    if command.rest:
        if not behind:
            return None
        values[command.rest.key] = behind
    while rest:
        word = rest.pop(0)
        if not word.startswith("-") or word == "-":
            places.append(word)
        elif word == "--" or not _option(command, word, rest, values):
            return None
    return values if _place(command.arguments, places, values) else None


def split(command: Command, words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The words for gumauth, and those behind `--` for a program that the command runs."""
    before, behind = list(words), []
    if command.rest and "--" in before:
        place = before.index("--")
        before, behind = before[:place], before[place + 1 :]
    return before, behind


def _option(command: Command, word: str, rest: list[str], values: dict[str, Any]) -> bool:
    name, equals, value = word.partition("=")
    option = command.options.get(name)
    if option is None or (equals and not option.metavar):
        return False
    if not option.metavar:
        values[option.key] = True
        return True
    if not equals:
        if not rest or rest[0].startswith("-"):
            return False
        value = rest.pop(0)
    if option.many:
        values.setdefault(option.key, []).append(value)
    else:
        values[option.key] = value
    return True


def _place(arguments: Sequence[Parameter], places: list[str], values: dict[str, Any]) -> bool:
    for argument in arguments:
        if argument.many:
            values[argument.key], places = places, []
        elif places:
            values[argument.key] = places.pop(0)
        elif argument.required:
            return False
    return not places
