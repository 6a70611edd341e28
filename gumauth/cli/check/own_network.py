"""A network of this process alone, where Linux gives one: what C code asks for leads nowhere then either.

Source: Linux, unshare(2), user_namespaces(7), netdevice(7).
"""

from __future__ import annotations

import os
import socket
import struct
import sys

USER, NETWORK = 0x10000000, 0x40000000
"""CLONE_NEWUSER and CLONE_NEWNET."""

SET_FLAGS, UP_AND_RUNNING = 0x8914, 0x41
"""SIOCSIFFLAGS, and IFF_UP with IFF_RUNNING."""


def leave_the_network() -> bool:
    """Let this process, and those that it starts, reach nothing but each other; gives whether the system lets it.

    It has to be called before there are threads. Another process tries it first: half of it would leave no loopback.
    """
    if sys.platform != "linux":
        return False
    trying = os.fork()
    if trying == 0:
        status = 1
        try:
            _leave()
            status = 0
        finally:
            os._exit(status)
    if os.waitpid(trying, 0)[1] != 0:
        return False
    _leave()
    return True


def _leave() -> None:
    import ctypes
    import fcntl

    user, group = os.geteuid(), os.getegid()
    # Root keeps what it may do with the files of others.
    if ctypes.CDLL(None).unshare(NETWORK if user == 0 else NETWORK | USER) != 0:
        raise OSError("unshare")
    if user != 0:
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sh14x", b"lo", UP_AND_RUNNING))
