"""The entry point of the `gumauth` command and of `python -m gumauth`."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line of this process; gives its exit status."""
    try:
        from gumauth.cli.program import run
        from gumauth.cli.terminal import Terminal

        return run(sys.argv[1:], Terminal.of_this_process())
    except KeyboardInterrupt:  # during the imports, before anybody could say so
        return 130


if __name__ == "__main__":
    sys.exit(main())
