"""The words with which another program starts this gumauth, from any folder and with any PATH."""

from __future__ import annotations

import os

from gumauth.errors import UsageError
from gumauth.handout.recipes.short_environment import moved_home
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def words(argv0: str, executable: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The full path of the command; of Python with `-m gumauth`, where there is no command.

    A symbolic link is left as it is: it stays when an upgrade moves what it leads to. Where a variable
    says where the accounts are, `env` sets GUMAUTH_HOME: a program need not have the variable, and no file can say it.

    Args:
        argv0: The first word of this process.
        executable: The path of the interpreter.
        environ: The environment variables.

    Raises:
        HomeError: A variable names the folder of the accounts by a relative path.
        UsageError: No configuration can hold one of the words.
    """
    home = moved_home(environ)
    setting = ("/usr/bin/env", f"GUMAUTH_HOME={home}") if home and os.name == "posix" else ()
    found = (*setting, *_command(argv0, executable, environ.get("PATH")))
    for word in found:
        if not _can_be_written(word):
            raise UsageError(
                f"{one_line(word)!r} has a line end, another control character, or bytes in it that are no UTF-8: no"
                " program's configuration can hold it.",
                hint="Start gumauth by a link without them, and set GUMAUTH_HOME to a link without them.",
            )
    return found


def _can_be_written(word: str) -> bool:
    """Whether a word can stand on one line of a text file.

    U+0085, U+2028 and U+2029 end a line for some readers. A byte that is no UTF-8 is half of a surrogate pair in
    Python.

    Source: PEP 383.
    """
    return word.isprintable() or not any(
        letter < " " or "\x7f" <= letter < "\xa0" or letter in "\u2028\u2029" or "\ud800" <= letter < "\ue000"
        for letter in word
    )


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
