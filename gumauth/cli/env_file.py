"""The file of `--env-file`: client ids and secrets as NAME=VALUE lines."""

from __future__ import annotations

import re

from gumauth.errors import GumauthError
from gumauth.home import read_named
from gumauth.text import one_line

LIMIT = 1 << 20
"""Bytes of such a file."""

OURS = "GUMAUTH_"

RESERVED = re.compile(
    r"(GUMAUTH|XDG|DBUS|KEYRING|LD|DYLD|SSL|OPENSSL|REQUESTS|CURL)_.*|PYTHON.*|SSLKEYLOGFILE|.*_PROXY"
    r"|HOME|PATH|BROWSER|DISPLAY|TMPDIR|USERPROFILE|(LOCAL)?APPDATA|PROGRAMDATA",
    re.IGNORECASE,
)
"""Where gumauth keeps things, whom it trusts and what it runs is the person's to say, not a project file's."""

CREDENTIALS = ("_CLIENT_ID", "_CLIENT_SECRET")
"""What a provider of any name has."""


def read(path: str) -> dict[str, str]:
    """The variables in a file.

    A line is NAME=VALUE, perhaps behind `export`; quotes around the value go; blank lines and those that begin with
    `#` are passed over.

    Raises:
        GumauthError: It cannot be read, has more than 1 MiB, or a line is none of these. The line's text is not
            repeated.
    """
    try:
        text = read_named(path, LIMIT).decode("utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None)
        if reason is None:
            reason = "it is not UTF-8 text" if isinstance(error, UnicodeError) else "no file can be called so"
        raise GumauthError(
            f"{one_line(path)} cannot be read: {reason}.", hint="Name the file behind --env-file."
        ) from None
    return parse(text.replace("\r\n", "\n").replace("\r", "\n"), path)


def parse(text: str, path: str) -> dict[str, str]:
    """The variables in a file's text; `path` is for the error."""
    found = {}
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip().removeprefix("export ").lstrip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        name, value = name.rstrip(), _unquoted(value.strip())
        if not equals or not name.isidentifier() or "\0" in value or "\r" in value:
            raise GumauthError(f"Line {number} of {one_line(path)} is not NAME=VALUE.", hint="Mend the line.")
        if not is_reserved(name):
            found[name] = value
    return found


def is_reserved(name: str) -> bool:
    """Whether a variable is none of a project file's business, and is passed over there."""
    if name.startswith(OURS) or not name.endswith(CREDENTIALS):
        return RESERVED.fullmatch(name) is not None
    return False


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value.partition(" #")[0].rstrip()
