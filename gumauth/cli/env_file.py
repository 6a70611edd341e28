"""The file of `--env-file`: client ids and secrets as NAME=VALUE lines."""

from __future__ import annotations

from gumauth.errors import GumauthError

LIMIT = 1 << 20
RESERVED = "GUMAUTH_"
"""gumauth's own settings are the person's, not a project file's."""


def read(path: str) -> dict[str, str]:
    """The variables in a file.

    A line is NAME=VALUE, perhaps behind `export`; quotes around the value go; blank lines and those that begin with
    `#` are passed over.

    Raises:
        GumauthError: It cannot be read, or a line is none of these. The line's text is not repeated.
    """
    try:
        with open(path, encoding="utf-8-sig") as file:
            text = file.read(LIMIT)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise GumauthError(f"{path} cannot be read: {reason}.", hint="Name the file behind --env-file.") from None
    return parse(text, path)


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
            raise GumauthError(f"Line {number} of {path} is not NAME=VALUE.", hint="Mend the line.")
        if not name.startswith(RESERVED):
            found[name] = value
    return found


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value.partition(" #")[0].rstrip()
