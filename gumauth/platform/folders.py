"""Where gumauth's own files are, whether they are private, and as which user a run of root uses them.

Promises Y1, Y5 and I9.
"""

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

BELOW = ("accounts", "secrets", "locks", "rescue", "clients", "issuers", "services", "run", "shared")
"""The names of the folders in the data folder."""


@frozen
class Home:
    """The folders of one person's gumauth.

    Args:
        data: Absolute path of the data folder: accounts, the encrypted file, locks.
        service: The name of the keyring's entries. Every data folder has its own name, made of its path without links:
            the entries of two data folders may not overwrite each other.
        older_services: The names that an older gumauth made of the path with links; entries are read by these names,
            and not written.
        older_locks: The folder in which an older gumauth has its locks; "" where there is no such folder.
    """

    data: str
    service: str
    older_services: tuple[str, ...] = ()
    older_locks: str = ""


def locate(environ: Mapping[str, str]) -> Home:
    """The folders that the environment names: under GUMAUTH_HOME, or where the platform keeps a program's data.

    HOME is believed. The user database is not asked, because a server may have to answer for it: who sets another HOME
    beside the same keyring sets GUMAUTH_HOME too.

    Raises:
        HomeError: There is no home directory, or a variable names a folder by a relative path, which would be another
            folder wherever gumauth is run.
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
    """The data folder of an environment with no variable but HOME; "" where only the system knows that folder."""
    if sys.platform == "win32" or not _has_home(environ):
        return ""
    home = environ.get("HOME") or os.path.expanduser("~")
    parts = (".local", "share") if sys.platform == "linux" else ("Library", "Application Support")
    return os.path.join(home, *parts, "gumauth")


def _linux(environ: Mapping[str, str]) -> tuple[str, str]:
    """The data and the state folder as platformdirs answers, without the 20 ms that its import takes.

    A test compares the answers.
    """
    if not _has_home(environ):
        raise HomeError("There is no home directory.", hint="Set GUMAUTH_HOME to a folder of your own.")
    home = environ.get("HOME") or os.path.expanduser("~")
    data = environ.get("XDG_DATA_HOME", "").strip() or os.path.join(home, ".local", "share")
    state = environ.get("XDG_STATE_HOME", "").strip() or os.path.join(home, ".local", "state")
    return os.path.join(data, "gumauth"), os.path.join(state, "gumauth")


def _elsewhere() -> tuple[str, str]:
    """The data and the state folder as platformdirs answers.

    On macOS, platformdirs reads the XDG variables too. On Windows, the system names the folder, and only a variable of
    platformdirs' own overrides the system.
    """
    import platformdirs

    return platformdirs.user_data_dir("gumauth", appauthor=False), platformdirs.user_state_dir(
        "gumauth", appauthor=False
    )


def runtime_folders(environ: Mapping[str, str], usual: str | None = None) -> list[str]:
    """Where this user's runtime folder may be, in their order: as the environment says, and where systemd has it.

    A program that a desktop starts may have lost the variable, or have that of another program.

    Args:
        environ: The variables.
        usual: Where systemd has it; None for its place on this machine.

    Source: XDG Base Directory Specification; pam_systemd(8).
    """
    if usual is None:
        usual = f"/run/user/{os.geteuid()}" if hasattr(os, "geteuid") else ""
    return [folder for folder in (environ.get("XDG_RUNTIME_DIR"), usual) if folder]


def check_private(home: Home, environ: Mapping[str, str]) -> None:
    """Refuse a data folder in which another user can put accounts, a default or locks. Promise Y3.

    Raises:
        HomeError: Another user can write the folder or put another in its place, or its rights cannot be read.
    """
    from gumauth.platform.permissions import is_vouched_for, why_not_private
    from gumauth.platform.text import one_line

    try:
        fault = why_not_private(home.data, below=(*BELOW, *_providers(home)))
    except OSError as error:
        raise unusable(home.data, error) from error
    if fault is not None and not is_vouched_for(home.data, environ):
        # Other users may have written files in the folder already: each file's rights are checked when it is read.
        hint = fault.hint(with_content=fault.place.startswith(home.data))
        raise HomeError(
            f"{one_line(home.data, 500)} is not used: {fault.words}.",
            hint=f"{hint}. Or set GUMAUTH_HOME to a folder of your own; or, where nobody else is on this machine,"
            f" GUMAUTH_TRUST={one_line(fault.place, 500)}.",
        )


def _providers(home: Home) -> list[str]:
    """The folders of the providers' accounts, relative to the data folder."""
    try:
        return [os.path.join("accounts", name) for name in os.listdir(os.path.join(home.data, "accounts"))]
    except OSError:
        return []  # where the folder is there, reading the accounts says why it cannot be read


def become_owner(environ: Mapping[str, str]) -> bool:
    """Give up root for good where root runs a command for another user: `sudo` with that user's HOME or GUMAUTH_HOME.

    The user owns the files that the command makes, and no link in the user's folders leads root to other files. It is
    done only for the user who called sudo, or who owns HOME. Promise I9.

    Returns:
        Whether this process was root's, and is the user's by now.

    Raises:
        HomeError: The user cannot read gumauth's code.
    """
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    try:
        owner = _nearest(locate(environ).data)
    except (HomeError, OSError):
        return False  # the error is raised again when the folder is used
    if owner.st_uid == 0 or owner.st_uid not in _acted_for(environ):
        return False
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
        return False  # root has no such right here, and the folder is refused as another user's
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
    return True


def _nearest(path: str) -> os.stat_result:
    """The status of a folder, or of the nearest folder above it that exists."""
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
        pass  # no user owns HOME then
    return users
