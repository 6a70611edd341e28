"""The one door to httpx: bounded in time and size, TLS or loopback, no redirect followed."""

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
from gumauth.oauth2.http.client import httpx, make_client
from gumauth.oauth2.http.errors import AGAIN, PERHAPS, no_answer
from gumauth.oauth2.response import LARGEST, Response
from gumauth.oauth2.sent_secrets import credentials_in, secrets_in
from gumauth.oauth2.urls import is_private
from gumauth.platform.text import one_line

DEADLINE = 30.0
"""Seconds for a whole request, from the name's look-up to the last byte."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked of a provider. At most one of `form` and `json`.

    Args:
        method: Of HTTP.
        url: https, or on loopback.
        headers: May hold secrets.
        form: A form-encoded body; holds secrets.
        json: A JSON body; holds secrets.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    json: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def secrets(self) -> list[str]:
        """The secrets in its body and its credentials, which an answer may quote and an error must not."""
        authorization = self.headers.get("Authorization", "")
        return [*secrets_in({**(self.form or {}), **(self.json or {})}), *credentials_in(authorization)]


_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = WeakKeyDictionary()
"""One client for each event loop, made when it is first needed: an httpx client cannot move between two."""


def _client() -> httpx.AsyncClient:
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        _clients[loop] = make_client(os.environ)
    return _clients[loop]


async def warm() -> None:
    """Make this event loop's client before it is needed, which takes long: certificates, and most of httpx's imports.

    Raises:
        EnvironmentFault: A variable keeps it from being made.
    """
    from anyio.lowlevel import checkpoint

    _client()
    await checkpoint()  # httpx's transport stands on anyio, which loads its half for asyncio when it is first used


async def close() -> None:
    """Close this event loop's connections; a later request opens new ones."""
    client = _clients.pop(asyncio.get_running_loop(), None)
    if client is not None:
        await client.aclose()


def endpoint(url: str) -> str:
    """The URL as it is given, if secrets may be sent there.

    Raises:
        ProviderCodeError: It is not https and not on loopback, or carries a user name.
    """
    with contextlib.suppress(httpx.InvalidURL, TypeError):
        parsed = httpx.URL(url)
        if is_private(parsed.scheme, parsed.host) and parsed.host and not parsed.userinfo:
            return url
    raise ProviderCodeError(f"{one_line(url)} is not an https URL, so nothing secret is sent there.")


async def send(request: Request, *, deadline: float = DEADLINE) -> Response:
    """The answer to one request, which is made once whatever happens to the connection.

    Args:
        request: What is asked.
        deadline: Seconds for all of it.

    Raises:
        ProviderCodeError: The URL is not https.
        EnvironmentFault: A variable of the environment keeps every request from being made.
        NetworkError: No answer: no network, TLS, a time-out.
        TokenEndpointError: The answer is larger than 1 MiB, or compressed in an unknown way.
    """
    endpoint(request.url)
    changes = request.method != "GET"
    try:
        async with asyncio.timeout(deadline), _opened(request) as response:
            return Response.of(response.status_code, response.headers, await _body(response))
    except TimeoutError:
        host = httpx.URL(request.url).host
        raise NetworkError(
            f"{host} did not answer within {deadline:g} seconds.", hint=PERHAPS if changes else AGAIN
        ) from None
    except httpx.HTTPError as error:
        raise no_answer(error, httpx.URL(request.url).host, changes=changes) from None  # its frames hold what was sent


@contextlib.asynccontextmanager
async def _opened(request: Request) -> AsyncIterator[httpx.Response]:
    async with _client().stream(
        request.method, request.url, headers=request.headers, data=request.form, json=request.json
    ) as response:
        yield response


async def _body(response: httpx.Response) -> bytes:
    """The decoded body. Decoded here, a piece at a time: a few kilobytes may stand for gigabytes."""
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
    """Let a body end that is left half read.

    httpx reads it through generators within generators. Closing the outermost leaves the others to the event loop,
    which complains on standard error where it ends before them; a closed connection ends all of them at once.
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
