"""Whether a user besides root and this user can write a file or folder, by its owner, mode and access control list.

Access control lists of macOS and of NFSv4, which are of other kinds, are not read.
"""

from __future__ import annotations

import errno
import os
import stat

ACL = "system.posix_acl_access"
NAMED_USER, OWNING_GROUP, NAMED_GROUP = 2, 4, 8
"""Tags of an access control list's entries. Source: Linux, include/uapi/linux/posix_acl.h and posix_acl_xattr.h."""

WRITE = 2
"""The permission, in an entry as in a mode."""

WITHOUT = (getattr(errno, "ENODATA", None), errno.ENOTSUP)
"""The errors for a file without a list, and for a file system without lists."""


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Writable = Literal["mode", "acl"]


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
        return strictly or 0 not in self._trusted or not _is_the_systems(status.st_uid)

    def write(self, status: os.stat_result, place: str | int) -> Writable | None:
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
        return group == 0 or any(_is_private(group, user) for user in self._trusted)


_known: dict[tuple[int, int], bool] = {}
"""The answers of `_is_private`, which takes long on a system with many users."""


def _is_private(group: int, user: int) -> bool:
    """Whether a user is the only member of a group."""
    if (group, user) not in _known:
        _known[group, user] = _has_no_other(group, user)
    return _known[group, user]


def _has_no_other(group: int, user: int) -> bool:
    import pwd

    name, members = _name(user), _members(group)
    if members is None:
        # In a container, a group may be a number without a name (Kubernetes gives one to the user for a volume).
        if user != os.geteuid() or group not in (os.getegid(), *os.getgroups()) or not _is_known_here():
            return False
    elif members[0] != name or not members[1] <= {name}:
        return False
    # No list of members names the users whose primary group it is. A directory service may hide some of its users.
    return all(each.pw_uid == user for each in pwd.getpwall() if each.pw_gid == group)


def _is_known_here() -> bool:
    """Whether all groups are in this system's own files, and none in a directory service.

    Source: nsswitch.conf(5).
    """
    try:
        with open("/etc/nsswitch.conf", encoding="utf-8", errors="replace") as file:
            lines = [line.partition("#")[0].split() for line in file]
    except OSError:
        return True
    return all(set(line[1:]) <= {"files", "systemd"} for line in lines if line[:1] == ["group:"])


def _name(user: int) -> str | None:
    import pwd

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return None


def _members(group: int) -> tuple[str, set[str | None]] | None:
    """A group's name and the names of its members; None where the system knows no such group."""
    import grp

    try:
        found = grp.getgrgid(group)
    except KeyError:
        return None
    return found.gr_name, set(found.gr_mem)


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


def _is_the_systems(user: int) -> bool:
    """Whether a number stands for all users outside of this user namespace, who own the system's files.

    Source: user_namespaces(7), "Unmapped user and group IDs".
    """
    try:
        with open("/proc/sys/kernel/overflowuid") as file:
            if user != int(file.read()):
                return False
        with open("/proc/self/uid_map") as file:
            mapped = [[int(field) for field in line.split()] for line in file]
    except (OSError, ValueError):
        return False
    return not any(first <= user < first + count for first, _, count in mapped)
