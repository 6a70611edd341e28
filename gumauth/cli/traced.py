"""What `--trace` shows on standard error."""

from __future__ import annotations

from gumauth.cli.parsing.parameters import Arguments
from gumauth.cli.terminal.terminal import Terminal
from gumauth.client.context import Context


def trace_as_asked(context: Context, arguments: Arguments, terminal: Terminal) -> None:
    """Show every request of the run, and its answer, where `--trace` is given."""
    if not arguments.flag("trace"):
        return
    from gumauth.client.trace.trace import Trace

    def show(lines: list[str]) -> None:
        for line in lines:
            terminal.line(line, indent=" " * 7, style=None if line.startswith("#") else "dim")

    context.trace = Trace(show)
