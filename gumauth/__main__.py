"""The entry point of the `gumauth` command and of `python -m gumauth`."""

from __future__ import annotations

import os
import sys

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
        terminal.json = "--json" in sys.argv or sys.argv[1:2] == ["__complete"]  # nothing has read the words yet
        return guarded(terminal, _become_owner) or run(sys.argv[1:], terminal)
    except KeyboardInterrupt:  # during the imports, before anybody could say so
        return INTERRUPTED


def _become_owner() -> None:
    from gumauth.platform.folders import become_owner

    become_owner(os.environ)


def _end_now(status: int) -> None:
    """End without the interpreter's own tidying up.

    It waits for threads that may hang, and turns an interrupt that came while it compiled a line of text (a named
    tuple's) into an end by signal, although it was caught.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            pass  # nobody reads any more
    os._exit(status)


if __name__ == "__main__":
    sys.exit(main())
