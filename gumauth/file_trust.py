"""Whether somebody else can change a file that is about to be run."""

from __future__ import annotations

import os
import stat


def why_not_trusted(handle: int, path: str) -> str | None:
    """Who else can write an open file or put another in its place, in words; None where nobody can.

    Args:
        handle: The open file, so that what is looked at is what is read.
        path: Absolute, without links; the folders above it count too.
    """
    if os.name == "nt":
        return None  # rights are not in the mode there
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        return "it is not a file"
    if status.st_uid not in (0, os.geteuid()):
        return "it belongs to another user"
    if _others_write(status):
        return "other users can write it"
    folder = os.path.dirname(path)
    while True:
        above = os.stat(folder)
        if _others_write(above) and not above.st_mode & stat.S_ISVTX:
            return f"other users can write its folder {folder}"
        if folder == os.path.dirname(folder):
            return None
        folder = os.path.dirname(folder)


def is_private_folder(folder: str) -> bool:
    """Whether nobody else can put a file into a folder; in one such as /tmp everybody can, though not replace one."""
    if os.name == "nt":
        return True
    status = os.stat(folder)
    return status.st_uid in (0, os.geteuid()) and not _others_write(status)


def _others_write(status: os.stat_result) -> bool:
    by_group = bool(status.st_mode & stat.S_IWGRP) and not _is_private(status.st_gid)
    return by_group or bool(status.st_mode & stat.S_IWOTH)


def _is_private(group: int) -> bool:
    """Whether a group is the user's own and nobody else's, as most Linux systems make one for each user."""
    import grp
    import pwd

    try:
        name, members = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(group)
    except KeyError:
        return False
    return members.gr_name == name and set(members.gr_mem) <= {name}
