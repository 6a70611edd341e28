"""Where gumauth keeps its files, and as which user it uses them."""

from __future__ import annotations

import os
import sys

from gumauth.errors import HomeError
from gumauth.platform.files import unusable, working_folder
from gumauth.platform.frozen import frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

WINDOWS_OVERRIDE = "WIN_PD_OVERRIDE_LOCAL_APPDATA"

BELOW = ("accounts", "secrets", "locks", "rescue", "clients")
"""The folders in the data folder."""


@frozen
class Home:
    """The folders of one person's gumauth.

    Args:
        data: Absolute path: accounts, the encrypted file, locks.
        service: The name under which the keyring's entries stand. Every data folder has its own: a keyring cannot be
            moved with the folder, and two lists of accounts with entries of the same names would overwrite each
            other's. It is made of the folder itself, whatever links led there.
        older_services: Names that an older gumauth made of the folder as it was written; read, and not written.
        older_locks: The folder in which an older gumauth has its locks; "" where there can be none.
    """

    data: str
    service: str
    older_services: tuple[str, ...] = ()
    older_locks: str = ""


def locate(environ: Mapping[str, str]) -> Home:
    """The folders that the environment says: under GUMAUTH_HOME, or where the platform keeps such things.

    HOME is believed: whoever sets another one beside the same keyring should set GUMAUTH_HOME too, because what the
    system says of the person may take a server to answer.

    Raises:
        HomeError: There is no home directory at all, or a variable names a folder by a relative path: which folder
            that is would depend on where gumauth is run.
    """
    moved = environ.get("GUMAUTH_HOME")
    if moved:
        top = _absolute("GUMAUTH_HOME", os.path.expanduser(moved))
        return _home(top, _usual(environ), older_locks=os.path.join(top, "state"), is_moved=True)
    data, state = _linux(environ) if sys.platform == "linux" else _elsewhere()
    data, usual = _absolute("XDG_DATA_HOME", data), _usual(environ)
    if sys.platform == "win32" and WINDOWS_OVERRIDE not in os.environ:
        usual = data
    return _home(data, usual, older_locks=state, is_moved=data != usual)


def _home(data: str, usual: str, *, older_locks: str, is_moved: bool) -> Home:
    real = os.path.realpath(data)
    service = "gumauth" if data == usual or (usual and real == os.path.realpath(usual)) else f"gumauth {real}"
    older = [f"gumauth {path}" for path in (data, real)] if is_moved else []
    return Home(
        data=data,
        service=service,
        older_services=tuple(name for name in dict.fromkeys(older) if name != service),
        older_locks=os.path.join(older_locks, "locks") if os.path.isabs(older_locks) else "",
    )


def _absolute(variable: str, path: str) -> str:
    if os.path.isabs(path):
        return os.path.abspath(path)
    from gumauth.platform.text import one_line

    here = working_folder() or os.path.expanduser("~")
    raise HomeError(
        f"{variable} leads to {one_line(path)!r}, which is not an absolute path: it would be another folder in"
        " every place where gumauth is run.",
        hint=f"Set {variable} to an absolute path, such as {one_line(os.path.normpath(os.path.join(here, path)))}.",
    )


def _has_home(environ: Mapping[str, str]) -> bool:
    return os.path.isabs(environ.get("HOME") or os.path.expanduser("~"))


def _usual(environ: Mapping[str, str]) -> str:
    """The data folder that it would be if no variable but HOME said where; "" where only the system knows."""
    if sys.platform == "win32" or not _has_home(environ):
        return ""
    home = environ.get("HOME") or os.path.expanduser("~")
    parts = (".local", "share") if sys.platform == "linux" else ("Library", "Application Support")
    return os.path.join(home, *parts, "gumauth")


def _linux(environ: Mapping[str, str]) -> tuple[str, str]:
    """The data and the state folder as platformdirs answers, without its 20 ms; a test holds the two together."""
    if not _has_home(environ):
        raise HomeError("There is no home directory.", hint="Set GUMAUTH_HOME to a folder of your own.")
    home = environ.get("HOME") or os.path.expanduser("~")
    data = environ.get("XDG_DATA_HOME", "").strip() or os.path.join(home, ".local", "share")
    state = environ.get("XDG_STATE_HOME", "").strip() or os.path.join(home, ".local", "state")
    return os.path.join(data, "gumauth"), os.path.join(state, "gumauth")


def _elsewhere() -> tuple[str, str]:
    """What platformdirs answers, which on macOS heeds the XDG variables too.

    Windows itself says where the folder is, whatever the environment; only a variable of platformdirs' own changes it.
    """
    import platformdirs

    return platformdirs.user_data_dir("gumauth", appauthor=False), platformdirs.user_state_dir(
        "gumauth", appauthor=False
    )


def check_private(home: Home, environ: Mapping[str, str]) -> None:
    """See to it that nobody else chooses what is in the data folder: accounts, their default, locks.

    Raises:
        HomeError: Another user can write it or put another in its place, or it cannot be looked at.
    """
    from gumauth.platform.permissions import is_vouched_for, why_not_private
    from gumauth.platform.text import one_line

    try:
        fault = why_not_private(home.data, below=(*BELOW, *_providers(home)))
    except OSError as error:
        raise unusable(home.data, error) from error
    if fault is not None and not is_vouched_for(home.data, environ):
        # What others could write, they may have: the rights of all that is in it are looked at when it is read.
        hint = fault.hint.replace("chmod ", "chmod -R ") if fault.place.startswith(home.data) else fault.hint
        raise HomeError(
            f"{one_line(home.data, 500)} is not used: {fault.words}.",
            hint=f"{hint}. Or set GUMAUTH_HOME to a folder of your own; or, where nobody else is on this machine,"
            f" GUMAUTH_TRUST={one_line(fault.place, 500)}.",
        )


def _providers(home: Home) -> list[str]:
    """The folders of the providers' accounts, below the data folder."""
    try:
        return [os.path.join("accounts", name) for name in os.listdir(os.path.join(home.data, "accounts"))]
    except OSError:
        return []  # there is none, or whoever needs it is told why


def become_owner(environ: Mapping[str, str]) -> None:
    """Let a command that root runs for another user (`sudo` with their HOME or GUMAUTH_HOME) run as that user.

    What it makes is theirs then, and what they have put into their folders does not lead root anywhere. It is done
    once and for good, and only for the user who called sudo or whose HOME it is: nobody else's folder is used.

    Raises:
        HomeError: That user cannot read this program.
    """
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return
    try:
        owner = _nearest(locate(environ).data)
    except (HomeError, OSError):
        return  # which is said when the folder is used
    if owner.st_uid == 0 or owner.st_uid not in _acted_for(environ):
        return
    import pwd

    try:
        user = pwd.getpwuid(owner.st_uid)
        groups, group = os.getgrouplist(user.pw_name, user.pw_gid), user.pw_gid
    except KeyError:
        groups, group = [owner.st_gid], owner.st_gid
    try:
        os.setgroups(groups)
        os.setegid(group)
        os.seteuid(owner.st_uid)
    except PermissionError:
        return  # a root without that right; the folder is somebody else's then
    if not all(
        os.access(os.path.dirname(file), os.R_OK | os.X_OK, effective_ids=True) for file in (os.__file__, __file__)
    ):
        os.seteuid(0)
        raise HomeError(
            "root runs this for another user, who cannot read gumauth's own files.",
            hint="Run gumauth as that user, from a place that they can read.",
        )
    os.seteuid(0)
    os.setgid(group)
    os.setuid(owner.st_uid)


def _nearest(path: str) -> os.stat_result:
    """The status of a folder, or of the nearest one above it that is there."""
    while True:
        try:
            return os.stat(path)
        except FileNotFoundError:
            path = os.path.dirname(path)


def _acted_for(environ: Mapping[str, str]) -> set[int]:
    """The users for whom root may be acting."""
    users = {int(sudo)} if (sudo := environ.get("SUDO_UID", "")).isdecimal() else set()
    try:
        users.add(os.stat(environ.get("HOME") or "/").st_uid)
    except OSError:
        pass  # then it is nobody's
    return users
