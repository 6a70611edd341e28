"""Requests to providers without a proxy, over connections of this program's own. Promises F5, F6, F8.

A run mostly sends one request, and importing httpx takes longer than all else that the run does. httpx sends what goes
through a proxy, and what has no plain URL (`through_httpx`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from gumauth.oauth2.http import listeners
from gumauth.oauth2.http.body import Body
from gumauth.oauth2.http.connection import Connection, connected
from gumauth.oauth2.http.request import Address, Request, sent_for
from gumauth.oauth2.response import Response

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl

UNUSED = 5.0
"""Seconds for which an unused connection is kept: servers close theirs after a while."""

ROUNDS = 3
"""Rounds in which every event loop has read what has come: asyncio's needs two, and three on Windows."""


class Direct:
    """The connections of one event loop.

    Args:
        tls: Gives the settings of TLS, when a connection needs them.
    """

    def __init__(self, tls: Callable[[], ssl.SSLContext]) -> None:
        self._tls = tls
        self._unused: dict[tuple[str, str, int], Connection] = {}

    async def respond(self, request: Request, address: Address) -> Response:
        """The response to a request, which is sent once.

        Args:
            request: May hold secrets.
            address: Of its URL.

        Raises:
            NoConnection: The request was not sent.
            NoResponse: No whole response came.
            EnvironmentFault: A variable names certificates that cannot be used.
            TokenEndpointError: The response is larger than 1 MiB, or compressed in an unknown way.
        """
        sent = sent_for(request, address)
        async with contextlib.AsyncExitStack() as stack:
            with listeners.told(sent) as answered:
                connection = await stack.enter_async_context(self._connected(address))
                listeners.writing(sent)
                head = answered(await connection.send(sent, address.target))
            listeners.returned(None)
            body = Body(head.headers, address.host)
            while (piece := await connection.piece()) is not None:
                body.add(piece)
            content = body.whole()
            listeners.read(head, content)
            return Response.of(head.status_code, head.headers, content)

    @contextlib.asynccontextmanager
    async def _connected(self, address: Address) -> AsyncIterator[Connection]:
        """A connection for one request; kept for the next one where it can be, and closed otherwise."""
        connection = await self._unused_one(address) or await connected(
            address, self._tls() if address.scheme == "https" else None
        )
        try:
            yield connection
        finally:
            if connection.is_usable and address.origin not in self._unused:
                self._unused[address.origin] = connection
            else:
                await connection.close()

    async def _unused_one(self, address: Address) -> Connection | None:
        """A kept connection over which nothing has come meanwhile: neither its end, nor a response before a request."""
        if address.origin in self._unused:
            for _ in range(ROUNDS):
                await asyncio.sleep(0)
        connection = self._unused.pop(address.origin, None)
        if connection is None:
            return None
        if connection.is_usable and asyncio.get_running_loop().time() - connection.since < UNUSED:
            return connection
        await connection.close()
        return None

    async def close(self) -> None:
        """Close all connections; a later request opens a new one."""
        while self._unused:
            _, connection = self._unused.popitem()
            await connection.close()
