"""The words with which another program starts this gumauth, from any folder and with any PATH."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def words(argv0: str, executable: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The full path of the command; of Python with `-m gumauth`, where there is no command.

    A symbolic link is left as it is: it stays when an upgrade moves what it leads to. Where GUMAUTH_HOME says where the
    accounts are, `env` sets it: a program that starts gumauth need not have it, and no file could say it.

    Args:
        argv0: The first word of this process.
        executable: The path of the interpreter.
        environ: The environment variables, of which PATH and GUMAUTH_HOME are read.
    """
    home = environ.get("GUMAUTH_HOME")
    setting = ("/usr/bin/env", f"GUMAUTH_HOME={os.path.abspath(home)}") if home and os.name == "posix" else ()
    return (*setting, *_command(argv0, executable, environ.get("PATH")))


def _command(argv0: str, executable: str, search: str | None) -> tuple[str, ...]:
    if _is_command(argv0):
        return (_full(argv0, search),)
    beside = os.path.join(os.path.dirname(executable), "gumauth.exe" if os.name == "nt" else "gumauth")
    if os.access(beside, os.X_OK):
        return (beside,)
    return (executable, "-m", "gumauth")


def _is_command(argv0: str) -> bool:
    return os.path.basename(argv0).removesuffix(".exe") == "gumauth"


def _full(argv0: str, search: str | None) -> str:
    if os.path.dirname(argv0):
        return os.path.abspath(argv0)
    import shutil

    return os.path.abspath(shutil.which(argv0, path=search) or argv0)
