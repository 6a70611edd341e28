"""The file of `--env-file`: NAME=VALUE lines, of which gumauth takes client ids and secrets."""

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
"""Bytes of the file at most."""

OURS = "GUMAUTH_"

RESERVED = re.compile(
    r"(GUMAUTH|XDG|DBUS|KEYRING|LD|DYLD|SSL|OPENSSL|REQUESTS|CURL)_.*|PYTHON.*|SSLKEYLOGFILE|.*_PROXY|PG[A-Z]+"
    r"|HOME|PATH|BROWSER|DISPLAY|TMPDIR|USERPROFILE|(LOCAL)?APPDATA|PROGRAMDATA",
    re.IGNORECASE,
)
"""Variables that gumauth takes from no file in a project: where it keeps data, what it trusts and what it runs."""

CREDENTIALS = ("_CLIENT_ID", "_CLIENT_SECRET")
"""How the names of a provider's two variables end."""


def read(path: str) -> dict[str, str]:
    """The variables in a file that gumauth takes from it (`settable`).

    Raises:
        GumauthError: As `read_every`.
    """
    return settable(read_every(path))


def read_every(path: str) -> dict[str, str]:
    """The variables in a file, by python-dotenv's rules, without its interpolation.

    A line is NAME=VALUE, perhaps behind `export`. A value may stand in quotes, over several lines too; behind it, or
    behind a blank, `#` begins a comment. `$NAME` in a value stays as it is.

    Raises:
        GumauthError: The file cannot be read, has more than 1 MiB, or holds another kind of line. The error does not
            show the line, which may be a secret.
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
    return parse_every(text, path)


def settable(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables of a file without those that a file cannot set for gumauth (RESERVED)."""
    return {name: value for name, value in variables.items() if _is_credential(name) or not RESERVED.fullmatch(name)}


def _is_credential(name: str) -> bool:
    return name.endswith(CREDENTIALS) and not name.startswith(OURS)


def merged(file: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """The environment with the variables of a file; the environment's own variables win.

    A client secret belongs to a client id: where the environment has another client id than the file, the file's client
    secret is left out.
    """
    id_name, secret_name = CREDENTIALS
    others = {name for name in file if name.endswith(id_name) and environ.get(name) not in (None, "", file[name])}
    foreign = {name.removesuffix(id_name) + secret_name for name in others}
    return {**{name: value for name, value in file.items() if name not in foreign}, **environ}


def parse(text: str, path: str) -> dict[str, str]:
    """The variables in the text of a file that gumauth takes from it (`settable`).

    Raises:
        GumauthError: As `parse_every`.
    """
    return settable(parse_every(text, path))


def parse_every(text: str, path: str) -> dict[str, str]:
    """The variables in the text of a file.

    Raises:
        GumauthError: A line is not NAME=VALUE; the error names `path`.
    """
    from dotenv.parser import parse_stream

    found: dict[str, str] = {}
    for binding in parse_stream(io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"))):
        if binding.key is None and not binding.error:
            continue  # a comment, or a blank line
        name, value = binding.key or "", binding.value
        if value is None or not name.isidentifier() or "\0" in value:
            raise _no_variable(binding.original.line, binding.original.string, path)
        found[name] = value
    return found


def _no_variable(line: int, text: str, path: str) -> GumauthError:
    number = line + text[: len(text) - len(text.lstrip())].count("\n")  # python-dotenv counts from the blanks before it
    hint = "Mend the line; a quote that is opened has to be closed."
    return GumauthError(f"Line {number} of {one_line(path)} is not NAME=VALUE.", hint=hint)
