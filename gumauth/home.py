"""Where gumauth keeps its files, and how it writes one: whole or not at all, and for its owner only."""

from __future__ import annotations

import errno
import os
import stat
import sys

from gumauth.errors import HomeError
from gumauth.values import frozen

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

WINDOWS_OVERRIDE = "WIN_PD_OVERRIDE_LOCAL_APPDATA"

NO_FOLDERS = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)
"""What file systems over a network say of an fsync of a folder: they have no such thing."""


CANNOT_GIVE = (errno.EPERM, errno.EINVAL, errno.ENOSYS)
"""What the system says to a root that may not change owners, as in a container without that right."""


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
    from gumauth.text import one_line

    raise HomeError(
        f"{variable} leads to {one_line(path)!r}, which is not an absolute path: it would be another folder in"
        " every place where gumauth is run.",
        hint=f"Set {variable} to an absolute path, such as {one_line(os.path.abspath(path))}.",
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

    Whoever is root for another user (sudo with their HOME) uses a folder of theirs.

    Raises:
        HomeError: Another user can write it or put another in its place, or it cannot be looked at.
    """
    from gumauth.file_trust import why_not_private
    from gumauth.text import one_line

    try:
        fault = why_not_private(home.data, owners(environ))
    except OSError as error:
        raise unusable(home.data, error) from error
    if fault is not None:
        raise HomeError(
            f"{one_line(home.data, 500)} is not used: {fault.words}.",
            hint=f"{fault.hint}. Or set GUMAUTH_HOME to a folder of your own.",
        )


def owners(environ: Mapping[str, str]) -> frozenset[int] | None:
    """The users whose files root may use: itself, and for whom it acts. None where this is not root."""
    if not _is_root():
        return None
    trusted = {0, int(sudo) if (sudo := environ.get("SUDO_UID", "")).isdecimal() else 0}
    try:
        trusted.add(os.stat(environ.get("HOME") or "/").st_uid)
    except OSError:
        pass  # then nothing is theirs
    return frozenset(trusted)


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
    if os.path.isdir(path):
        return
    above = os.path.dirname(path)
    if above != path:
        _make(above)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        if not os.path.isdir(path) or _is_strangers(path, os.stat(above)):
            raise
    else:
        if _is_root():
            _give_folder(path, os.stat(above))


def _is_strangers(path: str, above: os.stat_result) -> bool:
    """Whether a folder that appeared in this moment is neither ours nor that of whom the one above belongs to."""
    return hasattr(os, "geteuid") and os.lstat(path).st_uid not in (0, os.geteuid(), above.st_uid)


def _give_folder(path: str, owner: os.stat_result) -> None:
    try:
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
    except OSError as error:
        if error.errno not in CANNOT_GIVE:
            raise


def _is_root() -> bool:
    """Whether what this process makes would belong to root, also in another user's folder (sudo with their HOME)."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def give_to_owner(handle: int, path: str) -> None:
    """Let a file of root's own belong to whom its folder belongs, who could not use it otherwise.

    Args:
        handle: Of the file, which is open.
        path: Its path.
    """
    if not _is_root():
        return
    owner, own = os.stat(os.path.dirname(path)), os.fstat(handle)
    # Only what is empty yet: a file of root's own could have been put there under this name.
    if owner.st_uid != 0 and own.st_uid == 0 and own.st_nlink == 1 and own.st_size == 0:
        try:
            os.fchown(handle, owner.st_uid, owner.st_gid)
        except OSError as error:
            if error.errno not in CANNOT_GIVE:
                raise


def read_file(path: str, limit: int = LARGEST) -> bytes | None:
    """What a file holds; None where there is no such file. A link is not followed.

    Raises:
        HomeError: It is there and cannot be read: also where it is no file but a pipe, or has more than `limit` bytes.
    """
    try:
        handle = os.open(path, os.O_RDONLY | CAREFULLY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise unusable(path, error) from error
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is not a file")
        return read_all(handle, limit)
    except OSError as error:
        raise unusable(path, error) from error
    finally:
        os.close(handle)


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
    real = os.path.realpath(os.path.expanduser(path))
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


def _read_pipe(handle: int, limit: int) -> bytes:
    """What comes out of a pipe until its writer has closed it."""
    import select
    import time

    poll = select.poll()
    poll.register(handle, select.POLLIN)
    end, parts = time.monotonic() + PIPE_SECONDS, [b""]
    while limit >= 0:
        if not poll.poll(max(end - time.monotonic(), 0) * 1000):
            raise OSError(errno.ETIMEDOUT, f"it did not come to its end within {PIPE_SECONDS:g} s")
        part = os.read(handle, 1 << 16)
        if not part:
            return b"".join(parts)
        parts.append(part)
        limit -= len(part)
    raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))


def read_all(handle: int, limit: int) -> bytes:
    """The rest of an open file.

    Raises:
        OSError: It has more than `limit` bytes.
    """
    parts = []
    while part := os.read(handle, 1 << 16):
        parts.append(part)
        limit -= len(part)
        if limit < 0:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return b"".join(parts)


def write_file(path: str, content: bytes) -> None:
    """Put a whole file in place of an old one, or leave the old one as it was.

    Temporary file (0600 from the start), fsync, rename, fsync of the folder: after a crash there is the old file
    or the new one, never a part.

    Raises:
        HomeError: Disk full, read-only, not allowed, or more than `read_file` reads; nothing has changed.
    """
    if len(content) > LARGEST:
        raise unusable(path, OSError(errno.EFBIG, os.strerror(errno.EFBIG)))
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
        give_to_owner(handle, path)
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
    from gumauth.text import one_line

    reason = error.strerror or type(error).__name__
    return HomeError(
        f"{one_line(path)} cannot be used: {reason}.",
        hint=(_hint_of_another_owner(path) if error.errno in (errno.EACCES, errno.EPERM) else None)
        or "Free space or mend the folder's permissions, or set GUMAUTH_HOME to another folder.",
    )


def _hint_of_another_owner(path: str) -> str | None:
    """What to do where the file, or the nearest folder above it that there is, belongs to somebody else."""
    if not hasattr(os, "geteuid"):
        return None
    while path != os.path.dirname(path):
        try:
            owner = os.lstat(path).st_uid
        except OSError:
            path = os.path.dirname(path)
            continue
        return None if owner == os.geteuid() else _of_another_owner(path, owner)
    return None


def _of_another_owner(path: str, owner: int) -> str:
    import pwd
    import shlex

    from gumauth.text import one_line

    try:
        name = one_line(pwd.getpwuid(owner).pw_name)
    except KeyError:
        name = f"the user with the number {owner}"
    if owner != 0:
        return f"It belongs to {name}: set GUMAUTH_HOME to a folder of your own."
    command = f"sudo chown -R {os.geteuid()} {shlex.quote(one_line(os.path.dirname(path), 500))}"
    return f"It belongs to {name}. Give it back with `{command}`."
