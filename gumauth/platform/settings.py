"""Settings of a file, for programs that start gumauth without the variables of a shell. Promises H6 and Y3.

`settings.toml` says what variables GUMAUTH_… say, and the environment wins. No secret may stand in it.
"""

from __future__ import annotations

import os
import sys

from gumauth.errors import HomeError
from gumauth.platform.files import read_all, unusable
from gumauth.platform.permissions import is_vouched_for, why_not_trusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "settings.toml"
LIMIT = 1 << 16
"""Bytes of the file at most."""

VARIABLES = {
    "store": "GUMAUTH_STORE",
    "key_file": "GUMAUTH_KEY_FILE",
    "passphrase_file": "GUMAUTH_PASSPHRASE_FILE",
    "keep_key": "GUMAUTH_KEEP_KEY",
    "keyring": "GUMAUTH_KEYRING",
    "ahead": "GUMAUTH_AHEAD",
    "client_metadata_url": "GUMAUTH_CLIENT_METADATA_URL",
    "machine": "GUMAUTH_MACHINE",
    "cache_seconds": "GUMAUTH_CACHE_SECONDS",
}
"""A setting → the variable that says the same."""

PATHS = ("key_file", "passphrase_file")
OPENERS = ("GUMAUTH_PASSPHRASE", "GUMAUTH_PASSPHRASE_FILE", "GUMAUTH_KEY_FILE")
"""What opens the encrypted file: where the environment has one of these, none is taken from the settings."""

NEVER = {
    "passphrase": ("it is a secret, and no secret may stand there", "write key_file or passphrase_file"),
    "home": ("where the folder is has to be known before the file is read", "set GUMAUTH_HOME"),
    "trust": ("whom to trust is not taken from a file", "set GUMAUTH_TRUST"),
}
"""A setting that is refused → why, and what to do instead."""

SECRETS = ("secret", "passphrase", "password", "token")
"""What the names of settings end with that hold a secret, as people write them by mistake: also in capitals, or in a
table."""

OF_A_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
"""The characters of a bare key. Source: TOML 1.0, "Keys"."""

FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class WithSettings(dict[str, str]):
    """The environment variables, with those that a file says.

    Args:
        environ: The environment variables.
        added: The variables that the file says, and the environment does not have.
        path: Of the file.
    """

    def __init__(self, environ: Mapping[str, str], added: Mapping[str, str], path: str) -> None:
        super().__init__({**environ, **added})
        self.added, self.path = frozenset(added), path


def source(environ: Mapping[str, str], variable: str) -> str:
    """Where a variable's value was said, as a sentence names it: the variable, or the setting in a file."""
    file = _file(environ, variable)
    return variable if file is None else f"{_setting(variable)} in {file}"


def mending(environ: Mapping[str, str], variable: str, value: str = "", *, purpose: str = "") -> str:
    """The hint for a variable whose value cannot be used, where its value was said.

    Args:
        environ: The environment variables, perhaps with settings.
        variable: Its name.
        value: A value that can be used; "" where none is known.
        purpose: What it is good for that there is no value, behind a blank.
    """
    file = _file(environ, variable)
    if file is None:
        return f"{f'Set {variable}={value}' if value else f'Mend {variable}'}, or unset it{purpose}."
    name = _setting(variable)
    mend = f'Write {name} = "{value}" into {file}' if value else f"Mend {name} in {file}"
    return f"{mend}, or take that line out{purpose}."


def _file(environ: Mapping[str, str], variable: str) -> str | None:
    """The path of the file that says the variable, safe to show; None where no file does."""
    from gumauth.platform.text import one_line

    is_said = isinstance(environ, WithSettings) and variable in environ.added
    return one_line(environ.path, 500) if is_said and isinstance(environ, WithSettings) else None


def _setting(variable: str) -> str:
    return next(setting for setting, name in VARIABLES.items() if name == variable)


def settings_path(environ: Mapping[str, str]) -> str:
    """The path of the file: in GUMAUTH_HOME, or where the platform keeps a program's settings."""
    if moved := environ.get("GUMAUTH_HOME"):
        return os.path.join(os.path.expanduser(moved), NAME)
    return os.path.join(_linux(environ) if sys.platform == "linux" else _elsewhere(), NAME)


def _linux(environ: Mapping[str, str]) -> str:
    folder = environ.get("XDG_CONFIG_HOME", "").strip()
    if not os.path.isabs(folder):  # a relative path is passed over. Source: XDG Base Directory Specification
        folder = os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".config")
    return os.path.join(folder, "gumauth")


def _elsewhere() -> str:
    import platformdirs

    return platformdirs.user_config_dir("gumauth", appauthor=False)


def with_settings(environ: Mapping[str, str]) -> Mapping[str, str]:
    """The environment with the settings of the file; the environment itself where the file adds nothing.

    Raises:
        HomeError: As `read`.
    """
    path = settings_path(environ)
    found = read(path, environ)
    if not found:
        return environ
    opened = any(environ.get(name) for name in OPENERS)
    added = {
        VARIABLES[name]: value
        for name, value in found.items()
        if isinstance(value, str) and name in VARIABLES and not (opened and name in PATHS)
    }
    more = {variable: value for variable, value in added.items() if variable not in environ}
    return WithSettings(environ, more, path) if more else environ


def read(path: str, environ: Mapping[str, str]) -> dict[str, object]:
    """The settings of a file, also those that this gumauth does not know; none where there is no file.

    Raises:
        HomeError: The file cannot be read or is not TOML, another user can write it, or it holds a setting that may not
            stand there.
    """
    try:
        handle = os.open(path, FLAGS)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise unusable(path, error) from error
    try:
        if (fault := why_not_trusted(handle, path)) and not is_vouched_for(path, environ):
            raise _error(path, f"is not used: {fault.words}", fault.hint())
        text = read_all(handle, LIMIT).decode("utf-8-sig")
    except OSError as error:
        raise unusable(path, error) from error
    except UnicodeDecodeError:
        raise _error(path, "is not text", "Write it in UTF-8.") from None
    finally:
        os.close(handle)
    plain = read_plain(text)
    found: dict[str, object] = _by_tomllib(text, path) if plain is None else {**plain}
    _check(found, path)
    return found


def unknown(found: Mapping[str, object]) -> list[str]:
    """The settings that this gumauth does not know, which a newer one may have written."""
    return [name for name in found if name not in VARIABLES]


def read_plain(text: str) -> dict[str, str] | None:
    """The settings of a text with lines NAME = "TEXT", comments and empty lines alone; None for every other text.

    `tomllib` takes all of TOML, and some milliseconds to import, which `gumauth token` has not.
    """
    found: dict[str, str] = {}
    for line in text.replace("\r\n", "\n").split("\n"):
        if not line.replace("\t", "").isprintable():
            return None
        line = line.strip(" \t")
        if not line or line[0] == "#":
            continue
        name, equals, value = (part.strip(" \t") for part in line.partition("="))
        inner, quote, rest = value[1:].partition('"')
        is_plain = equals and value[:1] == '"' and quote and "\\" not in inner and rest.strip(" \t")[:1] in ("", "#")
        if not is_plain or not name or not OF_A_NAME.issuperset(name) or name in found:
            return None
        found[name] = inner
    return found


def _by_tomllib(text: str, path: str) -> dict[str, object]:
    import tomllib

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        where = str(error).rpartition("(")[2].removesuffix(")") if isinstance(error, tomllib.TOMLDecodeError) else ""
        at = f" ({where})" if where.startswith("at ") else ""
        raise _error(path, f"is not TOML{at}", 'Write lines such as: store = "file"') from None


def _check(found: Mapping[str, object], path: str) -> None:
    """Refuse what may not stand in the file. No error shows a value, which may be a secret put there by mistake."""
    for name, value in found.items():
        if name in NEVER:
            why, instead = NEVER[name]
            raise _error(path, f"holds {name}, which is refused: {why}", f"Take it out, and {instead}.")
        _check_names(name, value, path)
        if name in VARIABLES:
            _check_value(name, value, path)


def _check_names(name: str, value: object, path: str) -> None:
    """Refuse what is a secret by its name, also inside of a table."""
    plain = name.lower().replace("-", "_")
    if plain.endswith("client_secret"):
        raise _error(path, "holds a client secret: no secret may stand there", "Take it out; use `gumauth setup`.")
    if plain.endswith(SECRETS):
        raise _error(path, "holds a secret, by its name: no secret may stand there", "Take it out.")
    for inner, each in value.items() if isinstance(value, dict) else ():
        _check_names(inner, each, path)


def _check_value(name: str, value: object, path: str) -> None:
    if not isinstance(value, str):
        raise _error(path, f"holds {name} without quotes", f'Write it as text: {name} = "…".')
    if not value.isprintable():  # as no variable could hold a NUL
        raise _error(path, f"holds {name} with a character that is not printed", "Write it without that.")
    if name == "store" and has_password(value):
        instead = "Take it out, and write it into ~/.pgpass; change it too, if others could read the file."
        raise _error(path, "holds a store with a password in it: no secret may stand there", instead)
    if name in PATHS and not os.path.isabs(os.path.expanduser(value)):
        raise _error(path, f"holds a relative path as {name}", "Write the whole path, or one that begins with ~/.")


def has_password(address: str) -> bool:
    """Whether a password stands in an address of a store, before its host or among its parameters.

    Source: PostgreSQL documentation, "Connection URIs".
    """
    scheme, is_address, rest = address.partition("://")
    if not is_address or not scheme.isalpha():
        return False
    from urllib.parse import unquote

    place, _, parameters = rest.partition("?")
    login, at, _ = place.partition("/")[0].rpartition("@")
    names = [unquote(each.partition("=")[0]) for each in parameters.split("&")]
    return bool(at and login.partition(":")[2]) or "password" in names or "sslpassword" in names


def _error(path: str, words: str, hint: str) -> HomeError:
    from gumauth.platform.text import one_line

    return HomeError(f"{one_line(path, 500)} {words}.", hint=hint)
