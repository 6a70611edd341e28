"""Where the session bus is, and whose.

Source: D-Bus Specification, "Server Addresses" and "Well-known Message Bus Instances".
"""

from __future__ import annotations

import os
import socket
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VARIABLE = "DBUS_SESSION_BUS_ADDRESS"
RUNTIME_FOLDER = "XDG_RUNTIME_DIR"
IN_RUNTIME_FOLDER = "unix:runtime=yes"
PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/.\\")
"""What stands for itself in an address."""


class BusUnreachable(Exception):
    """There is no session bus, or it does not let us in."""


def session_bus(environ: Mapping[str, str]) -> str | None:
    """The address that the environment names; where it names none, the usual socket, if there is one.

    Programs that a desktop starts may have next to nothing in their environment.
    """
    folder = environ.get(RUNTIME_FOLDER) or _user_folder()
    usual = f"unix:path={_escape(folder)}/bus"
    if address := environ.get(VARIABLE):
        return address.replace(IN_RUNTIME_FOLDER, usual)
    return usual if folder and os.path.exists(f"{folder}/bus") else None


def _user_folder() -> str:
    """Where systemd has the runtime folder of this user."""
    return f"/run/user/{os.geteuid()}" if hasattr(os, "geteuid") else ""


def paths(address: str) -> Iterator[str]:
    """The sockets that an address names, as paths; an abstract one begins with a NUL."""
    return (path for _, path in sockets(address))


def sockets(address: str) -> Iterator[tuple[str, str]]:
    """The sockets that an address names, as an address and as a path.

    Other transports are passed over, those that start a program (autolaunch, unixexec) among them, and what only a
    server can be given, who then chooses the name of its socket (dir, tmpdir). Where one part names two sockets,
    libraries differ in which one they take.
    """
    for each in address.split(";"):
        transport, _, rest = each.partition(":")
        pairs = dict(pair.partition("=")[::2] for pair in rest.split(","))
        for key, start in (("path", ""), ("abstract", "\0")):
            if transport == "unix" and pairs.get(key):
                yield f"unix:{key}={pairs[key]}", start + _unescape(pairs[key])


def likely(address: str) -> str | None:
    """The path of the socket that a conversation would come to: of several, the first that is there."""
    found = list(paths(address))
    there = [path for path in found if path[0] == "\0" or os.path.exists(path)] if len(found) > 1 else []
    return next(iter(there or found), None)


def trusted(address: str, seconds: float) -> str:
    """The sockets of an address at which root or this user listens, as an address for those who ask nobody.

    Nothing is sent to them. What else an address may name (TCP, a program to be started) is left out.

    Returns:
        An address of one or more sockets, each by itself; "" where nobody listens.

    Raises:
        BusUnreachable: Another user listens at one of them.
    """
    return ";".join(one for one, path in sockets(address) if _is_there(path, seconds))


def _is_there(path: str, seconds: float) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(seconds)
        try:
            connection.connect(path)
        except (OSError, ValueError):
            return False
        if not is_trusted(connection):
            raise BusUnreachable("another user's")
        return True


def is_trusted(connection: socket.socket) -> bool:
    """Whether whoever listens at the other end is root or this user: an address may have been taken over.

    Source: unix(7), SO_PEERCRED: who called listen(2).
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
