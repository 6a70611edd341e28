"""Leads every connection of this process to one port of it, and lets it reach nothing else.

It is for a process of its own: what is replaced here is not put back.
"""

from __future__ import annotations

import os
import socket
import sys
from typing import Any

LOOPBACK = "127.0.0.1"
TRUSTING = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables by which TLS libraries learn which certificates to believe."""


SENDING = ("socket.connect", "socket.sendto", "socket.sendmsg")
STARTING = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "pty.spawn")
"""Events of Python's audit by which something leaves the process."""


class Unreachable(OSError):
    """Somebody in the process tried to reach something else than the listener."""


def isolate(port: int, certificates: str) -> None:
    """Lead every connection to a port of this machine.

    Args:
        port: The listener's.
        certificates: The path of the certificates that are believed from now on, in place of the system's.
    """
    there = (LOOPBACK, port)

    def getaddrinfo(*_asked: Any, **_options: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", there)]

    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def led(self: socket.socket, address: Any) -> None:
        connect(self, there if self.family == socket.AF_INET else address)

    def led_ex(self: socket.socket, address: Any) -> int:
        return connect_ex(self, there if self.family == socket.AF_INET else address)

    socket.getaddrinfo = getaddrinfo
    socket.socket.connect = led  # type: ignore[method-assign,assignment]
    socket.socket.connect_ex = led_ex  # type: ignore[method-assign,assignment]
    _believe(certificates)
    sys.addaudithook(_guard(there))


def _believe(certificates: str) -> None:
    for name in TRUSTING:
        os.environ[name] = certificates
    try:
        import certifi
    except ImportError:
        return
    certifi.where = certifi.core.where = lambda: certificates  # also for clients that read no environment


def _guard(there: tuple[str, int]) -> Any:
    """A hook that refuses what leads elsewhere, whatever code asks for it. Source: PEP 578.

    A program that the file starts would not be led, so that none is started.
    """

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in SENDING and arguments[1][:2] != there:
            raise Unreachable(f"{event} leads to nothing else here than the stand-in for every host")
        if event in STARTING:
            raise Unreachable(f"{event}: no other program is started here, because it could reach the real service")

    return hook
