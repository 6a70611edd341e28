"""One run of the command line: which parser reads it, which command runs, and where every error is printed."""

from __future__ import annotations

import errno

from gumauth.cli.parsing import fast_parser
from gumauth.cli.parsing.execute import execute, version
from gumauth.cli.parsing.table import COMMANDS
from gumauth.errors import GumauthError, Interrupted

HELP: tuple[list[str], ...] = ([], ["--help"], ["-h"])
"""What a command line ends with that asks for help."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gumauth.cli.parsing.parameters import Command
    from gumauth.cli.terminal.terminal import Terminal


def run(words: Sequence[str], terminal: Terminal) -> int:
    """Run one command line; gives the exit status, after standard output was flushed.

    Args:
        words: The words behind `gumauth`.
        terminal: Where the command prints.
    """
    return guarded(terminal, lambda: _dispatch(words, terminal))


def _dispatch(words: Sequence[str], terminal: Terminal) -> int | None:
    first, rest = (words[0], words[1:]) if words else ("", [])
    if first == "__complete":
        from gumauth.cli.parsing.completion import complete

        return complete(rest, terminal)
    if first == "__gumstack":
        from gumauth.cli.gumstack_answers import answer

        return answer(terminal)
    if words == ["--version"]:
        return version(terminal)
    command = COMMANDS.get(first)
    if list(words[-1:]) in HELP and len(words) <= (2 if command else 1):
        return _help(command, terminal)
    values = fast_parser.read(command, rest) if command else None
    if command and values is not None:
        return execute(command, values, terminal)
    from gumauth.cli.parsing import typer_app

    return typer_app.run(words, terminal)


def _help(command: Command | None, terminal: Terminal) -> int:
    """Print the help that Typer would print, whose import takes longer."""
    from gumauth.cli.parsing.help import look, of_command, of_program

    look_of_terminal = look(terminal)
    terminal.out(of_program(*look_of_terminal) if command is None else of_command(command, *look_of_terminal))
    return 0


def guarded(terminal: Terminal, function: Callable[[], int | None]) -> int:
    """Call a function, print the error that it raises, and give the exit status.

    A GumauthError is printed as it is, any other exception as a bug (`crashed`). An error of standard output is printed
    too, except that its reader has gone: then the status is 1, and no error is printed.

    Args:
        terminal: Where the error is printed.
        function: Gives an exit status, or None for 0.
    """
    try:
        status = _reported(terminal, function)
        terminal.stdout.flush()
    except KeyboardInterrupt:
        return _failed(terminal, Interrupted("Interrupted."))
    except BrokenPipeError:
        _silence(terminal)
        return 1
    except OSError as error:
        _silence(terminal)
        return _failed(terminal, GumauthError(f"Standard output cannot be written: {error.strerror}."))
    return status


def _reported(terminal: Terminal, function: Callable[[], int | None]) -> int:
    try:
        return function() or 0
    except GumauthError as error:
        return _failed(terminal, error)
    except OSError as error:
        if _is_about_output(error):
            raise
        return _failed(terminal, crashed(terminal, error))
    except Exception as error:  # noqa: BLE001  a bug of gumauth's own: nothing above this line catches it
        return _failed(terminal, crashed(terminal, error))


def _is_about_output(error: OSError) -> bool:
    """Whether the error is about a standard stream: an error about a file has the file's name."""
    return isinstance(error, BrokenPipeError) or (
        error.filename is None and error.errno in (errno.EBADF, errno.EIO, errno.ENOSPC)
    )


def _failed(terminal: Terminal, error: GumauthError) -> int:
    try:
        terminal.fail(error)
        terminal.stderr.flush()
    except OSError:
        pass  # standard error cannot be written either; the exit status says that the command failed
    return error.exit_code


def crashed(terminal: Terminal, error: Exception) -> GumauthError:
    """The error for an exception that nobody expected, without its message, which may hold a secret. Promise S2.

    The message of an httpx error carries the URL, that of a pydantic error the whole payload. With GUMAUTH_DEBUG=1 the
    lines of the traceback are printed first.
    """
    hint = "Run it again with GUMAUTH_DEBUG=1 and report what it prints."
    if terminal.environ.get("GUMAUTH_DEBUG"):
        import traceback

        for frame in traceback.extract_tb(error.__traceback__):
            terminal.line(f"  {frame.filename}:{frame.lineno} in {frame.name}")
        hint = "Report it with the lines above."
    return GumauthError(f"gumauth has a bug: {type(error).__name__}.", hint=hint)


def _silence(terminal: Terminal) -> None:
    """Point standard output at /dev/null, so that Python's own flush at the end of the process does not fail again."""
    import os

    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, terminal.stdout.fileno())
    except (OSError, ValueError):
        pass  # standard output has no file descriptor
    finally:
        os.close(nowhere)
