"""The short environment in which a program of a desktop starts gumauth, and what is lost there. Promise H6."""

from __future__ import annotations

import os
import sys

from gumauth.accounts.choice import is_shared
from gumauth.errors import StoreError
from gumauth.platform.folders import locate
from gumauth.platform.frozen import frozen
from gumauth.platform.json import dumps
from gumauth.platform.settings import PATHS, VARIABLES, has_password, settings_path, with_settings
from gumauth.platform.text import shell_word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    Opener = Literal["passphrase", "key"]

NAMES = ("HOME", "PATH", *(("SYSTEMROOT", "USERPROFILE", "APPDATA", "LOCALAPPDATA") if sys.platform == "win32" else ()))
"""The variables that every program passes on."""

HOME = "GUMAUTH_HOME"
SECRET = ("GUMAUTH_PASSPHRASE",)
"""Variables whose values belong into no file."""

OF_DATABASE = ("PGPASSFILE", "PGSERVICE", "PGSERVICEFILE", "PGUSER", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY")
"""Variables of libpq that may be needed to reach a shared store."""

DATABASE_SECRET = "PGPASSWORD"

READ = (*VARIABLES.values(), *SECRET, "GUMAUTH_TRUST")
"""The variables that `lost` looks for: `gumauth link` passes GUMAUTH_HOME on, and GUMAUTH_DEBUG changes nothing."""

OPENERS: dict[Opener, str] = {"passphrase": "GUMAUTH_PASSPHRASE_FILE", "key": "GUMAUTH_KEY_FILE"}
"""What opens the encrypted file → the variable that names a file with it."""

MADE_BY: dict[Opener, str] = {
    "passphrase": "Make a file of your own by `install -m 600 /dev/null {file}`, and write the passphrase into it.",
    "key": "Make a key file by `(umask 077 && head -c 32 /dev/urandom > {file})`.",
}


def shortened(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables with which a program starts gumauth that does it as `gumauth link` says.

    Raises:
        HomeError: As `locate`.
    """
    short = {name: environ[name] for name in NAMES if name in environ}
    moved = moved_home(environ)
    return {**short, HOME: moved} if moved else short


def moved_home(environ: Mapping[str, str]) -> str | None:
    """The data folder, where GUMAUTH_HOME or XDG_DATA_HOME puts it elsewhere than HOME alone would.

    Raises:
        HomeError: As `locate`.
    """
    short = {name: environ[name] for name in NAMES if name in environ}
    data = locate(environ).data
    return data if environ.get(HOME) or data != locate(short).data else None


def lost(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that gumauth reads, the short environment lacks and no `settings.toml` says, with their values.

    Raises:
        HomeError: As `locate`, or `settings.toml` cannot be used.
    """
    here, there = with_settings(environ), with_settings(shortened(environ))
    more = (*OF_DATABASE, DATABASE_SECRET) if is_shared(here) else ()
    names = [name for name in sorted((*READ, *more)) if here.get(name) and here[name] != there.get(name)]
    return {name: here[name] for name in names if not has_password(here[name])}  # that is an error wherever it is used


@frozen
class Advice:
    """What to do about something that is lost.

    Args:
        text: A sentence; with lines, one that they go on.
        lines: What is to be written into a file as it stands.
    """

    text: str
    lines: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """All of it in one sentence, for those who have one line for it."""
        return f"{self.text}: {' and '.join(f'`{line}`' for line in self.lines)}." if self.lines else self.text


def advice(environ: Mapping[str, str], missing: Mapping[str, str]) -> list[Advice]:
    """What to do about variables that are lost, and about an encrypted file that nothing opens then.

    Args:
        environ: The environment variables.
        missing: As `lost` gives them.

    Raises:
        HomeError: As `locate`, or `settings.toml` cannot be used.
    """
    opener = missing_opener(environ)
    values = {**missing, **({OPENERS[opener]: _file(environ, opener)} if opener else {})}
    lines = tuple(
        f"{setting} = {_quoted(setting, values[name])}" for setting, name in VARIABLES.items() if name in values
    )
    given = []
    if opener and not os.path.exists(values[OPENERS[opener]]):
        given.append(Advice(text=MADE_BY[opener].format(file=shell_word(values[OPENERS[opener]]))))
    if lines:
        these = "this line" if len(lines) == 1 else "these lines"
        given.append(Advice(text=f"Write {these} into {settings_path(shortened(environ))}", lines=lines))
    secret = (*SECRET, DATABASE_SECRET)
    other = [f"{name}=…" for name in missing if name not in VARIABLES.values() and name not in secret]
    if other:
        given.append(Advice(text=f"Write `env {' '.join(other)}` before gumauth's path in what starts it."))
    return given + [
        Advice(text=f"{name} is a secret, which may not stand in settings.toml.{_instead(name)}")
        for name in missing
        if name in secret
    ]


def missing_opener(environ: Mapping[str, str]) -> Opener | None:
    """What a program has to have to open the encrypted file, where neither a variable nor `settings.toml` names it.

    Raises:
        HomeError: As `locate`, or `settings.toml` cannot be used.
    """
    from gumauth.store.encrypted_file.store import EncryptedStore

    here, there = with_settings(environ), with_settings(shortened(environ))
    is_file = here.get("GUMAUTH_STORE") == "file" or bool(here.get(SECRET[0]))
    if not is_file or any(here.get(name) or there.get(name) for name in OPENERS.values()):
        return None
    try:
        made = EncryptedStore(locate(environ), environ, None).opened_by
    except StoreError:
        return None  # another check tells of a header that cannot be read
    if made is None:
        return "passphrase" if here.get(SECRET[0]) else "key"
    return "passphrase" if made == "passphrase" else None


def _instead(name: str) -> str:
    return " Write the password into ~/.pgpass." if name == DATABASE_SECRET else ""


def _file(environ: Mapping[str, str], opener: Opener) -> str:
    """A name for the file with a key or passphrase, as `gumauth help storage` has it."""
    return os.path.join(environ.get("HOME") or os.path.expanduser("~"), f"gumauth.{opener}")


def _quoted(setting: str, value: str) -> str:
    """A value as TOML writes it. Source: TOML 1.0, "String"; JSON's escapes are among its own."""
    return dumps(os.path.abspath(os.path.expanduser(value)) if setting in PATHS else value)
