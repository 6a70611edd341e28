"""The parts of a command line as values: `Parameter` and `Command`, of which `table` is made, and `Arguments`."""

from __future__ import annotations

from gumauth.errors import UsageError
from gumauth.platform.frozen import frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal


@frozen
class Parameter:
    """One word of a command line, or one option.

    Args:
        name: "--json" for an option, "account" for an argument.
        help: What the parameter does, in complete sentences.
        metavar: Stands for the value in the help; an option with an empty metavar is a flag.
        many: Whether the parameter may be repeated.
        required: Whether the argument must be given.
        only_with: The option without which the optional argument is one word too many; "" for none.
        rest: Whether the argument is all words behind `--`, as they are: another program's command line.
        reads: What the value must be: a text, a number of seconds, a count, or a port.
        completes: The kind of words that a shell offers for the value; "" for none.
    """

    name: str
    help: str
    metavar: str = ""
    many: bool = False
    required: bool = False
    only_with: str = ""
    rest: bool = False
    reads: Literal["text", "seconds", "count", "port"] = "text"
    completes: Literal["accounts", "providers", "programs", "help", "shells", "store", "files", ""] = ""

    @property
    def is_option(self) -> bool:
        """Whether the parameter is written with dashes."""
        return self.name.startswith("--")

    @property
    def key(self) -> str:
        """The name of the parameter's value among the values: "no_browser" for `--no-browser`."""
        return self.name.lstrip("-").replace("-", "_")


@frozen
class Command:
    """One command.

    Args:
        name: The word behind `gumauth`.
        group: The heading under which `gumauth --help` lists it.
        summary: One sentence, for the list of commands.
        details: Paragraphs, for the help of this command.
        parameters: The arguments in their order, and the options.
        run: The function, as "module:name"; imported when the command runs.
    """

    name: str
    group: str
    summary: str
    details: str
    parameters: tuple[Parameter, ...]
    run: str

    @property
    def arguments(self) -> tuple[Parameter, ...]:
        """The parameters without dashes, in their order, but for `rest`."""
        return tuple(p for p in self.parameters if not p.is_option and not p.rest)

    @property
    def rest(self) -> Parameter | None:
        """The argument for the words behind `--`, if the command has one."""
        return next((p for p in self.parameters if p.rest), None)

    @property
    def options(self) -> dict[str, Parameter]:
        """The parameters with dashes, by their names."""
        return {p.name: p for p in self.parameters if p.is_option}


class Arguments:
    """The values of one command line, each checked to be what its parameter reads.

    Args:
        command: The command.
        values: The values of the command's parameters by `Parameter.key`: a string, a sequence of strings, a bool or
            None.

    Raises:
        UsageError: A value is not what its parameter reads.
    """

    def __init__(self, command: Command, values: Mapping[str, Any]) -> None:
        self._command = command
        self._values = {p.key: _read(p, values.get(p.key)) for p in command.parameters}

    def line(self, *more: str) -> str:
        """The command line again, as words of a shell, with further words behind it."""
        import shlex

        words = ["gumauth", self._command.name]
        words += [self._values[p.key] for p in self._command.arguments if self._values[p.key] is not None]
        for name, parameter in self._command.options.items():
            value = self._values[parameter.key]
            if value is True:
                words.append(name)
            elif value is not None and value is not False:
                for each in value if parameter.many else (value,):
                    words += [name, f"{each:g}" if isinstance(each, float) else str(each)]
        return shlex.join([*words, *more])

    def flag(self, key: str) -> bool:
        """Whether a flag was given; False also for a flag that the command does not have."""
        return bool(self._values.get(key))

    def given(self, key: str) -> bool:
        """Whether a parameter was given at all."""
        return self._values.get(key) not in (None, False)

    def text(self, key: str) -> str:
        """The value of a required argument."""
        value: str = self._values[key]
        return value

    def maybe(self, key: str) -> str | None:
        """The value of a parameter; None where it was not given."""
        value: str | None = self._values.get(key)
        return value

    def many(self, key: str) -> tuple[str, ...]:
        """The values of a parameter that may be repeated, in their order."""
        return tuple(self._values.get(key) or ())

    def number(self, key: str) -> float | None:
        """The value of a parameter that reads seconds; None where it was not given."""
        value: float | None = self._values.get(key)
        return value

    def count(self, key: str) -> int | None:
        """The value of a parameter that reads a count; None where it was not given."""
        value: int | None = self._values.get(key)
        return value

    def port(self, key: str) -> int | None:
        """The value of a parameter that reads a port; None where it was not given."""
        value: int | None = self._values.get(key)
        return value


def _read(parameter: Parameter, value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if parameter.rest:
        return tuple(value)
    if parameter.many:
        return tuple(_checked(parameter, item) for item in value)
    return READERS[parameter.reads](parameter, value)


def _checked(parameter: Parameter, value: str) -> str:
    """The value, which is refused where it is empty or holds a line end, NUL or another control character."""
    if not value or any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
        raise _refused(parameter, "empty, or has control characters in it", "Write it without them.")
    return value


def _seconds(parameter: Parameter, value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 1e9:  # neither NaN nor infinity passes
        raise _refused(
            parameter,
            f"{value!r}, which is not a number of seconds",
            f"Write a number, such as `{parameter.name} 300`.",
        )
    return seconds


def _count(parameter: Parameter, value: str) -> int:
    count = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0
    if count < 1:
        raise _refused(
            parameter, f"{value!r}, which is not a number from 1 up", f"Write a number, such as `{parameter.name} 20`."
        )
    return count


def _port(parameter: Parameter, value: str) -> int:
    port = int(value) if value.isascii() and value.isdigit() and len(value) < 6 else 0
    if not 0 < port < 65536:
        raise _refused(
            parameter,
            f"{value!r}, which is not a port from 1 to 65535",
            f"Write a port, such as `{parameter.name} 8080`.",
        )
    return port


def _refused(parameter: Parameter, what: str, hint: str) -> UsageError:
    from gumauth.platform.text import one_line

    shown = parameter.name if parameter.is_option else parameter.metavar
    return UsageError(f"The value of {shown} is {one_line(what)}.", hint=hint)


READERS: Mapping[str, Any] = {"text": _checked, "seconds": _seconds, "count": _count, "port": _port}
