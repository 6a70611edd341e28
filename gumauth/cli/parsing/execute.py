"""Runs a command with the values that either parser has read."""

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
    """Import the command's function and call it with the checked values.

    Args:
        command: The command.
        values: The values of its parameters, by `Parameter.key`.
        terminal: Where the command prints; with `--json`, as JSON.

    Returns:
        The exit status, or None for 0.

    Raises:
        GumauthError: A value is not what its parameter reads, or the command failed.
    """
    terminal.json = bool(values.get("json"))
    arguments = Arguments(command, values)
    module, _, name = command.run.partition(":")
    function: Callable[[Arguments, Terminal], int | None]
    function = getattr(__import__(module, fromlist=[name]), name)
    before, sys.stdout = sys.stdout, sys.stderr  # what a provider's code prints must not mix with the command's result
    try:
        return function(arguments, terminal)
    finally:
        sys.stdout = before
