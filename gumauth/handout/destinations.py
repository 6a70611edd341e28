"""Where an adapter may send an account's token: what it has checked, kept for its next request. Promise S7."""

from __future__ import annotations

from gumauth.client.token import own_header
from gumauth.handout import python
from gumauth.oauth2.http import destination

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

MOST_SEEN = 1000
"""Destinations that an adapter remembers: a service may have a host for each of its customers."""


class Carrier:
    """What `Auth` and `RequestsAuth` are made from: an account, whose token goes to some hosts.

    Args:
        account: The program's reference to the account.
        min_valid: Seconds for which the token must be good.
        hosts: As for `Destinations`.

    Raises:
        UsageError: One of `hosts` is no host's name.
    """

    _adapter: destination.Adapter
    """How errors write it."""

    def __init__(self, account: str, min_valid: float | None = None, *, hosts: str | Iterable[str] = ()) -> None:
        self._account, self._min_valid = account, min_valid
        self._destinations = Destinations(self._adapter, account, hosts)
        self._seen = self._destinations.seen

    def __repr__(self) -> str:
        """The account, never the token. Promise S2."""
        return f"{type(self).__name__}({self._account!r})"


class Destinations:
    """The hosts to which an adapter sends an account's token: the provider's own, and those that the program names.

    Any number of threads may use it at once.

    Args:
        adapter: How errors write it.
        account: The program's reference to the account.
        hosts: That the program names; ".example.com" stands for all below example.com too.

    Raises:
        UsageError: One of `hosts` is no host's name.
    """

    def __init__(self, adapter: destination.Adapter, account: str, hosts: str | Iterable[str]) -> None:
        self._adapter, self._account = adapter, account
        self._hosts = destination.given_hosts(hosts)
        self.seen: dict[Hashable, str] = {}
        """The `grant` of the account for which a destination was checked, by any key that stands for the destination.

        Adapters look here themselves, because a call takes longer than the look.
        """

    def check(
        self, key: Hashable, used: python.CachedToken, *, scheme: str, host: str, proxy: Callable[[str], str]
    ) -> None:
        """Check that a token may be sent to a destination, and remember the destination.

        Args:
            key: Stands for scheme and host in `seen`.
            used: Holds the token.
            scheme: Of the request's URL.
            host: Of the request's URL, in ASCII, as the client looks it up.
            proxy: Gives the name of what makes the client send plain http to this host to a proxy, or "".

        Raises:
            ForeignHost: The host is not the provider's, or others on the way could read the request.
            UsageError: The provider takes its token in a header of its own, which clients would also send to where a
                redirect leads.
        """
        if (own := own_header(used.account)) is not None:
            raise destination.of_own_header(own, self._adapter, account=self._account, label=used.account.label)
        destination.check_scheme(scheme, host)  # not as `written`: "localhost." is looked up in the DNS
        host = destination.written(host)
        if not destination.is_among(host, self._hosts):
            hosts, why = python.own_hosts(used)
            if not destination.is_among(host, hosts):
                raise destination.foreign(host, self._adapter, account=self._account, label=used.account.label, why=why)
            if scheme == "http" and (variable := proxy(host)):
                raise destination.proxied(host, variable, self._adapter, account=self._account)
        if len(self.seen) >= MOST_SEEN:
            self.seen.clear()
        self.seen[key] = used.account.grant
