"""The rule for URLs, https or loopback, and the form in which a browser gets a URL. Pure."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, quote, urlsplit

from gumauth.errors import GumauthError

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def is_private(scheme: str, host: str) -> bool:
    """Whether nobody on the way can read a request: it goes over TLS, or stays on this machine. Promise F6."""
    return scheme == "https" or (scheme == "http" and host in LOOPBACK)


def safe_url(url: str) -> str:
    """A URL for a browser, parsed and written again, so that every launcher and terminal takes it as one. Promise B1.

    Characters that a URL may not hold raw (blanks, quotes, other scripts) are percent-encoded; provider files are known
    to leave them raw.

    Raises:
        GumauthError: The URL is not https (or http on loopback), carries a user name, or holds control characters.

    Source: RFC 3986 §2 and §3; RFC 8252 §8.3.
    """
    try:
        # Before parsing, because urlsplit takes line ends and tabs out without a word.
        if re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", url):
            raise _unsafe("it holds control characters")
        parts = urlsplit(url.strip())
        authority = _authority(parts)
        path, query, fragment = _quoted(parts.path), _quoted(parts.query), _quoted(parts.fragment)
    except ValueError as error:  # a bad port or IPv6 address, or a lone surrogate
        raise _unsafe("it cannot be read") from error
    written = f"{parts.scheme}://{authority}{path}"
    return written + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")


def _authority(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if "@" in parts.netloc:
        raise _unsafe("it carries a user name")
    if not is_private(parts.scheme, host) and not (parts.scheme == "http" and _is_loopback_address(host)):
        raise _unsafe("it is not https")
    if ":" in host:
        written = f"[{ipaddress.IPv6Address(host)}]"
    else:
        written = host.encode("idna").decode()
    if not re.fullmatch(r"\[[0-9a-f:.]+\]|[a-z0-9_-][a-z0-9_.-]*", written):
        raise _unsafe("it has no proper host")
    return written if parts.port is None else f"{written}:{parts.port}"


def _is_loopback_address(host: str) -> bool:
    """Whether a host is any address of loopback, as 127.1.2.3: a browser may open it, a secret is not sent there."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _quoted(text: str) -> str:
    """The text with characters that a URL may not hold, or that a shell reads, percent-encoded; %XX stays."""
    lone = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text)
    return quote(lone, safe="%/?:@!&()*+,;=~-._")


def _unsafe(reason: str) -> GumauthError:
    return GumauthError(
        f"The provider's URL is not opened: {reason}.",
        hint="The provider's `get_url` or `authorize_url` has to be mended.",
    )
