"""The file of `--env-file`: client ids and secrets as NAME=VALUE lines."""

from __future__ import annotations

import io
import re

from gumauth.errors import GumauthError
from gumauth.platform.files import read_named
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

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
    """The variables in a file, by python-dotenv's rules, without its interpolation.

    A line is NAME=VALUE, perhaps behind `export`. A value may stand in quotes, over several lines too; behind it, or
    behind a blank, `#` begins a comment. `$NAME` in a value stays as it is.

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
    return parse(text, path)


def merged(file: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """The environment with what a file has beside it; the environment's own variables win.

    A client secret goes with its id: where the environment has another id, the file's secret is none of it.
    """
    id_name, secret_name = CREDENTIALS
    others = {name for name in file if name.endswith(id_name) and environ.get(name) not in (None, "", file[name])}
    foreign = {name.removesuffix(id_name) + secret_name for name in others}
    return {**{name: value for name, value in file.items() if name not in foreign}, **environ}


def parse(text: str, path: str) -> dict[str, str]:
    """The variables in a file's text; `path` is for the error."""
    from dotenv.parser import parse_stream

    found: dict[str, str] = {}
    for binding in parse_stream(io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"))):
        if binding.key is None and not binding.error:
            continue  # a comment, or the blank end of the file
        name, value = binding.key or "", binding.value
        if value is None or not name.isidentifier() or "\0" in value:
            raise _no_variable(binding.original.line, binding.original.string, path)
        if not is_reserved(name):
            found[name] = value
    return found


def _no_variable(line: int, text: str, path: str) -> GumauthError:
    number = line + text[: len(text) - len(text.lstrip())].count("\n")  # python-dotenv counts from the blanks before it
    hint = "Mend the line; a quote that is opened has to be closed."
    return GumauthError(f"Line {number} of {one_line(path)} is not NAME=VALUE.", hint=hint)


def is_reserved(name: str) -> bool:
    """Whether a variable is none of a project file's business, and is passed over there."""
    if name.startswith(OURS) or not name.endswith(CREDENTIALS):
        return RESERVED.fullmatch(name) is not None
    return False
