"""`gumauth.Auth`: an httpx client that carries a connected account's token."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator

import httpx

from gumauth import door


class Auth(httpx.Auth):
    """Puts a fresh token on every request; on a 401 it refreshes once and sends the request again.

    For `httpx.Client` and `httpx.AsyncClient`. The token goes to whatever host the client is pointed at: give it only
    to a client of the account's own service. httpx takes it off when a redirect leads to another host.

    Args:
        account: "linear", "linear/work" or "linear/ada@example.com".
        min_valid: Seconds for which the token must be good.
    """

    def __init__(self, account: str, min_valid: float | None = None) -> None:
        self._account, self._min_valid = account, min_valid

    def __repr__(self) -> str:
        """The account, never the token."""
        return f"Auth({self._account!r})"

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """The token on the request; after a 401, once more with another."""
        used = door.get_token(self._account, self._min_valid)
        request.headers["Authorization"] = f"Bearer {used}"
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED and _can_send_again(request):
            response.read()
            request.headers["Authorization"] = f"Bearer {door.renewed(self._account, used)}"
            yield request

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """The token on the request; after a 401, once more with another."""
        used = await door.aget_token(self._account, self._min_valid)
        request.headers["Authorization"] = f"Bearer {used}"
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED and _can_send_again(request):
            await response.aread()
            other = await asyncio.to_thread(door.renewed, self._account, used)
            request.headers["Authorization"] = f"Bearer {other}"
            yield request


def _can_send_again(request: httpx.Request) -> bool:
    """Whether the body is still there: a stream is gone once it is sent."""
    return isinstance(request.stream, httpx.ByteStream)
