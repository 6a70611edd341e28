"""The whole command line by Typer, built from the table: it reads the lines that the fast parser leaves (see there)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from gumauth.cli.parsing import fast_parser
from gumauth.cli.parsing import help as texts
from gumauth.cli.parsing.execute import execute, version
from gumauth.cli.parsing.mistakes import mistake, without_rest
from gumauth.cli.parsing.parameters import Command, Parameter
from gumauth.cli.parsing.table import COMMANDS
from gumauth.cli.terminal.terminal import Terminal

# The base of all errors about a command line: Click's UsageError, which newer versions of Typer bring themselves.
WrongUsage: type[Any] = typer.BadParameter.__mro__[1]


class OneCommand(TyperCommand):
    """A command that prints the help text of the table."""

    def get_help(self, ctx: Any) -> str:
        """The help text for the terminal of this run."""
        return texts.of_command(COMMANDS[str(self.name)], *texts.look(ctx.obj))


class AllCommands(TyperGroup):
    """The program, which prints the help text of the table."""

    def get_help(self, ctx: Any) -> str:
        """The help text for the terminal of this run."""
        return texts.of_program(*texts.look(ctx.obj))


def run(words: Sequence[str], terminal: Terminal) -> int | None:
    """Read a command line with Typer and run it.

    Raises:
        UsageError: Typer does not understand it.
    """
    terminal.json = "--json" in words
    called = COMMANDS.get(words[0])
    own, behind = fast_parser.split(called, words) if called else (list(words), [])
    command = typer.main.get_command(build(terminal, behind))
    try:
        with redirect_stdout(terminal.stdout):
            status = command.main(own, "gumauth", standalone_mode=False, obj=terminal)
    except WrongUsage:
        raise mistake(words) from None
    return status if isinstance(status, int) else None


def build(terminal: Terminal, behind: Sequence[str] = ()) -> typer.Typer:
    """Typer's program for the whole table.

    Args:
        terminal: Where commands print.
        behind: The words behind `--`, for a command that runs another program.
    """
    app = typer.Typer(
        cls=AllCommands,
        context_settings={"help_option_names": ["--help", "-h"]},
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(_program(terminal))
    for command in COMMANDS.values():
        app.command(command.name, cls=OneCommand)(_callback(command, terminal, behind))
    return app


def _program(terminal: Terminal) -> Callable[..., None]:
    def show_version(value: bool) -> None:
        if value:
            version(terminal)
            raise typer.Exit

    def program(
        version: bool = typer.Option(False, "--version", callback=show_version, is_eager=True),
    ) -> None:
        """Do nothing: Typer needs a function for the options in front of a command."""

    # Typer evaluates annotations that are strings, which all annotations of this module are, and fails on these.
    program.__annotations__ = {"version": bool, "return": None}
    return program


def _callback(command: Command, terminal: Terminal, behind: Sequence[str]) -> Callable[..., int | None]:
    """A function that runs the command; Typer makes its parser from the function's signature."""

    def callback(**values: Any) -> int | None:
        if command.rest:
            if not behind:
                raise without_rest(command, command.rest)
            values[command.rest.key] = behind
        return execute(command, {name.rstrip("_"): value for name, value in values.items()}, terminal)

    parameters = [_parameter(p) for p in command.parameters if not p.rest]
    callback.__name__ = command.name
    callback.__annotations__ = {p.name: p.annotation for p in parameters}
    callback.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return callback


def _parameter(parameter: Parameter) -> inspect.Parameter:
    return inspect.Parameter(
        f"{parameter.key}_",  # with the dash below, because `as` is a keyword of Python
        inspect.Parameter.KEYWORD_ONLY,
        default=_default(parameter),
        annotation=_annotation(parameter),
    )


def _annotation(parameter: Parameter) -> Any:
    if parameter.many:
        return list[str] | None
    if parameter.is_option and not parameter.metavar:
        return bool
    return str if parameter.required else str | None


def _default(parameter: Parameter) -> Any:
    if not parameter.is_option:
        return typer.Argument(... if parameter.required else None, metavar=parameter.metavar)
    empty = None if parameter.metavar else False
    return typer.Option(empty, parameter.name, metavar=parameter.metavar or None)
