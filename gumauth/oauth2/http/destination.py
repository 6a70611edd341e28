"""The hosts that a token may be sent to: the provider's own, over TLS or on loopback. Pure. Promise S7.

Hosts are compared by name, in ASCII and small letters. In a list of hosts, ".example.com" stands for example.com and
all hosts below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from gumauth.errors import ForeignHost, UsageError
from gumauth.oauth2.traits import ENDPOINTS, traits_of
from gumauth.oauth2.urls import LOOPBACK, is_private
from gumauth.platform.frozen import frozen
from gumauth.platform.text import one_line

APIS = ("nickname_url", "identity_url")
"""The endpoints that take an access token; hosts below theirs take it too."""

HOST = re.compile(r"\.?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*|[0-9a-f:]*:[0-9a-f:.]+")


@frozen
class Adapter:
    """How errors write what sends a token, and the client that sends it.

    Args:
        name: As a program writes it.
        client: The library.
        without_proxy: What a program writes so that the client uses no proxy.
    """

    name: str
    client: str
    without_proxy: str


def own_hosts(facts: object, extras: Mapping[str, str]) -> tuple[str, ...]:
    """The hosts of a provider's endpoints, its `api_hosts`, and the hosts of URLs that came with the token.

    A provider file for Gumstack names none, unless it has `api_hosts`.

    Args:
        facts: The class.
        extras: The account's. A URL from the token endpoint counts, such as an instance's; a URL from the callback does
            not, because anybody could have sent the browser there.
    """
    traits = traits_of(facts)
    found = {name: _host_of(getattr(traits, name)) for name in ENDPOINTS}
    below = [f".{host}" for name, host in found.items() if host and name in APIS and not _is_address(host)]
    said = [_host_of(extras.get(name)) for name in traits.token_extras if name not in traits.callback_extras]
    hosts = [*found.values(), *said, *below, *map(written, traits.api_hosts)]
    return tuple(dict.fromkeys(host for host in hosts if host and HOST.fullmatch(host)))


def given_hosts(hosts: str | Iterable[str]) -> tuple[str, ...]:
    """The hosts that a program names beside the provider's own.

    Raises:
        UsageError: A text is no host's name.
    """
    found = tuple(written(host) for host in ([hosts] if isinstance(hosts, str) else hosts))
    for host in found:
        if not HOST.fullmatch(host):
            raise UsageError(
                f"{one_line(host)!r} is no host's name.",
                hint='Write names alone, without scheme, port or path: hosts=("api.example.com", ".example.org").',
            )
    return found


def written(host: str) -> str:
    """A host for comparison: in ASCII and small letters, without a dot at the end or brackets.

    A host that shares its ASCII form with another host is not converted, and equals no host.
    """
    host = host.strip().lower().removesuffix(".").removeprefix("[").removesuffix("]")
    if host.isascii():
        return host
    bare = host.removeprefix(".")
    try:
        encoded = bare.encode("idna")
        # IDNA 2003 gives straße.example and strasse.example the same form; today they are two hosts.
        is_the_same = encoded.decode("idna") == bare
    except UnicodeError:
        return host
    return host.removesuffix(bare) + encoded.decode() if is_the_same else host


def is_among(host: str, hosts: Iterable[str]) -> bool:
    """Whether a host is in a list, or below an entry with a dot before it.

    Args:
        host: As `written` gives it.
        hosts: As `written` gives them.
    """
    return any(host == each or (each.startswith(".") and f".{host}".endswith(each)) for each in hosts)


def check_scheme(scheme: str, host: str) -> None:
    """Stop a request that others on the way could read.

    Raises:
        ForeignHost: The request is plain http beyond loopback.
    """
    if is_private(scheme, host):
        return
    shown = f"{one_line(scheme, 20)}://{one_line(host, 200)}"
    raise ForeignHost(
        f"No token is sent to {shown}: without TLS, others on the way could read it.",
        hint="Use https:// there; http:// is for loopback alone.",
    )


def proxied(host: str, variable: str, adapter: Adapter, *, account: str) -> ForeignHost:
    """The error for plain http to loopback that a proxy would see.

    Args:
        host: On loopback.
        variable: What names the proxy.
        adapter: Would have sent the token.
        account: The program's reference to the account.
    """
    return ForeignHost(
        f"No token is sent to http://{host}: {adapter.client} would send it to the proxy that {variable} names.",
        hint=f"Set NO_PROXY={host}. For a client that uses no proxy ({adapter.without_proxy}), say so:"
        f' {adapter.name}("{one_line(account)}", hosts=("{host}",)).',
    )


def of_own_header(header: str, adapter: Adapter, *, account: str, label: str) -> UsageError:
    """The error for a provider that takes its token in a header of its own.

    Args:
        header: The header's name.
        adapter: Would have sent the token.
        account: The program's reference to the account.
        label: The account's label.
    """
    return UsageError(
        f"The token of {label} belongs into the header {header}, and {adapter.name} puts tokens into Authorization.",
        hint=f'Put gumauth.get_token("{one_line(account)}") into {header}, and follow no redirects with it.',
    )


def foreign(host: str, adapter: Adapter, *, account: str, label: str, why: str | None) -> ForeignHost:
    """The error for a host that is not known to be the provider's.

    Args:
        host: Of the request.
        adapter: Would have sent the token.
        account: The program's reference to the account.
        label: The account's label.
        why: Why the provider's hosts are not known, as the end of a sentence; None where they are known.
    """
    shown = one_line(host, 200)
    reason = why or f"that is not known to be a host of {label.partition('/')[0]}"
    return ForeignHost(
        f"The token of {label} is not sent to {shown}: {reason}.",
        hint=f'If it belongs there, say so: {adapter.name}("{one_line(account)}", hosts=("{shown}",)); or for good, in'
        f' the provider\'s class: api_hosts = ("{shown}",).',
    )


def _host_of(url: str | None) -> str:
    try:
        return written(urlsplit(url or "").hostname or "")
    except ValueError:
        return ""


def _is_address(host: str) -> bool:
    return ":" in host or host.rpartition(".")[2].isdecimal() or host in LOOPBACK
