"""What a command line may hold: the values of which `commands.py` makes one table.

The quick reader, Typer's command line, the help texts and the shells' completions all come from that table.
"""

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
        help: What it does, in complete sentences.
        metavar: What stands for its value in the help; an option without one is a flag.
        many: It may be repeated.
        required: An argument that must be there.
        reads: "text", "seconds" or "port": what its value must be.
        completes: What a shell offers: "accounts", "providers", "help", "shells", "files" or nothing.
    """

    name: str
    help: str
    metavar: str = ""
    many: bool = False
    required: bool = False
    reads: Literal["text", "seconds", "port"] = "text"
    completes: Literal["accounts", "providers", "help", "shells", "files", ""] = ""

    @property
    def is_option(self) -> bool:
        """Whether it is written with dashes."""
        return self.name.startswith("--")

    @property
    def key(self) -> str:
        """Its name among the read values: "no_browser"."""
        return self.name.lstrip("-").replace("-", "_")


@frozen
class Command:
    """One command.

    Args:
        name: The word that selects it.
        summary: One sentence, for the list of commands.
        details: Paragraphs for its own help.
        parameters: Its arguments in order, and its options.
        run: The function, as "module:name"; imported when the command runs.
    """

    name: str
    summary: str
    details: str
    parameters: tuple[Parameter, ...]
    run: str

    @property
    def arguments(self) -> tuple[Parameter, ...]:
        """The parameters that are told by their place."""
        return tuple(p for p in self.parameters if not p.is_option)

    @property
    def options(self) -> dict[str, Parameter]:
        """The parameters that are told by their name."""
        return {p.name: p for p in self.parameters if p.is_option}


class Arguments:
    """The values of one command line, each checked to be what its parameter reads.

    Args:
        command: Whose parameters they are.
        values: By key: a string, a sequence of strings, a bool, or None.

    Raises:
        UsageError: A value is not what its parameter reads.
    """

    def __init__(self, command: Command, values: Mapping[str, Any]) -> None:
        self._values = {p.key: _read(p, values.get(p.key)) for p in command.parameters}

    def flag(self, key: str) -> bool:
        """Whether a flag was given; False too where the command has no such flag."""
        return bool(self._values.get(key))

    def text(self, key: str) -> str:
        """A value that must be there."""
        value: str = self._values[key]
        return value

    def maybe(self, key: str) -> str | None:
        """A value that may be missing."""
        value: str | None = self._values.get(key)
        return value

    def many(self, key: str) -> tuple[str, ...]:
        """The values of a parameter that may be repeated."""
        return tuple(self._values.get(key) or ())

    def number(self, key: str) -> float | None:
        """A number that may be missing; seconds."""
        value: float | None = self._values.get(key)
        return value

    def port(self, key: str) -> int | None:
        """A port that may be missing."""
        value: int | None = self._values.get(key)
        return value


def _read(parameter: Parameter, value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if parameter.many:
        return tuple(_checked(parameter, item) for item in value)
    return READERS[parameter.reads](parameter, value)


def _checked(parameter: Parameter, value: str) -> str:
    """A text without what no name, path or scope holds: line ends, NUL and other control characters."""
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


READERS: Mapping[str, Any] = {"text": _checked, "seconds": _seconds, "port": _port}
