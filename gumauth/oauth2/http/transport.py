"""Requests to providers: bounded in time and size, over TLS or on loopback, without redirects. Promises F6, F8."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from weakref import WeakKeyDictionary

from gumauth.errors import ProviderCodeError
from gumauth.oauth2.http import certificates
from gumauth.oauth2.http.direct import Direct
from gumauth.oauth2.http.environment import proxies_of, tls_of
from gumauth.oauth2.http.no_answer import NoAnswer
from gumauth.oauth2.http.request import Address, Request, address_of
from gumauth.oauth2.response import Response
from gumauth.oauth2.urls import LOOPBACK, is_private
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.oauth2.http.through_httpx import ThroughHttpx

__all__ = ["DEADLINE", "Request", "close", "endpoint", "send", "warm"]

DEADLINE = 30.0
"""Seconds for a whole request, from the name's look-up to the last byte."""


class Ways:
    """The two ways in which an event loop sends requests.

    Args:
        environ: Names proxies and certificates.

    Raises:
        EnvironmentFault: A variable names certificates or a proxy that cannot be used.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._has_proxy = proxies_of(environ).url is not None
        certificates.read(environ)
        self._direct = Direct(lambda: tls_of(environ))
        self._through_httpx: ThroughHttpx | None = None

    async def respond(self, request: Request) -> Response:
        """The response to a request."""
        address = self._direct_address(request.url)
        if address is None:
            return await self._of_httpx().respond(request)
        try:
            return await self._direct.respond(request, address)
        except NoAnswer as error:
            from gumauth.oauth2.http.errors import no_answer

            # Without its cause, whose frames hold the secrets of the request.
            raise no_answer(error, address.host, changes=request.method != "GET") from None

    async def warm(self, url: str | None) -> None:
        """Get ready for a request to a URL; None for an unknown one."""
        address = None if url is None else self._direct_address(url)
        if address is None:
            await self._of_httpx().warm()
        elif address.scheme == "https":
            tls_of(self._environ)

    async def close(self) -> None:
        """Close the connections."""
        await self._direct.close()
        if self._through_httpx is not None:
            await self._through_httpx.close()

    def _direct_address(self, url: str) -> Address | None:
        """The address of a URL to which no proxy leads; None where httpx has to send the request."""
        address = address_of(url)
        return address if address is None or not self._has_proxy or address.host in LOOPBACK else None

    def _of_httpx(self) -> ThroughHttpx:
        from gumauth.oauth2.http.through_httpx import ThroughHttpx

        if self._through_httpx is None:
            self._through_httpx = ThroughHttpx(self._environ)
        return self._through_httpx


_ways: WeakKeyDictionary[asyncio.AbstractEventLoop, Ways] = WeakKeyDictionary()
"""The ways of each event loop, made when first needed: a connection belongs to one event loop."""


def _ways_of_loop() -> Ways:
    loop = asyncio.get_running_loop()
    if loop not in _ways:
        _ways[loop] = Ways(os.environ)
    return _ways[loop]


async def warm(url: str | None) -> None:
    """Get this event loop ready for a request before it is sent: reading certificates, or importing httpx, takes long.

    Args:
        url: Of the request; None where it is not known, or httpx sends it.

    Raises:
        EnvironmentFault: A variable names certificates or a proxy that cannot be used.
    """
    await _ways_of_loop().warm(url)


async def close() -> None:
    """Close this event loop's connections; a later request opens new ones."""
    ways = _ways.pop(asyncio.get_running_loop(), None)
    if ways is not None:
        await ways.close()


def endpoint(url: str) -> str:
    """The URL unchanged, where a secret may be sent to it; parsed by what also sends the request.

    Raises:
        ProviderCodeError: The URL is neither https nor on loopback, or carries a user name.
    """
    address = address_of(url)
    origin = _as_httpx_reads(url) if address is None else address.origin[:2]
    if origin is not None and is_private(*origin):
        return url
    shown = one_line(str(url).partition("?")[0])  # its query may hold secrets
    raise ProviderCodeError(f"{shown} is not an https URL, so nothing secret is sent there.")


def _as_httpx_reads(url: str) -> tuple[str, str] | None:
    from gumauth.oauth2.http.through_httpx import origin_of

    return origin_of(url)


async def send(request: Request, *, deadline: float = DEADLINE) -> Response:
    """The response to a request, which is sent at most once, whatever happens to the connection. Promise F5.

    Args:
        request: May hold secrets.
        deadline: Seconds from the look-up of the host's name to the last byte.

    Raises:
        ProviderCodeError: The URL is neither https nor on loopback.
        EnvironmentFault: A variable names certificates or a proxy that cannot be used.
        NetworkError: No response: no network, TLS, a time-out.
        TokenEndpointError: The response is larger than 1 MiB, or compressed in an unknown way.
    """
    endpoint(request.url)
    try:
        async with asyncio.timeout(deadline):
            return await _ways_of_loop().respond(request)
    except TimeoutError:
        from gumauth.oauth2.http.errors import too_late

        raise too_late(request.url, deadline, changes=request.method != "GET") from None
