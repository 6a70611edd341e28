"""The address of the session bus, the sockets that it names, and the user who listens there. Promise Y3.

Source: D-Bus Specification, "Server Addresses" and "Well-known Message Bus Instances".
"""

from __future__ import annotations

import _socket as socket  # the module `socket` around it imports `enum`, `selectors` and `collections`
import os
import sys

from gumauth.platform.folders import runtime_folders

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VARIABLE = "DBUS_SESSION_BUS_ADDRESS"
IN_RUNTIME_FOLDER = "unix:runtime=yes"
PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/.\\")
"""Characters that an address need not escape."""


class BusUnreachable(Exception):
    """There is no session bus, or the bus refuses this process."""


def session_bus(environ: Mapping[str, str], usual_folder: str | None = None) -> str | None:
    """The address of the session bus: from the environment, else of the usual socket if that exists; else None.

    A program that a desktop starts may find next to nothing in its environment, or the runtime folder of another
    program, which has no bus.

    Args:
        environ: The variables.
        usual_folder: Where systemd has this user's runtime folder; None for its place on this machine.
    """
    folders = runtime_folders(environ, usual_folder)
    if address := environ.get(VARIABLE):
        return address.replace(IN_RUNTIME_FOLDER, _bus_in(folders[0] if folders else ""))
    return next((_bus_in(folder) for folder in folders if os.path.exists(f"{folder}/bus")), None)


def _bus_in(folder: str) -> str:
    return f"unix:path={_escape(folder)}/bus"


def paths(address: str) -> Iterator[str]:
    """The paths of the sockets that an address names; the path of an abstract socket begins with a NUL."""
    return (path for _, path in sockets(address))


def sockets(address: str) -> Iterator[tuple[str, str]]:
    """The sockets that an address names, each as an address and as a path.

    Other transports are left out. Some of them start a program (autolaunch, unixexec), and some are for servers only,
    which choose the name of the socket (dir, tmpdir). Where one part of an address names two sockets, both are given,
    because libraries differ in which of the two they take.
    """
    for each in address.split(";"):
        transport, _, rest = each.partition(":")
        pairs = dict(pair.partition("=")[::2] for pair in rest.split(","))
        for key, start in (("path", ""), ("abstract", "\0")):
            if transport == "unix" and pairs.get(key):
                yield f"unix:{key}={pairs[key]}", start + _unescape(pairs[key])


def likely(address: str) -> str | None:
    """The path of the socket that a conversation would use: of several sockets, the first that exists."""
    found = list(paths(address))
    there = [path for path in found if path[0] == "\0" or os.path.exists(path)] if len(found) > 1 else []
    return next(iter(there or found), None)


def trusted(address: str, seconds: float) -> str:
    """The sockets of an address at which root or this user listens, as an address for libraries that check nobody.

    Nothing is sent to the sockets. Other transports (TCP, a program to start) are left out.

    Returns:
        An address of one or more sockets; "" where nobody listens.

    Raises:
        BusUnreachable: Another user listens at one of them.
    """
    return ";".join(each for each, path in sockets(address) if _has_trusted_listener(path, seconds))


def _has_trusted_listener(path: str, seconds: float) -> bool:
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(seconds)
        connection.connect(path)
        if not is_trusted(connection):
            raise BusUnreachable("another user's")
    except (OSError, ValueError):
        return False
    finally:
        connection.close()
    return True


def is_trusted(connection: socket.socket) -> bool:
    """Whether root or this user listens at the other end; another user may have taken the address over.

    Source: unix(7), SO_PEERCRED: the process that called listen(2).
    """
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    return int.from_bytes(credentials[4:8], sys.byteorder) in (0, os.geteuid())


def _escape(text: str) -> str:
    return "".join(chr(byte) if chr(byte) in PLAIN else f"%{byte:02x}" for byte in os.fsencode(text))


def _unescape(text: str) -> str:
    first, *rest = text.split("%")
    try:
        raw = first.encode() + b"".join(bytes.fromhex(part[:2]) + part[2:].encode() for part in rest)
    except ValueError:
        return text
    return os.fsdecode(raw)
