"""`gumauth completion`: the completion script of a shell."""

from __future__ import annotations

from gumauth.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.cli.parsing.parameters import Arguments
    from gumauth.cli.terminal.terminal import Terminal


def run(arguments: Arguments, terminal: Terminal) -> None:
    """Print the completion script of the shell that is named.

    Raises:
        UsageError: There is no script for that shell.
    """
    from gumauth.cli.parsing.completion_scripts import bash, fish, zsh
    from gumauth.platform.text import one_line

    scripts = {"bash": bash, "zsh": zsh, "fish": fish}
    shell = arguments.text("shell")
    if shell not in scripts:
        raise UsageError(
            f"There is no completion for {one_line(shell, 64)!r}.",
            hint="There is `gumauth completion bash`, zsh or fish.",
        )
    terminal.out(scripts[shell]().rstrip("\n"))
