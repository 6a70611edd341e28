"""Addresses: reading one that was typed, where its metadata may be, and which belong together. Pure.

Nothing is normalised but scheme, host and port: a resource and an issuer are compared and sent as they are written.
Promises D1 to D3, M5, M8, M10, M12 to M14, M31 and M47.
"""

from __future__ import annotations

from gumauth.errors import UsageError
from gumauth.platform.frozen import frozen

LONGEST = 2048
"""Characters of an address."""

USUAL_PORTS = {"https": 443, "http": 80}

HOST_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._-")
URL_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()*+,;=%")
"""Source: RFC 3986 §2."""

RESOURCE_PLACE = "/.well-known/oauth-protected-resource"
SERVER_PLACE = "/.well-known/oauth-authorization-server"
OPENID_PLACE = "/.well-known/openid-configuration"


@frozen
class Address:
    """The parts of a URL.

    Args:
        scheme: "https" or "http".
        host: In small letters, an international name by IDNA, an IPv6 address without brackets.
        port: None for the scheme's usual one.
        path: As it was written; may be empty.
        query: With its question mark; empty where there is none.
        fragment: With its #; empty where there is none.
    """

    scheme: str
    host: str
    port: int | None
    path: str
    query: str
    fragment: str

    @property
    def origin(self) -> str:
        """Scheme, host and port, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + (f":{self.port}" if self.port is not None else "")

    @property
    def has_dot_segments(self) -> bool:
        """Whether the path has a segment `.` or `..`, also percent-encoded: who resolves it gets another path."""
        return any(segment.lower().replace("%2e", ".") in (".", "..") for segment in self.path.split("/"))


def parse(url: str) -> Address:
    """The parts of a URL.

    Raises:
        ValueError: It is no http or https URL, or one with a user name; a clause says why.
    """
    if len(url) > LONGEST:
        raise ValueError(f"is longer than {LONGEST} characters")
    if not url.isprintable() or " " in url:
        raise ValueError("holds a blank or a control character")
    scheme, mark, rest = url.partition("://")
    if not mark or scheme.lower() not in USUAL_PORTS:
        raise ValueError("is not https")
    before, mark, fragment = rest.partition("#")
    before, question, query = before.partition("?")
    authority, slash, path = before.partition("/")
    host, port = _host_and_port(authority, USUAL_PORTS[scheme.lower()])
    return Address(
        scheme=scheme.lower(), host=host, port=port, path=slash + path, query=question + query, fragment=mark + fragment
    )


def is_address(text: str) -> bool:
    """Whether a text is meant as an address, and not as a name or a file."""
    return text[:8].lower().startswith(("https://", "http://"))


def read_address(text: str) -> str:
    """The address that a person typed, of a protected resource or of an issuer.

    Scheme and host are written in small letters, the usual port and a fragment are left out; path and query stay byte
    for byte, and no slash is added. The address of a server's metadata gives the issuer. Promises M14, M31.

    Raises:
        UsageError: It is not https (or http on this machine), or not written as a URL has to be.

    Source: RFC 8707 §2; RFC 8414 §3.1; OpenID Connect Discovery §4.1.
    """
    from gumauth.oauth2.urls import is_private

    try:
        address = parse(text)
        if not is_private(address.scheme, address.host):
            raise ValueError("is not https")
        if not URL_LETTERS.issuperset(address.path + address.query):
            raise ValueError("holds a character that has to be percent-encoded")
        if address.has_dot_segments:
            raise ValueError("has a segment . or .. in its path")
    except ValueError as error:
        raise UsageError(f"The address {error}.", hint=_hint(str(error))) from None
    path = address.path if address.query else _issuer_path(address.path)
    return address.origin + path + address.query


def name_of(url: str) -> str | None:
    """The provider's name for an address: its host, and behind a dot its port if it is not the usual one.

    None where that is no name of a provider: an IPv6 address, more than 64 characters, or the ending of a file.
    """
    try:
        address = parse(url)
    except ValueError:
        return None
    name = address.host if address.port is None else f"{address.host}.{address.port}"
    is_name = len(name) <= 64 and name[0] not in "._-" and HOST_LETTERS.issuperset(name)
    return name if is_name and not name.endswith(".py") else None


def origin(url: str) -> str:
    """Scheme, host and port of a URL, without a slash at the end.

    Raises:
        ValueError: As `parse` says.
    """
    return parse(url).origin


def resource_candidates(url: str) -> tuple[str, ...]:
    """Where a resource's metadata may be, in the order to ask: for its path, then for its host. Promise D1.

    A slash at the end of the path is asked for as it stands, and without: servers differ.

    Source: RFC 9728 §3.1.
    """
    address = parse(url)
    place = address.origin + RESOURCE_PLACE
    path = "" if address.path == "/" else address.path
    bare = path if address.query else path.removesuffix("/")
    return tuple(dict.fromkeys((place + path + address.query, place + bare + address.query, place)))


def issuer_candidates(issuer: str) -> tuple[str, ...]:
    """Where an issuer's metadata may be, in the order to ask. Promises D1, M8 and M9.

    Source: RFC 8414 §3.1 and §5; OpenID Connect Discovery §4.1.
    """
    address = parse(issuer)
    path = address.path.removesuffix("/")
    places = (SERVER_PLACE + path, OPENID_PLACE + path, path + OPENID_PLACE)
    return tuple(dict.fromkeys(address.origin + place for place in places))


def same_issuer(asked: str, named: str) -> bool:
    """Whether metadata that names an issuer is the metadata of the issuer that was asked for. Promises D2 and M10.

    The slash behind a host without a path is forgiven, either way; nothing else is.

    Source: RFC 8414 §3.3; OpenID Connect Discovery §4.3.
    """
    bare = asked.removesuffix("/")
    has_path = any(mark in bare.partition("://")[2] for mark in "/?#")
    return asked == named or (not has_path and bare == named.removesuffix("/"))


def covers(resource: str, url: str) -> bool:
    """Whether a resource that metadata names is the one at an address, or a parent of it. Promises D2, M13 and M47.

    It is, if both have one origin and the resource's path is that of the address, or its first whole segments. One
    slash at the end is forgiven. A resource with a query has to be the address, query and all.

    Source: RFC 9728 §3.3.
    """
    try:
        named, asked = parse(resource), parse(url)
    except ValueError:
        return False
    if named.origin != asked.origin or named.fragment or named.has_dot_segments or asked.has_dot_segments:
        return False
    path = named.path.removesuffix("/")
    if named.query:
        return named.query == asked.query and path == asked.path.removesuffix("/")
    return asked.path == path or asked.path.startswith(f"{path}/")


def may_follow(start: str, target: str) -> str | None:
    """The address that a redirect of `start` leads to; None where that is of another origin. Promises D3 and M12.

    Args:
        start: The URL that was asked.
        target: The value of `Location`, which may be relative; foreign text.
    """
    from urllib.parse import urljoin

    if len(target) > LONGEST or not target.isprintable():  # urljoin would take line ends and tabs out
        return None
    try:
        found = parse(urljoin(start, target))
    except ValueError:
        return None
    return found.origin + found.path + found.query if found.origin == origin(start) else None


def is_private_place(url: str) -> bool:
    """Whether a URL leads to this machine or into a private network, as far as its host tells. Promise D3.

    What cannot be read as a URL is taken for such a place.
    """
    from gumauth.oauth2.discovery.private_places import is_private_host

    try:
        return is_private_host(parse(url).host)
    except ValueError:
        return True


def may_lead_to(start: str, target: str) -> bool:
    """Whether what was read at one URL may name another one, to be asked or opened. Promises D3 and M14."""
    return fault(start, target) is None


def fault(start: str, target: str) -> str | None:
    """Why a URL is not used: a clause such as "is not https"; None for a good one.

    Args:
        start: Where the person began: a good address. From a public place none leads to a private one, and http is for
            this machine, from this machine.
        target: Foreign text.
    """
    from gumauth.oauth2.discovery.private_places import is_loopback_host, is_private_host
    from gumauth.oauth2.urls import is_private

    try:
        found = parse(target)
    except ValueError as error:
        return str(error)
    begun = parse(start).host
    if not is_private(found.scheme, found.host):
        return "is not https"
    if is_private_host(found.host) and not is_private_host(begun):
        return "is in a private network"
    if found.scheme == "http" and not is_loopback_host(begun):
        return "is not https"
    return None


def _host_and_port(authority: str, usual: int) -> tuple[str, int | None]:
    if "@" in authority:
        raise ValueError("carries a user name")
    if authority.startswith("["):
        host, mark, rest = authority[1:].partition("]")
        if not mark or (rest and not rest.startswith(":")):
            raise ValueError("has no proper host")
        return _ipv6(host), _port(rest[1:], usual)
    host, _, port = authority.partition(":")
    return _name(host), _port(port, usual)


def _port(text: str, usual: int) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 65536):
        raise ValueError("has no proper port")
    return int(text) if int(text) != usual else None


def _ipv6(host: str) -> str:
    from ipaddress import IPv6Address

    if "%" in host:  # a zone, which means something on this machine alone
        raise ValueError("has no proper host")
    try:
        return str(IPv6Address(host))
    except ValueError:
        raise ValueError("has no proper host") from None


def _name(host: str) -> str:
    try:
        name = host.lower() if host.isascii() else host.encode("idna").decode().lower()
    except ValueError:
        name = ""
    if not name or len(name) > 253 or name[0] == "." or ".." in name or not HOST_LETTERS.issuperset(name):
        raise ValueError("has no proper host")
    return name


def _issuer_path(path: str) -> str:
    """The path of the issuer whose metadata is at a path; the path itself where it is no place of metadata."""
    for place in (SERVER_PLACE, OPENID_PLACE):
        if path == place or path.startswith(f"{place}/"):
            return path.removeprefix(place)
        if path.endswith(place):
            return path.removesuffix(place)
    return path


def _hint(reason: str) -> str:
    if reason == "is not https":
        return "Write it with https://; http:// is for this machine: localhost, 127.0.0.1 and [::1]."
    if reason == "carries a user name":
        return "Leave out what stands before the @: signing in is done in the browser."
    return "Write it as the service's documentation does, such as https://mcp.example.com/mcp."
