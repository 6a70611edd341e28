"""`gumauth.Auth`: an httpx client that carries a connected account's token."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Generator, Iterable

import httpx

from gumauth.handout import python
from gumauth.oauth2.http import destination, proxies

MOST_SEEN = 1000
"""Hosts that are remembered: a service may have one for each of its customers."""


class Auth(httpx.Auth):
    """Puts a fresh token on every request; on a 401 it refreshes once and sends the request again.

    For `httpx.Client`, and `httpx.AsyncClient` on asyncio. The token goes to the provider's own hosts only, over https
    or on loopback: those of the endpoints and `api_hosts` in the provider's class, and those that `hosts` names. A
    request to another one raises `ForeignHost`, and httpx takes the token off where a redirect leads to another host.

    A request is sent again as the same account or not at all, and only where its body is still there and nothing was
    done for it yet: after a stream, a multipart form, or a POST that was answered with a redirect to look at, the 401
    comes back to the caller, and the next request has the new token. So does the 401 where there is no new token to be
    had, as for one of a few seconds ago.

    Args:
        account: "linear", "linear/work" or "linear/ada@example.com".
        min_valid: Seconds for which the token must be good, as for `gumauth.get_token`.
        hosts: Further hosts that the token may be sent to; ".example.com" stands for all below example.com too.

    Raises:
        UsageError: One of `hosts` is no host's name.
    """

    def __init__(self, account: str, min_valid: float | None = None, *, hosts: str | Iterable[str] = ()) -> None:
        self._account, self._min_valid = account, min_valid
        self._hosts = destination.given_hosts(hosts)
        self._seen: dict[tuple[str, bytes], str] = {}
        """Scheme and host of what was found in order, and the connect of the account for which it was."""

    def __repr__(self) -> str:
        """The account, never the token."""
        return f"Auth({self._account!r})"

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """The token on the request; after a 401, once more with another."""
        used = python.held(self._account, self._min_valid)
        url = request.url
        if self._seen.get((url.scheme, url.raw_host)) != used.account.grant:
            self._look_at(url, used)
        header = _carry(request, used.record.scheme, used.record.access_token)
        response = yield request
        if _is_refused(response, header):
            other = python.renewed(used)
            if other is not None and _can_send_again(request, response):
                _carry(request, used.record.scheme, other)
                yield request

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """The token on the request; after a 401, once more with another."""
        used = await python.aheld(self._account, self._min_valid)
        url = request.url
        if self._seen.get((url.scheme, url.raw_host)) != used.account.grant:
            await asyncio.to_thread(self._look_at, url, used)
        header = _carry(request, used.record.scheme, used.record.access_token)
        response = yield request
        if _is_refused(response, header):
            other = await asyncio.to_thread(python.renewed, used)
            if other is not None and _can_send_again(request, response):
                _carry(request, used.record.scheme, other)
                yield request

    def _look_at(self, url: httpx.URL, used: python.Held) -> None:
        """Stop at a request that would take the token elsewhere.

        Raises:
            ForeignHost: It would.
        """
        raw = url.raw_host.decode("ascii", "replace")
        destination.check_scheme(url.scheme, raw)  # "localhost." is asked for in the DNS
        host = destination.written(raw)
        if not destination.is_among(host, self._hosts):
            hosts, why = python.own_hosts(used)
            if not destination.is_among(host, hosts):
                raise destination.foreign(host, account=self._account, label=used.account.label, why=why)
            if url.scheme == "http" and (variable := proxies.proxy_before(os.environ, host)):
                raise destination.proxied(host, variable, account=self._account)
        if len(self._seen) >= MOST_SEEN:
            self._seen.clear()
        self._seen[url.scheme, url.raw_host] = used.account.grant


def _carry(request: httpx.Request, scheme: str, token: str) -> str:
    request.headers["Authorization"] = header = f"{scheme} {token}"
    return header


def _is_refused(response: httpx.Response, header: str) -> bool:
    """Whether the token was; not where a redirect led to another host, which has not seen it."""
    return response.status_code == httpx.codes.UNAUTHORIZED and response.request.headers.get("Authorization") == header


def _can_send_again(request: httpx.Request, response: httpx.Response) -> bool:
    """Whether the body is still there (a stream is gone once it is sent), and has not been acted upon.

    A redirect that changed the method comes after the request was done: what was refused is the look at its result.

    Source: RFC 9110 §15.4.4.
    """
    return isinstance(request.stream, httpx.ByteStream) and response.request.method == request.method
