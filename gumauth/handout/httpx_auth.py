"""`gumauth.Auth`: an httpx client that carries a connected account's token."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Generator
from functools import partial

import httpx

from gumauth.handout import python
from gumauth.handout.destinations import Carrier
from gumauth.oauth2.http import proxies
from gumauth.oauth2.http.destination import Adapter

UNAUTHORIZED, FORBIDDEN = 401, 403

REFUSALS = (UNAUTHORIZED, FORBIDDEN)

ADAPTER = Adapter(name="gumauth.Auth", client="httpx", without_proxy="trust_env=False")


class Auth(Carrier, httpx.Auth):
    """Puts a fresh token on every request; on a 401 it refreshes once and sends the request again.

    For `httpx.Client`, and `httpx.AsyncClient` on asyncio. The token goes only to the provider's own hosts, over https
    or on loopback: the hosts of the endpoints and of `api_hosts` in the provider's class, and `hosts`. A request to
    another host raises `ForeignHost`. httpx removes the token where a redirect leads to another host. Promise S7.

    A request is sent again only as the same account, with its body still there, and before the service acted on it.
    After a stream, a multipart form, or a POST that was answered with a redirect, the caller gets the 401, and the next
    request has the new token. The caller also gets the 401 for a token that is a few seconds old.

    Args:
        account: "linear", "linear/work" or "linear/ada@example.com".
        min_valid: Seconds for which the token must be good, as for `gumauth.get_token`.
        hosts: Further hosts that the token may be sent to; ".example.com" stands for all below example.com too.

    Raises:
        UsageError: One of `hosts` is no host's name.
    """

    _adapter = ADAPTER

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the request with the token; after a 401, once more with another token."""
        used = python.cached_token(self._account, self._min_valid)
        url = request.url
        if self._seen.get((url.scheme, url.raw_host)) != used.account.grant:
            self._check(url, used)
        header = _carry(request, used.scheme, used.record.access_token)
        response = yield request
        if response.status_code in REFUSALS and _came_with(header, response):
            other = python.renewed(used) if response.status_code == UNAUTHORIZED else None
            if other is not None and _can_send_again(request, response):
                header = _carry(request, used.scheme, other)
                response = yield request
            _warn(used, header, response)

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Send the request with the token; after a 401, once more with another token."""
        used = await python.acached_token(self._account, self._min_valid)
        url = request.url
        if self._seen.get((url.scheme, url.raw_host)) != used.account.grant:
            await asyncio.to_thread(self._check, url, used)
        header = _carry(request, used.scheme, used.record.access_token)
        response = yield request
        if response.status_code in REFUSALS and _came_with(header, response):
            is_refused = response.status_code == UNAUTHORIZED
            other = await asyncio.to_thread(python.renewed, used) if is_refused else None
            if other is not None and _can_send_again(request, response):
                header = _carry(request, used.scheme, other)
                response = yield request
            _warn(used, header, response)

    def _check(self, url: httpx.URL, used: python.CachedToken) -> None:
        """Check that the token may go to a request's host.

        Raises:
            ForeignHost: The host is not the provider's, or others on the way could read the request.
        """
        host = url.raw_host.decode("ascii", "replace")
        proxy = partial(proxies.proxy_before, os.environ)
        self._destinations.check((url.scheme, url.raw_host), used, scheme=url.scheme, host=host, proxy=proxy)


def _carry(request: httpx.Request, scheme: str, token: str) -> str:
    request.headers["Authorization"] = header = f"{scheme} {token}"
    return header


def _came_with(header: str, response: httpx.Response) -> bool:
    """Whether a response answers the token; not where a redirect led to another host, which did not get the token."""
    return bool(response.request.headers.get("Authorization") == header)


def _warn(used: python.CachedToken, header: str, response: httpx.Response) -> None:
    """Warn where the response to the token says that it lacks a scope."""
    if response.status_code == FORBIDDEN and _came_with(header, response):
        from gumauth.handout import insufficient_scope

        insufficient_scope.tell(used, response.request.url.host, response.headers.get_list("WWW-Authenticate"))


def _can_send_again(request: httpx.Request, response: httpx.Response) -> bool:
    """Whether a request's body is still there, and the service did not act on the request.

    A stream is gone once it is sent. A redirect that changes the method comes after the service acted: the 401 then
    answers the request for the result.

    Source: RFC 9110 §15.4.4.
    """
    return isinstance(request.stream, httpx.ByteStream) and response.request.method == request.method
