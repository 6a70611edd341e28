"""What both parsers do with the values that they have read: run the command."""

from __future__ import annotations

import sys

from gumauth.cli.parsing.parameters import Arguments, Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from gumauth.cli.terminal.terminal import Terminal


def version(terminal: Terminal) -> int:
    """Print the version."""
    from gumauth import __version__

    terminal.out(f"gumauth {__version__}")
    return 0


def execute(command: Command, values: Mapping[str, Any], terminal: Terminal) -> int | None:
    """Run a command with the values that either reader found."""
    terminal.json = bool(values.get("json"))
    arguments = Arguments(command, values)
    module, _, name = command.run.partition(":")
    function: Callable[[Arguments, Terminal], int | None]
    function = getattr(__import__(module, fromlist=[name]), name)
    before, sys.stdout = sys.stdout, sys.stderr  # what a provider's code prints must not stand in a result
    try:
        return function(arguments, terminal)
    finally:
        sys.stdout = before
