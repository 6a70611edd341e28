"""`gumauth mcp`: a remote MCP server on standard input and output."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.cli.parsing.parameters import Arguments
    from gumauth.cli.terminal.terminal import Terminal
    from gumauth.client.context import Context


def run(arguments: Arguments, terminal: Terminal) -> int:
    """Pass messages on until standard input ends; a failure is an error response, and a line on standard error."""
    from gumauth.handout.bridge.run import Asked, run

    def context() -> Context:
        found = terminal.context(arguments.maybe("env_file"))
        found.ask = None  # standard input has messages
        return found

    return run(
        Asked(
            make_context=context,
            reference=arguments.text("account"),
            url=arguments.maybe("url"),
            stdin=terminal.stdin.fileno(),
            stdout=terminal.stdout.fileno(),
            say=terminal.say,
            clock=terminal.clock,
        )
    )
