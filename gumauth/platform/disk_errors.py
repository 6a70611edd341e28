"""What a person can do about a file or folder that the system does not let gumauth use: a hint for each errno.

Promises K11 and K16.
"""

from __future__ import annotations

import errno
import os
import shlex

from gumauth.platform.text import one_line

NO_LOCKS = frozenset(
    getattr(errno, name, -1) for name in ("ENOLCK", "EBADF", "EOPNOTSUPP", "ENOTSUP", "ENOSYS", "EPROTONOSUPPORT")
)
"""How a file system without locks refuses one: NFS mounted with `nolock`, some of FUSE, some sandboxes."""

RIGHTS = (errno.EACCES, errno.EPERM)
ELSEWHERE = "set GUMAUTH_HOME to a folder on another disk"

NO_ANSWER = f"What is mounted there does not answer: mount it again, or {ELSEWHERE}."
IN_THE_WAY = "A file is where a folder has to be: move the file away, or set GUMAUTH_HOME to another folder."

ADVICE = {
    "ENOSPC": "Free space there (`df -h {folder}` and, for the number of files, `df -i {folder}` show what is left).",
    "EDQUOT": "Your share of that disk is used up (`quota` shows it): remove files of yours, or ask for more.",
    "EROFS": f"It is on a disk that is mounted for reading only: mount it for writing, or {ELSEWHERE}.",
    "EIO": f"The disk itself failed: look at its health (`dmesg`), and {ELSEWHERE}.",
    "ENAMETOOLONG": "The path is too long: set GUMAUTH_HOME to a shorter one.",
    "EISDIR": "A folder is where a file has to be: move the folder away.",
    "ELOOP": "A link is in its place, and links are not followed there: put the file itself there, or remove the link.",
    "EMFILE": "This process has too many files open: close some, or allow more (`ulimit -n`).",
    "ENFILE": "This machine has too many files open: end programs, and try again.",
    "ENOMEM": "Free memory, and try again.",
    "EFBIG": "Move it away if you do not know what is in it.",
    "ENOENT": "Something on the way to it is missing: make the folder, or set GUMAUTH_HOME to another one.",
    **dict.fromkeys(("ENOTDIR", "EEXIST"), IN_THE_WAY),
    **dict.fromkeys(("EINVAL", "ENXIO"), "Something that is no file is in its place: move it away."),
    **dict.fromkeys(("EBUSY", "ETXTBSY"), "Another program is using it: try again when it has ended."),
    **dict.fromkeys(("ENOTCONN", "ENODEV", "ETIMEDOUT", "EHOSTDOWN"), NO_ANSWER),
    "ESTALE": f"What is mounted there has changed meanwhile: mount it again, or {ELSEWHERE}.",
}
"""Name of an error, as in errno(3) → what to do."""

OTHERWISE = "Look at that folder and its disk, or set GUMAUTH_HOME to another folder."


def advice(path: str, error: OSError, *, by_others: bool = False) -> str:
    """What to do now.

    Args:
        path: The file or folder.
        error: The system's error, or one that `files` raised in its form.
        by_others: Whether gumauth refused the file because other users can write it.
    """
    if by_others:
        return f"If you trust what is in it, take that right away: chmod go-w {_shown(path)}"
    if error.errno in RIGHTS:
        return _about_rights(path, error)
    hint = ADVICE.get(errno.errorcode.get(error.errno or 0, ""), OTHERWISE)
    return hint.format(folder=_shown(_nearest(path)))


def local_folder(data: str) -> str:
    """What to do about a data folder on a disk that knows no locks."""
    return (
        f"Move {_shown(data)} to a disk of this machine, and set GUMAUTH_HOME to where it is then: only that folder has"
        " to be local."
    )


def _about_rights(path: str, error: OSError) -> str:
    at = path if os.path.lexists(path) else _nearest(path)
    owner = _owner(at)
    if owner is not None and owner != os.geteuid():
        return _of_another_owner(path, owner)
    if error.errno == errno.EPERM:
        return f"The file system forbids it (`lsattr -d {_shown(at)}` shows a lock on it), or a sandbox does."
    rights = "u+rwX" if os.path.isdir(at) else "u+rw"
    return f"Give yourself the right: chmod {rights} {_shown(at)}. Or set GUMAUTH_HOME to a folder that you can write."


def _nearest(path: str) -> str:
    """The nearest folder above a path that exists."""
    while path != os.path.dirname(path):
        path = os.path.dirname(path)
        if os.path.isdir(path):
            break
    return path


def _owner(path: str) -> int | None:
    """The number of the user who owns a file or folder; None where it is not known."""
    try:
        return os.lstat(path).st_uid if hasattr(os, "geteuid") else None
    except OSError:
        return None


def _of_another_owner(path: str, owner: int) -> str:
    import pwd

    try:
        name = one_line(pwd.getpwuid(owner).pw_name)
    except KeyError:
        name = f"the user with the number {owner}"
    folder = _nearest(path)
    if owner != 0 or not _is_at_home(folder):
        return f"It belongs to {name}: set GUMAUTH_HOME to a folder of your own."
    return f"It belongs to {name}. Give it back with `sudo chown -R {os.geteuid()} {_shown(folder)}`."


def _is_at_home(folder: str) -> bool:
    """Whether a folder is below this user's home, and so is not a folder of the system."""
    home = os.path.realpath(os.path.expanduser("~"))
    is_below = home != os.sep and os.path.realpath(folder).startswith(home + os.sep)
    return is_below and _owner(home) == os.geteuid()


def _shown(path: str) -> str:
    return shlex.quote(one_line(path, 500))
