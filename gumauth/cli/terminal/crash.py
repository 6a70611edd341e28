"""What a person sees of a bug of ours: two lines, and never a value, because any value may be a secret."""

from __future__ import annotations

import traceback

from gumauth.errors import GumauthError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.cli.terminal.terminal import Terminal


def crashed(terminal: Terminal, error: Exception) -> GumauthError:
    """The error to print for an exception that nobody expected; with GUMAUTH_DEBUG=1 its way is printed first.

    The exception's own words are left out: an httpx error carries the URL, a pydantic one the whole payload.
    """
    kind = type(error).__name__
    if terminal.environ.get("GUMAUTH_DEBUG"):
        for frame in traceback.extract_tb(error.__traceback__):
            terminal.line(f"  {frame.filename}:{frame.lineno} in {frame.name}")
        return GumauthError(f"gumauth has a bug: {kind}.", hint="Report it with the lines above.")
    return GumauthError(
        f"gumauth has a bug: {kind}.", hint="Run it again with GUMAUTH_DEBUG=1 and report what it prints."
    )
