"""Requests to providers that httpx sends: through a proxy, or to a URL that is written in an unusual way."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping

from gumauth.errors import TokenEndpointError
from gumauth.oauth2.http import listeners
from gumauth.oauth2.http.body import Body
from gumauth.oauth2.http.client import httpx, make_client
from gumauth.oauth2.http.errors import no_answer
from gumauth.oauth2.http.no_answer import NoResponse
from gumauth.oauth2.http.request import Request
from gumauth.oauth2.response import Response


class ThroughHttpx:
    """The httpx client of one event loop.

    Args:
        environ: Names proxies and certificates.

    Raises:
        EnvironmentFault: A variable names certificates or a proxy that cannot be used.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._client = make_client(environ)
        if listeners.listening():
            listeners.let_clients_tell()  # httpx may be imported only now, when they listen already

    async def warm(self) -> None:
        """Import what httpx imports when it is first used: it uses anyio, which imports its asyncio backend then."""
        from anyio.lowlevel import checkpoint

        await checkpoint()

    async def respond(self, request: Request) -> Response:
        """The response to a request, which is sent once.

        Raises:
            NetworkError: There is no response.
            TokenEndpointError: The response is larger than 1 MiB, or compressed in an unknown way.
        """
        try:
            async with self._client.stream(
                request.method, request.url, headers=request.headers, data=request.form, json=request.json
            ) as response:
                body = await _body(response)
                listeners.read(response, body)
                return Response.of(response.status_code, response.headers, body)
        except (httpx.HTTPError, NoResponse) as error:
            changes = request.method != "GET"
            # Without its cause, whose frames hold the secrets of the request.
            raise no_answer(error, httpx.URL(request.url).host, changes=changes) from None

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


async def _body(response: httpx.Response) -> bytes:
    pieces = response.aiter_raw()
    try:
        body = Body(response.headers, response.url.host)
        async for raw in pieces:
            body.add(raw)
        return body.whole()
    except (TokenEndpointError, NoResponse):
        await _leave(response, pieces)
        raise


async def _leave(response: httpx.Response, pieces: AsyncIterator[bytes]) -> None:
    """Close a response whose body was not read to its end.

    httpx reads a body through nested generators. Closing the outermost leaves the others to the event loop, which
    complains on standard error if it ends before them; a closed connection ends all of them at once. Promise P6.
    """
    await response.aclose()
    with contextlib.suppress(httpx.HTTPError, httpx.StreamError):
        async for _ in pieces:
            pass


def origin_of(url: str) -> tuple[str, str] | None:
    """Scheme and host of a URL as httpx reads it; None where it has none, or a user name."""
    with contextlib.suppress(httpx.InvalidURL, TypeError):
        parsed = httpx.URL(url)
        if parsed.host and not parsed.userinfo:
            return parsed.scheme, parsed.host
    return None
