"""Which users a number stands for: of a group, and of an owner outside of this user namespace.

`permissions` asks only about a group that can write and about a foreign owner; a usual folder has neither. POSIX only.
"""

from __future__ import annotations

import grp
import os
import pwd

_known: dict[tuple[int, int], bool] = {}
"""The answers of `is_private`, which takes long on a system with many users."""


def is_private(group: int, user: int) -> bool:
    """Whether a user is the only member of a group."""
    if (group, user) not in _known:
        _known[group, user] = _has_no_other(group, user)
    return _known[group, user]


def _has_no_other(group: int, user: int) -> bool:
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
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return None


def _members(group: int) -> tuple[str, set[str | None]] | None:
    """A group's name and the names of its members; None where the system knows no such group."""
    try:
        found = grp.getgrgid(group)
    except KeyError:
        return None
    return found.gr_name, set(found.gr_mem)


def is_the_systems(user: int) -> bool:
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
