"""`gumauth store reader-key`: writes the key file of machines that may read tokens, and not refresh."""

from __future__ import annotations

from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.shared.administration import Administration
    from gumauth.cli.parsing.parameters import Arguments
    from gumauth.cli.terminal.terminal import Terminal


def run(arguments: Arguments, terminal: Terminal, administration: Administration) -> None:
    """Write the file, and say what else such a machine needs."""
    path = administration.write_reader_key(arguments.text("file"))
    if terminal.json:
        terminal.answer(key_file=path)
        return
    terminal.done(f"{one_line(path, 500)} has the key of machines that may only read tokens.")
    terminal.say(
        "Copy it to them over a safe way, set GUMAUTH_KEY_FILE to it there, and let them use a role that was granted"
        " gumauth_reader."
    )
