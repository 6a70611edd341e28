"""Whether a host is on this machine or in a private network, in whatever spelling. Pure: no name is resolved.

Promise D3.
"""

from __future__ import annotations

import ipaddress
import socket

LOCAL_NAMES = ("localhost", "localdomain", "local", "internal", "home.arpa")
"""Domains that no public service has. Source: RFC 6761 §6.3, RFC 6762 §3, RFC 8375 §3."""

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv6 addresses whose last four bytes are an IPv4 address. Source: RFC 6052 §2.1."""

COMPATIBLE = ipaddress.IPv6Network("::/96")
"""The same, in the older form. Source: RFC 4291 §2.5.5.1."""


def is_private_host(host: str) -> bool:
    """Whether a host is loopback, private, link-local, or otherwise not of the public internet.

    Args:
        host: As an `Address` has it. A name without a dot is private.
    """
    host = host.removesuffix(".")
    address = _address(host)
    if address is not None:
        return not address.is_global or address.is_multicast
    return "." not in host or any(host.endswith(f".{name}") for name in LOCAL_NAMES)


def is_loopback_host(host: str) -> bool:
    """Whether a host, as an `Address` has it, is this machine, by name or by address."""
    host = host.removesuffix(".")
    address = _address(host)
    return address.is_loopback if address is not None else host == "localhost" or host.endswith(".localhost")


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The IP address that a host is, an IPv4 address where one is written within an IPv6 address."""
    if ":" not in host:
        return _ipv4(host)
    address = ipaddress.IPv6Address(host)
    within = address.ipv4_mapped or address.sixtofour
    if address in NAT64 or (address in COMPATIBLE and int(address) > 1):
        within = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return within or address


def _ipv4(host: str) -> ipaddress.IPv4Address | None:
    """The address, also in the spellings that the system's resolver takes: 127.1, 0x7f.1, 017700000001, 2130706433."""
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return None
