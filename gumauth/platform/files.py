"""How gumauth reads and writes a file of its own: whole or not at all, and for its owner only."""

from __future__ import annotations

import errno
import os
import stat

from gumauth.errors import HomeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


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

NO_FOLDER = "the current folder, from which it is looked for, has been deleted"
"""Why a relative path leads nowhere."""

NO_FOLDERS = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)
"""What file systems over a network say of an fsync of a folder: they have no such thing."""


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
