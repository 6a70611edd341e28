"""Which browser would be opened, or why none. Reads the environment and looks for programs on PATH. Promise B2."""

from __future__ import annotations

import os
import shlex
import shutil
from typing import TYPE_CHECKING

from gumauth.platform.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TEXT_BROWSERS = frozenset(
    {
        *("browsh", "carbonyl", "cha", "edbrowse", "elinks", "links", "links2", "lynx", "netrik", "retawq"),
        *("w3m", "w3m-img", "www-browser"),
    }
)
"""Programs that would take over the terminal; they are never started."""

CHOOSERS = ("xdg-open", "sensible-browser", "x-www-browser", "gnome-open", "kde-open", "gio", "exo-open")
"""Programs that choose a browser; without a display they would choose a text browser."""

LAUNCHERS = (
    ("xdg-open",),
    ("gio", "open"),
    ("x-www-browser",),
    ("sensible-browser",),
    ("firefox",),
    ("chromium",),
    ("google-chrome",),
)
SSH = ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")


@frozen
class Choice:
    """The browser that would be opened.

    Args:
        command: The program and its arguments; the URL replaces `%s`, or follows. None for no browser.
        reason: Why this browser, or why none, as a clause behind "because".
    """

    command: tuple[str, ...] | None
    reason: str


def choose(environ: Mapping[str, str], platform: str) -> Choice:
    """The graphical browser to open, or why none.

    A browser that BROWSER names is used everywhere; without BROWSER, none over SSH, in CI, or without a display.

    Args:
        environ: The environment variables.
        platform: The value of `sys.platform`.
    """
    named = [entry for entry in environ.get("BROWSER", "").split(os.pathsep) if entry.strip()]
    if named:
        return _named(named, environ, platform)
    reason = where_nobody_looks(environ)
    return Choice(command=None, reason=reason) if reason else _of_the_platform(environ, platform)


def where_nobody_looks(environ: Mapping[str, str]) -> str | None:
    """Why nobody sits in front of this machine, as a clause behind "because"; None where a person may."""
    if any(environ.get(name) for name in SSH):
        return "this is an SSH session"
    if environ.get("CI", "").lower() not in ("", "0", "false"):
        return "this is a CI job"
    return None


def _named(entries: Sequence[str], environ: Mapping[str, str], platform: str) -> Choice:
    refusals = []
    for entry in entries:
        command = _split(entry)
        refusal = _refusal(command, environ, platform)
        if refusal is None:
            return Choice(command=command, reason="BROWSER names it")
        refusals.append(refusal)
    return Choice(command=None, reason=refusals[0])


def _split(entry: str) -> tuple[str, ...]:
    """The words of an entry of BROWSER, without a trailing `&`: every browser is started in the background."""
    try:
        words = shlex.split(entry)
    except ValueError:
        return (entry,)
    return tuple(words[:-1] if words[-1:] == ["&"] else words)


def _refusal(command: tuple[str, ...], environ: Mapping[str, str], platform: str) -> str | None:
    """Why an entry of BROWSER is not used; None for an entry that is used."""
    program = shutil.which(command[0], path=environ.get("PATH")) if command else None
    if program is None:
        return "BROWSER names a program that is not there"
    names = {os.path.basename(name) for name in (command[0], program, os.path.realpath(program))}
    if names & TEXT_BROWSERS:
        return "BROWSER names a text browser"
    if names & set(CHOOSERS) and not _has_display(environ, platform):
        return "there is no display"
    return None


def _of_the_platform(environ: Mapping[str, str], platform: str) -> Choice:
    if platform == "darwin":
        return Choice(command=("/usr/bin/open",), reason="macOS opens URLs with it")
    if platform == "win32":
        program = os.path.join(environ.get("SystemRoot", r"C:\Windows"), "System32", "rundll32.exe")
        return Choice(command=(program, "url.dll,FileProtocolHandler"), reason="Windows opens URLs with it")
    if environ.get("WSL_DISTRO_NAME") and shutil.which("wslview", path=environ.get("PATH")):
        return Choice(command=("wslview",), reason="WSL opens URLs with it")
    if not _has_display(environ, platform):
        return Choice(command=None, reason="there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)")
    for command in LAUNCHERS:
        if _is_graphical(command[0], environ):
            return Choice(command=command, reason="it is installed")
    return Choice(command=None, reason="no browser was found on PATH")


def _is_graphical(name: str, environ: Mapping[str, str]) -> bool:
    """Whether a program is on PATH and no link to a text browser (Debian's alternatives are links)."""
    program = shutil.which(name, path=environ.get("PATH"))
    return program is not None and os.path.basename(os.path.realpath(program)) not in TEXT_BROWSERS


def _has_display(environ: Mapping[str, str], platform: str) -> bool:
    graphical = platform in ("darwin", "win32")
    return graphical or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))
