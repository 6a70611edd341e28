"""What is wrong with a command line that neither reader takes, in words of our own, with what to type. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from gumauth.cli.parsing import fast_parser, other_programs
from gumauth.cli.parsing.parameters import Command
from gumauth.cli.parsing.table import COMMANDS
from gumauth.cli.parsing.wrong_arguments import LIKE, in_shell, shown, wrong_arguments
from gumauth.cli.topics.pages import TOPICS
from gumauth.errors import UsageError


def mistake(words: Sequence[str]) -> UsageError:
    """The error for a command line.

    Args:
        words: What stands behind `gumauth`; the first that is wrong is told.
    """
    first, rest = words[0], list(words[1:])
    command = COMMANDS.get(first)
    if command is not None:
        return wrong_arguments(command, rest)
    return _no_such_option(first, rest) if first.startswith("-") else _no_such_command(first, rest)


def _no_such_command(word: str, rest: Sequence[str]) -> UsageError:
    message = f"gumauth has no command {shown(word)}."
    meant = _meant_command(word.lower(), rest)
    if meant is None:
        return UsageError(message, hint="`gumauth help` lists the commands.")
    lists = "" if meant.startswith("gumauth help") else " `gumauth help` lists the commands."
    return UsageError(message, hint=f"Did you mean `{meant}`?{lists}")


def _meant_command(word: str, rest: Sequence[str]) -> str | None:
    """The command line that was perhaps meant: what people type elsewhere comes before what looks like it."""
    written = other_programs.COMMANDS.get(word)
    if written is None and word in TOPICS:
        return f"gumauth help {word}"
    if written is None:
        near = get_close_matches(word, COMMANDS, n=1, cutoff=LIKE)
        written = _line(COMMANDS[near[0]]) if near else None
    if written is None:
        return None
    name, _, arguments = written.partition(" ")
    if name not in COMMANDS or name == "help":
        return f"gumauth {written}"
    said = in_shell(rest) if _may_be_repeated(COMMANDS[name], rest) else ""
    if said and not rest[0].startswith("-"):
        arguments = ""
    return " ".join(filter(None, ["gumauth", name, arguments, said]))


def _may_be_repeated(command: Command, words: Sequence[str]) -> bool:
    """Whether the words behind a command are what belongs there: among others there may be a secret."""
    places = [word for word in words if not word.startswith("-")]
    lacking = [argument.metavar for argument in command.arguments if argument.required][len(places) :]
    is_read = fast_parser.read(command, [*words, *lacking]) is not None
    return is_read and not ("--client-id" in command.options and len(places) > 1)


def _line(command: Command) -> str:
    needed = [argument.metavar for argument in command.arguments if argument.required]
    return " ".join([command.name, *needed])


def _no_such_option(word: str, rest: Sequence[str]) -> UsageError:
    """An option in front of the command: most of them belong behind it."""
    name = word.partition("=")[0]
    if rest and rest[0] in COMMANDS and name in COMMANDS[rest[0]].options:
        command, behind = COMMANDS[rest[0]], [*rest[1:], word]
        line = f"{rest[0]} {in_shell(behind) if _may_be_repeated(command, behind) else f'… {name}'}"
        return UsageError(f"{shown(name)} stands behind the command.", hint=f"Write `gumauth {line}`.")
    known = other_programs.OPTIONS.get(name)
    meant = f"Did you mean {known}? " if known == "--version" else ""
    return UsageError(f"gumauth has no option {shown(name)}.", hint=f"{meant}`gumauth help` shows those that it has.")
