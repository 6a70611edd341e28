"""git's credential lines: read, judged and written. Pure.

Source: git-credential(1), "INPUT/OUTPUT FORMAT"; gitcredentials(7).
"""

from __future__ import annotations

from gumauth.client.token import one_word
from gumauth.errors import UsageError
from gumauth.platform.frozen import frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gumauth.accounts.record import Record

PORTS = {"https": "443", "http": "80"}
"""The port of a host that is named without one."""

NO_HOST = frozenset(" /?#@\\%")
"""What ends the host in a URL, or is none of its letters: git decodes "%2f" in one before it asks. RFC 3986 §3.2."""

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


@frozen
class Described:
    """A credential as git describes it: what it wants one for, or the one that was refused.

    Args:
        protocol: "https" mostly.
        host: With its port, if the URL has one.
        username: From the URL; "" where git names none.
        password: Secret; "" where git names none.
    """

    protocol: str = ""
    host: str = ""
    username: str = ""
    password: str = ""

    _secret = ("password",)


def read(content: bytes) -> Described:
    """The credential that lines describe; keys that are not needed are passed over.

    Raises:
        UsageError: The lines are not git's, or a value could mean two things.
    """
    values: dict[str, str] = {}
    for line in content.split(b"\n"):
        if not line:
            continue
        key, equals, value = line.partition(b"=")
        name = key.decode("ascii", "replace")
        if not equals or b"\0" in line or name in values:
            raise _unreadable()
        if name in Described._fields:  # type: ignore[attr-defined]  # `frozen` adds it
            values[name] = _text(value)
    return Described(**values)


def _text(value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        raise _unreadable() from None
    if any(letter < " " or letter == "\x7f" for letter in text):
        raise _unreadable()
    return text


def _unreadable() -> UsageError:
    return UsageError(
        "What came on standard input is not what git sends to a credential helper.",
        hint="`gumauth link git ACCOUNT` shows how git runs the command.",
    )


def is_for(described: Described, hosts: Iterable[str]) -> bool:
    """Whether a credential is for one of a provider's hosts, over https. Promise H5.

    Args:
        described: What git asks.
        hosts: `git_hosts` of the provider. "git.example.com" stands for the usual port of https alone,
            "git.example.com:8443" for that port alone, and ".example.com" for all hosts below it too.
            "http://localhost:8080" stands for plain http, which others on the way could read, and is for loopback.
    """
    is_host = described.host.isascii() and not NO_HOST.intersection(described.host)
    return is_host and any(_is(described, entry.lower()) for entry in hosts)


def addresses(hosts: Iterable[str]) -> tuple[str, ...]:
    """The hosts as git's configuration names them; "*" stands for one part of a name.

    Args:
        hosts: `git_hosts` of the provider.

    Source: git-config(1), "http.<url>.*".
    """
    found: list[str] = []
    for entry in hosts:
        url = entry if "://" in entry else f"https://{entry.removeprefix('.')}"
        found += [url, f"https://*{entry}"] if entry.startswith(".") else [url]
    return tuple(found)


def _is(described: Described, entry: str) -> bool:
    scheme, separator, host = entry.rpartition("://")
    wanted_name, wanted_port = _split(described.host.lower(), described.protocol)
    scheme = scheme if separator else "https"
    name, port = _split(host, scheme)
    if (described.protocol, wanted_port) != (scheme, port) or not wanted_name:
        return False
    if scheme != "https" and not (scheme == "http" and name in LOOPBACK):
        return False
    return wanted_name == name or (name.startswith(".") and f".{wanted_name}".endswith(name))


def _split(host: str, protocol: str) -> tuple[str, str]:
    """A host's name and port: "git.example.com:8443" → "git.example.com", "8443"."""
    name, colon, port = host.rpartition(":")
    if colon and "]" not in port:
        return name, port
    return host, PORTS.get(protocol, "")


def lines(username: str, record: Record) -> str:
    """The answer to git: user name, password and, where it is known, when the password ends. Secret.

    Args:
        username: The one that was asked for, or the provider's usual one.
        record: Holds the token.

    Raises:
        GumauthError: No line may hold the token.
    """
    answer = [f"username={username}", f"password={one_word(record.access_token)}"]
    if record.expires_at is not None:
        answer.append(f"password_expiry_utc={int(record.expires_at)}")
    return "\n".join(answer)
