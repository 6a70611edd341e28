"""The environment of a command: what it would have without gumauth, and tokens in place of references. Promise H1.

GUMAUTH_PASSPHRASE and client secrets reach it only where they were in the environment before: those of a file behind
`--env-file` are for gumauth, and those of the store never leave it.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

OURS = "GUMAUTH_"
SECRET = "_CLIENT_SECRET"

COERCED = ("C.UTF-8", "C.utf8", "UTF-8")
"""What Python puts into LC_CTYPE as it starts, where the locale is C. Source: PEP 538."""

AS_STARTED = "/proc/self/environ"
"""The variables that this process was started with, on Linux."""


def without_tokens(before: Mapping[str, str], file: Mapping[str, str]) -> dict[str, str]:
    """The variables of the environment, and those of a file for the command; the environment's own win.

    Args:
        before: The environment of gumauth. Secret.
        file: The variables of the file behind `--env-file`. Secret.
    """
    given = {name: value for name, value in file.items() if not (name.startswith(OURS) or name.endswith(SECRET))}
    return {**given, **as_started(before)}


def as_started(environ: Mapping[str, str], started: str = AS_STARTED) -> dict[str, str]:
    """A copy of the environment, with LC_CTYPE as it was before Python changed it.

    Args:
        environ: The environment.
        started: The file with the variables at the start; where there is none, LC_CTYPE stays as it is.
    """
    variables = dict(environ)
    if variables.get("LC_CTYPE") in COERCED and environ is os.environ:
        try:
            with open(started, "rb") as file:
                pairs = [each.partition(b"=") for each in file.read().split(b"\0")]
        except OSError:
            return variables
        before = [os.fsdecode(value) for name, _, value in pairs if name == b"LC_CTYPE"]
        del variables["LC_CTYPE"]
        if before:
            variables["LC_CTYPE"] = before[0]
    return variables
