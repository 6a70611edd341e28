"""The proxy that the environment names for requests to providers, and the hosts without a proxy. Pure. Promise F7.

Requests to providers are https, so HTTP_PROXY does not matter here. Requests to loopback never go through a proxy,
whatever the environment says.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from gumauth.errors import EnvironmentFault
from gumauth.platform.text import one_line

SCHEMES = ("http", "https", "socks5", "socks5h")
SYSTEM = "The proxy in the system's settings"
NAME = re.compile(r"(\*?\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?")
HOST = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[^:\[\]]+)(:(?P<port>\d{1,5}))?")
LONGEST_NAME = 253


@dataclass(frozen=True, kw_only=True)
class Proxies:
    """The proxy for requests to providers.

    Args:
        url: The proxy, as httpx takes it; None for no proxy. May hold a password.
        variable: Names the proxy.
        direct: Hosts without a proxy, as patterns of httpx's `mounts`.
        passed_over: Entries of NO_PROXY that are no hosts: networks, mostly.
    """

    url: str | None = field(default=None, repr=False)
    variable: str = ""
    direct: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """The proxy without its password."""
        parts = urlsplit(self.url or "")
        return one_line(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}", 200)


def read(environ: Mapping[str, str], system: Mapping[str, str], *, has_socks: bool) -> Proxies:
    """The proxy for https, and the hosts without a proxy.

    Args:
        environ: HTTPS_PROXY, ALL_PROXY, NO_PROXY, in capitals or not.
        system: The proxies in the settings of macOS or Windows, by scheme; used where the environment names none.
        has_socks: Whether a SOCKS proxy can be used.

    Raises:
        EnvironmentFault: A variable holds no address of a proxy, or the address of a proxy that cannot be used.
    """
    named = {scheme: _variable(environ, scheme) for scheme in ("http", "https", "all", "no")}
    found = {scheme: (name, environ[name].strip()) for scheme, name in named.items() if name}
    if not found.keys() & {"http", "https", "all"}:
        found = {scheme: (SYSTEM, value.strip()) for scheme, value in system.items() if value.strip()} | found
    entries = list(_entries(found.get("no", ("", ""))[1]))
    variable, address = found.get("https") or found.get("all") or ("", "")
    if not address or "*" in entries:
        return Proxies()
    patterns = {entry: _pattern(entry) for entry in entries}
    return Proxies(
        url=_url(variable, address, has_socks=has_socks),
        variable=variable,
        direct=tuple(pattern for pattern in patterns.values() if pattern),
        passed_over=tuple(one_line(entry, 60) for entry, pattern in patterns.items() if not pattern),
    )


def as_httpx_reads(environ: Mapping[str, str]) -> dict[str, str]:
    """NO_PROXY without entries at which every client of httpx fails; empty where there is no such entry.

    Provider files make httpx clients of their own, and container tools put IPv6 networks into NO_PROXY.
    """
    changed = {}
    for name in ("no_proxy", "NO_PROXY"):
        entries = list(_entries(environ.get(name, "")))
        readable = [entry.strip("[]") for entry in entries if _is_readable(entry)]
        if readable != entries:
            changed[name] = ",".join(readable)
    return changed


def proxy_before(environ: Mapping[str, str], host: str) -> str:
    """The variable that names httpx's proxy for plain http to a host, also on loopback; empty where there is none."""
    entries = [entry.lower().replace("[", "").replace("]", "") for entry in _entries(_value(environ, "no"))]
    if any(entry in ("*", host) or entry.startswith(f"{host}:") for entry in entries):
        return ""
    return _variable(environ, "http") or _variable(environ, "all")


def _value(environ: Mapping[str, str], scheme: str) -> str:
    return environ.get(_variable(environ, scheme), "")


def _variable(environ: Mapping[str, str], scheme: str) -> str:
    """The variable that holds the proxy of a scheme: in small letters before capitals, also where it is set to nothing.

    As for urllib, the name may be in any mix of letters, so that no request passes by a proxy that somebody has set.
    """
    small = f"{scheme}_proxy"
    others = (name for name in environ if name.lower() == small)
    name = next((name for name in (small, small.upper()) if name in environ), None) or next(others, small)
    return name if environ.get(name, "").strip() else ""


def _entries(no_proxy: str) -> Iterable[str]:
    return filter(None, (entry.strip() for entry in no_proxy.split(",")))


def _pattern(entry: str) -> str | None:
    """The pattern of httpx for an entry of NO_PROXY and the hosts below it; None for an entry that is no host."""
    scheme, _, rest = entry.lower().rpartition("://")
    if scheme not in ("", "all", "http", "https"):
        return None
    if (address := _address(rest)) is not None:
        rest = f"[{rest}]" if address.version == 6 else rest
    match = HOST.fullmatch(rest)
    if match is None or int(match["port"] or 0) > 65535:
        return None
    host = match["host"]
    if host.startswith("["):
        address = _address(host[1:-1])
        return f"{scheme or 'all'}://{rest}" if address is not None else None
    if _address(host) is None and (not NAME.fullmatch(host) or len(host) > LONGEST_NAME or host[-1:].isdigit()):
        return None
    return f"{scheme or 'all'}://{_wildcard(host) if not scheme else host}{rest[len(host) :]}"


def _wildcard(host: str) -> str:
    """A host in httpx's pattern: `*.name` covers the hosts below a name, `*name` the name too."""
    if host == "localhost" or _address(host) is not None or host.startswith("*"):
        return host
    return f"*{host}"


def _is_readable(entry: str) -> bool:
    if entry.startswith("[") != entry.endswith("]"):
        return False
    network, _, bits = entry.partition("/")
    is_ipv4 = bits.isdecimal() and bits.isascii() and (found := _address(network)) is not None and found.version == 4
    return entry == "*" or is_ipv4 or _pattern(entry) is not None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text) if "%" not in text else None
    except ValueError:
        return None


def _url(variable: str, address: str, *, has_socks: bool) -> str:
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        is_address = bool(parts.hostname) and parts.port != 0 and address.isprintable() and " " not in address
    except ValueError:  # a port that is no number, brackets that hold no address
        is_address = False
    if not is_address:
        raise EnvironmentFault(
            f"{variable} does not hold the address of a proxy, so no request can be made.",
            hint=f"Set {variable} to one such as http://proxy.example:3128, or unset it.",
        )
    return _known(variable, parts, has_socks=has_socks)


def _known(variable: str, parts: SplitResult, *, has_socks: bool) -> str:
    if parts.scheme not in SCHEMES:
        raise EnvironmentFault(
            f"{variable} names a proxy of the kind {one_line(parts.scheme, 20)!r}, which gumauth does not know.",
            hint=f"Set HTTPS_PROXY to a proxy that begins with http://, https:// or socks5://, or unset {variable}.",
        )
    if parts.scheme in ("http", "https"):
        return parts.geturl()
    if not has_socks:
        from gumauth.platform.known_packages import command

        raise EnvironmentFault(
            f"{variable} names a SOCKS proxy, and what httpx needs for one is not installed.",
            hint=f"Install it where gumauth runs: `{command('httpx[socks]')}`. Or set HTTPS_PROXY to an HTTP proxy.",
        )
    return parts._replace(scheme="socks5").geturl()  # the proxy resolves names in any case
