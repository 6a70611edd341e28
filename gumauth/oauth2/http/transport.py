"""Requests to providers: bounded in time and size, over TLS or on loopback, without redirects. Promises F6, F8."""

from __future__ import annotations

import asyncio
import contextlib
import os
import zlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from gumauth.errors import NetworkError, ProviderCodeError, TokenEndpointError
from gumauth.oauth2.http import listeners
from gumauth.oauth2.http.client import httpx, make_client
from gumauth.oauth2.http.errors import AGAIN, PERHAPS, no_answer
from gumauth.oauth2.response import LARGEST, Response
from gumauth.oauth2.secret_fields import credentials_in, secrets_in
from gumauth.oauth2.urls import is_private
from gumauth.platform.text import one_line

DEADLINE = 30.0
"""Seconds for a whole request, from the name's look-up to the last byte."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request to a provider. At most one of `form` and `json`.

    Args:
        method: Of HTTP.
        url: https, or on loopback; its query may hold secrets.
        headers: May hold secrets.
        form: A form-encoded body; holds secrets.
        json: A JSON body; holds secrets.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    json: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def secrets(self) -> list[str]:
        """The secrets in the body and the credentials; a response may quote them, an error does not repeat them."""
        authorization = self.headers.get("Authorization", "")
        return [*secrets_in({**(self.form or {}), **(self.json or {})}), *credentials_in(authorization)]


_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = WeakKeyDictionary()
"""A client for each event loop, made when first needed: an httpx client works in one event loop only."""


def _client() -> httpx.AsyncClient:
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        _clients[loop] = make_client(os.environ)
    return _clients[loop]


async def warm() -> None:
    """Make this event loop's client before it is needed: reading certificates and importing httpx's parts take long.

    Raises:
        EnvironmentFault: A variable names certificates or a proxy that cannot be used.
    """
    from anyio.lowlevel import checkpoint

    _client()
    await checkpoint()  # httpx uses anyio, which imports its asyncio backend when first used


async def close() -> None:
    """Close this event loop's connections; a later request opens new ones."""
    client = _clients.pop(asyncio.get_running_loop(), None)
    if client is not None:
        await client.aclose()


def endpoint(url: str) -> str:
    """The URL unchanged, where a secret may be sent to it; parsed by httpx, which also sends the request.

    Raises:
        ProviderCodeError: The URL is neither https nor on loopback, or carries a user name.
    """
    with contextlib.suppress(httpx.InvalidURL, TypeError):
        parsed = httpx.URL(url)
        if is_private(parsed.scheme, parsed.host) and parsed.host and not parsed.userinfo:
            return url
    shown = one_line(str(url).partition("?")[0])  # its query may hold secrets
    raise ProviderCodeError(f"{shown} is not an https URL, so nothing secret is sent there.")


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
    changes = request.method != "GET"
    try:
        async with asyncio.timeout(deadline), _opened(request) as response:
            body = await _body(response)
            listeners.read(response, body)
            return Response.of(response.status_code, response.headers, body)
    except TimeoutError:
        host = httpx.URL(request.url).host
        raise NetworkError(
            f"{host} did not answer within {deadline:g} seconds.", hint=PERHAPS if changes else AGAIN
        ) from None
    except httpx.HTTPError as error:
        raise no_answer(
            error, httpx.URL(request.url).host, changes=changes
        ) from None  # its frames hold the secrets of the request


@contextlib.asynccontextmanager
async def _opened(request: Request) -> AsyncIterator[httpx.Response]:
    async with _client().stream(
        request.method, request.url, headers=request.headers, data=request.form, json=request.json
    ) as response:
        yield response


async def _body(response: httpx.Response) -> bytes:
    """The decoded body. Pieces are decompressed one at a time: a few kilobytes may decompress to gigabytes."""
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip", "deflate"):
        raise TokenEndpointError(f"{response.url.host} answered in an encoding that was not asked for.")
    inflate = zlib.decompressobj(wbits=47) if encoding in ("gzip", "deflate") else None
    body = bytearray()
    pieces = response.aiter_raw()
    try:
        async for raw in pieces:
            room = LARGEST + 1 - len(body)
            body += _inflated(inflate, raw, room) if inflate else raw[:room]
            if len(body) > LARGEST:
                raise TokenEndpointError(f"{response.url.host} answered with more than 1 MiB.")
    except (TokenEndpointError, httpx.DecodingError):
        await _leave(response, pieces)
        raise
    return bytes(body)


async def _leave(response: httpx.Response, pieces: AsyncIterator[bytes]) -> None:
    """Close a response whose body was not read to its end.

    httpx reads a body through nested generators. Closing the outermost leaves the others to the event loop, which
    complains on standard error if it ends before them; a closed connection ends all of them at once. Promise P6.
    """
    await response.aclose()
    with contextlib.suppress(httpx.HTTPError, httpx.StreamError):
        async for _ in pieces:
            pass


def _inflated(inflate: Any, raw: bytes, room: int) -> bytes:
    try:
        return bytes(inflate.decompress(raw, room))
    except zlib.error as error:
        raise httpx.DecodingError("not gzip") from error
