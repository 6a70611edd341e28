"""Where gumauth keeps its files, and how it writes one: whole or not at all, and for its owner only."""

from __future__ import annotations

import errno
import os
import sys

from gumauth.errors import HomeError
from gumauth.values import frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


CAREFULLY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""No link is followed, no child inherits it; and Windows would take a byte 26 for the end, and change line ends."""

WINDOWS_OVERRIDE = "WIN_PD_OVERRIDE_LOCAL_APPDATA"

NO_FOLDERS = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)
"""What file systems over a network say of an fsync of a folder: they have no such thing."""


CANNOT_GIVE = (errno.EPERM, errno.EINVAL, errno.ENOSYS)
"""What the system says to a root that may not change owners, as in a container without that right."""


@frozen
class Home:
    """The folders of one person's gumauth.

    Args:
        data: Absolute path: accounts, the encrypted file.
        state: Absolute path: locks.
        service: The name under which the keyring's entries stand. Every data folder has its own: a keyring cannot be
            moved with the folder, and two lists of accounts with entries of the same names would overwrite each
            other's.
    """

    data: str
    state: str
    service: str


def locate(environ: Mapping[str, str]) -> Home:
    """The folders that the environment says: under GUMAUTH_HOME, or where the platform keeps such things.

    HOME is believed: whoever sets another one beside the same keyring should set GUMAUTH_HOME too, because what the
    system says of the person may take a server to answer.

    Raises:
        HomeError: There is no home directory at all.
    """
    moved = environ.get("GUMAUTH_HOME")
    if moved:
        top = os.path.abspath(os.path.expanduser(moved))
        return Home(data=top, state=os.path.join(top, "state"), service=f"gumauth {top}")
    data, state, usual = _linux(environ) if sys.platform == "linux" else _elsewhere(sys.platform)
    return Home(data=data, state=state, service=_service(data, usual))


def _service(data: str, usual: str) -> str:
    """A name of its own for a data folder that is not where it would be if no variable said so."""
    is_usual = data == usual or os.path.realpath(data) == os.path.realpath(usual)
    return "gumauth" if is_usual else f"gumauth {os.path.abspath(data)}"


def _linux(environ: Mapping[str, str]) -> tuple[str, str, str]:
    """What platformdirs answers, without its 20 ms; a test holds the two together. Last the usual data folder."""
    home = environ.get("HOME") or os.path.expanduser("~")
    if not os.path.isabs(home):
        raise HomeError("There is no home directory.", hint="Set GUMAUTH_HOME to a folder of your own.")
    data = environ.get("XDG_DATA_HOME", "").strip()
    state = environ.get("XDG_STATE_HOME", "").strip()
    usual = os.path.join(home, ".local", "share")
    return (
        os.path.join(data or usual, "gumauth"),
        os.path.join(state or os.path.join(home, ".local", "state"), "gumauth"),
        os.path.join(usual, "gumauth"),
    )


def _elsewhere(platform: str) -> tuple[str, str, str]:
    """What platformdirs answers, which on macOS heeds the XDG variables too; and the usual data folder.

    Windows itself says where the folder is, whatever the environment; only a variable of platformdirs' own changes it.
    """
    import platformdirs

    data = platformdirs.user_data_dir("gumauth", appauthor=False)
    state = platformdirs.user_state_dir("gumauth", appauthor=False)
    if platform != "win32":
        return data, state, os.path.expanduser("~/Library/Application Support/gumauth")
    return data, state, "" if WINDOWS_OVERRIDE in os.environ else data


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
        if not os.path.isdir(path):
            raise
    else:
        if _is_root():
            _give_folder(path, os.stat(above))


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


def read_file(path: str, limit: int = 1 << 20) -> bytes | None:
    """What a file holds, at most `limit` bytes; None where there is no such file. A link is not followed.

    Raises:
        HomeError: It is there and cannot be read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | CAREFULLY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise unusable(path, error) from error
    try:
        return _read_all(handle, limit)
    except OSError as error:
        raise unusable(path, error) from error
    finally:
        os.close(handle)


def _read_all(handle: int, limit: int) -> bytes:
    parts = []
    while limit > 0 and (part := os.read(handle, min(limit, 1 << 16))):
        parts.append(part)
        limit -= len(part)
    return b"".join(parts)


def write_file(path: str, content: bytes) -> None:
    """Put a whole file in place of an old one, or leave the old one as it was.

    Temporary file (0600 from the start), fsync, rename, fsync of the folder: after a crash there is the old file
    or the new one, never a part.

    Raises:
        HomeError: Disk full, read-only, not allowed; nothing has changed.
    """
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
        _sync_folder(folder)
    except OSError as error:
        raise unusable(path, error) from error


def _write_new(path: str, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | CAREFULLY, 0o600)
    try:
        give_to_owner(handle, path)
        view = memoryview(content)
        while view:
            view = view[os.write(handle, view) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def _unlink_quietly(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass  # the file of a dead process at worst: its name says so, and nothing reads it


def _sync_folder(path: str) -> None:
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
