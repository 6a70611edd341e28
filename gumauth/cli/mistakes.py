"""What is wrong with a command line that neither reader takes, in words of our own, with what to type. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from gumauth.accounts import is_name
from gumauth.cli import elsewhere
from gumauth.cli.commands import COMMANDS
from gumauth.cli.help import usage
from gumauth.cli.spec import Command, Parameter
from gumauth.cli.topic import TOPICS
from gumauth.errors import UsageError
from gumauth.text import one_line

LIKE = 0.75
"""How like a word must be to what is guessed to be meant; 1 is the same."""

WHERE = {
    "accounts": "`gumauth list` shows the accounts",
    "providers": "`gumauth providers` lists what can be connected",
}
EVERYTHING = ("-a", "--all")


def mistake(words: Sequence[str]) -> UsageError:
    """The error for a command line.

    Args:
        words: What stands behind `gumauth`; the first that is wrong is told.
    """
    first, rest = words[0], list(words[1:])
    command = COMMANDS.get(first)
    if command is not None:
        return next(_mistakes(command, rest))
    return _no_such_option(first, rest) if first.startswith("-") else _no_such_command(first, rest)


def _no_such_command(word: str, rest: Sequence[str]) -> UsageError:
    message = f"gumauth has no command {_shown(word)}."
    meant = _meant_command(word.lower(), rest)
    if meant is None:
        return UsageError(message, hint="`gumauth help` lists the commands.")
    lists = "" if meant.startswith("gumauth help") else " `gumauth help` lists the commands."
    return UsageError(message, hint=f"Did you mean `{meant}`?{lists}")


def _meant_command(word: str, rest: Sequence[str]) -> str | None:
    """The command line that was perhaps meant: what people type elsewhere comes before what looks like it."""
    written = elsewhere.COMMANDS.get(word)
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
    if rest and not rest[0].startswith("-"):
        arguments = ""
    return " ".join(filter(None, ["gumauth", name, arguments, _words(rest)]))


def _line(command: Command) -> str:
    needed = [argument.metavar for argument in command.arguments if argument.required]
    return " ".join([command.name, *needed])


def _no_such_option(word: str, rest: Sequence[str]) -> UsageError:
    """An option in front of the command: most of them belong behind it."""
    name = word.partition("=")[0]
    if rest and rest[0] in COMMANDS and name in COMMANDS[rest[0]].options:
        line = _words([rest[0], *rest[1:], word])
        return UsageError(f"{_shown(name)} stands behind the command.", hint=f"Write `gumauth {line}`.")
    known = elsewhere.OPTIONS.get(name)
    meant = f"Did you mean {known}? " if known == "--version" else ""
    return UsageError(f"gumauth has no option {_shown(name)}.", hint=f"{meant}`gumauth help` shows those that it has.")


def _mistakes(command: Command, words: list[str]) -> Iterator[UsageError]:
    """What is wrong, in the order of the words; at last that something is, which should not come to pass."""
    places: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            places += rest
            break
        if word == "-" or not word.startswith("-"):
            places.append(word)
        else:
            yield from _of_option(command, word, rest)
    yield from _of_places(command, places)
    yield UsageError("The command line is not understood.", hint=_help(command))


def _of_option(command: Command, word: str, rest: list[str]) -> Iterator[UsageError]:
    """What is wrong with an option; its value is taken off the rest."""
    name, equals, _ = word.partition("=")
    option = command.options.get(name)
    if option is None:
        yield _unknown_option(command, name, rest)
    elif not option.metavar and equals:
        yield UsageError(f"{name} takes no value.", hint=f"Write it alone: `gumauth {command.name} … {name}`.")
    elif option.metavar and not equals:
        if not rest or (rest[0].startswith("-") and rest[0] != "-"):
            yield _without_value(command, option)
        rest[:1] = []


def _without_value(command: Command, option: Parameter) -> UsageError:
    written = f"{option.name} {option.metavar}"
    return UsageError(
        f"{option.name} needs a value behind it.", hint=f"Write `gumauth {command.name} … {written}`. {option.help}"
    )


def _unknown_option(command: Command, name: str, rest: Sequence[str]) -> UsageError:
    message = f"`gumauth {command.name}` has no option {_shown(name)}."
    if name in EVERYTHING and command.name in ("list", "refresh"):
        return UsageError(message, hint=f"Leave it away: `gumauth {command.name}` means all.")
    accounts = [argument for argument in command.arguments if argument.completes == "accounts"]
    known = elsewhere.OPTIONS.get(name, name)
    if accounts and known == "--as":
        alias = rest[0] if rest and not rest[0].startswith("-") else "ALIAS"
        return UsageError(
            message, hint=f"Name the account in one word: `gumauth {command.name} PROVIDER/{_words([alias])}`."
        )
    if known not in command.options:
        near = get_close_matches(name, [*command.options, "--help"], n=1, cutoff=LIKE)
        known = near[0] if near else ""
    meant = f"Did you mean {known}? " if known else ""
    return UsageError(message, hint=f"{meant}{_help(command)}")


def without_argument(name: str) -> UsageError:
    """The error for a command without its first argument."""
    return _missing(COMMANDS[name], COMMANDS[name].arguments[0])


def _of_places(command: Command, places: Sequence[str]) -> Iterator[UsageError]:
    """What is wrong with the arguments: one is missing, or there are too many."""
    arguments = command.arguments
    needed = [argument for argument in arguments if argument.required]
    if len(places) < len(needed):
        yield _missing(command, needed[len(places)])
    elif len(places) > len(arguments) and not any(argument.many for argument in arguments):
        yield _too_many(command, places)


def _missing(command: Command, argument: Parameter) -> UsageError:
    where = WHERE.get(argument.completes)
    written = _usage(command).replace(f"[{argument.metavar}]", argument.metavar)
    hint = f"Write `{written}`" + (f"; {where}." if where else ".")
    return UsageError(f"`gumauth {command.name}` needs {argument.metavar} behind it.", hint=hint)


def _too_many(command: Command, places: Sequence[str]) -> UsageError:
    extra = _shown(places[len(command.arguments)])
    hint = _instead(command, places) or f"Write `{_usage(command)}`."
    return UsageError(f"{extra} is one word too many for `gumauth {command.name}`.", hint=hint)


def _instead(command: Command, places: Sequence[str]) -> str | None:
    """The line that was perhaps meant by a provider and a name in two words."""
    first, second = places[0], places[1] if len(places) == 2 else ""
    if not second or second.startswith("-") or not is_name(first):
        return None
    if command.arguments and command.arguments[0].completes == "accounts":
        return f"Did you mean `gumauth {command.name} {_words([f'{first}/{second}'])}`?"
    if "--as" in command.options:
        return f"Did you mean `gumauth {command.name} {first} --as {_words([second])}`?"
    return None


def _usage(command: Command) -> str:
    return usage(command).replace(" [OPTIONS]", "")


def _help(command: Command) -> str:
    return f"`gumauth help {command.name}` explains it."


def _words(words: Sequence[str]) -> str:
    """Words as a shell takes them, and short enough for a sentence."""
    return one_line(" ".join(shlex.quote(word) for word in words), 100)


def _shown(word: str) -> str:
    return one_line(word, 64) if is_name(word.lstrip("-").lower()) else repr(one_line(word, 64))
