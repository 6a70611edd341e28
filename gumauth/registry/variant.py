"""A built-in service at a host or tenant of somebody's own, in the words of a command line. Pure.

"gitlab --host git.example.com" is what a person types, what an account remembers as its source, and what hints print.
"""

from __future__ import annotations

from gumauth.accounts.account import is_name
from gumauth.errors import UsageError
from gumauth.platform.frozen import frozen
from gumauth.platform.text import one_line

TENANT_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
LONGEST_TENANT = 200

HOST_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._-")
IPV6_LETTERS = frozenset("0123456789abcdef:.")
LONGEST_HOST = 253
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
PLAIN = "http://"
"""In front of a host on this machine that is asked without TLS."""

BUILT_IN = "built-in"
"""The source of a built-in service at its usual place."""

OPTIONS = ("host", "tenant", "name")
"""In the order in which they are written."""


@frozen
class Variant:
    """A service at another place than its usual one, or under another name.

    Args:
        service: The name of the built-in service.
        host: As `read_host` gives it; None for the usual one.
        tenant: As `read_tenant` gives it; None for the usual one.
        name: Of the provider, where the person has chosen it; None for the one that is made of the place.
    """

    service: str
    host: str | None = None
    tenant: str | None = None
    name: str | None = None

    @property
    def source(self) -> str:
        """The words, with a blank between them: `parse` reads them again."""
        given = ((option, getattr(self, option)) for option in OPTIONS)
        return " ".join([self.service, *(f"--{option} {value}" for option, value in given if value is not None)])


def parse(source: str) -> Variant | None:
    """The variant that a source names; None for every other source, and for words that are written otherwise."""
    if " --" not in source:
        return None
    service, *words = source.split(" ")
    if len(words) % 2 or not is_name(service):
        return None
    given = dict(zip((word.removeprefix("--") for word in words[::2]), words[1::2], strict=True))
    if not given.keys() <= set(OPTIONS):
        return None
    variant = Variant(service=service, **given)
    is_place = variant.host is not None or variant.tenant is not None
    return variant if is_place and variant.source == source and _is_sound(variant) else None


def is_variant(source: str) -> bool:
    """Whether a source is a built-in service at a place of somebody's own."""
    return parse(source) is not None


def service_of(source: str, name: str) -> str | None:
    """The built-in service of an account's provider, at its usual place or at one of somebody's own; None for others.

    Args:
        source: The source that the account remembers.
        name: The provider's name.
    """
    service, dashes, _ = source.partition(" --")
    return name if source == BUILT_IN else service if dashes else None


def argument(source: str) -> str:
    """The words of a variant for a shell."""
    import shlex

    return " ".join(map(shlex.quote, source.split(" ")))


def read_host(text: str, domain: str = "") -> str:
    """The host that a person typed for a service of their own, as it stands in URLs: "git.example.com:8443".

    In small letters, an international name by IDNA, without the usual port, without https:// and a slash at the end, as
    a browser's address has them. Plain http is for this machine, and stays in front: "http://localhost:3000".

    Args:
        text: As typed.
        domain: Added to a name without a dot: with "okta.com", acme stands for acme.okta.com. "" for none.

    Raises:
        UsageError: It is not a host alone, or a name that could mean two hosts.
    """
    from gumauth.oauth2.discovery.addresses import parse as parse_url
    from gumauth.oauth2.urls import is_private

    scheme, mark, rest = text.partition("://")
    scheme, rest = (scheme.lower(), rest) if mark else ("https", text)
    rest = rest.removesuffix("/")
    if domain and not mark and "." not in rest:
        name, colon, port = rest.partition(":")
        rest = f"{name}.{domain}{colon}{port}"
    try:
        address = parse_url(f"{scheme}://{rest}")
    except ValueError as error:
        raise _no_host(text, str(error)) from None
    if address.query or address.fragment or rest.endswith(("?", "#", ":")):
        raise _no_host(text, "has more than a name and a port in it")
    if address.path:
        raise _no_host(
            text,
            "has a path in it, and a service below a path of its host is not supported",
            "Write the host alone, such as `--host git.example.com`; for a service below a path, a provider file of"
            " your own: `gumauth help own-provider`.",
        )
    if not is_private(scheme, address.host):
        raise _no_host(text, "is to be asked without TLS, which is for this machine alone")
    if address.host.endswith(".") or address.host.startswith("-") or not _means_one_host(rest, address.host):
        raise _no_host(text, "has no proper host")
    return address.origin.removeprefix("https://")


def read_tenant(text: str) -> str:
    """The tenant that a person typed.

    Raises:
        UsageError: It could change more of a URL than its own place.
    """
    if not _is_tenant(text):
        raise UsageError(
            f"{one_line(text, 80)!r} cannot be a tenant.",
            hint="A tenant has letters, digits, dots, dashes and underscores, such as `--tenant acme`.",
        )
    return text


def _is_tenant(text: str) -> bool:
    is_plain = TENANT_LETTERS.issuperset(text) and text[:1] not in ("", ".", "-") and not text.endswith(".")
    return is_plain and ".." not in text and len(text) <= LONGEST_TENANT


def _is_sound(variant: Variant) -> bool:
    is_host = variant.host is None or _is_written_host(variant.host)
    is_tenant = variant.tenant is None or _is_tenant(variant.tenant)
    return is_host and is_tenant and (variant.name is None or is_name(variant.name))


def _is_written_host(host: str) -> bool:
    """Whether a text is what `read_host` gives: told without the modules that read URLs, because git waits for this."""
    bare = host.removeprefix(PLAIN)
    name, colon, port = bare.rpartition(":") if bare[-1:] != "]" else (bare, "", "")
    name, port = (name, port) if colon else (bare, "")
    usual = "443" if bare == host else "80"
    if colon and not (port.isascii() and port.isdigit() and port[0] != "0" and int(port) < 65536 and port != usual):
        return False
    if bare != host:
        return name in LOOPBACK
    if name[:1] == "[" and name[-1:] == "]":
        return IPV6_LETTERS.issuperset(name[1:-1]) and ":" in name
    is_name = HOST_LETTERS.issuperset(name) and name[:1] not in ("", ".", "-") and name[-1] != "."
    return is_name and ".." not in name and len(name) <= LONGEST_HOST


def _means_one_host(typed: str, host: str) -> bool:
    """Whether a name in other letters is the one that its ASCII form stands for: IDNA 2003 reads straße as strasse."""
    if typed.isascii():
        return True
    import unicodedata

    try:
        return host.encode().decode("idna") == unicodedata.normalize("NFC", typed.lower()).partition(":")[0]
    except UnicodeError:
        return False


def _no_host(text: str, why: str, hint: str | None = None) -> UsageError:
    usual = "Write a name, perhaps with a port, such as `--host git.example.com` or `--host http://localhost:3000`."
    return UsageError(f"The host {one_line(text, 100)!r} {why}.", hint=hint or usual)
