"""The short environment in which a program of a desktop starts gumauth, and what is lost there. Promise H6."""

from __future__ import annotations

import os
import sys

from gumauth.platform.folders import locate
from gumauth.platform.json import dumps
from gumauth.platform.settings import PATHS, VARIABLES, settings_path, with_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = ("HOME", "PATH", *(("SYSTEMROOT", "USERPROFILE", "APPDATA", "LOCALAPPDATA") if sys.platform == "win32" else ()))
"""The variables that every program passes on."""

HOME = "GUMAUTH_HOME"
OURS = "GUMAUTH_"
HARMLESS = (HOME, "GUMAUTH_DEBUG")
"""Variables that `gumauth link` passes on, or that change nothing."""

SECRET = ("GUMAUTH_PASSPHRASE",)
"""Variables whose values belong into no file."""


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
    """The variables of gumauth's own that the short environment lacks and no `settings.toml` says, with their values.

    Raises:
        HomeError: As `locate`, or `settings.toml` cannot be used.
    """
    here, there = with_settings(environ), with_settings(shortened(environ))
    names = (name for name in sorted(here) if name.startswith(OURS) and name not in HARMLESS)
    return {name: here[name] for name in names if here[name] and here[name] != there.get(name)}


def advice(environ: Mapping[str, str], missing: Mapping[str, str]) -> list[str]:
    """What to do about variables that are lost, a sentence each.

    Args:
        environ: The environment variables.
        missing: As `lost` gives them.

    Raises:
        HomeError: As `locate`.
    """
    lines = [
        f"`{setting} = {_quoted(setting, missing[name])}`" for setting, name in VARIABLES.items() if name in missing
    ]
    other = [f"{name}=…" for name in missing if name not in VARIABLES.values() and name not in SECRET]
    sentences = []
    if lines:
        these = "this line" if len(lines) == 1 else "these lines"
        sentences.append(f"Write {these} into {settings_path(shortened(environ))}: {' and '.join(lines)}.")
    if other:
        sentences.append(f"Write `env {' '.join(other)}` before gumauth's path in what starts it.")
    sentences += [
        f"{name} is a secret, and stays out of every file: use a key file." for name in missing if name in SECRET
    ]
    return sentences


def _quoted(setting: str, value: str) -> str:
    """A value as TOML writes it. Source: TOML 1.0, "String"; JSON's escapes are among its own."""
    return dumps(os.path.abspath(os.path.expanduser(value)) if setting in PATHS else value)
