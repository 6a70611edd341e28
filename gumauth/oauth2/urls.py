"""What a browser is given to open: a URL that was parsed and written again. Pure."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, quote, urlsplit

from gumauth.errors import GumauthError


def safe_url(url: str) -> str:
    """The URL, parsed and written again, so that every launcher and terminal takes it as one.

    What a URL may not hold raw (blanks, quotes, other scripts) is percent-encoded; provider files are known to
    leave it so.

    Raises:
        GumauthError: It is not https (or http on loopback), carries a user name, or holds control characters.

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
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        raise _unsafe("it is not https")
    if ":" in host:
        written = f"[{ipaddress.IPv6Address(host)}]"
    else:
        written = host.encode("idna").decode()
    if not re.fullmatch(r"\[[0-9a-f:.]+\]|[a-z0-9_-][a-z0-9_.-]*", written):
        raise _unsafe("it has no proper host")
    return written if parts.port is None else f"{written}:{parts.port}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _quoted(text: str) -> str:
    """Percent-encode what does not belong into a URL or means something to a shell; what is encoded stays."""
    lone = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text)
    return quote(lone, safe="%/?:@!&()*+,;=~-._")


def _unsafe(reason: str) -> GumauthError:
    return GumauthError(
        f"The provider's URL is not opened: {reason}.",
        hint="The provider's `get_url` or `authorize_url` has to be mended.",
    )
