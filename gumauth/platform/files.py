"""Reading and writing of files: gumauth's own, whole or not at all and for their owner only; and those a person names.

Promises K3, S6 and Y8. `folders` says where gumauth's own files are, `permissions` who else can write a file.
"""

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
"""How every file is opened: no link is followed, no child process inherits the file, and a pipe or a terminal in the
place of the file does not block. In the text mode of Windows, a byte 26 would end the file."""

LARGEST = 1 << 23
"""Bytes that a file of gumauth's own may have. A provider's response may have an eighth of them. Promise Y2."""

PIPE_SECONDS = 5.0
"""Seconds in which a pipe has to come to its end."""

OTHERS_WRITE = "other users can write it"

NO_FOLDER = "the current folder, from which it is looked for, has been deleted"
"""Why a relative path names no file."""

NO_FOLDERS = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)
"""How file systems over a network refuse the fsync of a folder, which they do not know."""


def make_folder(path: str) -> None:
    """Make a folder for its owner only (0700), and the folders above it; a folder that exists is left as it is.

    Raises:
        HomeError: The folder cannot be made, or a file is in its place. No part of the path was made then.
    """
    missing, above = [], path
    while not os.path.isdir(above):
        missing.append(above)
        if (above := os.path.dirname(above)) == missing[-1]:
            break
    made: list[str] = []
    try:
        for each in reversed(missing):
            _make_one(each, made)
    except OSError as error:
        _unmake(made)
        raise unusable(path, error) from error


def _make_one(path: str, made: list[str]) -> None:
    try:
        os.mkdir(path, 0o700)
        made.append(path)
    except FileExistsError:
        # A folder that another process has made in this moment will do, unless that process is another user's.
        if not os.path.isdir(path) or (hasattr(os, "geteuid") and os.lstat(path).st_uid not in (0, os.geteuid())):
            raise


def _unmake(made: list[str]) -> None:
    for path in reversed(made):
        try:
            os.rmdir(path)
        except OSError:
            return  # another process uses the folder


def read_file(path: str, limit: int = LARGEST, *, ours: bool = True) -> bytes | None:
    """The content of a file; None where there is no such file. A link is not followed.

    Args:
        path: The file.
        limit: Bytes that the file may have.
        ours: Whether the file is one of gumauth's own, which no other user may own or write.

    Raises:
        HomeError: The file cannot be read, has more than `limit` bytes, or is no file (a pipe); or, of gumauth's own,
            another user could have written the file.
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
        if ours and (fault := _why_not_ours(status, path)):
            raise OSError(errno.EPERM, fault)
        return read_all(handle, limit)
    except OSError as error:
        raise unusable(path, error) from error
    finally:
        os.close(handle)


def _why_not_ours(status: os.stat_result, path: str) -> str | None:
    """Why another user could have written a file, in words; None where no other user could, or the person vouches."""
    if not hasattr(os, "geteuid"):
        return None
    is_strangers = status.st_uid not in (0, os.geteuid())
    if not is_strangers and not status.st_mode & stat.S_IWOTH:
        return None
    from gumauth.platform.permissions import is_vouched_for

    fault = "it belongs to another user" if is_strangers else OTHERS_WRITE
    return None if is_vouched_for(path, os.environ) else fault


def read_named(path: str, limit: int, *, look: Callable[[int, str], None] | None = None) -> bytes:
    """The content of a file that a person names: of a file, also behind links, or of a pipe that a shell made (`<(…)`).

    Args:
        path: The path as the person wrote it.
        limit: Bytes that the file may have.
        look: Called with the open file and its path without links; raises where the file must not be used.

    Raises:
        OSError: The file cannot be read, is neither a file nor a pipe, or has more than `limit` bytes; or the pipe did
            not come to its end within `PIPE_SECONDS`.
        ValueError: No file can have that name.
    """
    real = os.path.realpath(_from_here(os.path.expanduser(path)))
    if real.startswith("/proc/"):
        real = path  # an open file without a name, such as a pipe
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
    """The absolute path.

    Raises:
        FileNotFoundError: The path is relative, and the current folder has been deleted.
    """
    folder = "" if os.path.isabs(path) else working_folder()
    if not folder and not os.path.isabs(path):
        raise FileNotFoundError(errno.ENOENT, NO_FOLDER, path)
    return os.path.join(folder, path)


def working_folder() -> str:
    """The current folder; "" where that folder has been deleted: a command that needs no current folder goes on."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        return ""


def _read_pipe(handle: int, limit: int) -> bytes:
    """All bytes that are written to a pipe until the writer closes the pipe."""
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
        limit: Bytes that the rest may have.
        wait: Called before each part is read; raises OSError where the reading has to end.

    Raises:
        OSError: The rest has more bytes than `limit`, or cannot be read.
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
    """Put a new file in the place of an old file, or leave the old file as it was. Promise K3.

    A temporary file (0600 from the start) is written, synced and renamed, and its folder is synced: after a crash
    there is the old file or the new file, never a part of one.

    Raises:
        HomeError: Disk full, read-only, not allowed, or more bytes than `read_file` reads. Nothing has changed.
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
    """Write all bytes, also where the system takes a part of them at a time.

    Raises:
        OSError: They cannot be written: the disk is full, for example.
    """
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]


def _unlink_quietly(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass  # nothing reads the file, and `remove_leftovers` removes it later


def sync_folder(path: str) -> None:
    """Write the names of a folder's files to the disk, where the system has a call for that.

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
    """Remove a file; nothing happens where there is no such file.

    Raises:
        HomeError: The file cannot be removed.
    """
    try:
        os.unlink(path)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise unusable(path, error) from error


def remove_leftovers(path: str) -> None:
    """Remove the temporary files of processes that were killed while they wrote this file by `write_file`.

    The caller holds the lock under which the file is written: the temporary file of a living process is removed too.

    Raises:
        HomeError: A temporary file cannot be removed.
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
    """The error for a file or folder of gumauth's own, with what to do about it. Promise K11."""
    from gumauth.platform.disk_errors import advice
    from gumauth.platform.text import one_line

    reason = error.strerror or type(error).__name__
    return HomeError(
        f"{one_line(path)} cannot be used: {reason}.", hint=advice(path, error, by_others=reason == OTHERS_WRITE)
    )
