"""What is wrong with a command line that neither parser takes, in words of our own, with what to type. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from gumauth.accounts.account import is_name
from gumauth.cli.parsing import fast_parser, other_programs
from gumauth.cli.parsing.help import usage
from gumauth.cli.parsing.parameters import Command, Parameter
from gumauth.cli.parsing.table import COMMANDS
from gumauth.cli.topics.pages import TOPICS
from gumauth.errors import UsageError
from gumauth.platform.text import one_line

LIKE = 0.75
"""How like a command or option a word has to be for a guess, by `difflib`; 1 for the same word."""

WHERE = {
    "accounts": "`gumauth list` shows the accounts",
    "providers": "`gumauth providers` lists what can be connected",
    "store": "`gumauth store --help` explains the actions",
}
EVERYTHING = ("-a", "--all")


def mistake(words: Sequence[str]) -> UsageError:
    """The error about the first word that is wrong.

    Args:
        words: The words behind `gumauth`; at least one.
    """
    first, rest = words[0], list(words[1:])
    command = COMMANDS.get(first)
    if command is not None:
        wrong = next(_mistakes(command, rest), None)
        return wrong or UsageError("The command line is not understood.", hint=_help(command))
    return _no_such_option(first, rest) if first.startswith("-") else _no_such_command(first, rest)


def _no_such_command(word: str, rest: Sequence[str]) -> UsageError:
    message = f"gumauth has no command {_shown(word)}."
    meant = _meant_command(word.lower(), rest)
    if meant is None:
        return UsageError(message, hint="`gumauth help` lists the commands.")
    lists = "" if meant.startswith("gumauth help") else " `gumauth help` lists the commands."
    return UsageError(message, hint=f"Did you mean `{meant}`?{lists}")


def _meant_command(word: str, rest: Sequence[str]) -> str | None:
    """The command line that was perhaps meant: by another program's word for a command, else by a likeness."""
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
    said = _in_shell(rest) if _may_be_repeated(COMMANDS[name], rest) else ""
    if said and not rest[0].startswith("-"):
        arguments = ""
    return " ".join(filter(None, ["gumauth", name, arguments, said]))


def _may_be_repeated(command: Command, words: Sequence[str]) -> bool:
    """Whether the words are the command's arguments and options: any other word may be a secret. Promise S1."""
    places = [word for word in words if not word.startswith("-")]
    lacking = [argument.metavar for argument in command.arguments if argument.required][len(places) :]
    is_read = fast_parser.read(command, [*words, *lacking]) is not None
    is_of_key = any(word.partition("=")[0] == "--key" for word in words)
    return is_read and not is_of_key and not ("--client-id" in command.options and len(places) > 1)


def _line(command: Command) -> str:
    needed = [argument.metavar for argument in command.arguments if argument.required]
    return " ".join([command.name, *needed])


def _no_such_option(word: str, rest: Sequence[str]) -> UsageError:
    """The error for an option in front of the command."""
    name = word.partition("=")[0]
    if rest and rest[0] in COMMANDS and name in COMMANDS[rest[0]].options:
        command, behind = COMMANDS[rest[0]], [*rest[1:], word]
        line = f"{rest[0]} {_in_shell(behind) if _may_be_repeated(command, behind) else f'… {name}'}"
        return UsageError(f"{_shown(name)} stands behind the command.", hint=f"Write `gumauth {line}`.")
    known = other_programs.OPTIONS.get(name)
    meant = f"Did you mean {known}? " if known == "--version" else ""
    return UsageError(f"gumauth has no option {_shown(name)}.", hint=f"{meant}`gumauth help` shows those that it has.")


def _mistakes(command: Command, words: Sequence[str]) -> Iterator[UsageError]:
    """The errors for the words behind a command, in their order."""
    places: list[str] = []
    rest, _ = fast_parser.split(command, words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            places += rest
            break
        if word == "-" or not word.startswith("-"):
            places.append(word)
        else:
            yield from _of_option(command, word, places, rest)
    yield from _of_places(command, places, words)


def _of_option(command: Command, word: str, places: Sequence[str], rest: list[str]) -> Iterator[UsageError]:
    """The errors for an option; the option's value is taken off `rest`."""
    name, equals, value = word.partition("=")
    option = command.options.get(name)
    if option is None:
        yield _unknown_option(command, name, _without_as(command, places, [value] if value else rest))
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


def _without_as(command: Command, places: Sequence[str], values: Sequence[str]) -> str:
    """The command line for a person who wrote the account's name behind an option such as `--as`."""
    first = places[0] if places else ""
    name = values[0] if values and not values[0].startswith("-") else "ALIAS"
    if len(_usual(command)) > 1:
        return f"gumauth {command.name} {_in_shell([first or 'ACCOUNT', name])}"
    account = f"{first if is_name(first) else 'PROVIDER'}/{name}"
    return f"gumauth {command.name} {_in_shell([account])}"


def _unknown_option(command: Command, name: str, without_as: str) -> UsageError:
    message = f"`gumauth {command.name}` has no option {_shown(name)}."
    if name in EVERYTHING and command.name in ("list", "refresh"):
        return UsageError(message, hint=f"Leave it away: `gumauth {command.name}` means all.")
    known = other_programs.OPTIONS.get(name, name)
    if known == "--version":
        return UsageError(message, hint="Write `gumauth --version`.")
    if known == "--as" and any(argument.completes == "accounts" for argument in command.arguments):
        return UsageError(message, hint=f"Write the name without it: `{without_as}`.")
    if known not in command.options:
        near = get_close_matches(name, [*command.options, "--help"], n=1, cutoff=LIKE)
        known = near[0] if near else ""
    meant = f"Did you mean {known}? " if known else ""
    return UsageError(message, hint=f"{meant}{_help(command)}")


def without_argument(command: Command) -> UsageError:
    """The error for a command whose first argument is missing."""
    return _missing(command, command.arguments[0])


def without_rest(command: Command, rest: Parameter) -> UsageError:
    """The error for a command that runs another program, without that program's command line."""
    return UsageError(
        f"`gumauth {command.name}` needs -- and {rest.metavar} behind it.", hint=f"Write `{_usage(command)}`."
    )


def _of_places(command: Command, places: Sequence[str], words: Sequence[str]) -> Iterator[UsageError]:
    """The error for too few or too many arguments."""
    given = {word.partition("=")[0] for word in words}
    arguments = [each for each in command.arguments if not each.only_with or each.only_with in given]
    needed = [argument for argument in arguments if argument.required]
    if len(places) < len(needed):
        yield _missing(command, needed[len(places)])
    elif len(places) > len(arguments) and not any(argument.many for argument in arguments):
        is_secret = bool({"--client-id", *given} & {*command.options} & {"--client-id", "--key"})
        yield _too_many(command, places, len(arguments), is_secret=is_secret)


def _missing(command: Command, argument: Parameter) -> UsageError:
    where = WHERE.get(argument.completes)
    written = _usage(command).replace(f"[{argument.metavar}]", argument.metavar)
    hint = f"Write `{written}`" + (f"; {where}." if where else ".")
    return UsageError(f"`gumauth {command.name}` needs {argument.metavar} behind it.", hint=hint)


def _too_many(command: Command, places: Sequence[str], most: int, *, is_secret: bool) -> UsageError:
    if is_secret:  # the word may be one, and is not shown
        return UsageError(
            f"There is a word too many for `gumauth {command.name}`.",
            hint=f"Write `{_usage(command)}`. A secret is never an argument; pipe it in.",
        )
    extra = _shown(places[most])
    hint = _instead(command, places) or f"Write `{_usage(command)}`."
    return UsageError(f"{extra} is one word too many for `gumauth {command.name}`.", hint=hint)


def _instead(command: Command, places: Sequence[str]) -> str | None:
    """The hint for a person who wrote the provider and the account's name in two words."""
    first, second = places[0], places[1] if len(places) == 2 else ""
    if not second or second.startswith("-") or not is_name(first):
        return None
    if command.arguments and command.arguments[0].completes == "accounts":
        return f"Did you mean `gumauth {command.name} {_in_shell([f'{first}/{second}'])}`?"
    if "--as" in command.options:
        return f"Did you mean `gumauth {command.name} {first} --as {_in_shell([second])}`?"
    return None


def _usage(command: Command) -> str:
    """The command with its usual arguments, as a hint shows it."""
    written = usage(command).replace(" [OPTIONS]", "")
    for argument in command.arguments:
        if argument not in _usual(command):
            written = written.replace(f" [{argument.metavar}]", "")
    return written


def _usual(command: Command) -> list[Parameter]:
    """The arguments that need no option beside them."""
    return [argument for argument in command.arguments if not argument.only_with]


def _help(command: Command) -> str:
    return f"`gumauth help {command.name}` explains it."


def _in_shell(words: Sequence[str]) -> str:
    """Words quoted for a shell, cut to 100 characters."""
    return one_line(" ".join(shlex.quote(word) for word in words), 100)


def _shown(word: str) -> str:
    """A word in a sentence, in quotes where it holds other letters than a name."""
    return one_line(word, 64) if is_name(word.lstrip("-").lower()) else repr(one_line(word, 64))
