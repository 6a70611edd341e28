"""The entry point of the `gumauth` command and of `python -m gumauth`."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.cli.terminal.terminal import Terminal

INTERRUPTED = 130


def main() -> int:
    """Run the command line of this process; gives its exit status."""
    status = _run()
    if status == INTERRUPTED:
        _end_now(status)
    return status


def _run() -> int:
    try:
        from gumauth.cli.main import guarded, run
        from gumauth.cli.terminal.terminal import Terminal

        terminal = Terminal.of_this_process()
        terminal.json = "--json" in sys.argv or sys.argv[1:2] == ["__complete"]  # no parser has run yet
        return guarded(terminal, lambda: _become_owner(terminal)) or run(sys.argv[1:], terminal)
    except KeyboardInterrupt:  # during the imports, before `guarded` could print an error
        return INTERRUPTED


def _become_owner(terminal: Terminal) -> None:
    from gumauth.platform.folders import become_owner

    terminal.gave_up_root = become_owner(os.environ)


def _end_now(status: int) -> None:
    """End the process without the interpreter's own shutdown.

    The shutdown waits for threads that may hang. And if the interrupt came while the interpreter compiled a string (as
    for a named tuple), the interpreter would end itself by a signal, although the interrupt was caught. Promise C10.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            pass  # the stream was closed by its reader
    os._exit(status)


if __name__ == "__main__":
    sys.exit(main())
