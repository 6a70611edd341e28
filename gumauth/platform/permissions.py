"""Whether another user can change a file that gumauth is about to run, or a folder that it is about to use.

Its owner, its mode and its access control list count, and those of the folders and links on the way to it. Access
control lists of macOS and of NFSv4, which are of other kinds, are not read. Promises P3 and Y3.
"""

from __future__ import annotations

import errno
import os
import stat

from gumauth.platform.frozen import frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Literal

    FaultKind = Literal["owner", "mode", "acl", "type"]

LINKS = 40
"""How often a path may turn at links and "..". Source: path_resolution(7)."""

ACL = "system.posix_acl_access"
NAMED_USER, OWNING_GROUP, NAMED_GROUP = 2, 4, 8
"""Tags of an access control list's entries. Source: Linux, include/uapi/linux/posix_acl.h and posix_acl_xattr.h."""

WRITE = 2
"""The permission, in an entry as in a mode."""

WITHOUT = (getattr(errno, "ENODATA", None), errno.ENOTSUP)
"""The errors for a file without a list, and for a file system without lists."""


@frozen
class Fault:
    """Why another user can change a file or folder.

    Args:
        words: The reason, behind the name of the file or folder: "other users can write it".
        place: The file or folder with the right: the named one, or one on the way to it.
        kind: By what the other user has the right: "owner", "mode" or "acl" of the place; "type" where the place is no
            file.
        classes: Who can write by the mode: "g" the group, "o" everybody, "go" both.
        is_ours: Whether this user may change the rights of the place.
    """

    words: str
    place: str
    kind: FaultKind
    classes: str = "go"
    is_ours: bool = True

    def hint(self, *, with_content: bool = False) -> str:
        """What to do, with the command; `with_content` for a folder whose files have to lose the right too."""
        import shlex

        from gumauth.platform.text import one_line

        place = shlex.quote(one_line(self.place, 500))
        if self.kind == "owner":
            return f"Make it yours if you trust what is in it: sudo chown {os.geteuid()} {place}"
        commands: dict[FaultKind, str] = {
            "mode": f"chmod {'-R ' if with_content else ''}{self.classes}-w",
            "acl": "setfacl -b",
        }
        command = commands.get(self.kind)
        sudo = "" if self.is_ours else "sudo "
        return f"Take that right away: {sudo}{command} {place}" if command else "Check the path."


NO_FILE = Fault(words="it is not a file", place="", kind="type")
"""The fault of a folder, a pipe or a device in the place of a file."""


def why_not_trusted(handle: int, path: str) -> Fault | None:
    """Why another user can write an open file or put another file in its place; None where no other user can.

    Args:
        handle: The open file: the file that is judged is the file that is read.
        path: The absolute path of the file; the folders above it count too, as in `why_not_private`.

    Raises:
        OSError: The rights of a folder on the way cannot be read.
    """
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        return NO_FILE
    if os.name == "nt":
        return None  # rights are not in the mode there
    others = Others()
    if kind := _kind(others, status, handle):
        return _fault(kind, path, status)
    # The last name of the path counts too: it may be a link that another user has put into a folder such as /tmp.
    return _above(others, list(_way(path)))


def why_not_private(folder: str, owners: frozenset[int] | None = None, *, below: tuple[str, ...] = ()) -> Fault | None:
    """Why another user can write a folder or put another in its place; None where no other user can.

    The folders above it count too, and those above the links that lead to it: up to the home directory where that is on
    the way, because a user who can change what is above the home can change everything below; else up to the root. Of a
    folder that does not exist yet, only the folders above it count.

    Args:
        folder: The absolute path of the folder.
        owners: The numbers of the trusted users; None for root and this user.
        below: Names in the folder that are judged too, where they exist.

    Raises:
        OSError: The rights of a folder on the way cannot be read.
    """
    if os.name == "nt":
        return None  # rights are not in the mode there
    others = Others(owners)
    way: list[tuple[str, os.stat_result]] = []
    try:
        way.extend(_way(folder))
    except FileNotFoundError:
        return _above(others, way)
    place, status = way[-1]
    if not stat.S_ISDIR(status.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), folder)
    if kind := _kind(others, status, place):
        return _fault(kind, place, status)
    return _above(others, way) or _inside(others, [os.path.join(place, name) for name in below])


def _inside(others: Others, places: list[str]) -> Fault | None:
    for place in places:
        try:
            kind = _kind(others, status := os.stat(place), place)
        except OSError:
            continue  # it does not exist, or reading it says why it cannot be read
        if kind:
            return _fault(kind, place, status, "{} in it")
    return None


def is_vouched_for(path: str, environ: Mapping[str, str]) -> bool:
    """Whether GUMAUTH_TRUST says that a file or folder may be used although other users can write it.

    In a container with one user, or on a disk without rights, there is no other user, and the system does not show
    that.

    Args:
        path: The absolute path of the file or folder.
        environ: GUMAUTH_TRUST holds absolute paths of folders, separated as in PATH; everything in such a folder may be
            used.
    """
    for folder in environ.get("GUMAUTH_TRUST", "").split(os.pathsep):
        if os.path.isabs(folder):
            real, top = os.path.realpath(path), os.path.realpath(folder)
            if real == top or real.startswith(top.rstrip(os.sep) + os.sep):
                return True
    return False


def is_private_folder(folder: str) -> bool:
    """Whether no other user can put a file into a folder, as everybody can into /tmp."""
    return os.name == "nt" or _kind(Others(), os.stat(folder), folder) is None


def _kind(others: Others, status: os.stat_result, place: str | int) -> FaultKind | None:
    return "owner" if others.own(status) else others.write(status, place)


def _fault(kind: FaultKind, place: str, status: os.stat_result, called: str = "it") -> Fault:
    from gumauth.platform.text import one_line

    it = called.replace("{}", one_line(place, 500))
    bits = (("g", stat.S_IWGRP), ("o", stat.S_IWOTH))
    return Fault(
        words=f"{it} belongs to another user" if kind == "owner" else f"other users can write {it}",
        place=place,
        kind=kind,
        classes="".join(letter for letter, bit in bits if status.st_mode & bit),
        is_ours=os.geteuid() in (0, status.st_uid),
    )


def _above(others: Others, way: list[tuple[str, os.stat_result]]) -> Fault | None:
    """Why another user can change where a path leads; None where no other user can.

    In a folder with the sticky bit, other users can make files and cannot replace ours.
    """
    shared = set()
    kind: FaultKind | None
    for place, status in way:
        is_shared = os.path.dirname(place) in shared
        if stat.S_ISLNK(status.st_mode):
            kind = "owner" if is_shared and others.own(status, strictly=True) else None
        else:
            kind = "owner" if others.own(status, strictly=is_shared) else others.write(status, place)
        if kind and kind != "owner" and status.st_mode & stat.S_ISVTX:
            shared.add(place)
        elif kind:
            return _fault(kind, place, status, "its folder {}")
    return None


def _way(path: str) -> Iterator[tuple[str, os.stat_result]]:
    """Every folder and link through which a path leads, the highest first, each with its status."""
    for _ in range(LINKS):
        place, names = _begin(path)
        yield place, os.lstat(place)
        for at, name in enumerate(names):
            if name == "..":
                path = os.path.join(os.path.dirname(place), *names[at + 1 :])
                break
            above, place = place, os.path.join(place, name)
            status = os.lstat(place)
            yield place, status
            if stat.S_ISLNK(status.st_mode):
                path = os.path.join(above, os.readlink(place), *names[at + 1 :])
                break
        else:
            return
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)


def _begin(path: str) -> tuple[str, list[str]]:
    """Where the way of a path begins, the home directory or the root, without links; and the names that follow."""
    home = os.environ.get("HOME", "").rstrip("/")
    real = os.path.realpath(home) if os.path.isabs(home) else "/"
    for start in (home, real):
        if real != "/" and (path == start or path.startswith(f"{start}/")):
            return real, _names(path[len(start) :])
    return "/", _names(path)


def _names(path: str) -> list[str]:
    return [name for name in path.split("/") if name not in ("", ".")]


class Others:
    """All users who are not trusted.

    Args:
        trusted: The numbers of the trusted users; None for root and this user.
    """

    def __init__(self, trusted: frozenset[int] | None = None) -> None:
        self._trusted = frozenset((0, os.geteuid())) if trusted is None else trusted

    def own(self, status: os.stat_result, *, strictly: bool = False) -> bool:
        """Whether a file or folder belongs to one of the others, who can change its rights.

        Args:
            status: The status of the file or folder.
            strictly: Whether a file of the system, seen from a user namespace, counts as another user's. In a folder
                where everybody can put files, such a file need not be the system's.
        """
        if status.st_uid in self._trusted:
            return False
        from gumauth.platform.users import is_the_systems

        return strictly or 0 not in self._trusted or not is_the_systems(status.st_uid)

    def write(self, status: os.stat_result, place: str | int) -> FaultKind | None:
        """By what one of the others can write a file or folder: "mode" or "acl"; None where none of them can.

        Args:
            status: The status of the file or folder, not of a link.
            place: Its path, or the open file.
        """
        if status.st_mode & stat.S_IWOTH:
            return "mode"
        if not status.st_mode & stat.S_IWGRP:
            return None  # in a list, these bits are the mask of all entries of groups and named users (acl(5))
        entries = _entries(place)
        if entries is None:
            return None if self._has_alone(status.st_gid) else "mode"
        return "acl" if any(self._gains(tag, number, status) for tag, number in entries) else None

    def _gains(self, tag: int, number: int, status: os.stat_result) -> bool:
        if tag == NAMED_USER:
            return number not in self._trusted
        group = {OWNING_GROUP: status.st_gid, NAMED_GROUP: number}.get(tag)
        return group is not None and not self._has_alone(group)

    def _has_alone(self, group: int) -> bool:
        """Whether a group is root's, or a trusted user's private group, as most Linux systems make one for each."""
        from gumauth.platform.users import is_private

        return group == 0 or any(is_private(group, user) for user in self._trusted)


def _entries(place: str | int) -> list[tuple[int, int]] | None:
    """Tag and number of each entry of an access control list that gives the right to write; None without a list.

    A list is a version of 32 bits and then entries of tag (16), permission (16) and number (32), all little-endian.
    """
    if not hasattr(os, "getxattr"):
        return None
    try:
        raw = os.getxattr(place, ACL)
    except OSError as error:
        if error.errno in WITHOUT:
            return None
        raise
    fields = [raw[at : at + 8] for at in range(4, len(raw), 8)]
    numbers = [tuple(int.from_bytes(entry[a:b], "little") for a, b in ((0, 2), (2, 4), (4, 8))) for entry in fields]
    return [(tag, number) for tag, permission, number in numbers if permission & WRITE]
