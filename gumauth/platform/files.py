"""Where gumauth keeps its files, and how it writes one: whole or not at all, and for its owner only."""

from __future__ import annotations

import errno
import os
import stat
import sys

from gumauth.errors import HomeError, NoLocks
from gumauth.platform.frozen import frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


CAREFULLY = (
    getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
)
"""No link is followed, no child inherits it, and a pipe or a terminal in a file's place does not stop the program.
Windows would take a byte 26 for the end, and change line ends."""

LARGEST = 1 << 23
"""Bytes of a file of gumauth's own, written or read. The answer of a provider may have an eighth of it."""

PIPE_SECONDS = 5.0

OTHERS_WRITE = "other users can write it"

WINDOWS_OVERRIDE = "WIN_PD_OVERRIDE_LOCAL_APPDATA"

BELOW = ("accounts", "secrets", "locks", "rescue", "clients")
"""The folders in the data folder."""

NO_FOLDER = "the current folder, from which it is looked for, has been deleted"
"""Why a relative path leads nowhere."""

NO_FOLDERS = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)
"""What file systems over a network say of an fsync of a folder: they have no such thing."""


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


def make_folder(path: str) -> None:
    """Make a folder for its owner only (0700), with those above it; an existing one is left as it is.

    Raises:
        HomeError: It cannot be made, or a file is in its place.
    """
    try:
        _make(path)
    except OSError as error:
        raise unusable(path, error) from error


def _make(path: str) -> None:
    missing = []
    while not os.path.isdir(path):
        missing.append(path)
        above = os.path.dirname(path)
        if above == path:
            break
        path = above
    made: list[str] = []
    try:
        for each in reversed(missing):
            _make_one(each, made)
    except OSError:
        _unmake(made)  # nothing is left of a path that is too long in its middle
        raise


def _make_one(path: str, made: list[str]) -> None:
    try:
        os.mkdir(path, 0o700)
        made.append(path)
    except FileExistsError:
        if not os.path.isdir(path) or _is_strangers(path):
            raise


def _unmake(made: list[str]) -> None:
    for path in reversed(made):
        try:
            os.rmdir(path)
        except OSError:
            return  # somebody uses it


def _is_strangers(path: str) -> bool:
    """Whether a folder that appeared in this moment is somebody else's."""
    return hasattr(os, "geteuid") and os.lstat(path).st_uid not in (0, os.geteuid())


def read_file(path: str, limit: int = LARGEST, *, ours: bool = True) -> bytes | None:
    """What a file holds; None where there is no such file. A link is not followed.

    Args:
        path: The file.
        limit: Bytes that it may have.
        ours: Whether it is one of gumauth's own, which nobody else may own or write.

    Raises:
        HomeError: It is there and cannot be read: also where it is no file but a pipe, has more than `limit` bytes, or
            somebody else could have written it.
    """
    try:
        handle = os.open(path, os.O_RDONLY | CAREFULLY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise unusable(path, error) from error
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is not a file")
        if ours and (fault := _is_others(status)) and not _is_vouched_for(path):
            raise OSError(errno.EPERM, fault)
        return read_all(handle, limit)
    except OSError as error:
        raise unusable(path, error) from error
    finally:
        os.close(handle)


def _is_others(status: os.stat_result) -> str | None:
    """How somebody else could have written a file, in words: all that gumauth makes is for its user alone."""
    if not hasattr(os, "geteuid"):
        return None
    if status.st_uid not in (0, os.geteuid()):
        return "it belongs to another user"
    return OTHERS_WRITE if status.st_mode & stat.S_IWOTH else None


def _is_vouched_for(path: str) -> bool:
    from gumauth.platform.permissions import is_vouched_for

    return is_vouched_for(path, os.environ)


def read_named(path: str, limit: int, *, look: Callable[[int, str], None] | None = None) -> bytes:
    """What a file holds that the person names: a file, behind links or not, or a pipe, as a shell makes for `<(…)`.

    Args:
        path: As it was named.
        limit: Bytes that it may have.
        look: Is given the open file and its path without links, and raises where it must not be used.

    Raises:
        OSError: It cannot be read, is neither, has more than that, or is a pipe that does not come to its end in time.
        ValueError: No file can have that name.
    """
    real = os.path.realpath(_from_here(os.path.expanduser(path)))
    if real.startswith("/proc/"):
        real = path  # an open file that has no name, such as a pipe
    handle = os.open(real, os.O_RDONLY | (CAREFULLY & ~getattr(os, "O_NOFOLLOW", 0)))
    try:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISFIFO(mode):
            raise OSError(errno.EINVAL, "it is not a file")
        if look is not None:
            look(handle, real)
        return _read_pipe(handle, limit) if stat.S_ISFIFO(mode) else read_all(handle, limit)
    finally:
        os.close(handle)


def _from_here(path: str) -> str:
    """A path that does not depend on the current folder any more.

    Raises:
        FileNotFoundError: It is relative, and the current folder has been deleted.
    """
    folder = "" if os.path.isabs(path) else working_folder()
    if not folder and not os.path.isabs(path):
        raise FileNotFoundError(errno.ENOENT, NO_FOLDER, path)
    return os.path.join(folder, path)


def working_folder() -> str:
    """The current folder; "" where it has been deleted meanwhile, which stops nothing that needs none."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        return ""


def _read_pipe(handle: int, limit: int) -> bytes:
    """What comes out of a pipe until its writer has closed it."""
    import select
    import time

    poll, end = select.poll(), time.monotonic() + PIPE_SECONDS
    poll.register(handle, select.POLLIN)

    def wait() -> None:
        if not poll.poll(max(end - time.monotonic(), 0) * 1000):
            raise OSError(errno.ETIMEDOUT, f"it did not come to its end within {PIPE_SECONDS:g} s")

    return read_all(handle, limit, wait)


def read_all(handle: int, limit: int, wait: Callable[[], None] = lambda: None) -> bytes:
    """The rest of an open file.

    Args:
        handle: The file.
        limit: Bytes that it may have.
        wait: Called before each part is read.

    Raises:
        OSError: It has more than that; or what `wait` raises.
    """
    parts = []
    wait()
    while part := os.read(handle, 1 << 16):
        parts.append(part)
        limit -= len(part)
        if limit < 0:
            raise _too_large()
        wait()
    return b"".join(parts)


def _too_large() -> OSError:
    return OSError(errno.EFBIG, os.strerror(errno.EFBIG))


def write_file(path: str, content: bytes) -> None:
    """Put a whole file in place of an old one, or leave the old one as it was.

    Temporary file (0600 from the start), fsync, rename, fsync of the folder: after a crash there is the old file
    or the new one, never a part.

    Raises:
        HomeError: Disk full, read-only, not allowed, or more than `read_file` reads; nothing has changed.
    """
    if len(content) > LARGEST:
        raise unusable(path, _too_large())
    folder = os.path.dirname(path)
    make_folder(folder)
    temporary = f"{path}.{os.getpid()}.{os.urandom(4).hex()}.tmp"
    try:
        try:
            _write_new(temporary, content)
            os.replace(temporary, path)
        except BaseException:
            _unlink_quietly(temporary)
            raise
        sync_folder(folder)
    except OSError as error:
        raise unusable(path, error) from error


def _write_new(path: str, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | CAREFULLY, 0o600)
    try:
        write_all(handle, content)
        os.fsync(handle)
    finally:
        os.close(handle)


def write_all(handle: int, content: bytes) -> None:
    """Write all of it, also where the system takes a part at a time.

    Raises:
        OSError: Disk full, for one.
    """
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]


def _unlink_quietly(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass  # the file of a dead process at worst: its name says so, and nothing reads it


def sync_folder(path: str) -> None:
    """Have the names in a folder on the disk, where the system knows such a thing.

    Raises:
        OSError: The disk is broken.
    """
    if os.name == "nt":
        return  # a folder cannot be opened there; NTFS journals the rename itself
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in NO_FOLDERS:
            raise
    finally:
        os.close(handle)


def remove_file(path: str) -> None:
    """See to it that there is no such file.

    Raises:
        HomeError: It is there and cannot be removed.
    """
    try:
        os.unlink(path)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise unusable(path, error) from error


def remove_leftovers(path: str) -> None:
    """Remove what is left of this file by processes that were killed in the middle of `write_file`.

    To be called with the lock held under which alone the file is written: it takes a living process's file too.

    Raises:
        HomeError: Something is left and cannot be removed.
    """
    folder, name = os.path.split(path)
    try:
        names = os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise unusable(folder, error) from error
    for each in names:
        if each.startswith(f"{name}.") and each.endswith(".tmp"):
            remove_file(os.path.join(folder, each))


def unusable(path: str, error: OSError) -> HomeError:
    """The error for a file or folder of gumauth's own that the system does not let it use."""
    from gumauth.platform.disk_errors import advice
    from gumauth.platform.text import one_line

    reason = error.strerror or type(error).__name__
    return HomeError(
        f"{one_line(path)} cannot be used: {reason}.", hint=advice(path, error, by_others=reason == OTHERS_WRITE)
    )


def without_locks(path: str, error: OSError) -> NoLocks:
    """The error for a lock file on a disk that knows no locks."""
    from gumauth.platform.disk_errors import local_folder
    from gumauth.platform.text import one_line

    try:
        data = locate(os.environ).data
    except HomeError:
        data = os.path.dirname(path)
    folder = data if path.startswith(data + os.sep) else os.path.dirname(path)
    return NoLocks(
        f"{one_line(path)} cannot be locked: the disk that it is on knows no locks ({error.strerror}).",
        hint=local_folder(folder),
    )
