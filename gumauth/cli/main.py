"""One run of the command line: which reader, which command, and the one place where errors end."""

from __future__ import annotations

import errno

from gumauth.cli.parsing import fast_parser
from gumauth.cli.parsing.execute import execute, version
from gumauth.cli.parsing.table import COMMANDS
from gumauth.errors import GumauthError, Interrupted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gumauth.cli.terminal.terminal import Terminal


def run(words: Sequence[str], terminal: Terminal) -> int:
    """Run one command line; gives the exit status, after all output has been written out.

    Args:
        words: What stands behind `gumauth`.
        terminal: Where it prints.
    """
    return guarded(terminal, lambda: _dispatch(words, terminal))


def run_by_typer(words: Sequence[str], terminal: Terminal) -> int:
    """The same by way of Typer, whatever the words are."""
    return guarded(terminal, lambda: _by_typer(words, terminal))


def _dispatch(words: Sequence[str], terminal: Terminal) -> int | None:
    first, rest = (words[0], words[1:]) if words else ("--help", [])
    if first == "__complete":
        from gumauth.cli.parsing.completion import complete

        return complete(rest, terminal)
    if words == ["--version"]:
        return version(terminal)
    command = COMMANDS.get(first)
    values = fast_parser.read(command, rest) if command else None
    if command and values is not None:
        return execute(command, values, terminal)
    return _by_typer(words or ["--help"], terminal)


def _by_typer(words: Sequence[str], terminal: Terminal) -> int | None:
    from gumauth.cli.parsing import typer_app

    return typer_app.run(words, terminal)


def guarded(terminal: Terminal, function: Callable[[], int | None]) -> int:
    """The exit status of a function whose errors are printed."""
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
    except Exception as error:  # noqa: BLE001  the last edge: a bug of ours is said in two lines, without its values
        return _failed(terminal, crashed(terminal, error))


def _is_about_output(error: OSError) -> bool:
    """Whether writing to a stream failed, and not some file that has a name."""
    return isinstance(error, BrokenPipeError) or (
        error.filename is None and error.errno in (errno.EBADF, errno.EIO, errno.ENOSPC)
    )


def _failed(terminal: Terminal, error: GumauthError) -> int:
    try:
        for line in error.way if terminal.environ.get("GUMAUTH_DEBUG") else ():
            terminal.line(line)
        terminal.fail(error)
        terminal.stderr.flush()
    except OSError:
        pass  # nobody is left to tell; the status says it
    return error.exit_code


def crashed(terminal: Terminal, error: Exception) -> GumauthError:
    """The error for an exception that nobody expected, without its message: any value in that may be a secret.

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
    """Lead an output that nobody takes to nowhere, so that Python does not fail on it once more at its end."""
    import os

    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, terminal.stdout.fileno())
    except (OSError, ValueError):
        pass  # it was no file
    finally:
        os.close(nowhere)
