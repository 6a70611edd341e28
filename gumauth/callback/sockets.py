"""The sockets of the redirect URI: on loopback only, in every family that its host can mean, from bind to use."""

from __future__ import annotations

import errno
import re
import socket
import sys

from gumauth.errors import CallbackError, PortInUse
from gumauth.platform.frozen import frozen
from gumauth.platform.text import one_line

BACKLOG = 512
"""Connections that wait to be accepted: a full queue costs the next one a second, by TCP's first retry."""

TRIES = 32
"""Free ports that are tried: one that is free in IPv4 may be taken in IPv6."""

LAST_PORT = 65535

IPV4 = (socket.AF_INET, "127.0.0.1")
IPV6 = (socket.AF_INET6, "::1")
ADDRESSES = {"localhost": (IPV4, IPV6), "127.0.0.1": (IPV4,)}

PATH = re.compile(r"/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*")
"""What browsers send as it was written; a query would come before the provider's own, a fragment not at all."""

DOTS = re.compile(r"/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
"""Segments that browsers resolve before they send a path. Source: URL Standard §4.4."""

ABSENT = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT)
"""What the system says of a family that it does not have."""

TAKEN = (errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE))


@frozen
class Redirect:
    """Where the provider sends the browser back to.

    Args:
        host: `localhost` or `127.0.0.1`, as it is registered at the provider.
        ports: Tried in turn; empty for any free one.
        path: As it is registered; begins with a slash, and holds no query.
        tls: Whether it is https, with a certificate that is made for one connect.
    """

    host: str = "localhost"
    ports: tuple[int, ...] = (4862,)
    path: str = "/callback"
    tls: bool = False

    @property
    def registered(self) -> str:
        """The redirect URI as it is entered at the provider: without a port where any is accepted."""
        return self.uri(self.ports[0] if self.ports else None)

    def uri(self, port: int | None) -> str:
        """The redirect URI with a port, or without one."""
        return f"{'https' if self.tls else 'http'}://{self.host}{'' if port is None else f':{port}'}{self.path}"

    def check(self) -> None:
        """Stop at a place to which no browser could come back.

        Raises:
            CallbackError: The host is not loopback, or the path is not one that arrives as it was written.
        """
        if self.host not in ADDRESSES or not PATH.fullmatch(self.path) or DOTS.search(self.path):
            raise CallbackError(
                f"{one_line(f'{self.host}{self.path}')} is no place that gumauth can listen at.",
                hint="A provider's `redirect_host` is localhost or 127.0.0.1, and its `redirect_path` is a path such as"
                " /callback, without a query.",
            )


def bind(redirect: Redirect, port: int | None) -> list[socket.socket]:
    """Listening sockets, all on one port: one for each family that the host means and the machine has.

    Args:
        redirect: Says the host, and the ports in their order.
        port: In place of the redirect's own ports; 0 for any free one.

    Raises:
        PortInUse: Another program holds every port that may be used, in one family at least. Half of `localhost`
            is not enough: that program would get the code.
        CallbackError: The host is not loopback, the path cannot be one, or the system does not allow the port.

    Source: RFC 8252 §7.3 and §8.3.
    """
    redirect.check()
    wanted = redirect.ports if port is None else (port,)
    for candidate in wanted if any(wanted) else (0,) * TRIES:
        try:
            return _bind_port(ADDRESSES[redirect.host], candidate)
        except OSError as error:
            if error.errno not in TAKEN:
                raise _refused(candidate, error) from error
    raise _taken(wanted)


def _bind_port(addresses: tuple[tuple[socket.AddressFamily, str], ...], port: int) -> list[socket.socket]:
    sockets: list[socket.socket] = []
    try:
        for family, address in addresses:
            opened = _listen(family, address, port)
            if opened is not None:
                sockets.append(opened)
                port = opened.getsockname()[1]
        if not sockets:
            raise OSError(errno.EADDRNOTAVAIL, "the machine has no loopback address")
    except BaseException:
        for opened in sockets:
            opened.close()
        raise
    return sockets


def _listen(family: socket.AddressFamily, address: str, port: int) -> socket.socket | None:
    """A listening socket; None where the machine does not have the family."""
    if not 0 <= port <= LAST_PORT:
        raise OSError(errno.EINVAL, f"ports go from 1 to {LAST_PORT}")
    opened = None
    try:
        opened = socket.socket(family, socket.SOCK_STREAM)
        _set_options(opened)
        opened.bind((address, port))
        # At once: until one of two listens, Linux lets both bind.
        opened.listen(BACKLOG)
    except OSError as error:
        if opened is not None:
            opened.close()
        if error.errno in ABSENT:
            return None
        raise
    opened.setblocking(False)
    return opened


def _set_options(opened: socket.socket) -> None:
    if sys.platform == "win32":  # there, SO_REUSEADDR would share the port with anybody
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:  # the connections of the last connect may still be in TIME_WAIT
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def _refused(port: int, error: OSError) -> CallbackError:
    reason = error.strerror or type(error).__name__
    return CallbackError(
        f"Port {port} cannot be listened on: {reason}.",
        hint="Choose one from 1024 to 65535 that is registered at the provider, with `--port N`.",
    )


def _taken(ports: tuple[int, ...]) -> PortInUse:
    named = [str(port) for port in ports if port]
    if not named:
        return PortInUse("No free port could be found.", hint="Choose one with `--port N`.")
    which = f"Port {named[0]} is" if len(named) == 1 else f"Ports {', '.join(named[:-1])} and {named[-1]} are"
    return PortInUse(
        f"{which} in use by another program, and the provider sends the browser there.",
        hint="End that program, or choose another port with `--port N` and register it at the provider.",
    )
