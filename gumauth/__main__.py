"""The entry point of the `gumauth` command and of `python -m gumauth`."""

from __future__ import annotations

import gc
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.cli.terminal.terminal import Terminal

INTERRUPTED = 130
SELDOM = 50_000
"""Objects that are made, less those that are gone, until the interpreter looks for garbage."""


def main() -> int:
    """Run the command line of this process, and end the process with its exit status.

    Modules are most of what a short run allocates, and none of them is garbage: looking for some costs a millisecond.
    """
    gc.set_threshold(SELDOM)
    status = _run()
    if status != INTERRUPTED and "atexit" in sys.modules:
        from gumauth.platform.interpreter import end_helpers

        end_helpers()
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

    It frees one by one what the system frees at once, which takes a tenth of a short run, and it waits for threads that
    may hang. And if an interrupt came while the interpreter compiled a string (as for a named tuple), the interpreter
    would end itself by a signal, although the interrupt was caught. Promise C10.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            pass  # the stream was closed by its reader, or the process was started without it
    os._exit(status)


if __name__ == "__main__":
    sys.exit(main())
